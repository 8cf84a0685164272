// The map page: ties address, map, panel and search together. Each of them knows nothing of the others.

import { config, layerOf, say, shownAtFirst } from "./config.js";
import { el, icon } from "./dom.js";
import * as format from "./format.js";
import * as hover from "./hover.js";
import { layersPanel } from "./layers-panel.js";
import { bringIntoView, cameraOf, canDraw, lookAt, makeMap, mark, pin } from "./map.js";
import { announce, mention, notify, withdraw } from "./notices.js";
import * as panel from "./panel.js";
import { parcelPanel, parcelTitle } from "./parcel-panel.js";
import { thingsAt } from "./pick.js";
import * as search from "./search.js";
import * as session from "./session.js";
import { covered, isSheet, stopAt, wire as wireSheet } from "./sheet.js";
import * as state from "./state.js";
import { faded, fetchStyle, fitted } from "./style.js";
import * as theme from "./theme.js";
import { alsoHere, fullName, nameOf, placePanel, thingPanel } from "./things-panel.js";
import { watch } from "./tile-errors.js";
import { addTool } from "./toolbar.js";

const TOOLS = []; // modules that wire(desk): each adds its buttons to the toolbar and its screens to the panel

const NEAR = 0.0008; // degrees around a position that is looked at, some 90 m
const first = state.read();
const view = {
  shown: shownFrom(first.layers),
  opacity: new Map(),
  day: first.day,
  parcel: null,
  marked: null,
};
let map = null;
let base = null; // the style as the tile server gave it
let flag = null;
let screen = null; // the list of layers, once it was shown
let asking = null; // the parcel answer that is under way
let styling = null; // the style that is under way
let firstLook = null; // an answer that came before the map
let clicksTo = null; // the tool that takes the clicks on the map for itself
const waitingForMap = [];

// ---- Layers and day ----

function shownFrom(keys) {
  return keys ? new Set(keys.filter(layerOf)) : shownAtFirst();
}

function showLayers({ quiet = false, focus = false } = {}) {
  screen = layersPanel(view, { layer: switchLayer, opacity: setOpacity, day: setDay });
  if (map) screen.zoomed(map.getZoom());
  panel.show(say("layers"), screen.content, { quiet, focus });
}

const styleLayers = (key) => base.layers.filter((layer) => layer.metadata?.layer === key);

function drawLayer(key) {
  const visibility = view.shown.has(key) ? "visible" : "none";
  if (map) for (const { id } of styleLayers(key)) map.setLayoutProperty(id, "visibility", visibility);
}

function switchLayer(key, shown) {
  view.shown[shown ? "add" : "delete"](key);
  drawLayer(key);
  remember({ push: false });
}

function setOpacity(key, value) {
  view.opacity.set(key, value);
  if (!map) return;
  for (const layer of styleLayers(key)) {
    for (const [property, faint] of Object.entries(faded(layer, value))) map.setPaintProperty(layer.id, property, faint);
  }
}

async function setDay(day, { push = true } = {}) {
  view.day = day;
  tellDay();
  remember({ push });
  screen.dayIs(day);
  if (view.parcel) openParcel(view.parcel, { push: false });
  announce(say("map_of_day", { day: format.day(day ?? config.today) }));
  await restyle();
}

function tellDay() {
  document.getElementById("day-note")?.remove();
  if (!view.day) return;
  const note = el("p", { class: "day-note", id: "day-note" }, icon("calendar-days"),
    el("span", {}, say("map_of_day", { day: format.day(view.day) })),
    el("button", { type: "button", class: "button", onclick: () => setDay(null) }, say("today")));
  document.querySelector(".map-marks").append(note);
}

async function restyle() {
  if (!map) return;
  // Only the style that was asked for last may be drawn, however slow the one before it is.
  styling?.abort();
  styling = new AbortController();
  const { signal } = styling;
  try {
    const came = await fetchStyle({ day: view.day, theme: theme.current(), signal });
    if (signal.aborted) return;
    base = came;
    map.setStyle(fitted(base, { ...view, theme: theme.current() }));
    withdraw("style");
  } catch {
    if (signal.aborted) return;
    notify("style", say("tiles_away"), { title: say("try_again"), onclick: restyle });
  }
}

// ---- The address ----

function remember({ push }) {
  if (!map) return;
  const initial = shownAtFirst();
  const asAtFirst = initial.size === view.shown.size && [...initial].every((key) => view.shown.has(key));
  const layers = asAtFirst ? null : config.layers.map(({ key }) => key).filter((key) => view.shown.has(key));
  state.write({ camera: cameraOf(map), layers, day: view.day, parcel: view.parcel }, { push });
}

