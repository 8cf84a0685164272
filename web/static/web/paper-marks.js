// What frames a map on paper: grid with coordinates, scale bar, north. All lengths are millimetres.

import { say } from "./config.js";
import { svg } from "./dom.js";
import * as format from "./format.js";

export const BAND_MM = 6; // around the map, for the coordinates; the same stands in paper.css
const GRID_MM = 40; // grid lines are at least so far apart
const BAR_MM = 48;
const CROSS_MM = 2;
const TICK_MM = 1.5;
const INK = { stroke: "#000", "stroke-width": 0.2, fill: "none" };

/** The smallest of 1, 2, 5, 10, 20 … that is not below `least`. */
function round(least) {
  const ten = 10 ** Math.floor(Math.log10(least));
  return [1, 2, 5, 10].map((step) => step * ten).find((step) => step >= least);
}

const drawing = (width, height, ...parts) =>
  svg("svg", { viewBox: `0 0 ${width} ${height}`, width: `${width}mm`, height: `${height}mm`, "aria-hidden": "true", focusable: "false" }, ...parts);

const text = (x, y, words, attributes = {}) => svg("text", { x, y, "font-size": 2.3, "text-anchor": "middle", fill: "#000", ...attributes }, words);

/** Frame, grid crosses and coordinates for a map of that size whose middle is easting, northing, at 1:scale. */
export function drawGrid({ easting, northing, scale }, width, height) {
  const metres = scale / 1000; // of a millimetre
  const interval = round(GRID_MM * metres);
  const along = (middle, length) => {
    const first = Math.ceil((middle - (length / 2) * metres) / interval) * interval;
    const lines = [];
    for (let value = first; (value - middle) / metres <= length / 2; value += interval) lines.push({ value, at: length / 2 + (value - middle) / metres });
    return lines;
  };
  const eastings = along(easting, width);
  const northings = along(northing, height).map(({ value, at }) => ({ value, at: height - at }));
  const near = (at, length) => at < 8 || at > length - 8; // the words would leave the frame
  const [right, bottom] = [BAND_MM + width, BAND_MM + height];
  const ticks = [
    ...eastings.map(({ at }) => `M${BAND_MM + at} ${BAND_MM}v${-TICK_MM}M${BAND_MM + at} ${bottom}v${TICK_MM}`),
    ...northings.map(({ at }) => `M${BAND_MM} ${BAND_MM + at}h${-TICK_MM}M${right} ${BAND_MM + at}h${TICK_MM}`),
  ];
  const crosses = eastings.flatMap((x) => northings.map((y) => `M${BAND_MM + x.at - CROSS_MM} ${BAND_MM + y.at}h${2 * CROSS_MM}M${BAND_MM + x.at} ${BAND_MM + y.at - CROSS_MM}v${2 * CROSS_MM}`));
  const words = [
    ...eastings.filter(({ at }) => !near(at, width)).flatMap(({ value, at }) => [BAND_MM - 2.4, bottom + 4].map((y) => text(BAND_MM + at, y, format.number(value)))),
    ...northings.filter(({ at }) => !near(at, height)).flatMap(({ value, at }) => [BAND_MM - 2.4, right + 4].map((x) =>
      text(x, BAND_MM + at, format.number(value), { transform: `rotate(-90 ${x} ${BAND_MM + at})` }))),
  ];
  return drawing(width + 2 * BAND_MM, height + 2 * BAND_MM,
    svg("path", { ...INK, d: crosses.join(""), stroke: "#fff", "stroke-width": 0.7, "stroke-opacity": 0.7 }),
    svg("path", { ...INK, d: crosses.join("") }),
    svg("path", { ...INK, d: ticks.join("") }),
    svg("rect", { ...INK, x: BAND_MM, y: BAND_MM, width, height, "stroke-width": 0.4 }),
    ...words);
}

/** A bar of four parts, at most BAR_MM long. */
export function scaleBar(scale) {
  const metres = scale / 1000;
  const whole = round((BAR_MM * metres) / 2.5);
  const part = whole / 4 / metres;
  const [unit, per] = whole >= 1000 ? ["km", 1000] : ["m", 1];
  const parts = [0, 1, 2, 3].map((i) => svg("rect", { ...INK, x: 4 + i * part, y: 4, width: part, height: 1.6, fill: i % 2 ? "#fff" : "#000" }));
  const words = [0, 2, 4].map((i) => text(4 + i * part, 3, `${format.number((whole * i) / 4 / per, 3)}${i === 4 ? ` ${unit}` : ""}`));
  return drawing(4 * part + 14, 6.2, ...parts, ...words);
}

/** An arrow that points up, to the grid's north. */
export const northArrow = () =>
  drawing(10, 17,
    svg("path", { d: "M5 1L8.5 12.5L5 10.3Z", fill: "#000", stroke: "#000", "stroke-width": 0.3, "stroke-linejoin": "round" }),
    svg("path", { d: "M5 1L1.5 12.5L5 10.3Z", fill: "#fff", stroke: "#000", "stroke-width": 0.3, "stroke-linejoin": "round" }),
    text(5, 16.4, say("north_letter"), { "font-size": 4, "font-weight": 600 }));
