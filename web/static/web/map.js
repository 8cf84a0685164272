// The map itself: made once, asked for a view, told what to mark. Knows neither panel nor address.

import * as maplibregl from "maplibre-gl";

import { config, say } from "./config.js";
import { covered, isSheet } from "./sheet.js";
import { markLayers, markOf } from "./style.js";

const CLOSEST = 18.5;
const MARGIN_PX = 48;
const still = matchMedia("(prefers-reduced-motion: reduce)");

export { canDraw } from "./webgl.js";

/** The map in #map, looking at a camera {zoom, lat, lon} or else at the register's bounds. */
export function makeMap(style, camera) {
  const [west, south, east, north] = config.bounds;
  const look = camera
    ? { center: [camera.lon, camera.lat], zoom: camera.zoom }
    : { bounds: [[west, south], [east, north]], fitBoundsOptions: { padding: margins(document.getElementById("map")), maxZoom: CLOSEST } };
  const map = new maplibregl.Map({
    container: "map",
    style,
    ...look,
    maxZoom: 22,
    dragRotate: false,
    pitchWithRotate: false,
    attributionControl: false,
    ...(still.matches ? { fadeDuration: 0 } : {}),
    locale: {
      "NavigationControl.ZoomIn": say("zoom_in_button"),
      "NavigationControl.ZoomOut": say("zoom_out_button"),
      "AttributionControl.ToggleAttribution": say("attribution"),
      "Map.Title": say("map"),
    },
  });
  map.touchZoomRotate.disableRotation();
  map.keyboard.disableRotation();
  map.addControl(new maplibregl.AttributionControl({ compact: true }), "bottom-right");
  // Open it would cover the little map that a phone shows.
  if (isSheet()) map.once("load", () => map.getContainer().querySelector(".maplibregl-compact-show")?.querySelector("summary").click());
  map.addControl(new maplibregl.ScaleControl({ maxWidth: 120 }), "bottom-right");
  map.addControl(new maplibregl.NavigationControl({ showCompass: false }), "bottom-right");
  return map;
}

/** Look at [west, south, east, north], clear of what covers the map. */
export function lookAt(map, [west, south, east, north]) {
  const padding = margins(map.getContainer());
  const target = map.cameraForBounds([[west, south], [east, north]], { padding, maxZoom: CLOSEST });
  if (target) goTo(map, target);
}

/** What to leave free around what is looked at: all that is covered, and some air. */
function margins({ clientWidth: width, clientHeight: height }) {
  const { top, right, bottom, left } = covered();
  // On a small screen the air must leave something between.
  const air = Math.min(MARGIN_PX, (width - left - right) / 4, (height - top - bottom) / 4);
  return { top: top + air, right: right + air, bottom: bottom + air, left: left + air };
}

/** Move as little as needed for a place to be clear of what covers the map. */
export function bringIntoView(map, [lon, lat]) {
  const { x, y } = map.project([lon, lat]);
  const { top, right, bottom, left } = covered();
  const { clientWidth: width, clientHeight: height } = map.getContainer();
  const inside = x > left + MARGIN_PX / 2 && x < width - right - MARGIN_PX / 2 && y > top + MARGIN_PX / 2 && y < height - bottom - MARGIN_PX / 2;
  if (inside) return;
  const offset = [(left - right) / 2, (top - bottom) / 2];
  map.easeTo({ center: [lon, lat], offset, duration: still.matches ? 0 : 180 });
}

function goTo(map, { center, zoom }) {
  // A short way is shown; a long one would only flicker past.
  const { x, y } = map.project(center);
  const { clientWidth: width, clientHeight: height } = map.getContainer();
  const near = Math.abs(x - width / 2) < width && Math.abs(y - height / 2) < height && Math.abs(zoom - map.getZoom()) < 3;
  if (near && !still.matches) map.easeTo({ center, zoom, duration: 180 });
  else map.jumpTo({ center, zoom });
}

/** The middle of the part of the map that nothing covers, in pixels. */
export function middle(map) {
  const { top, right, bottom, left } = covered();
  const { clientWidth: width, clientHeight: height } = map.getContainer();
  return { x: (left + width - right) / 2, y: (top + height - bottom) / 2 };
}

/** West, south, east, north in degrees of what nothing covers, as addresses write it. */
export function seen(map) {
  const { top, right, bottom, left } = covered();
  const { clientWidth, clientHeight } = map.getContainer();
  const { lng: west, lat: south } = map.unproject([left, clientHeight - bottom]);
  const { lng: east, lat: north } = map.unproject([clientWidth - right, top]);
  const within = (degrees, most) => Math.min(most, Math.max(-most, degrees)).toFixed(6);
  return [within(west, 180), within(south, 85), within(east, 180), within(north, 85)].join(",");
}

/** Marks one picked thing {layer, id}, or nothing (null), and takes the mark off the one before. */
export function mark(map, before, thing) {
  for (const key of new Set([before?.layer, thing?.layer].filter(Boolean))) {
    const { filter, visibility } = markOf(key, thing);
    for (const layer of markLayers(key).filter((id) => map.getLayer(id))) {
      map.setFilter(layer, filter);
      map.setLayoutProperty(layer, "visibility", visibility);
    }
  }
}

/** A pin for a position without a thing of its own; place([lon, lat]) or take() it away. */
export function pin(map) {
  const colour = getComputedStyle(document.documentElement).getPropertyValue("--accent");
  const flag = new maplibregl.Marker({ color: colour.trim() });
  return { place: (position) => flag.setLngLat(position).addTo(map), take: () => flag.remove() };
}
