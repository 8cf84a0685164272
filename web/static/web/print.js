// The page that prints the map: true to scale on the chosen paper. Its address's hash holds all of it, as that of the map.

import * as maplibregl from "maplibre-gl";

import * as badges from "./badges.js";
import { config, say } from "./config.js";
import { el } from "./dom.js";
import * as format from "./format.js";
import { notify, withdraw } from "./notices.js";
import { drawGrid, northArrow, scaleBar } from "./paper-marks.js";
import { drawnLegend, fillLegend } from "./paper-legend.js";
import * as session from "./session.js";
import * as state from "./state.js";
import { fetchStyle, fitted } from "./style.js";
import { first, view } from "./view.js";
import { canDraw } from "./webgl.js";

const PAPERS_MM = { a4: [297, 210], a3: [420, 297] }; // landscape
const PX_MM = 25.4 / 96;
const DOTS = 2.5; // pixels to a CSS pixel: 240 dots to an inch
const WINDOW_PX = [1200, 800]; // a view that is taken where the address does not say what was seen
const TYPING_MS = 300;

const at = (id) => document.getElementById(id);
const form = at("print-form");
const fields = form.elements;
const submit = form.querySelector("[type=submit]");
const preview = at("print-preview");
const paper = at("paper");
const page = new CSSStyleSheet();
document.adoptedStyleSheets = [page];

