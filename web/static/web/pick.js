// Which things are at a place on the map, the likeliest first.

import { layerOf } from "./config.js";

const FINGER = matchMedia("(pointer: coarse)");
const EQUATOR_M = 40_075_017;
const NEAR_M = 3;

/** How far from a line or point in pixels still means it: some metres on the ground, so that far out parcels stay within reach. */
function reachOf(map) {
  const metresPerPixel = (EQUATOR_M * Math.cos((map.getCenter().lat * Math.PI) / 180)) / (512 * 2 ** map.getZoom());
  return Math.max(2, Math.min(FINGER.matches ? 10 : 4, NEAR_M / metresPerPixel));
}

/** Who aims at something small means it; on an area, people ask about the parcel. Lowest first. */
function rank({ layer, geometry }) {
  const { drawn, approximate } = layerOf(layer);
  if (layer === "parcels") return 2;
  if (approximate) return 5; // a wide circle around a position that is not told exactly
  if (drawn === "fill") return 3;
  if (geometry.endsWith("Polygon")) return 4; // an area of which only the outline is drawn
  return drawn === "circle" ? 0 : 1;
}

/** Things at a point of the canvas: [{layer, id, properties, geometry}], each once. Lines and points count within a few pixels. */
export function thingsAt(map, { x, y }) {
  const reach = reachOf(map);
  const around = [[x - reach, y - reach], [x + reach, y + reach]];
  const found = [
    ...map.queryRenderedFeatures(around, { layers: drawn(map, (layer) => layer.drawn !== "fill") }),
    ...map.queryRenderedFeatures([x, y], { layers: drawn(map, (layer) => layer.drawn === "fill", "fill") }),
  ];
  const things = new Map();
  for (const { source, id, properties, geometry } of found) {
    const key = `${source}/${id}`;
    if (!things.has(key)) things.set(key, { layer: source, id, properties, geometry: geometry.type });
  }
  return [...things.values()].sort((a, b) => rank(a) - rank(b));
}

/** Visible style layers whose catalogue layer passes; labels and marks are never picked. */
function drawn(map, passes, type = null) {
  return map.getStyle().layers
    .filter(({ type: drawnAs, metadata, layout }) => metadata?.layer && layout?.visibility !== "none"
      && drawnAs !== "symbol" && (!type || drawnAs === type) && passes(layerOf(metadata.layer) ?? {}))
    .map(({ id }) => id);
}
