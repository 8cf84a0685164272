// The map's style: asked of the tile server, then fitted to what the visitor has switched on and picked.

import { config } from "./config.js";

/** The largest opacity setting: what the catalogue says. */
export const FULL = 1;

const OPACITIES = { fill: ["fill-opacity"], line: ["line-opacity"], circle: ["circle-opacity", "circle-stroke-opacity"] };
const MARK = {
  light: { mark: "#0b5f59", casing: "#ffffff" },
  dark: { mark: "#5eead4", casing: "#06201e" },
};

/** The style for a day (null: today) and theme. Throws when the tile server does not answer, or `signal` was aborted. */
export async function fetchStyle({ day, theme, signal }) {
  const address = new URL(config.styleUrl, location.href);
  address.searchParams.set("lang", config.language);
  address.searchParams.set("theme", theme);
  if (day) address.searchParams.set("as_of", day);
  const answer = await fetch(address, { signal, headers: { Accept: "application/json" } });
  if (!answer.ok) throw new Error(`style: ${answer.status}`);
  return answer.json();
}

/**
 * A style in which only `shown` layers are drawn, each at its opacity (a Map of key → 0…1), and the picked thing
 * {layer, id} or null is marked.
 */
export function fitted(style, { shown, opacity, theme, marked }) {
  const layers = style.layers.map((layer) => {
    const key = layer.metadata?.layer;
    if (!key) return layer;
    return {
      ...layer,
      layout: { ...layer.layout, visibility: shown.has(key) ? "visible" : "none" },
      paint: { ...layer.paint, ...faded(layer, opacity.get(key) ?? FULL) },
    };
  });
  const firstLabel = layers.findIndex((layer) => layer.type === "symbol");
  layers.splice(firstLabel < 0 ? layers.length : firstLabel, 0, ...marks(style, theme, marked));
  return { ...style, layers };
}

/** The opacities of one style layer, `factor` times what the style says. */
export function faded(layer, factor) {
  return Object.fromEntries(
    (OPACITIES[layer.type] ?? []).map((property) => [property, times(layer.paint?.[property], factor)]),
  );
}

function times(value, factor) {
  if (value === undefined || typeof value === "number") return (value ?? 1) * factor;
  // An expression of the zoom must stay outermost: its results are multiplied instead.
  const [operator, ...rest] = value;
  if (operator === "interpolate") return [operator, ...rest.map((part, i) => (i >= 2 && i % 2 === 1 ? times(part, factor) : part))];
  if (operator === "step") return [operator, ...rest.map((part, i) => (i >= 1 && i % 2 === 1 ? times(part, factor) : part))];
  return ["*", value, factor];
}

/** What a mark layer of `key` needs to mark that thing, or none. Hidden marks ask for no tiles. */
export function markOf(key, marked) {
  const on = marked?.layer === key;
  return { filter: ["==", ["id"], on ? marked.id : -1], visibility: on ? "visible" : "none" };
}

/** Style layers that draw the picked thing of each source. */
function marks(style, theme, marked) {
  const { mark, casing } = MARK[theme];
  return config.layers
    .filter((layer) => style.sources[layer.key])
    .flatMap(({ key, drawn }) => {
      const { filter, visibility } = markOf(key, marked);
      const of = { source: key, "source-layer": key, filter };
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

/** The style layers that mark things of a source. */
export const markLayers = (key) => [`${key}-mark-area`, `${key}-mark-casing`, `${key}-mark`];
