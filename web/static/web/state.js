// The hash of the address is the whole state of the map:
// #map=zoom/lat/lon&layers=a,b:60&date=YYYY-MM-DD&parcel=CODE&thing=layer/identity&base=light|dark|aerial&relief=1
// layers: those that are on in drawing order, bottom first, and the opacity in per cent of those that are not opaque.

const CAMERA = /^(\d+(?:\.\d+)?)\/(-?\d+(?:\.\d+)?)\/(-?\d+(?:\.\d+)?)$/;
const THING = /^([a-z][a-z0-9_]*)\/([1-9]\d{0,17})$/;
const LAYER = /^([a-z][a-z0-9_]*)(?::(\d{1,3}))?$/;
const BASES = ["light", "dark", "aerial"];
const DAY = /^\d{4}-\d{2}-\d{2}$/;
const FIRST_DAY = "1900-01-01"; // as in the field for the day

/** What an address says; null for each part that it leaves out or gets wrong. */
export function read(hash = location.hash) {
  const parts = new URLSearchParams(hash.replace(/^#/, ""));
  const [, zoom, lat, lon] = CAMERA.exec(parts.get("map") ?? "") ?? [];
  const onEarth = zoom !== undefined && Number(zoom) <= 24 && Math.abs(lat) <= 85 && Math.abs(lon) <= 180;
  const day = parts.get("date");
  const layers = parts.get("layers");
  const [, layer, id] = THING.exec(parts.get("thing") ?? "") ?? [];
  return {
    camera: onEarth ? { zoom: Number(zoom), lat: Number(lat), lon: Number(lon) } : null,
    layers: layers === null ? null : readLayers(layers),
    day: isDay(day ?? "") ? day : null,
    parcel: parts.get("parcel") || null,
    thing: layer ? { layer, id: Number(id) } : null,
    base: BASES.includes(parts.get("base")) ? parts.get("base") : null,
    relief: parts.get("relief") === "1",
  };
}

/** [{key, percent}], each layer once. */
function readLayers(text) {
  const found = new Map();
  for (const part of text.split(",")) {
    const [, key, percent] = LAYER.exec(part) ?? [];
    if (key) found.set(key, Math.min(100, Math.max(10, Number(percent ?? 100))));
  }
  return [...found].map(([key, percent]) => ({ key, percent }));
}

/** Whether a text is a day that there is: Date alone takes 31 February for one in March. */
function isDay(text) {
  if (!DAY.test(text) || text < FIRST_DAY) return false;
  const time = Date.parse(text);
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(text);
}

/** The camera of a map as the address says it. */
export function cameraOf(map) {
  const { lng, lat } = map.getCenter();
  return { zoom: map.getZoom(), lat, lon: lng };
}

/** The hash that says this state; the inverse of read. */
export function written({ camera, layers, day, parcel, thing, base, relief }) {
  const parts = [];
  if (camera) parts.push(`map=${camera.zoom.toFixed(2)}/${camera.lat.toFixed(6)}/${camera.lon.toFixed(6)}`);
  if (layers) parts.push(`layers=${layers.map(({ key, percent }) => (percent < 100 ? `${key}:${percent}` : key)).join(",")}`);
  if (day) parts.push(`date=${day}`);
  if (parcel) parts.push(`parcel=${encodeURIComponent(parcel)}`);
  if (thing) parts.push(`thing=${thing.layer}/${thing.id}`);
  if (base) parts.push(`base=${base}`);
  if (relief) parts.push("relief=1");
  return `#${parts.join("&")}`;
}

/**
 * Say the state in the address: as a new entry of the history (push), or in place of the present one. `untouched`: it is
 * what the page opened with, and nobody has asked for anything yet.
 */
export function write(state, { push = false, untouched = false } = {}) {
  const hash = written(state);
  if (hash === location.hash) return;
  history[push ? "pushState" : "replaceState"](untouched ? { untouched } : null, "", hash);
}

/** Calls onChange(state) when the visitor goes back, forward, or edits the address. */
export function followed(onChange) {
  window.addEventListener("popstate", () => onChange(read()));
}
