// The legend on paper: only what is drawn on this map, in the colours in which it is drawn; what the plan says first.

import { config, layerOf } from "./config.js";
import { el, svg, use } from "./dom.js";

const FITS = ["", "small", "columns"]; // how the legend is set, until it has room (paper.css)
const SHAPES = ["fill", "line", "circle"];

/** What the map draws at the moment, group by group and areas first: [{title, lines: [{title, drawn}]}]. */
export function drawnLegend(map) {
  const found = new Map(); // layer key → line title → {title, rank, binding, drawn: style layer id → {at, type, paint}}
  const layers = map.getStyle().layers.filter(({ metadata, type, layout }) => layerOf(metadata?.layer) && (type !== "symbol" || layout?.["icon-image"])).map(({ id }) => id);
  for (const { layer, properties } of map.queryRenderedFeatures({ layers })) {
    const key = layer.metadata.layer;
    const lines = found.get(key) ?? found.set(key, new Map()).get(key);
    for (const { title, rank, binding } of linesOf(layerOf(key), properties)) {
      const known = lines.get(title);
      const line = known && known.binding >= binding ? known : { title, rank, binding, drawn: {} };
      lines.set(title, line);
      if (line.binding === binding) line.drawn[layer.id] ??= { at: layers.indexOf(layer.id), type: layer.type, paint: layer.paint, badge: String(layer.layout?.["icon-image"] ?? "") };
    }
  }
  return config.layers
    .filter(({ key }) => found.has(key))
    .sort((a, b) => place(a) - place(b))
    .map(({ key, title }) => ({ title, lines: [...found.get(key).values()].sort((a, b) => a.rank - b.rank) }));
}

const place = ({ group, drawn }) => config.groups.findIndex(({ key }) => key === group) * SHAPES.length + SHAPES.indexOf(drawn);

/**
 * The lines of the legend that a thing belongs to: what sort it is, and for what is only planned that it is. The sort is
 * shown as things with effect look, where there are any.
 */
function linesOf(layer, properties) {
  const values = layer.by ? [String(properties[layer.by])] : Object.values(properties).map(String);
  const at = layer.legend.findIndex(({ value }) => value && values.includes(value));
  const entry = layer.legend[at] ?? layer.legend.find(({ value }) => !value);
  const binding = properties.state === undefined || properties.state === "adopted";
  const sort = { title: entry?.title ?? layer.title, rank: at < 0 ? layer.legend.length : at, binding };
  if (binding) return [sort];
  const state = layer.attributes.find(({ name }) => name === "state")?.values[properties.state] ?? properties.state;
  return [sort, { title: `${layer.title}: ${state.toLowerCase()}`, rank: Infinity, binding }];
}

const ink = (colour) => {
  if (!colour) return "none";
  if (typeof colour === "string") return colour;
  const { r, g, b, a } = colour; // premultiplied, 0…1
  return `rgba(${[r, g, b].map((part) => Math.round((part / (a || 1)) * 255)).join(",")},${a})`;
};

const PX_MM = 25.4 / 96;
const [WIDE, HIGH] = [8, 3.8]; // millimetres
const BROADEST = 1.8; // of a line
const AREA = { x: 0.2, y: 0.2, width: WIDE - 0.4, height: HIGH - 0.4 };