const parts = new URLSearchParams(location.hash.replace(/^#/, ""));
const [west, south, east, north] = config.bounds;
let camera = first.camera ?? { zoom: 15, lat: (south + north) / 2, lon: (west + east) / 2 };
const shownThere = boundsIn(parts.get("view")) ?? (first.camera ? null : config.bounds); // what the map showed
if (view.base !== "aerial") view.base = "light"; // black on white, whatever the page looks like
let map = null;
let asking = null;
const ready = submit.textContent.trim(); // what the button says when there is something to print

// ---- Address and form ----

function boundsIn(text) {
  const numbers = (text ?? "").split(",").map(Number);
  return numbers.length === 4 && numbers.every(Number.isFinite) ? numbers : null;
}

function fillForm() {
  const scales = [...fields.scale.options].map(({ value }) => value);
  fields.paper.value = parts.get("paper") in PAPERS_MM ? parts.get("paper") : "a4";
  fields.orientation.value = parts.get("orientation") === "portrait" ? "portrait" : "landscape";
  fields.scale.value = scales.includes(parts.get("scale")) ? parts.get("scale") : "fit";
  fields.title.value = parts.get("title") ?? say("print_title");
  fields.note.value = parts.get("note") ?? "";
}

function remember() {
  const own = new URLSearchParams({ paper: fields.paper.value, orientation: fields.orientation.value, scale: fields.scale.value });
  if (fields.title.value !== say("print_title")) own.set("title", fields.title.value);
  if (fields.note.value) own.set("note", fields.note.value);
  if (shownThere) own.set("view", shownThere.map((degrees) => degrees.toFixed(6)).join(","));
  const map = state.written({ ...first, camera });
  history.replaceState(null, "", `${map}&${own}`);
  at("print-back").href = `/${map}`;
}

/** What the map showed: as its address said, else what a usual window shows at that zoom. */
function seen() {
  if (shownThere) return shownThere;
  const { zoom, lat, lon } = camera;
  const [wide, high] = WINDOW_PX.map((pixels) => (pixels * 180) / (512 * 2 ** zoom));
  return [lon - wide, lat - high * Math.cos((lat * Math.PI) / 180), lon + wide, lat + high * Math.cos((lat * Math.PI) / 180)];
}

// ---- Paper ----

/** The size of the paper, its size in the preview, and the page that the browser prints. */
function cut() {
  const [long, short] = PAPERS_MM[fields.paper.value];
  const [width, height] = fields.orientation.value === "portrait" ? [short, long] : [long, short];
  paper.dataset.orientation = fields.orientation.value;
  const root = document.documentElement.style;
  root.setProperty("--paper-width", `${width}mm`);
  root.setProperty("--paper-height", `${height}mm`);
  page.replaceSync(`@page { size: ${width}mm ${height}mm; margin: 0; }`);
  const { clientWidth, clientHeight } = preview;
  const room = (pixels, mm) => (pixels - 32) / (mm / PX_MM);
  const beside = getComputedStyle(preview).overflowY === "auto";
  const scale = beside ? Math.min(room(clientWidth, width), room(clientHeight, height)) : room(clientWidth, width);
  root.setProperty("--preview", scale);
  root.setProperty("--preview-left", `${(clientWidth - (width / PX_MM) * scale) / 2}px`);
  root.setProperty("--preview-height", `${(height / PX_MM) * scale + 32}px`);
}

function busy(words) {
  delete document.documentElement.dataset.paper;
  submit.disabled = true;
  submit.querySelector("span").textContent = words ? say("print_busy") : ready;
  at("print-state").textContent = words;
}

/** Lay everything out anew. */
async function lay() {
  busy(say("print_drawing"));
  cut();
  write();
  remember();
  asking?.abort();
  asking = new AbortController();
  const { signal } = asking;
  const box = at("paper-map");
  const size = [box.clientWidth * PX_MM, box.clientHeight * PX_MM];
  const address = new URL("/print/placement.json", location.href);
  const { lon, lat } = camera;
  const asked = { lon, lat, width: size[0].toFixed(2), height: size[1].toFixed(2) };
  if (fields.scale.value === "fit") asked.fit = seen().join(",");
  else asked.scale = fields.scale.value;
  if (view.day) asked.as_of = view.day;
  for (const [name, value] of Object.entries(asked)) address.searchParams.set(name, value);
  try {
    const answer = await fetch(address, { signal, headers: { Accept: "application/json" } });
    const placement = await answer.json();
    if (!answer.ok) throw new Error(placement.error?.message);
    withdraw("print");
    tell(placement, size);
    await draw(placement, box, signal);
  } catch (error) {
    if (error.name === "AbortError") return;
    busy("");
    notify("print", error.message || say("tiles_away"), { title: say("try_again"), onclick: lay });
  }
}

/** Title, note and day, as the form has them. */
function write() {
  at("paper-title").textContent = fields.title.value || say("print_title");
  at("paper-note").textContent = fields.note.value;
  at("paper-note").hidden = !fields.note.value;
  at("paper-day").textContent = say("map_of_day", { day: format.day(view.day ?? config.today) });
}

/** Scale, grid, north and place, as the paper lies. */
function tell(placement, [width, height]) {
  const scale = say("print_scale", { scale: format.number(placement.scale) });
  at("paper-scale").textContent = scale;
  at("paper-place").textContent = [placement.communes.join(", ") + (placement.more_communes ? ", …" : ""), scale].filter(Boolean).join(" · ");
  at("paper-bar").replaceChildren(scaleBar(placement.scale));
  at("paper-north").replaceChildren(northArrow(), el("p", {}, trueNorth(placement.bearing)));
  at("paper-frame").querySelector("svg")?.remove();
  at("paper-frame").append(drawGrid(placement, width, height));
}

function trueNorth(bearing) {
  const minutes = Math.round(Math.abs(bearing) * 60);
  const angle = `${Math.floor(minutes / 60)}°${String(minutes % 60).padStart(2, "0")}′`;
  return say(bearing < 0 ? "true_north_right" : "true_north_left", { angle });
}

// ---- Map ----

async function draw({ zoom, bearing, stretch }, box, signal) {
  const container = at("map");
  container.style.height = `${box.clientHeight / stretch}px`;
  container.style.transform = `scaleY(${stretch})`;
  const look = { center: [camera.lon, camera.lat], zoom, bearing };
  if (map) {
    map.resize();
    map.jumpTo(look);
    map.once("idle", () => finish(signal)); // the paper may lie as before, and nothing would be drawn
    map.triggerRepaint();
    return;
  }
  const marked = await marking();
  const style = iconsFirst(fitted(await fetchStyle({ day: view.day }), { ...view, marked }));
  map = new maplibregl.Map({
    container, ...look, style,
    pixelRatio: DOTS, maxZoom: 24, fadeDuration: 0, attributionControl: false, interactive: true,
    canvasContextAttributes: { preserveDrawingBuffer: true },
    locale: { "Map.Title": say("print_map") },
  });
  badges.wire(map);
  for (const gesture of ["scrollZoom", "boxZoom", "doubleClickZoom", "touchZoomRotate", "dragRotate", "touchPitch"]) map[gesture].disable();
  map.keyboard.disableRotation();
  at("paper-source").textContent = [...new Set(Object.values(style.sources).map(({ attribution }) => attribution).filter(Boolean))].join(" · ");
  map.once("idle", () => finish(signal));
  map.on("moveend", ({ originalEvent }) => {
    if (!originalEvent) return;
    const { lng, lat } = map.getCenter();
    camera = { ...camera, lat, lon: lng };
    lay();
  });
}

/** The style with all its icons: on paper nobody comes nearer to see what one is that had no room. Words make way for them. */
function iconsFirst(style) {
  const pictured = style.layers.filter(({ layout }) => layout?.["icon-image"]);
  const icons = pictured.map((layer) => ({
    ...layer, id: `${layer.id}-icons`, layout: { ...layer.layout, "text-field": "", "icon-overlap": "always" },
  }));
  for (const layer of pictured) layer.layout = { ...layer.layout, "icon-image": "", "text-padding": 0, "text-radial-offset": 1.25 };
  return { ...style, layers: [...style.layers, ...icons] };
}

/** What the address picks out, as the map marks it: {layer, id} or null. */
async function marking() {
  if (!view.parcel) return view.thing;
  const address = new URL(`/parcels/${encodeURIComponent(view.parcel)}.json`, location.href);
  if (view.day) address.searchParams.set("as_of", view.day);
  const answer = await fetch(address, { headers: { Accept: "application/json" } });
  if (!answer.ok) return null;
  const parcel = await answer.json();
  if (!parts.has("title")) fields.title.value = say("parcel_title", parcel);
  write();
  return { layer: "parcels", id: parcel.identity };
}

/** The map is drawn: its picture goes on the paper, and what is drawn into the legend; unless it is laid out anew. */
async function finish(signal) {
  if (signal.aborted) return;
  const blob = await new Promise((made) => map.getCanvas().toBlob(made));
  const image = at("paper-image");
  URL.revokeObjectURL(image.src);
  image.src = URL.createObjectURL(blob);
  await image.decode();
  if (signal.aborted) return;
  fillLegend(drawnLegend(map));
  number();
  submit.disabled = false;
  submit.querySelector("span").textContent = ready;
  at("print-state").textContent = say("print_ready");
  document.documentElement.dataset.paper = "ready";
}

function number() {
  const numbers = document.querySelectorAll(".paper-number");
  numbers.forEach((place, i) => (place.textContent = say("print_page", { page: i + 1, pages: numbers.length })));
}

// ---- Start ----

fillForm();
form.addEventListener("submit", (event) => {
  event.preventDefault();
  window.print();
});
form.addEventListener("change", ({ target }) => {
  if (target.matches("[type=text], textarea")) return;
  lay();
});
let typing = null;
form.addEventListener("input", ({ target }) => {
  if (!target.matches("[type=text], textarea")) return;
  clearTimeout(typing);
  // A note takes room from the legend, and with portrait paper none from the map.
  typing = setTimeout(lay, TYPING_MS);
});
window.addEventListener("resize", cut);
session.keep();
if (canDraw()) lay();
else {
  cut();
  write();
  notify("print", say("no_webgl"), { title: say("to_search"), href: "/search" });
}
