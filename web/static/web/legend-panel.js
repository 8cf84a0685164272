// The legend of what is in view now: only layers that are on and drawn, and of their legends only the lines that occur.

import { config, firstZoom, layerOf, say } from "./config.js";
import { el } from "./dom.js";
import { sample } from "./legend.js";
import { covered } from "./sheet.js";
import { view } from "./view.js";

/** The screen; it follows the map until leave() is called. */
export function screen() {
  const body = el("div", { class: "view-legend" });
  const fill = () => body.replaceChildren(...legendOfView(view.map));
  if (view.map) fill();
  view.map?.on("idle", fill);
  return { content: [el("p", { class: "help" }, say("legend_of_view_help")), body], leave: () => view.map?.off("idle", fill) };
}

/** The legend as elements, in the groups' order and in each the layers on top first: also for print. */
export function legendOfView(map) {
  const found = config.groups
    .flatMap(({ key: group }) => view.order.toReversed().map(layerOf).filter((layer) => layer.group === group))
    .filter((layer) => view.shown.has(layer.key) && map.getZoom() >= firstZoom(layer, view.day))
    .map((layer) => ({ layer, lines: linesInView(map, layer) }))
    .filter(({ lines }) => lines.length);
  if (!found.length) return [el("p", {}, say("nothing_in_view"))];
  return found.map(({ layer, lines }) =>
    el("section", { "data-legend": layer.key },
      layer.legend.length === 1 ? el("h3", {}, sample(layer), layer.title) : el("h3", {}, layer.title),
      layer.legend.length > 1 && el("ul", { class: "legend" }, lines.map((line) => el("li", {}, sample(layer, line), el("span", {}, line.title))))));
}

/** The lines of a layer's legend that something in view is drawn by, in the legend's order. */
function linesInView(map, { key, by, legend }) {
  const { top, right, bottom, left } = covered();
  const { clientWidth: width, clientHeight: height } = map.getContainer();
  const drawn = map.getLayersOrder().filter((id) => {
    const { metadata, type } = map.getLayer(id) ?? {};
    return metadata?.layer === key && type !== "symbol";
  });
  const things = map.queryRenderedFeatures([[left, top], [width - right, height - bottom]], { layers: drawn });
  if (!things.length || legend.length === 1) return things.length ? legend : [];
  const values = new Set(things.map(({ properties }) => String(properties[by] ?? "")));
  const named = new Set(legend.map(({ value }) => value));
  const others = [...values].some((value) => !named.has(value));
  return legend.filter(({ value }) => values.has(value) || (value === "" && others));
}
