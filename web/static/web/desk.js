// What a visitor does on the map page: search, pick, measure, print and the rest. Fetched once the map is seen.

import * as drawing from "./drawing.js";
import * as fresh from "./fresh.js";
import * as help from "./help.js";
import * as hover from "./hover.js";
import * as myLocation from "./location.js";
import * as longPress from "./long-press.js";
import { follow as followLayers, wire as wireLayers } from "./map-layers.js";
import { lookAt, middle } from "./map.js";
import * as measure from "./measure.js";
import * as panel from "./panel.js";
import * as picked from "./picked.js";
import * as printTool from "./print-tool.js";
import * as search from "./search.js";
import * as session from "./session.js";
import * as share from "./share.js";
import { wire as wireSheet } from "./sheet.js";
import * as state from "./state.js";
import * as table from "./table.js";
import { addTool } from "./toolbar.js";
import { first, remember, view, whenDrawn } from "./view.js";

// What was measured may be asked about as an area.
const areas = { wire: (desk) => measure.wire(desk, drawing.wire(desk)) };
const TOOLS = [areas, table, printTool, share, myLocation, help]; // modules that wire(desk): each adds its buttons to the toolbar and its screens to the panel

const waitingForDays = new Set();

// ---- What tools stand on ----

/** All that a tool (measuring, printing, a table …) may ask of the page. */
const desk = {
  addTool,
  /** The MapLibre map; null before it is drawn, and for good where there is no WebGL. */
  get map() { return view.map; },
  /** The day of the map, YYYY-MM-DD; null for today. */
  get day() { return view.day; },
  /** The keys of the layers that are on. */
  get shown() { return view.shown; },
  /** Calls use(map) as soon as there is a map. */
  whenDrawn,
  /** Calls use() whenever the visitor sets another day, until the returned function is called. */
  whenDayChanges(use) {
    waitingForDays.add(use);
    return () => waitingForDays.delete(use);
  },
  /** Shows a tool's own screen in the panel, with the way back to the layers. onBack runs when the visitor leaves it. */
  show(title, content, { onBack = null, ...options } = {}) {
    picked.forget();
    remember({ push: false });
    panel.show(title, content, { ...options, onBack: () => { onBack?.(); picked.back(); } });
  },
  /** Back to the list of layers. */
  close: picked.back,
  /** Clicks on the map go to onClick(point) until the returned function is called. */
  takeClicks: picked.takeClicks,
  /** The middle of the part of the map that nothing covers, in pixels. */
  middle: () => middle(view.map),
  /** Look at [west, south, east, north], clear of what covers the map. */
  lookAt: (bounds) => view.map && lookAt(view.map, bounds),
  /** Open the answer of a parcel. */
  openParcel: (code) => picked.openParcel(code, { look: true }),
  /** Open a thing by the key of its layer and its identity. */
  openThing: (layer, id) => picked.openThing({ layer, id }, { look: true }),
};

// ---- The address ----

/** The visitor went back or forward, or wrote another address. */
function follow(to) {
  if (to.camera) view.map?.jumpTo({ center: [to.camera.lon, to.camera.lat], zoom: to.camera.zoom });
  followLayers(to);
  picked.follow(to, { look: !to.camera });
}

// ---- Start ----

/** Wire everything. missed: where the map was clicked before anything listened, or null. */
export function begin(missed) {
  wireLayers({
    onDay() {
      picked.reopen();
      for (const use of waitingForDays) use();
    },
  });
  wireSheet(() => {
    view.map?.resize();
    picked.keepInSight();
  });
  search.wire(picked.found, () => view.map?.getCenter());
  const typed = document.getElementById("search-input");
  if (typed.value) typed.dispatchEvent(new Event("input", { bubbles: true }));
  for (const tool of TOOLS) tool.wire(desk);
  session.keep();
  state.followed(follow);
  whenDrawn((map) => {
    hover.wire(map, { idle: picked.taken });
    longPress.wire(map, { onPlace: picked.positionAt, middle: () => middle(map) });
    wireKeys(map);
    picked.wire(map);
    fresh.wire(map);
  });
  if (first.parcel || first.thing) picked.follow(first, { look: !first.camera });
  else if (missed) picked.pickAt(missed);
}

function wireKeys(map) {
  const canvas = map.getCanvas();
  const crosshair = document.querySelector(".crosshair");
  const aim = () => {
    const { x, y } = middle(map);
    crosshair.style.translate = `${x}px ${y}px`;
  };
  canvas.addEventListener("focus", aim);
  map.on("resize", aim);
  canvas.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.shiftKey) return;
    event.preventDefault();
    picked.pickMiddle();
  });
}

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || event.defaultPrevented) return;
  if (picked.isOpen()) picked.close({ focus: document.getElementById("panel").contains(document.activeElement) });
});
