// What is at one place, layer by layer: folded sections, each with its things, of which several take turns.

import { layerOf, say } from "./config.js";
import { el, icon } from "./dom.js";
import { fullName, nameOf, pageOf, swatchOf, thingFacts } from "./things-panel.js";

const unfolded = new Set(); // keys of layers that the visitor opened: at the next place he wants to see them too

/** Things by layer, in the order in which they come: [[thing, …], …]. */
export function byLayer(things) {
  const layers = new Map();
  for (const thing of things) layers.set(thing.layer, [...(layers.get(thing.layer) ?? []), thing]);
  return [...layers.values()];
}

/**
 * One folded section for each layer of `things`.
 * open      the thing whose section stands open, or null; others do where the visitor opened that layer before
 * on        {look(thing or null), parcel(thing), day}: look is called when he turns to a thing, or folds it away again
 */
export const sections = (things, open, on) => byLayer(things).map((group) => section(group, open, on));

function section(group, open, on) {
  const [{ layer: key }] = group;
  const name = el("span", { class: "fold-name" });
  const told = el("div", { class: "fold-body" });
  let at = Math.max(0, group.findIndex(({ id }) => open?.layer === key && open.id === id));

  function tell() {
    name.textContent = fullName(group[at]);
    told.replaceChildren(...(key === "parcels" ? parcelHere(group[at], on) : thingFacts(group[at], on.day)));
  }
  const turn = (to) => {
    at = to;
    tell();
    on.look(group[at]);
  };
  const box = el("details", { class: "fold", "data-fold": key },
    // The box opens and closes after this.
    el("summary", { onclick: () => {
      const opens = !box.open;
      unfolded[opens ? "add" : "delete"](key);
      on.look(opens ? group[at] : null);
    } },
      swatchOf(group[0]),
      el("span", { class: "fold-title" },
        el("h3", {}, layerOf(key).title, group.length > 1 && el("span", { class: "count" }, ` (${group.length})`)),
        name),
      icon("chevron-down")),
    turns(group.length, () => at, turn),
    told);
  box.addEventListener("focusin", ({ target }) => !target.closest("summary") && on.look(group[at]));
  box.open = open?.layer === key || unfolded.has(key);
  tell();
  return box;
}

/** A parcel in a section: not yet the answer, but the way to it. */
const parcelHere = (thing, on) => [
  el("p", { class: "actions" },
    el("button", { type: "button", class: "button button-main", onclick: () => on.parcel(thing) }, icon("land-plot"), say("planning")),
    el("a", { class: "button", href: pageOf(thing, on.day) }, icon("file-text"), say("parcel_page"))),
];

/** Previous and next through things of one kind at one place; null for a single one. at() → index; onTurn(index, step). */
export function turns(count, at, onTurn) {
  if (count < 2) return null;
  const where = el("span", { "aria-live": "polite" });
  const tell = () => (where.textContent = say("one_of", { index: at() + 1, count }));
  const step = (name, by) => el("button", {
    type: "button", class: "button-icon", "aria-label": say(name), "data-step": name,
    onclick: () => {
      onTurn((at() + by + count) % count, name);
      tell();
    },
  }, icon(by < 0 ? "chevron-left" : "chevron-right"));
  tell();
  return el("div", { class: "turns", role: "group", "aria-label": say("also_here") }, step("previous", -1), where, step("next", 1));
}

/** What all things together are called, for those who listen. */
export const summary = (things) => [nameOf(things[0]), ...byLayer(things.slice(1)).map(([{ layer }]) => layerOf(layer).title)].join(", ");
