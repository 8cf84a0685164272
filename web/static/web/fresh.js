// Keeps an open map as the registers are: when somebody edits, the tiles that the edit touches are asked for again.

import { layerOf } from "./config.js";

const AGAIN_MS = 15_000;
const MOST_PLACES = 300; // of one source; with more of them all its tiles are asked for
const MOST_ASKED = 5000; // tiles remembered
const REACH = 0.05; // of a tile: what is drawn beyond its sides
const REACH_DEGREES = 0.0006; // and half of the widest street

let edits = 0; // how many were told

/** Wire a map whose style came from the tile server. */
export function wire(map) {
  const places = new Map(); // source → [{edit, box}]
  const asked = new Map(); // "source/z/x/y" → the last edit for which the tile was asked again
  let since = map.getStyle()?.metadata?.changes_since ?? "";
  let stream = null;
  let timer = null;

  function refresh(source) {
    if (!map.getSource(source)) return;
    if (asked.size > MOST_ASKED) asked.clear();
    const tiles = touchedTiles(map, source, places.get(source)).filter(({ z, x, y, edit }) => {
      const tile = `${source}/${z}/${x}/${y}`;
      if ((asked.get(tile) ?? 0) >= edit) return false;
      asked.set(tile, edit);
      return true;
    });
    if (tiles.length) map.refreshTiles(source, tiles);
  }

  function take({ data, lastEventId }) {
    since = lastEventId;
    for (const [layer, boxes] of Object.entries(JSON.parse(data).layers)) {
      const source = layerOf(layer)?.source;
      edits += 1;
      const all = [...(places.get(source) ?? []), ...(boxes ?? []).map((box) => ({ edit: edits, box }))];
      if (boxes && all.length <= MOST_PLACES) {
        places.set(source, all);
        refresh(source);
      } else {
        places.delete(source);
        if (map.getSource(source)) map.refreshTiles(source);
      }
    }
  }

  function listen() {
    clearTimeout(timer);
    stream = new EventSource(`/tiles/changes?since=${encodeURIComponent(since)}`);
    stream.onmessage = take;
    stream.onerror = () => {
      // After an answer that is no stream the browser does not come again by itself.
      if (stream?.readyState === EventSource.CLOSED) timer = setTimeout(listen, AGAIN_MS);
    };
  }

  function stop() {
    clearTimeout(timer);
    stream?.close();
    stream = null;
  }

  // A browser keeps few connections to one server: a page that nobody looks at takes none.
  const look = () => (document.hidden ? stop() : stream ?? listen());
  document.addEventListener("visibilitychange", look);
  look();
  // Tiles that were out of sight come back as they were.
  map.on("moveend", () => [...places.keys()].forEach(refresh));
}

/** The tiles of a source, at the zooms that may be in view, that places [{edit, box}] touch; with the last such edit. */
function touchedTiles(map, source, places) {
  const { minzoom, maxzoom } = map.getSource(source);
  const bounds = map.getBounds();
  const seen = [bounds.getWest(), bounds.getSouth(), bounds.getEast(), bounds.getNorth()];
  const zoom = Math.floor(map.getZoom());
  const last = new Map();
  for (const z of new Set([zoom - 1, zoom, zoom + 1].map((at) => Math.min(Math.max(at, minzoom), maxzoom)))) {
    for (const { edit, box } of places) {
      const [west, south, east, north] = box.map((side, i) => Math[i < 2 ? "max" : "min"](side + (i < 2 ? -1 : 1) * REACH_DEGREES, seen[i]));
      if (west > east || south > north) continue;
      for (let x = Math.floor(column(west, z) - REACH); x <= Math.floor(column(east, z) + REACH); x++) {
        for (let y = Math.floor(row(north, z) - REACH); y <= Math.floor(row(south, z) + REACH); y++) last.set(`${z}/${x}/${y}`, { z, x, y, edit });
      }
    }
  }
  return [...last.values()];
}

const column = (lon, z) => ((lon + 180) / 360) * 2 ** z;
const row = (lat, z) => (0.5 - Math.asinh(Math.tan((lat * Math.PI) / 180)) / (2 * Math.PI)) * 2 ** z;
