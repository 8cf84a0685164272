// The legend: pieces of the map in little, in the colours that the map has at this moment.

import { svg, use } from "./dom.js";
import { ground } from "./ground.js";
import { view } from "./view.js";

const SIDE = 16;
const samples = new Map(); // element → what draws it anew

/** A piece of a layer as the map draws it: of one line of its legend, or of the first few of them. */
export function sample(layer, line = null) {
  const lines = line ? [line] : layer.legend.slice(0, 4);
  const element = svg("svg", { class: `swatch swatch-${layer.drawn}`, viewBox: `0 0 ${SIDE} ${SIDE}`, "aria-hidden": "true", focusable: "false" });
  const draw = () => {
    const look = layer.samples[ground()];
    const parts = lines.flatMap((one, at) => piece(layer, one, look, at * (SIDE / lines.length), SIDE / lines.length));
    element.replaceChildren(svg("rect", { width: SIDE, height: SIDE, rx: 3, fill: look.ground }), ...parts);
  };
  draw();
  samples.set(element, draw);
  return element;
}

/** The map lies on another ground, or a layer became fainter: all samples follow. */
export function repaint() {
  for (const [element, draw] of samples) {
    if (element.isConnected) draw();
    else samples.delete(element);
  }
}

function piece({ key, drawn }, { colours, icon }, look, x, width) {
  const colour = colours[ground()];
  const opacity = look.opacity * (view.opacity.get(key) ?? 1);
  if (drawn === "line") return line(look, colour, opacity, x, width);
  if (drawn === "circle") return point(icon, colour, opacity, x + width / 2, width);
  const area = svg("rect", { x, width, height: SIDE, fill: colour, "fill-opacity": opacity });
  if (!look.outline || width < SIDE) return [area];
  return [area, svg("rect", { x: x + 0.5, y: 0.5, width: width - 1, height: SIDE - 1, fill: "none", stroke: look.outline, rx: 2 })];
}

function line({ casing, dash }, colour, opacity, x, width) {
  const stroke = (tint, thick, more = {}) =>
    svg("line", { x1: x, x2: x + width, y1: SIDE / 2, y2: SIDE / 2, stroke: tint, "stroke-width": thick, "stroke-opacity": opacity, ...more });
  const dashed = dash ? { "stroke-dasharray": "4 3" } : {};
  return casing ? [stroke(casing, 7), stroke(colour, 5, dashed)] : [stroke(colour, 3, dashed)];
}

function point(icon, colour, opacity, cx, width) {
  const disc = svg("circle", { cx, cy: SIDE / 2, r: Math.min(width / 2, icon ? 8 : 5), fill: colour, "fill-opacity": opacity });
  if (!icon || width < SIDE) return [disc];
  return [disc, svg("g", { color: "#ffffff" }, use(icon, { x: cx - 5, y: SIDE / 2 - 5, width: 10, height: 10 }))];
}
