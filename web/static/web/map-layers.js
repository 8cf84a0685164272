// The layers, the ground and the day of the map: the screens that set them, the style that shows them.

import { config, firstZoom, layerOf, say } from "./config.js";
import { el, icon } from "./dom.js";
import * as format from "./format.js";
import { ground } from "./ground.js";
import { layersPanel } from "./layers-panel.js";
import * as legend from "./legend.js";
import { announce, notify, withdraw } from "./notices.js";
import * as panel from "./panel.js";
import { faded, fetchStyle, fitted, isShapeOf, markLayers } from "./style.js";
import { remember, takeLayers, usualOrder, view } from "./view.js";

let base = null; // the style as the tile server gave it
let ours = new Set(); // ids of the style layers and sources that this page drew: all others belong to tools
let dressedFor = null; // the day and ground of `base`
let screen = null; // the list of layers, once it was shown
let only = null; // {key, before}: the one layer that is on beside the base, and what was on before that
let styling = null; // the style that is under way
let whenDayIsSet = () => {};

/** onDay() is called when the visitor has set another day. */
export const wire = ({ onDay }) => (whenDayIsSet = onDay);

/** Show the list of layers in the panel. */
export function showLayers({ quiet = false, focus = false } = {}) {
  screen = layersPanel(view, {
    layers: switchLayers, only: showOnly, all: showAllAgain, opacity: setOpacity, day: setDay, base: setBase, relief: setRelief, zoomTo,
    order: () => showScreen("./order-panel.js", say("draw_order"), { move, reset: resetOrder }),
    legend: () => showScreen("./legend-panel.js", say("legend_of_view")),
  });
  screen.onlyIs(only?.key);
  if (view.map) screen.zoomed(view.map.getZoom());
  panel.show(say("layers"), screen.content, { quiet, focus });
  legend.repaint();
}

/** A further screen, fetched when it is first asked for: its module's screen(on) gives {content, leave}. */
async function showScreen(address, title, on) {
  const { screen: make } = await import(address);
  const { content, leave } = make(on);
  panel.show(title, content, { focus: true, onBack: () => { leave?.(); showLayers({ focus: true }); } });
}

/** The map was zoomed: the list says which layers need more. */
export const zoomed = () => screen.zoomed(view.map.getZoom());

/** Zoom in as far as a layer needs, and no further. */
function zoomTo(key) {
  const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
  view.map?.easeTo({ zoom: firstZoom(layerOf(key), view.day) + 0.01, duration: still ? 0 : 180 });
}

// ---- Which layers, how opaque, in which order ----

const styleLayers = (key) => base.layers.filter((layer) => layer.metadata?.layer === key);

/** Draw every layer as `view` says. */
function drawLayers() {
  if (!view.map) return;
  for (const { key } of config.layers) {
    drawLayer(key);
    drawOpacity(key);
  }
  drawOrder();
}

function drawLayer(key) {
  const visibility = view.shown.has(key) ? "visible" : "none";
  if (view.map) for (const { id } of styleLayers(key)) view.map.setLayoutProperty(id, "visibility", visibility);
}

function drawOpacity(key) {
  if (!view.map) return;
  for (const layer of styleLayers(key)) {
    for (const [property, faint] of Object.entries(faded(layer, view.opacity.get(key) ?? 1))) view.map.setPaintProperty(layer.id, property, faint);
  }
}

function drawOrder() {
  if (!view.map) return;
  const above = view.map.getLayersOrder().find((id) => config.layers.some(({ key }) => markLayers(key).includes(id)));
  for (const key of view.order) for (const { id } of base.layers.filter((layer) => isShapeOf(layer, key))) view.map.moveLayer(id, above);
}

function switchLayers(keys, shown) {
  for (const key of keys) {
    view.shown[shown ? "add" : "delete"](key);
    drawLayer(key);
  }
  only = null;
  screen.onlyIs(null);
  remember({ push: false });
}

/** Show one layer and what is on of the base, and nothing else. */
function showOnly(key) {
  const before = only?.before ?? new Set(view.shown);
  showExactly([...before].filter((other) => layerOf(other).group === "base").concat(key));
  only = { key, before };
  screen.onlyIs(key);
  announce(say("only_this_now", { layer: layerOf(key).title }));
}

