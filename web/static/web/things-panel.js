// Anything that is not a parcel, and places, as the panel tells them; and the way through several things at one place.

import { layerOf, say } from "./config.js";
import { el, icon } from "./dom.js";
import * as format from "./format.js";
import { factList } from "./parcel-panel.js";

/** What a picked thing is called: its label on the map, else its layer's title. */
export function nameOf({ layer: key, properties }) {
  const layer = layerOf(key);
  if (key === "parcels") return say("parcel_title", properties);
  const label = layer.label && properties[layer.label];
  const kind = layer.attributes.find(({ name }) => name === "kind" || name === "purpose");
  const told = kind && format.told(kind, properties[kind.name]);
  return label || told || layer.title;
}

/** The elements of the panel for a thing {layer, id, properties} as a tile describes it. */
export function thingPanel(thing) {
  const layer = layerOf(thing.layer);
  const rows = layer.attributes
    .map((attribute) => [attribute.title, format.told(attribute, thing.properties[attribute.name])])
    .filter(([, words]) => words !== null);
  return [
    el("p", { class: "under-title" }, layer.title),
    rows.length ? factList(rows) : el("p", { class: "help" }, say("nothing_known")),
  ];
}

/** The elements of the panel for a position; `code` is the parcel there, if any. */
export function placePanel({ subtitle, position, code }, onParcel) {
  return [
    el("p", { class: "under-title" }, subtitle || format.place(position)),
    factList([[say("position"), format.place(position)]]),
    code && el("p", { class: "actions" }, el("button", { type: "button", class: "button button-main", onclick: () => onParcel(code) }, icon("land-plot"), say("parcel_here"))),
  ].filter(Boolean);
}

/** The list of all things at one place, with next and previous. onPick(index). Null for a single thing. */
export function alsoHere(things, index, onPick) {
  if (things.length < 2) return null;
  const step = (by) => onPick((index + by + things.length) % things.length);
  const list = el("ul", { hidden: true }, things.map((thing, at) =>
    el("li", {}, el("button", { type: "button", "aria-current": at === index && "true", onclick: () => onPick(at) },
      el("span", {}, nameOf(thing)), el("small", {}, layerOf(thing.layer).title)))));
  const all = el("button", {
    type: "button", class: "button button-quiet", "aria-expanded": "false",
    onclick: () => {
      list.hidden = !list.hidden;
      all.setAttribute("aria-expanded", String(!list.hidden));
    },
  }, say("one_of", { index: index + 1, count: things.length }), icon("chevron-down"));
  const stepButton = (name, by) => el("button", { type: "button", class: "button-icon", "aria-label": say(name), "data-step": name, onclick: () => step(by) },
    icon(by < 0 ? "chevron-left" : "chevron-right"));
  return el("nav", { class: "also-here", "aria-label": say("also_here") },
    el("div", { class: "row" }, stepButton("previous", -1), all, stepButton("next", 1)), list);
}
