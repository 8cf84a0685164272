// Where the visitor is: asked for only on a click, drawn as a dot in the circle of its accuracy.

import * as maplibregl from "maplibre-gl";

import { config, say } from "./config.js";
import { el } from "./dom.js";
import { number } from "./format.js";
import { announce, mention, notify, withdraw } from "./notices.js";

const NEAREST_ZOOM = 17;
const BEYOND = 0.25; // of the register's extent, on each side, still counts as its area
const EQUATOR_M = 40_075_016.7;
const TILE_PX = 512;
const WHY_NOT = { 1: "location_denied", 2: "location_unavailable", 3: "location_slow" }; // GeolocationPositionError.code

export function wire(desk) {
  let watching = null;
  let follows = false; // the map goes along until the visitor moves it
  let dot = null;

  const stop = () => {
    navigator.geolocation?.clearWatch(watching);
    watching = null;
    dot?.remove();
    dot = null;
    tool.release();
  };
  const start = () => {
    withdraw("location");
    if (!window.isSecureContext || !navigator.geolocation) {
      tool.release();
      notify("location", say(window.isSecureContext ? "location_unavailable" : "location_needs_https"));
      return;
    }
    follows = true;
    announce(say("location_asked"));
    watching = navigator.geolocation.watchPosition(({ coords }) => here(desk.map, coords), failed, { enableHighAccuracy: true, timeout: 20_000, maximumAge: 10_000 });
  };
  const failed = ({ code }) => {
    if (dot && code !== 1) return; // a dot that is a little old is better than none
    stop();
    notify("location", say(WHY_NOT[code]));
  };

  function here(map, { longitude, latitude, accuracy }) {
    if (!map) return;
    const first = !dot;
    dot ??= makeDot(map);
    dot.place([longitude, latitude], accuracy);
    if (outside(longitude, latitude)) {
      if (first) mention(say("location_outside"));
      follows = false;
      return;
    }
    if (first) mention(say("location_found", { metres: number(accuracy, 0) }));
    if (!follows) return;
    const zoom = first ? Math.min(NEAREST_ZOOM, Math.max(map.getZoom(), zoomFor(accuracy, latitude))) : map.getZoom();
    map.jumpTo({ center: [longitude, latitude], zoom });
  }

  const tool = desk.addTool({
    name: "location", icon: "locate-fixed", title: say("location"), toggles: true,
    onclick: (pressed) => (pressed ? start() : stop()),
  });
  desk.whenDrawn((map) => map.on("dragstart", () => (follows = false)));
}

function outside(lon, lat) {
  const [west, south, east, north] = config.bounds;
  const [wide, high] = [(east - west) * BEYOND, (north - south) * BEYOND];
  return lon < west - wide || lon > east + wide || lat < south - high || lat > north + high;
}

/** The zoom at which a circle of that many metres fills some 200 pixels. */
const zoomFor = (metres, lat) => Math.log2((EQUATOR_M * Math.cos((lat * Math.PI) / 180) * 100) / (TILE_PX * Math.max(metres, 1)));

/** Elements on the map rather than layers of its style: they stay when theme or day bring another style. */
function makeDot(map) {
  const circle = el("div", { class: "here-accuracy" });
  const marker = new maplibregl.Marker({ element: el("div", { class: "here", "aria-hidden": "true" }, circle, el("div", { class: "here-dot" })) });
  let at = null;
  const size = () => {
    const metresPerPixel = (EQUATOR_M * Math.cos((at.lat * Math.PI) / 180)) / (TILE_PX * 2 ** map.getZoom());
    circle.style.width = circle.style.height = `${Math.min(4000, (2 * at.accuracy) / metresPerPixel)}px`;
  };
  map.on("zoom", size);
  return {
    place([lon, lat], accuracy) {
      at = { lat, accuracy };
      marker.setLngLat([lon, lat]).addTo(map);
      size();
    },
    remove() {
      map.off("zoom", size);
      marker.remove();
    },
  };
}
