// The hash of the address is the whole state of the map: #map=zoom/lat/lon&layers=a,b&date=YYYY-MM-DD&parcel=CODE.

const CAMERA = /^(\d+(?:\.\d+)?)\/(-?\d+(?:\.\d+)?)\/(-?\d+(?:\.\d+)?)$/;
const DAY = /^\d{4}-\d{2}-\d{2}$/;
const FIRST_DAY = "1900-01-01"; // as in the field for the day

/** What an address says; null for each part that it leaves out or gets wrong. */
export function read(hash = location.hash) {
  const parts = new URLSearchParams(hash.replace(/^#/, ""));
  const [, zoom, lat, lon] = CAMERA.exec(parts.get("map") ?? "") ?? [];
  const onEarth = zoom !== undefined && Number(zoom) <= 24 && Math.abs(lat) <= 85 && Math.abs(lon) <= 180;
  const day = parts.get("date");
  const layers = parts.get("layers");
  return {
    camera: onEarth ? { zoom: Number(zoom), lat: Number(lat), lon: Number(lon) } : null,
    layers: layers === null ? null : layers.split(",").filter(Boolean),
    day: isDay(day ?? "") ? day : null,
    parcel: parts.get("parcel") || null,
  };
}

/** Whether a text is a day that there is: Date alone takes 31 February for one in March. */
function isDay(text) {
  if (!DAY.test(text) || text < FIRST_DAY) return false;
  const time = Date.parse(text);
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(text);
}

/** The hash that says this state; the inverse of read. */
export function written({ camera, layers, day, parcel }) {
  const parts = [];
  if (camera) parts.push(`map=${camera.zoom.toFixed(2)}/${camera.lat.toFixed(6)}/${camera.lon.toFixed(6)}`);
  if (layers) parts.push(`layers=${layers.join(",")}`);
  if (day) parts.push(`date=${day}`);
  if (parcel) parts.push(`parcel=${encodeURIComponent(parcel)}`);
  return `#${parts.join("&")}`;
}

/** Say the state in the address: as a new entry of the history, or in place of the present one. */
export function write(state, { push = false } = {}) {
  const hash = written(state);
  if (hash === location.hash) return;
  history[push ? "pushState" : "replaceState"](null, "", hash);
}

/** Calls onChange(state) when the visitor goes back, forward, or edits the address. */
export function followed(onChange) {
  window.addEventListener("popstate", () => onChange(read()));
}
