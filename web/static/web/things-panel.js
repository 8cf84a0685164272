// Anything that is not a parcel, and places, as the panel tells them; and the way through several things at one place.

import { config, layerOf, say } from "./config.js";
import { el, icon } from "./dom.js";
import * as format from "./format.js";
import { chip, factList } from "./parcel-panel.js";

const KINDS = ["kind", "purpose", "function"]; // attributes that say what sort of thing it is

/** What a picked thing is called: its label on the map or title, else what sort of thing it is, else its layer's title. */
export function nameOf({ layer: key, properties }) {
  const layer = layerOf(key);
  if (key === "parcels") return say("parcel_title", properties);
  const label = layer.label && properties[layer.label];
  const kind = layer.attributes.find(({ name }) => KINDS.includes(name));
  return label || properties.title || (kind && format.told(kind, properties[kind.name])) || layer.title;
}

/** The same where several are named together: with what tells it from its like, such as "Valve · Gas · N-00015 · Draft". */
export function fullName(thing) {
  const { layer, properties } = thing;
  if (layer === "parcels") return nameOf(thing);
  const values = Object.values(properties);
  const sort = layerOf(layer).legend.find(({ value }) => value && values.includes(value));
  const parts = [nameOf(thing), sort?.title, properties.reference ?? properties.code, stateOf(thing)];
  return [...new Set(parts.filter(Boolean))].join(" · ");
}

/** Whether a thing has effect: all things but those of plans that are not adopted. */
export const inForce = ({ properties }) => properties.state === undefined || properties.state === "adopted";

/** The state of a plan without effect in words, e.g. "Draft"; null for what has effect. */
function stateOf(thing) {
  const attribute = layerOf(thing.layer).attributes.find(({ name }) => name === "state");
  return inForce(thing) ? null : (attribute?.values[thing.properties.state] ?? thing.properties.state);
}

/** The elements of the panel for a thing {layer, id, properties} as a tile describes it. */
export function thingPanel(thing) {
  const layer = layerOf(thing.layer);
  const state = stateOf(thing);
  const rows = layer.attributes
    .filter(({ name }) => !isCodeOfTold(name, thing))
    .map((attribute) => [attribute.title, format.told(attribute, thing.properties[attribute.name])])
    .filter(([, words]) => words !== null);
  return [
    state && el("p", {}, chip(state)),
    el("p", { class: "under-title" }, layer.title),
    rows.length ? factList(rows) : el("p", { class: "help" }, say("nothing_known")),
  ].filter(Boolean);
}

/** Whether an attribute is a code that nobody but staff needs, since its name is told: `function` beside `function_vi`. */
function isCodeOfTold(name, { properties }) {
  return !config.signedIn && ["vi", "en"].some((language) => properties[`${name}_${language}`]);
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
      el("span", {}, fullName(thing)), el("small", {}, layerOf(thing.layer).title)))));
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
