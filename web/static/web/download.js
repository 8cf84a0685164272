// Taking away what lies in an area: one layer, one format. The file comes by a plain form, so the browser saves it as it
// arrives; before that the server is asked whether it can be had.

import { say } from "./config.js";
import { el, icon } from "./dom.js";
import * as format from "./format.js";
import { announce } from "./notices.js";
import { postForm, token } from "./post.js";

const FORMATS = [["csv", "CSV"], ["geojson", "GeoJSON"], ["gpkg", "GeoPackage"]];

/** A form for the layers {key, title, count} that were found; asked: {geometry}, {bbox} or {thing}, and the day. */
export function downloadForm(layers, asked) {
  const values = { ...asked, ...(asked.geometry && { geometry: JSON.stringify(asked.geometry) }) };
  const first = layers.find(({ key }) => key === "parcels") ?? layers[0];
  const layer = el("select", { id: "download-layer", onchange: update }, layers.map(({ key, title, count }) =>
    el("option", { value: key, selected: key === first.key }, `${title} (${format.number(count)})`)));
  const choices = FORMATS.map(([ending, name], i) => el("label", { class: "choice" },
    el("input", { type: "radio", name: "format", value: ending, checked: i === 0, onchange: update }), name));
  const help = el("p", { class: "help", id: "download-help" });
  const button = el("button", { type: "submit", class: "button button-main", "aria-describedby": "download-help" }, icon("download"), el("span", {}, ""));
  const wrong = el("div", { role: "alert" });
  const ending = () => form.querySelector("[name=format]:checked").value;
  const form = el("form", { class: "download", onsubmit: send },
    el("h3", {}, say("download")),
    el("label", { for: layer.id }, say("download_layer")), layer,
    el("fieldset", {}, el("legend", {}, say("download_format")), el("div", { class: "row" }, choices)),
    help, el("p", { class: "actions" }, button), wrong);

  function update() {
    const { title, count } = layers.find(({ key }) => key === layer.value);
    help.textContent = say(`download_${ending()}_help`);
    button.lastChild.textContent = say("download_what", { layer: title, count: format.number(count), format: FORMATS.find(([name]) => name === ending())[1] });
    wrong.replaceChildren();
  }

  async function send(event) {
    event.preventDefault();
    const address = `/layers/${layer.value}/download`;
    const to = `${address}.${ending()}`;
    wrong.replaceChildren();
    button.setAttribute("aria-busy", "true");
    try {
      const { rows } = await postForm(`${address}.json`, values);
      submit(to);
      announce(say("download_begins", { count: format.number(rows) }));
    } catch (error) {
      wrong.replaceChildren(el("div", { class: "note note-error" }, icon("circle-alert"), el("p", {}, error.message)));
    } finally {
      button.removeAttribute("aria-busy");
    }
  }

  function submit(to) {
    const sent = el("form", { method: "post", action: to, hidden: true },
      Object.entries({ ...values, csrfmiddlewaretoken: token() }).map(([name, value]) => el("input", { type: "hidden", name, value })));
    document.body.append(sent);
    sent.submit();
    sent.remove();
  }

  update();
  return form;
}
