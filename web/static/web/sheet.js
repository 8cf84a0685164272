// The panel: beside the map on a wide screen, where it can be folded away; a bottom sheet with three stops on a phone.

import { say } from "./config.js";

const STOPS = ["peek", "half", "full"];
const NARROW = matchMedia("(max-width: 639px)");
const BESIDE = matchMedia("(min-width: 1100px)");
const DRAG_PX = 8;

const panel = document.getElementById("panel");
const grip = document.getElementById("panel-grip");
const fold = document.getElementById("panel-fold");
const iconUse = fold.querySelector("use");

/** Whether the panel is a bottom sheet at the moment. */
export const isSheet = () => NARROW.matches;

/** Let the sheet stand at "peek", "half" or "full"; a panel at the side is unfolded. */
export function stopAt(stop) {
  panel.dataset.stop = stop;
  setFolded(false);
}

/** Show the panel; a sheet that only peeks comes up half-way. */
export function raise() {
  stopAt(panel.dataset.stop === "full" ? "full" : "half");
}

/** How much of the map the panel and the search cover: {top, right, bottom, left} in pixels. */
export function covered() {
  const free = { top: 0, right: 0, bottom: 0, left: 0 };
  if (isSheet()) {
    const top = document.querySelector(".map-head").getBoundingClientRect().bottom;
    return { ...free, top, bottom: heightOf(panel.dataset.stop) };
  }
  if (BESIDE.matches || isFolded()) return free;
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

/** Wires folding, and the grip: drag it, click it, or use the arrow keys. Calls onChange after each. */
export function wire(onChange) {
  fold.addEventListener("click", () => {
    setFolded(!isFolded());
    onChange();
  });

  const move = (steps) => {
    const at = STOPS.indexOf(panel.dataset.stop) + steps;
    stopAt(STOPS[Math.max(0, Math.min(STOPS.length - 1, at))]);
    onChange();
  };
  grip.addEventListener("keydown", (event) => {
    const steps = { ArrowUp: 1, ArrowDown: -1 }[event.key];
    if (!steps) return;
    event.preventDefault();
    move(steps);
  });

  let from = null;
  let dragged = false;
  grip.addEventListener("pointerdown", (event) => {
    from = { y: event.clientY, height: panel.offsetHeight };
    dragged = false;
    grip.setPointerCapture(event.pointerId);
  });
  grip.addEventListener("pointermove", (event) => {
    if (!from) return;
    const height = from.height + from.y - event.clientY;
    dragged ||= Math.abs(event.clientY - from.y) > DRAG_PX;
    if (dragged) {
      panel.classList.add("dragged");
      panel.style.height = `${height}px`;
    }
  });
  const drop = () => {
    if (from && dragged) {
      const height = panel.offsetHeight;
      const nearest = STOPS.toSorted((a, b) => Math.abs(heightOf(a) - height) - Math.abs(heightOf(b) - height))[0];
      stopAt(nearest);
      onChange();
    }
    panel.classList.remove("dragged");
    panel.style.height = "";
    from = null;
  };
  grip.addEventListener("pointerup", drop);
  grip.addEventListener("pointercancel", drop);
  grip.addEventListener("click", () => {
    if (dragged) return;
    move(panel.dataset.stop === "full" ? -STOPS.length : 1);
  });
}
