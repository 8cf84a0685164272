// Which things are at a place on the map, and which of them a click means.

import { layerOf } from "./config.js";

const REACH_PX = matchMedia("(pointer: coarse)").matches ? 10 : 6; // how far from a line or point still means it
// People ask about the land first, then about what lies on and over it, then about what lies in and around it.
// The same order stands in layers/things.py.
const ORDER = ["parcels", "zones", "buildings", "addresses", "streets", "places", "plan_lines", "plans", "network_nodes", "network_edges", "cameras"];
const LAST = "administrative_units"; // behind everything: each place lies in some

function rank({ layer }) {
  if (layer === LAST) return ORDER.length + 1;
  const at = ORDER.indexOf(layer);
  return at < 0 ? ORDER.length : at;
}

// What has effect first, then what may come, and what no longer has any; also as in layers/things.py.
const STATES = ["adopted", "consultation", "appraisal", "draft", "superseded", "withdrawn"];
const standing = ({ properties }) => STATES.indexOf(properties.state ?? "adopted");

/** Things in the order in which the panel tells of them: what has effect before what has none, near before wide. */
export const ordered = (things) => things.toSorted((a, b) => rank(a) - rank(b) || standing(a) - standing(b) || isWide(a) - isWide(b));

const isWide = ({ properties }) => properties.level === "province";

/** Which of the things at a place a click means: the land; where there is none, a point or a named street that was hit; else the first. */
export function leadOf(things) {
  const isPoint = ({ layer }) => layerOf(layer).drawn === "circle" && !layerOf(layer).approximate;
  return things.find(({ layer }) => layer === "parcels") ?? things.find(isPoint)
    ?? things.find(({ layer, properties }) => layer === "streets" && properties.name) ?? things[0];
}

function featuresAt(map, { x, y }) {
  const around = [[x - REACH_PX, y - REACH_PX], [x + REACH_PX, y + REACH_PX]];
  return [
    ...map.queryRenderedFeatures([x, y], { layers: drawn(map, (layer) => layer.drawn === "fill", "fill") }),
    ...map.queryRenderedFeatures(around, { layers: drawn(map, (layer) => layer.drawn !== "fill") }),
  ];
}

// From afar many things are drawn as one, which has no number: which of them is meant only the server knows.
const isMerged = ({ id }) => id === undefined;

/** Whether many things are drawn as one at a point of the canvas, whatever else is there. */
export const isMergedAt = (map, point) => featuresAt(map, point).some(isMerged);

/** Things at a point of the canvas: [{layer, id, properties}], each once. Lines and points count within a few pixels. */
export function thingsAt(map, point) {
  const things = new Map();
  for (const { sourceLayer: layer, id, properties } of featuresAt(map, point).filter((feature) => !isMerged(feature))) {
    const key = `${layer}/${id}`;
    if (!things.has(key)) things.set(key, { layer, id, properties });
  }
  const sorted = ordered([...things.values()]);
  // A wide circle around a position that is not told exactly covers half a quarter; it counts where nothing else is.
  const exact = sorted.filter(({ layer }) => !layerOf(layer).approximate);
  return exact.some(({ layer }) => layer !== LAST) ? exact : sorted;
}

/** Visible style layers whose catalogue layer passes; labels and marks are never picked. */
function drawn(map, passes, type = null) {
  return map.getLayersOrder().filter((id) => {
    const { type: drawnAs, metadata } = map.getLayer(id);
    return metadata?.layer && drawnAs !== "symbol" && (!type || drawnAs === type) && passes(layerOf(metadata.layer) ?? {})
      && map.getLayoutProperty(id, "visibility") !== "none";
  });
}
