// What the map page shows at the moment, and the address that says it. The parts of the page read and set `view`.

import { config, layerOf, shownAtFirst } from "./config.js";
import * as state from "./state.js";

/** What the address said when the page opened. */
export const first = state.read();

/** The keys of all layers of this person as they usually lie, bottom first. */
export const usualOrder = () => config.layers.map(({ key }) => key);

/** What an address says of layers and ground, as far as this person has them; the usual where it says nothing. */
function layersOf({ layers, base, relief }) {
  const named = layers?.filter(({ key }) => layerOf(key));
  const shown = named ? new Set(named.map(({ key }) => key)) : shownAtFirst();
  const opacity = new Map((named ?? []).filter(({ percent }) => percent < 100).map(({ key, percent }) => [key, percent / 100]));
  // The named ones take, in their own order, the places that they have among all layers.
  const inTurn = shown.values();
  const order = usualOrder().map((key) => (named && shown.has(key) ? inTurn.next().value : key));
  return { shown, opacity, order, base, relief };
}

/** Take what another address says of layers and ground. */
export const takeLayers = (address) => Object.assign(view, layersOf(address));

export const view = {
  map: null, // the MapLibre map, once it is drawn
  ...layersOf(first), // shown: keys of the layers that are on; opacity: key → 0…1; order: all keys, bottom first; base: the ground that
  // was chosen, null for that of the page; relief: whether it shows through
  day: first.day, // YYYY-MM-DD; null for today
  parcel: first.parcel, // the code of the parcel that the panel tells of
  thing: first.thing, // the thing {layer, id} that it tells of beside or instead of a parcel
  marked: null, // the thing {layer, id} that stands out on the map
};

/** Say in the address what the page shows: as a new entry of the history (push), or in place of the present one. */
export function remember({ push, untouched = false }) {
  if (!view.map) return;
  const { day, parcel, thing, base, relief } = view;
  state.write({ camera: state.cameraOf(view.map), layers: layersToSay(), day, parcel, thing, base, relief }, { push, untouched });
}

/** The layers that are on, as the address names them: [{key, percent}], bottom first; null when all is as at first. */
function layersToSay() {
  const usual = usualOrder().filter((key) => shownAtFirst().has(key));
  const layers = view.order
    .filter((key) => view.shown.has(key))
    .map((key) => ({ key, percent: Math.round((view.opacity.get(key) ?? 1) * 100) }));
  const asAtFirst = layers.length === usual.length && layers.every(({ key, percent }, at) => key === usual[at] && percent === 100);
  return asAtFirst ? null : layers;
}

const waitingForMap = [];

/** The map is made. */
export function drawn(map) {
  view.map = map;
  for (const use of waitingForMap.splice(0)) use(map);
}

/** Calls use(map) as soon as there is a map. */
export function whenDrawn(use) {
  if (view.map) use(view.map);
  else waitingForMap.push(use);
}