/** The visitor went back or forward, or wrote another address. */
function follow(to) {
  if (to.camera) map?.jumpTo({ center: [to.camera.lon, to.camera.lat], zoom: to.camera.zoom });
  const dayChanged = to.day !== view.day;
  view.day = to.day;
  view.shown = shownFrom(to.layers);
  tellDay();
  if (dayChanged) restyle();
  else for (const { key } of config.layers) drawLayer(key);
  if (to.parcel) openParcel(to.parcel, { push: false, look: !to.camera });
  else close({ push: false });
}

// ---- What is picked ----

function pick(thing) {
  if (map) mark(map, view.marked, thing);
  view.marked = thing;
}

function close({ push = true, focus = false } = {}) {
  asking?.abort();
  pick(null);
  flag?.take();
  view.parcel = null;
  remember({ push });
  showLayers({ quiet: isSheet(), focus });
}

const back = () => close({ focus: true });

/** Show the answer for a parcel; `beside` is the way to other things at the same place. */
async function openParcel(code, { push = true, look = false, beside = null } = {}) {
  asking?.abort();
  asking = new AbortController();
  const { signal } = asking;
  flag?.take();
  view.parcel = code;
  remember({ push });
  panel.show(code, [panel.waiting()], { onBack: back });
  const address = new URL(`/parcels/${encodeURIComponent(code)}.json`, location.href);
  if (view.day) address.searchParams.set("as_of", view.day);
  try {
    const answer = await fetch(address, { signal, headers: { Accept: "application/json" } });
    const told = await answer.json().catch(() => null);
    if (signal.aborted) return;
    if (!answer.ok) {
      showFailure(code, told?.error?.message ?? say("answer_away"), { unknown: answer.status === 404 });
      return;
    }
    pick({ layer: "parcels", id: told.identity });
    panel.show(parcelTitle(told), [beside, ...parcelPanel(told, (other) => openParcel(other, { look: true }))].filter(Boolean), { onBack: back });
    announce(parcelTitle(told));
    if (look && map) lookAt(map, told.bounds);
    else if (look) firstLook = told.bounds;
  } catch (error) {
    if (error.name !== "AbortError") showFailure(code, say("answer_away"));
  }
}

function showFailure(code, message, { unknown = false } = {}) {
  pick(null); // what was picked before is not what the panel now speaks of
  panel.show(code, [
    el("div", { class: "note note-error" }, icon("circle-alert"), el("p", {}, message)),
    el("p", { class: "actions" }, unknown ? waysOn() : button("refresh-cw", say("try_again"), () => openParcel(code, { push: false }))),
  ], { onBack: back });
  announce(message);
}

/** What helps where a parcel is not in the register, or was not on the day of the map: asking again does not. */
const waysOn = () => [
  button("search", say("search_parcel"), search.focus),
  view.day && button("calendar-days", say("today"), () => setDay(null)),
];

const button = (name, title, onclick) => el("button", { type: "button", class: "button", onclick }, icon(name), title);

/** Show one of several things at a place. */
function openThing(things, index, { push = true } = {}) {
  const thing = things[index];
  const beside = alsoHere(things, index, (other) => {
    openThing(things, other, { push: false });
    document.querySelector(`[data-step="${other < index ? "previous" : "next"}"]`)?.focus();
  });
  pick(thing);
  if (thing.layer === "parcels") {
    openParcel(thing.properties.code, { push, beside });
    return;
  }
  asking?.abort();
  flag?.take();
  view.parcel = null;
  remember({ push });
  panel.show(nameOf(thing), [beside, ...thingPanel(thing)].filter(Boolean), { onBack: back });
  announce(`${fullName(thing)}, ${layerOf(thing.layer).title}`);
}

function pickAt(point) {
  if (clicksTo) {
    clicksTo(point);
    return;
  }
  const things = thingsAt(map, point);
  withdraw("mention");
  if (things.length) {
    const place = map.unproject(point);
    openThing(things, 0);
    bringIntoView(map, [place.lng, place.lat]);
  } else if (view.marked || view.parcel) close();
  else mention(say("nothing_here"));
}

/** The middle of the part of the map that nothing covers, in pixels. */
function middle() {
  const { top, right, bottom, left } = covered();
  const { clientWidth: width, clientHeight: height } = map.getContainer();
  return { x: (left + width - right) / 2, y: (top + height - bottom) / 2 };
}

// ---- Search ----

