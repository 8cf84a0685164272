// The map's style: asked of the tile server, then fitted to what the visitor has switched on and picked.

import { config, layerOf } from "./config.js";
import { drawnRasters, ground } from "./ground.js";

/** The largest opacity setting: what the catalogue says. */
export const FULL = 1;

const OPACITIES = { fill: ["fill-opacity"], line: ["line-opacity"], circle: ["circle-opacity", "circle-stroke-opacity"] };
const MARK = {
  light: { mark: "#0b5f59", casing: "#ffffff" },
  dark: { mark: "#5eead4", casing: "#06201e" },
  aerial: { mark: "#fde047", casing: "#1c1400" },
};
const HOVER_PX = 1.5; // added to the outline of what is under the mouse
const PICTURE_FADE = { "raster-fade-duration": 150 };

/** The style for a day (null: today) on the present ground. Throws when the tile server does not answer, or `signal` was aborted. */
export async function fetchStyle({ day, signal }) {
  const address = new URL(config.styleUrl, location.href);
  address.searchParams.set("lang", config.language);
  address.searchParams.set("theme", ground());
  if (day) address.searchParams.set("as_of", day);
  const answer = await fetch(address, { signal, headers: { Accept: "application/json" } });
  if (!answer.ok) throw new Error(`style: ${answer.status}`);
  return answer.json();
}

/**
 * A style as `view` wants it: only `shown` layers are drawn, in `order` (keys, bottom first), each at its opacity (a Map of
 * key → 0…1), pictures and relief below them, and the picked thing {layer, id} or null is marked.
 */
export function fitted(style, { shown, order, opacity, marked }) {
  const layers = style.layers.map((layer) => {
    const key = layer.metadata?.layer;
    if (!key) return layer;
    return {
      ...layer,
      layout: { ...layer.layout, visibility: shown.has(key) ? "visible" : "none" },
      paint: hoverable(layer, { ...layer.paint, ...faded(layer, opacity.get(key) ?? FULL) }),
    };
  });
  const rasters = drawnRasters();
  const pictures = rasters.map(({ id }) => ({ id: `raster-${id}`, source: `raster-${id}`, type: "raster", paint: PICTURE_FADE }));
  return {
    ...style,
    sources: { ...style.sources, ...Object.fromEntries(rasters.map((raster) => [`raster-${raster.id}`, rasterSource(raster)])) },
    layers: [
      ...layers.filter(({ type }) => type === "background"),
      ...pictures,
      ...order.flatMap((key) => layers.filter((layer) => isShapeOf(layer, key))),
      ...marks(style, marked),
      ...layers.filter(({ type }) => type === "symbol"),
    ],
  };
}

/** Whether a style layer draws the shapes of a layer. Labels lie above all shapes, whatever their order. */
export const isShapeOf = ({ type, metadata }, key) => metadata?.layer === key && type !== "symbol";

const rasterSource = ({ tiles, tileSize, minzoom, maxzoom, bounds, attribution }) =>
  ({ type: "raster", tiles: [location.origin + tiles], tileSize, minzoom, maxzoom, bounds, attribution });

/** The paint of a style layer whose outline comes out while the mouse is over a thing (see hovered). */
function hoverable({ id }, paint) {
  const property = { outline: "line-color", line: "line-color", circle: "circle-stroke-color" }[id.split("-").at(-1)];
  if (!property || !paint[property]) return paint;
  const { mark } = MARK[ground()];
  const under = (then, otherwise) => ["case", ["boolean", ["feature-state", "hover"], false], then, otherwise];
  const width = property.replace("color", "width");
  return {
    ...paint,
    [property]: under(mark, paint[property]),
    [width]: changed(paint[width] ?? 1, (pixels) => under(["+", pixels, HOVER_PX], pixels)),
  };
}

/** Bring a thing {layer, id} out, or nothing (null), and let the one before go back. Returns what is out now. */
export function hovered(map, before, thing) {
  if (before?.layer === thing?.layer && before?.id === thing?.id) return before;
  const state = ({ layer, id }, hover) => {
    const { source } = layerOf(layer);
    if (map.getSource(source)) map.setFeatureState({ source, sourceLayer: layer, id }, { hover });
  };
  if (before) state(before, false);
  if (thing) state(thing, true);
  return thing;
}

/** The opacities of one style layer, `factor` times what the style says. */
export function faded(layer, factor) {
  return Object.fromEntries(
    (OPACITIES[layer.type] ?? []).map((property) => [property, times(layer.paint?.[property], factor)]),
  );
}

const times = (value, factor) => changed(value ?? 1, (part) => (typeof part === "number" ? part * factor : ["*", part, factor]));

/** A value of the style with each of its results changed: an expression of the zoom must stay outermost. */
function changed(value, change) {
  const [operator, ...rest] = Array.isArray(value) ? value : [];
  const first = { interpolate: 2, step: 1 }[operator];
  if (first === undefined) return change(value);
  return [operator, ...rest.map((part, i) => (i >= first && i % 2 === 1 ? changed(part, change) : part))];
}

/** What a mark layer of `key` needs to mark that thing, or none. Hidden marks ask for no tiles. */
export function markOf(key, marked) {
  const on = marked?.layer === key;
  return { filter: ["==", ["id"], on ? marked.id : -1], visibility: on ? "visible" : "none" };
}

/** Style layers that draw the picked thing of each layer. */
function marks(style, marked) {
  const { mark, casing } = MARK[ground()];
  return config.layers
    .filter(({ source }) => style.sources[source])
    .flatMap(({ key, source, drawn }) => {
      const { filter, visibility } = markOf(key, marked);
      const of = { source, "source-layer": key, filter };
      if (drawn === "circle") {
        const ring = { "circle-color": "transparent", "circle-radius": 11 };
        return [
          { id: `${key}-mark-casing`, type: "circle", ...of, layout: { visibility }, paint: { ...ring, "circle-stroke-color": casing, "circle-stroke-width": 6 } },
          { id: `${key}-mark`, type: "circle", ...of, layout: { visibility }, paint: { ...ring, "circle-stroke-color": mark, "circle-stroke-width": 3 } },
        ];
      }
      const layout = { "line-join": "round", "line-cap": "round", visibility };
      const lines = [
        { id: `${key}-mark-casing`, type: "line", ...of, layout, paint: { "line-color": casing, "line-width": 7 } },
        { id: `${key}-mark`, type: "line", ...of, layout, paint: { "line-color": mark, "line-width": 3.5 } },
      ];
      if (drawn === "line") return lines;
      return [{ id: `${key}-mark-area`, type: "fill", ...of, layout: { visibility }, paint: { "fill-color": mark, "fill-opacity": 0.18 } }, ...lines];
    });
}

/** The style layers that mark things of a layer. */
export const markLayers = (key) => [`${key}-mark-area`, `${key}-mark-casing`, `${key}-mark`];
