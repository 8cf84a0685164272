// The first screen of the panel: the day that the map shows, and the layers with switch, legend and opacity.

import { config, say } from "./config.js";
import { el, icon, manySwatch, swatch } from "./dom.js";

/**
 * The elements of the screen, `zoomed(zoom)` to be called when the map's zoom changes, `dayIs(dayOrNull)` for the day.
 * view: {shown: Set of keys, opacity: Map of key → 0…1, day: string|null}
 * on: {day(dayOrNull), layer(key, shown), opacity(key, value)}
 */
export function layersPanel(view, on) {
  const hints = [];
  const groups = config.groups
    .map((group) => ({ ...group, layers: config.layers.filter((layer) => layer.group === group.key).toReversed() }))
    .filter((group) => group.layers.length)
    .map((group) =>
      el("fieldset", { class: "layer-group" }, el("legend", {}, group.title),
        group.layers.map((layer) => layerRow(layer, view, on, hints))));
  const { field, dayIs } = dayField(on);
  dayIs(view.day);
  const content = [config.empty && emptyNote(), ...groups, field].filter(Boolean);
  const zoomed = (zoom) => hints.forEach(({ hint, minZoom }) => (hint.hidden = zoom >= minZoom));
  return { content, zoomed, dayIs };
}

const emptyNote = () =>
  el("div", { class: "note note-info" }, icon("info"), el("div", {}, el("p", {}, say("empty")), el("p", {}, el("code", {}, "./manage.py import_parcels FILE"))));

function layerRow(layer, view, on, hints) {
  const single = layer.legend.length === 1;
  const hint = el("span", { class: "layer-hint", hidden: true }, say("zoom_in"));
  hints.push({ hint, minZoom: layer.minZoom });
  const box = el("input", {
    type: "checkbox",
    role: "switch",
    "data-layer": layer.key,
    onchange: ({ target }) => on.layer(layer.key, target.checked),
  });
  box.checked = view.shown.has(layer.key);
  return el("div", { class: "layer" },
    el("label", { class: "layer-switch" }, box, sample(layer), el("span", {}, layer.title, " ", hint)),
    el("details", {},
      el("summary", { "aria-label": say("legend_of", { layer: layer.title }) }, icon("chevron-down")),
      !single && legend(layer),
      opacityField(layer, view, on)));
}

function sample({ legend: lines, drawn }) {
  return lines.length === 1 ? swatch(lines[0].colour, drawn) : manySwatch(lines.slice(0, 4).map(({ colour }) => colour));
}

function legend(layer) {
  const lines = layer.legend.map(({ title, colour }) => el("li", {}, swatch(colour, layer.drawn), el("span", {}, title)));
  return el("ul", { class: "legend" }, lines);
}

function opacityField(layer, view, on) {
  const slider = el("input", {
    type: "range", min: 10, max: 100, step: 10,
    value: Math.round((view.opacity.get(layer.key) ?? 1) * 100),
    "aria-label": say("opacity_of", { layer: layer.title }),
    oninput: ({ target }) => on.opacity(layer.key, Number(target.value) / 100),
  });
  return el("label", { class: "opacity" }, el("span", {}, say("opacity")), slider);
}

function dayField(on) {
  const input = el("input", {
    type: "date",
    id: "map-day",
    min: "1900-01-01",
    max: "2100-12-31",
    "aria-describedby": "map-day-help",
    onchange: ({ target }) => {
      if (!target.validity.valid) return;
      on.day(!target.value || target.value === config.today ? null : target.value);
    },
  });
  const today = el("button", { type: "button", class: "button", onclick: () => on.day(null) }, say("today"));
  const field = el("fieldset", { class: "layer-group" },
    el("legend", {}, say("day")),
    el("p", { class: "help", id: "map-day-help" }, say("day_help")),
    el("div", { class: "row" }, el("label", { class: "visually-hidden", for: "map-day" }, say("day")), input, today));
  const dayIs = (day) => {
    input.value = day ?? config.today;
    today.hidden = !day;
  };
  return { field, dayIs };
}
