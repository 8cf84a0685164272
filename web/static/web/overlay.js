// What a tool draws on the map: areas, lines, points and their labels, on top of everything, in the accent of the page.
// It stays when day or theme bring another style (map-layers.js).

import * as theme from "./theme.js";

const INK = {
  light: { line: "#0b5f59", rim: "#ffffff", fill: "#0f766e", bad: "#b3261e" },
  dark: { line: "#5eead4", rim: "#06201e", fill: "#2dd4bf", bad: "#ff9a92" },
};
const FONT = ["Be Vietnam Pro Regular"];

/** The colours in which tools draw, by the theme of the page. */
export const ink = () => INK[theme.current()];

const is = (part) => ["==", ["get", "part"], part];

/** The layers of an overlay; `paint` alone changes with the theme. */
function layersOf(id) {
  const { line, rim, fill, bad } = ink();
  const round = { "line-join": "round", "line-cap": "round" };
  return [
    { id: `${id}-fill`, type: "fill", filter: is("area"), paint: { "fill-color": fill, "fill-opacity": 0.14 } },
    { id: `${id}-rim`, type: "line", filter: is("line"), layout: round, paint: { "line-color": rim, "line-width": 6, "line-opacity": 0.85 } },
    { id: `${id}-line`, type: "line", filter: is("line"), layout: round, paint: { "line-color": line, "line-width": 3 } },
    { id: `${id}-live`, type: "line", filter: is("live"), paint: { "line-color": line, "line-width": 2, "line-dasharray": [2, 2] } },
    { id: `${id}-point`, type: "circle", filter: is("point"), paint: { "circle-radius": 5, "circle-color": rim, "circle-stroke-color": line, "circle-stroke-width": 2.5 } },
    { id: `${id}-fault`, type: "circle", filter: is("fault"), paint: { "circle-radius": 11, "circle-color": "rgba(0,0,0,0)", "circle-stroke-color": bad, "circle-stroke-width": 3.5 } },
    {
      id: `${id}-label`, type: "symbol", filter: is("label"),
      layout: { "text-field": ["get", "text"], "text-font": FONT, "text-size": 13, "text-allow-overlap": false, "text-padding": 4 },
      paint: { "text-color": line, "text-halo-color": rim, "text-halo-width": 2 },
    },
  ];
}

/** An overlay on the map; draw(features) shows GeoJSON features that each say their `part`, remove() takes it away. */
export function makeOverlay(map, name) {
  const id = `tool-${name}`;
  let drawn = [];
  let live = []; // what goes along with the pointer
  const collection = () => ({ type: "FeatureCollection", features: [...drawn, ...live] });
  const show = () => {
    const source = map.getSource(id);
    if (source) {
      source.setData(collection());
      return;
    }
    map.addSource(id, { type: "geojson", data: collection() });
    for (const layer of layersOf(id)) map.addLayer({ source: id, ...layer });
  };
  const recolour = () => {
    for (const layer of layersOf(id)) {
      if (!map.getLayer(layer.id)) continue;
      for (const [property, value] of Object.entries(layer.paint)) map.setPaintProperty(layer.id, property, value);
    }
  };
  const unfollow = theme.followed(recolour);
  return {
    draw(features) {
      drawn = features;
      show();
    },
    /** The dashed line to the pointer; null for none. */
    line(coordinates) {
      if (!coordinates && !live.length) return;
      live = coordinates ? [part("live", { type: "LineString", coordinates })] : [];
      show();
    },
    remove() {
      unfollow();
      for (const { id: layer } of layersOf(id)) if (map.getLayer(layer)) map.removeLayer(layer);
      if (map.getSource(id)) map.removeSource(id);
    },
  };
}

/** A feature that says how it is drawn: part("line", {type, coordinates}, more). */
export const part = (name, geometry, more = {}) => ({ type: "Feature", properties: { part: name, ...more }, geometry });
