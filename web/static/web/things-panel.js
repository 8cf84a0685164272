// Anything that is not a parcel, and places, as the panel tells them: name, facts, the way to the page.

import { config, layerOf, say } from "./config.js";
import { el, icon } from "./dom.js";
import * as format from "./format.js";
import { sample } from "./legend.js";
import { chip, factList } from "./parcel-panel.js";

const KINDS = ["kind", "purpose", "function"]; // attributes that say what sort of thing it is

/** What a thing is called: its label on the map or title, else what sort of thing it is, else its layer's title. */
export function nameOf({ layer: key, properties }) {
  const layer = layerOf(key);
  if (key === "parcels") return say("parcel_title", properties);
  if (key === "addresses") return [properties.house_number, properties.street_name].filter(Boolean).join(" ");
  const label = layer.label && properties[layer.label];
  const kind = layer.attributes.find(({ name }) => KINDS.includes(name));
  return label || properties.title || (kind && format.told(kind, properties[kind.name])) || layer.title;
}

/** The same where several are named together: with what tells it from its like, such as "Valve · Gas · N-00015 · Draft". */
export const fullName = (thing) => [nameOf(thing), ...marksOf(thing), stateOf(thing)].filter(Boolean).join(" · ");

/** What sort of thing it is, and of which layer: the line under its name. */
export const sortOf = (thing) => [...marksOf(thing), layerOf(thing.layer).title].join(" · ");

/** What tells a thing from others of that name: its line of the legend or its function, its number. */
function marksOf(thing) {
  const { layer, properties } = thing;
  if (layer === "parcels") return [];
  const parts = [entryOf(thing)?.title ?? properties[`function_${config.language}`], properties.reference ?? properties.code];
  return [...new Set(parts)].filter((part) => part && part !== nameOf(thing));
}

/** The line of the legend that is about this thing, where its layer has several. */
function entryOf({ layer: key, properties }) {
  const { legend, by } = layerOf(key);
  return by ? legend.find(({ value }) => value && value === String(properties[by])) : undefined;
}

/** The colour of a thing on the map, in the shape in which it is drawn there. */
export function swatchOf(thing) {
  const layer = layerOf(thing.layer);
  return sample(layer, entryOf(thing) ?? layer.legend[0]);
}

/** Whether a thing has effect: all things but those of plans that are not adopted. */
const inForce = ({ properties }) => properties.state === undefined || properties.state === "adopted";

/** The state of a plan without effect in words, e.g. "Draft"; null for what has effect. */
function stateOf(thing) {
  const attribute = layerOf(thing.layer).attributes.find(({ name }) => name === "state");
  return inForce(thing) ? null : (attribute?.values[thing.properties.state] ?? thing.properties.state);
}

/** The elements that tell of a thing {layer, id, properties}; `day` is that of the map, null for today. */
export function thingFacts(thing, day) {
  const layer = layerOf(thing.layer);
  const state = stateOf(thing);
  const rows = layer.attributes
    .filter(({ name }) => !isCodeOfTold(name, thing))
    .map((attribute) => [attribute.title, format.told(attribute, thing.properties[attribute.name])])
    .filter(([, words]) => words !== null);
  return [
    state && el("p", {}, chip(state)),
    rows.length ? factList(rows) : el("p", { class: "help" }, say("nothing_known")),
    el("p", { class: "actions" }, el("a", { class: "button", href: pageOf(thing, day) }, icon("file-text"), say("thing_page"))),
  ].filter(Boolean);
}

/** The page that tells the same without a map: a parcel's answer, anything else's facts. */
export function pageOf({ layer, id, properties }, day) {
  const path = layer === "parcels" ? `/parcels/${encodeURIComponent(properties.code)}` : `/things/${layer}/${id}`;
  return day ? `${path}?as_of=${day}` : path;
}

/** The elements that tell of a place that the search found; `code` is the parcel there, if any. */
export const placeFacts = ({ subtitle, note, position, code }, onParcel) => [
  subtitle && el("p", { class: "under-title" }, subtitle),
  note && el("p", { class: "note note-info" }, icon("info"), el("span", {}, note)),
  factList([[say("position"), format.place(position)]]),
  code && el("p", { class: "actions" }, el("button", { type: "button", class: "button button-main", onclick: () => onParcel(code) }, icon("land-plot"), say("parcel_here"))),
].filter(Boolean);

/** Whether an attribute is a code that nobody but staff needs, since its name is told: `function` beside `function_vi`. */
function isCodeOfTold(name, { properties }) {
  return !config.signedIn && ["vi", "en"].some((language) => properties[`${name}_${language}`]);
}
