// The coordinates of a place in VN-2000 and WGS 84, to read and to copy. The server computes them: one datum shift for all.

import { say } from "./config.js";
import { el, icon } from "./dom.js";
import * as format from "./format.js";
import { announce } from "./notices.js";

const DONE_MS = 2000;

/** The coordinates of [lon, lat] as a folded section, asked for when it is opened; `open`: at once. */
export function coordinatesSection(position, { open = false } = {}) {
  const told = el("div", { class: "fold-body" });
  let asked = false;
  const box = el("details", { class: "fold", "data-fold": "coordinates" },
    el("summary", {}, icon("crosshair"), el("span", { class: "fold-title" }, el("h3", {}, say("coordinates")), el("span", { class: "fold-name" }, format.place(position))), icon("chevron-down")),
    told);
  const ask = async () => {
    asked = true;
    const address = new URL("/coordinates.json", location.href);
    address.search = new URLSearchParams({ lon: position[0], lat: position[1] });
    told.replaceChildren(row("WGS 84", say("lat_lon"), format.place(position), plain(position)));
    try {
      const answer = await fetch(address, { headers: { Accept: "application/json" } });
      if (!answer.ok) throw new Error(`coordinates: ${answer.status}`);
      const { vn2000 } = await answer.json();
      const metres = { north: format.metres(vn2000.northing), east: format.metres(vn2000.easting) };
      // As surveyors write them, X (north) first, with a decimal point: the search reads them back.
      told.prepend(row(vn2000.name, `EPSG:${vn2000.epsg}`, say("grid", metres), `${vn2000.northing.toFixed(3)} ${vn2000.easting.toFixed(3)}`));
    } catch {
      asked = false;
      told.prepend(el("p", { class: "help" }, say("coordinates_away")));
    }
  };
  box.addEventListener("toggle", () => box.open && !asked && ask());
  box.open = open;
  return box;
}

/** Latitude and longitude with a decimal point, as the search and other programs read them. */
const plain = ([lon, lat]) => `${lat.toFixed(6)}, ${lon.toFixed(6)}`;

function row(system, detail, words, copied) {
  const value = el("output", { class: "coordinate" }, words);
  return el("div", { class: "coordinates" },
    el("p", {}, el("strong", {}, system), " ", el("span", { class: "help" }, detail), el("br"), value),
    copyButton(system, copied, value));
}

function copyButton(system, text, value) {
  const title = say("copy_coordinates", { system });
  const button = el("button", { type: "button", class: "button-icon", "aria-label": title, title, "data-copy": system }, icon("copy"));
  const note = el("span", { class: "copied" });
  value.after(note);
  button.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(text);
      note.replaceChildren(icon("check"), say("copied_short"));
      announce(say("copied", { text }));
    } catch {
      // No clipboard without HTTPS, or it was not allowed: what is marked can be copied by hand.
      value.textContent = text;
      getSelection().selectAllChildren(value);
      note.replaceChildren(say("copy_by_hand"));
      announce(say("copy_by_hand"));
    }
    setTimeout(() => note.replaceChildren(), DONE_MS);
  });
  return button;
}
