// What the map lies on: light, dark or pictures from the air, and whether the relief shows through.

import { config } from "./config.js";
import * as theme from "./theme.js";
import { view } from "./view.js";

export const GROUNDS = ["light", "dark", "aerial"];

const rasters = (kind) => (config.rasters ?? []).filter((raster) => raster.kind === kind);

/** Whether there are pictures from the air, or a relief. */
export const hasPictures = () => rasters("aerial").length > 0;
export const hasRelief = () => rasters("terrain").length > 0;

/** "light", "dark" or "aerial", as the map lies now: as the page looks, unless the visitor chose otherwise. */
export function ground() {
  if (!view.base || (view.base === "aerial" && !hasPictures())) return theme.current();
  return view.base;
}

/** The rasters that are drawn now, bottom first: of pictures the newest lie on top. */
export const drawnRasters = () => [
  ...(ground() === "aerial" ? rasters("aerial").toReversed() : []),
  ...(view.relief ? rasters("terrain").toReversed() : []),
];
