// The panel: beside the map on a wide screen, where it can be folded away; a bottom sheet with three stops on a phone.

import { say } from "./config.js";

const STOPS = ["peek", "half", "full"];
const NARROW = matchMedia("(max-width: 639px) and (min-height: 320.02px)");
const STACKED = matchMedia("(max-width: 639px) and (max-height: 320px)"); // at 400 % zoom, see reflow.css
const BESIDE = matchMedia("(min-width: 1100px)");

const panel = document.getElementById("panel");
const grip = document.getElementById("panel-grip");
const fold = document.getElementById("panel-fold");
const iconUse = fold.querySelector("use");
let whenMoved = () => {};

/** Whether the panel is a bottom sheet at the moment. */
export const isSheet = () => NARROW.matches;

/** Let the sheet stand at "peek", "half" or "full"; a panel at the side is unfolded. */
export function stopAt(stop) {
  panel.dataset.stop = stop;
  grip.setAttribute("aria-valuenow", STOPS.indexOf(stop));
  grip.setAttribute("aria-valuetext", say(`sheet_${stop}`));
  setFolded(false);
}

/** Show the panel; a sheet that only peeks comes up half-way. */
export function raise() {
  stopAt(panel.dataset.stop === "full" ? "full" : "half");
  if (STACKED.matches) panel.scrollIntoView();
}

/** How much of the map the panel and the search cover: {top, right, bottom, left} in pixels. */
export function covered() {
  const free = { top: 0, right: 0, bottom: 0, left: 0 };
  if (isSheet()) {
    const top = document.querySelector(".map-head").getBoundingClientRect().bottom;
    return { ...free, top, bottom: heightOf(panel.dataset.stop) };
  }
  if (BESIDE.matches || STACKED.matches || isFolded()) return free;
  return { ...free, left: panel.getBoundingClientRect().right };
}

const isFolded = () => document.body.classList.contains("panel-folded");

// Computed rather than measured: the sheet may still be on its way. The same figures stand in panel.css.
function heightOf(stop) {
  return { peek: 112, half: innerHeight / 2, full: innerHeight - 76 }[stop];
}

function setFolded(folded) {
  document.body.classList.toggle("panel-folded", folded);
  fold.setAttribute("aria-expanded", String(!folded));
  fold.setAttribute("aria-label", say(folded ? "show_panel" : "hide_panel"));
  iconUse.setAttribute("href", iconUse.getAttribute("href").replace(/#.*/, folded ? "#panel-left-open" : "#panel-left-close"));
}

function moveTo(stop) {
  if (stop === panel.dataset.stop) return;
  stopAt(stop);
  whenMoved();
}

const step = (by) => moveTo(STOPS[Math.max(0, Math.min(STOPS.length - 1, STOPS.indexOf(panel.dataset.stop) + by))]);

/** A wide screen does without the script. */
async function makeDraggable() {
  const { wire: wireDrag } = await import("./sheet-drag.js");
  wireDrag(panel, {
    isSheet,
    isFull: () => panel.dataset.stop === "full",
    /** To the stop that is nearest to a height in pixels. */
    dropAt: (height) => moveTo(STOPS.toSorted((a, b) => Math.abs(heightOf(a) - height) - Math.abs(heightOf(b) - height))[0]),
  });
}

/** Wires folding, and the sheet: dragged, clicked, or moved with the arrow keys on its grip. Calls onChange after each. */
export function wire(onChange) {
  whenMoved = onChange;
  fold.addEventListener("click", () => {
    setFolded(!isFolded());
    whenMoved();
  });
  grip.addEventListener("click", () => (panel.dataset.stop === "full" ? moveTo("peek") : step(1)));
  grip.addEventListener("keydown", (event) => {
    const move = { ArrowUp: () => step(1), ArrowDown: () => step(-1), Home: () => moveTo("full"), End: () => moveTo("peek") }[event.key];
    if (!move) return;
    event.preventDefault();
    move();
  });
  if (isSheet()) makeDraggable();
  else NARROW.addEventListener("change", makeDraggable, { once: true });
  // What has the focus is never under the sheet (WCAG 2.4.11): the sheet goes down as far as that takes.
  document.addEventListener("focusin", ({ target }) => {
    if (!isSheet() || panel.contains(target) || !target.matches(":focus-visible") || target.matches("canvas")) return;
    const { bottom } = target.getBoundingClientRect();
    const free = STOPS.toReversed().find((stop) => bottom <= innerHeight - heightOf(stop)) ?? "peek";
    if (STOPS.indexOf(free) < STOPS.indexOf(panel.dataset.stop)) moveTo(free);
  });
}