/** A piece of the map, drawn as `drawn` {style layer id → {at, type, paint}} draws it. */
function sample(drawn) {
  const parts = Object.values(drawn).sort((a, b) => a.at - b.at);
  const area = parts.some(({ type }) => type === "fill");
  const badge = parts.find(({ type, badge: name }) => type === "symbol" && name);
  if (badge) return framed(...disc(badge.badge));
  const broadest = Math.max(...parts.map(({ paint }) => (paint["line-width"] ?? 0) * PX_MM));
  let rim = Infinity; // a line on another leaves that one's rim to be seen
  const drawing = {
    fill: (paint) => svg("rect", { ...AREA, fill: ink(paint["fill-color"]), "fill-opacity": paint["fill-opacity"] ?? 1 }),
    circle: (paint) => svg("circle", {
      cx: WIDE / 2, cy: HIGH / 2, r: Math.min(1.7, Math.max(0.6, (paint["circle-radius"] ?? 3) * PX_MM)),
      fill: ink(paint["circle-color"]), "fill-opacity": paint["circle-opacity"] ?? 1, stroke: ink(paint["circle-stroke-color"]), "stroke-width": 0.2,
    }),
    line: (paint) => {
      const asDrawn = Math.max(0.2, (paint["line-width"] ?? 1) * PX_MM * Math.min(1, BROADEST / broadest));
      const width = Math.min(asDrawn, area ? 0.5 : rim);
      rim = width - 0.4;
      const dash = paint["line-dasharray"]?.to ?? paint["line-dasharray"];
      const stroke = {
        stroke: ink(paint["line-color"]), "stroke-width": width, "stroke-opacity": paint["line-opacity"] ?? 1,
        ...(Array.isArray(dash) && { "stroke-dasharray": dash.map((part) => part * width).join(" ") }),
      };
      return area ? svg("rect", { ...AREA, ...stroke, fill: "none" }) : svg("path", { ...stroke, d: `M0 ${HIGH / 2}h${WIDE}` });
    },
  };
  return framed(...parts.filter(({ type }) => drawing[type]).map(({ type, paint }) => drawing[type](paint)));
}

const framed = (...shapes) => svg("svg", { viewBox: `0 0 ${WIDE} ${HIGH}`, class: "paper-sample", "aria-hidden": "true", focusable: "false" }, ...shapes);

/** The disc with an icon that badges.js draws for "badge:ICON:COLOUR". */
function disc(name) {
  const [, picture, colour] = name.split(":");
  const side = HIGH * 0.6;
  return [
    svg("circle", { cx: WIDE / 2, cy: HIGH / 2, r: HIGH / 2, fill: colour }),
    svg("g", { color: "#ffffff" }, use(picture, { x: (WIDE - side) / 2, y: (HIGH - side) / 2, width: side, height: side })),
  ];
}

/** Put the lines on the paper, smaller and in columns where they are many; what has no room there goes on a sheet of its own. */
export function fillLegend(layers) {
  document.querySelectorAll(".paper-more").forEach((more) => more.remove());
  const room = document.getElementById("paper-legend");
  const rows = layers.flatMap(({ title, lines }) => {
    const alone = lines[0].title === title; // it says what a heading would
    const below = lines.map((line) => el("p", { class: alone ? "legend-line legend-alone" : "legend-line" }, sample(line.drawn), el("span", {}, line.title)));
    return alone ? below : [el("h4", {}, title), ...below];
  });
  room.replaceChildren(...rows);
  const full = () => room.scrollHeight > room.clientHeight + 1 || room.scrollWidth > room.clientWidth + 1;
  for (const fit of FITS) {
    room.dataset.fit = fit;
    if (!full()) break;
  }
  const rest = [];
  while (room.lastElementChild && full()) {
    rest.unshift(room.lastElementChild);
    room.lastElementChild.remove();
  }
  if (room.lastElementChild?.matches("h4")) rest.unshift(room.lastElementChild); // a heading does not stand alone
  if (rest.length) document.getElementById("papers").append(more(rest));
}

function more(rows) {
  const paper = document.getElementById("paper").cloneNode(true);
  paper.removeAttribute("id");
  paper.classList.add("paper-more");
  paper.querySelectorAll(".paper-frame, .paper-measure, .paper-note").forEach((part) => part.remove());
  paper.querySelectorAll("[id]").forEach((part) => part.removeAttribute("id"));
  paper.querySelector(".legend-lines").replaceChildren(...rows);
  delete paper.querySelector(".legend-lines").dataset.fit;
  return paper;
}