/** Show again what was on before one layer was picked out. */
function showAllAgain() {
  showExactly(only.before);
  only = null;
  screen.onlyIs(null);
  announce(say("all_again"));
}

function showExactly(keys) {
  view.shown = new Set(keys);
  for (const { key } of config.layers) drawLayer(key);
  screen.shownAre(view.shown);
  remember({ push: false });
}

function setOpacity(key, value) {
  view.opacity.set(key, value);
  drawOpacity(key);
  legend.repaint();
  remember({ push: false });
}

/** Let a layer that is on lie one higher (+1) or lower (-1) among those that are on. */
function move(key, by) {
  const drawn = view.order.filter((other) => view.shown.has(other));
  const other = drawn[drawn.indexOf(key) + by];
  if (!other) return;
  const [from, to] = [view.order.indexOf(key), view.order.indexOf(other)];
  view.order.splice(from, 1);
  view.order.splice(to, 0, key);
  drawOrder();
  remember({ push: false });
}

function resetOrder() {
  view.order = usualOrder();
  drawOrder();
  remember({ push: false });
}

/** The visitor went to another address: take its day, layers and ground. */
export function follow(to) {
  only = null;
  view.day = to.day;
  takeLayers(to);
  tellDay();
  if (dressing() === dressedFor) drawLayers();
  else restyle();
}

// ---- Ground ----

function setBase(name) {
  view.base = name;
  changeGround();
}

function setRelief(on) {
  view.relief = on;
  changeGround();
}

async function changeGround() {
  screen.groundIs();
  legend.repaint();
  remember({ push: false });
  await restyle();
}

/** The page was switched between light and dark: the map goes with it, unless it lies on pictures. */
export function followTheme() {
  if (view.base !== "aerial") view.base = null;
  return changeGround();
}

// ---- Day ----

/** Show the map of a day, YYYY-MM-DD; null for today. */
export async function setDay(day, { push = true } = {}) {
  view.day = day;
  tellDay();
  remember({ push });
  screen.dayIs(day);
  if (view.map) zoomed();
  whenDayIsSet();
  announce(say("map_of_day", { day: format.day(day ?? config.today) }));
  await restyle();
}

/** Say on the map which day it shows, where that is not today. */
export function tellDay() {
  document.getElementById("day-note")?.remove();
  if (!view.day) return;
  const note = el("p", { class: "day-note", id: "day-note" }, icon("calendar-days"),
    el("span", {}, say("map_of_day", { day: format.day(view.day) })),
    el("button", { type: "button", class: "button", onclick: () => setDay(null) }, say("today")));
  document.querySelector(".map-marks").append(note);
}

// ---- Style ----

const dressing = () => `${ground()} ${view.relief} ${view.day}`;

function dressed() {
  const style = fitted(base, view);
  ours = new Set([...style.layers.map(({ id }) => id), ...Object.keys(style.sources)]);
  return style;
}

/** The style that the map starts with. Throws when the tile server does not answer. */
export async function firstStyle() {
  dressedFor = dressing();
  base = await fetchStyle({ day: view.day });
  return dressed();
}

/** Dress the map anew if day or ground were switched before there was a map. */
export function catchUp() {
  if (dressing() !== dressedFor) restyle();
}

/** Ask for the style of this day and ground and draw it. */
export async function restyle() {
  if (!view.map) return;
  // Only the style that was asked for last may be drawn, however slow the one before it is.
  styling?.abort();
  styling = new AbortController();
  const { signal } = styling;
  try {
    const wanted = dressing();
    const came = await fetchStyle({ day: view.day, signal });
    if (signal.aborted) return;
    base = came;
    dressedFor = wanted;
    const before = ours;
    view.map.setStyle(dressed(), { transformStyle: (previous, next) => withToolsOf(previous, next, before) });
    withdraw("style");
  } catch {
    if (signal.aborted) return;
    notify("style", say("tiles_away"), { title: say("try_again"), onclick: restyle });
  }
}

/** The new style with what tools had drawn on top of the one before. */
function withToolsOf(previous, next, before) {
  if (!previous) return next;
  const sources = Object.fromEntries(Object.entries(previous.sources).filter(([key]) => !before.has(key)));
  const layers = previous.layers.filter(({ id }) => !before.has(id));
  return { ...next, sources: { ...next.sources, ...sources }, layers: [...next.layers, ...layers] };
}
