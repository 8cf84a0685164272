// What the server told this page (web/config.py), and the words to speak with.

export const config = JSON.parse(document.getElementById("map-config").textContent);

const byKey = new Map(config.layers.map((layer) => [layer.key, layer]));

/** The configuration of one layer, or undefined when this person has no such layer. */
export const layerOf = (key) => byKey.get(key);

/** The zoom from which on a layer is drawn on a day (null: today). From afar only the present day is. */
export const firstZoom = ({ minZoom, pastMinZoom }, day) => (day ? pastMinZoom : minZoom);

/** The keys of the layers that are on when the map opens. */
export const shownAtFirst = () => new Set(config.layers.filter((layer) => layer.shown).map((layer) => layer.key));

/** A text in the visitor's language; {name} in it is replaced by values.name. */
export function say(key, values = {}) {
  return config.strings[key].replace(/\{(\w+)\}/g, (_, name) => values[name]);
}
