// Tiles that do not come: told once, tried again until they do.

import { say } from "./config.js";
import { notify, withdraw } from "./notices.js";

const AGAIN_MS = 10_000;
const BAD_REQUEST = 400; // answered: nothing to wait for (404 MapLibre itself takes for an empty tile)

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
  window.addEventListener("offline", () => notify("network", say("offline")));
  window.addEventListener("online", () => {
    withdraw("network");
    again();
  });
}