function found(result) {
  if (!map) {
    location.assign(result.url ?? `/search?q=${encodeURIComponent(result.title)}`);
    return;
  }
  if (isSheet()) document.activeElement.blur(); // the keyboard of a phone makes room for the map
  if (result.kind === "parcel") {
    openParcel(result.code, { look: true });
    return;
  }
  asking?.abort();
  pick(null);
  view.parcel = null;
  flag.take();
  const [lon, lat] = result.position;
  if (result.kind === "position") flag.place(result.position);
  panel.show(result.title, placePanel(result, (code) => openParcel(code, { look: true })), { onBack: back });
  lookAt(map, result.bounds ?? [lon - NEAR, lat - NEAR, lon + NEAR, lat + NEAR]);
  remember({ push: true });
  announce(result.title);
}

// ---- What tools stand on ----

/** All that a tool (measuring, printing, a table …) may ask of the page. */
const desk = {
  addTool,
  /** The MapLibre map; null before it is drawn, and for good where there is no WebGL. */
  get map() { return map; },
  /** The day of the map, YYYY-MM-DD; null for today. */
  get day() { return view.day; },
  /** The keys of the layers that are on. */
  get shown() { return view.shown; },
  /** Calls use(map) as soon as there is a map. */
  whenDrawn(use) {
    if (map) use(map);
    else waitingForMap.push(use);
  },
  /** Shows a tool's own screen in the panel, with the way back to the layers. onBack runs when the visitor leaves it. */
  show(title, content, { onBack = null, ...options } = {}) {
    asking?.abort();
    pick(null);
    flag?.take();
    view.parcel = null;
    remember({ push: false });
    panel.show(title, content, { ...options, onBack: () => { onBack?.(); back(); } });
  },
  /** Back to the list of layers. */
  close: back,
  /** Clicks on the map go to onClick(point) until the returned function is called. */
  takeClicks(onClick) {
    clicksTo = onClick;
    return () => { if (clicksTo === onClick) clicksTo = null; };
  },
  /** The middle of the part of the map that nothing covers, in pixels. */
  middle,
  /** Look at [west, south, east, north], clear of what covers the map. */
  lookAt: (bounds) => map && lookAt(map, bounds),
  /** Open the answer of a parcel. */
  openParcel: (code) => openParcel(code, { look: true }),
};

// ---- Start ----

async function draw() {
  if (!canDraw()) {
    const search = el("a", { class: "button button-main", href: "/search" }, say("to_search"));
    document.getElementById("map").append(el("div", { class: "no-map" }, icon("map"), el("p", {}, say("no_webgl")), search));
    return;
  }
  const { day } = view;
  const dressed = theme.current();
  try {
    base = await fetchStyle({ day, theme: dressed });
  } catch {
    notify("style", say("tiles_away"), { title: say("try_again"), onclick: () => { withdraw("style"); draw(); } });
    return;
  }
  map = makeMap(fitted(base, { ...view, theme: theme.current() }), first.camera);
  flag = pin(map);
  watch(map);
  hover.wire(map);
  map.on("click", ({ point }) => pickAt(point));
  map.on("moveend", () => remember({ push: false }));
  map.on("zoom", () => screen.zoomed(map.getZoom()));
  map.on("idle", () => (document.documentElement.dataset.map = "ready"));
  screen.zoomed(map.getZoom());
  wireKeys();
  if (firstLook) lookAt(map, firstLook);
  for (const use of waitingForMap.splice(0)) use(map);
  remember({ push: false });
  if (view.day !== day || theme.current() !== dressed) restyle(); // switched before there was a map to restyle
}

function wireKeys() {
  const canvas = map.getCanvas();
  const crosshair = document.querySelector(".crosshair");
  const aim = () => {
    const { x, y } = middle();
    crosshair.style.translate = `${x}px ${y}px`;
  };
  canvas.addEventListener("focus", aim);
  map.on("resize", aim);
  canvas.addEventListener("keydown", (event) => {
    if (event.key !== "Enter") return;
    event.preventDefault();
    pickAt(middle());
  });
}

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || event.defaultPrevented) return;
  if (view.parcel || view.marked) close({ focus: document.getElementById("panel").contains(document.activeElement) });
});

const tools = document.querySelector(".tools-switch");
tools.addEventListener("click", () => {
  const open = tools.getAttribute("aria-expanded") !== "true";
  tools.setAttribute("aria-expanded", String(open));
  document.body.classList.toggle("tools-open", open);
});

showLayers({ quiet: true });
if (isSheet()) stopAt("peek");
tellDay();
wireSheet(() => map?.resize());
search.wire(found);
for (const tool of TOOLS) tool.wire(desk);
session.keep();
theme.followed(restyle);
state.followed(follow);
if (first.parcel) openParcel(first.parcel, { push: false, look: !first.camera });
draw();
