// What keeps the map from being drawn: tiles that do not come, a slow line, a browser that took the drawing away.

import { say } from "./config.js";
import { notify, withdraw } from "./notices.js";

const AGAIN_MS = 10_000;
const SLOW_MS = 15_000;
const BAD_REQUEST = 400; // answered: nothing to wait for (404 MapLibre itself takes for an empty tile)

/** Says so when the first view takes long, and where the same is in text; returns what ends the waiting. */
export function awaitFirstView() {
  const timer = setTimeout(() => notify("slow", say("slow"), { title: say("to_search"), href: "/search" }), SLOW_MS);
  return () => {
    clearTimeout(timer);
    withdraw("slow");
  };
}

/** Watches a map; tells when its tiles stay away and when the network is gone. */
export function watch(map) {
  let timer = null;
  let failed = new Map(); // source → tiles

  function again() {
    clearTimeout(timer);
    timer = null;
    const missing = failed;
    failed = new Map();
    // Tile by tile: asked for a whole source, MapLibre would wait for ever for the tiles that had failed.
    for (const [source, tiles] of missing) if (map.getSource(source)) map.refreshTiles(source, tiles);
    if (missing.size) map.once("idle", () => failed.size === 0 && withdraw("tiles"));
    map.triggerRepaint();
  }

  map.on("error", ({ error, sourceId, tile }) => {
    if (!tile || error?.status === BAD_REQUEST) {
      console.error(error);
      return;
    }
    failed.set(sourceId, [...(failed.get(sourceId) ?? []), tile.tileID.canonical]);
    if (timer) return;
    notify("tiles", say("tiles_away"), { title: say("try_again"), onclick: again });
    timer = setTimeout(again, AGAIN_MS);
  });
  map.on("webglcontextlost", () => notify("context", say("drawing_lost"), { title: say("load_again"), onclick: () => location.reload() }));
  map.on("webglcontextrestored", () => withdraw("context"));
  window.addEventListener("offline", () => notify("network", say("offline")));
  window.addEventListener("online", () => {
    withdraw("network");
    again();
  });
}
