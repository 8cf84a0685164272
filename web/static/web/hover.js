// The name of what is under the mouse. An extra: everything is told in the panel too.

import { el } from "./dom.js";
import { leadOf, thingsAt } from "./pick.js";
import { hovered } from "./style.js";
import { fullName } from "./things-panel.js";

const PAUSE_MS = 40; // between two looks at what is under the mouse
const GAP_PX = 14;

/** Shows names beside the pointer, where there is one that can hover. idle(): whether names would be in the way now. */
export function wire(map, { idle }) {
  if (!matchMedia("(hover: hover)").matches) return;
  const tip = el("div", { class: "tip", "aria-hidden": "true", hidden: true });
  const canvas = map.getCanvas();
  map.getContainer().append(tip);
  let timer = null;
  let at = null; // where the mouse is
  let out = null; // the thing whose outline is brought out
  const hide = () => {
    clearTimeout(timer);
    timer = null;
    out = hovered(map, out, null);
    if (!tip.hidden) canvas.style.cursor = "";
    tip.hidden = true;
  };

  function look() {
    timer = null;
    const things = map.isStyleLoaded() ? thingsAt(map, at) : [];
    if (!things.length) {
      hide();
      return;
    }
    // The name goes with the mouse and changes in place; taken away and put back it would flicker.
    out = hovered(map, out, leadOf(things));
    tip.textContent = fullName(leadOf(things));
    tip.hidden = false;
    canvas.style.cursor = "pointer";
    place();
  }

  /** Beside the mouse, on the side that has room. */
  function place() {
    const { clientWidth: width, clientHeight: height } = map.getContainer();
    const left = at.x + GAP_PX + tip.offsetWidth > width ? at.x - GAP_PX - tip.offsetWidth : at.x + GAP_PX;
    const top = at.y + GAP_PX + tip.offsetHeight > height ? at.y - GAP_PX - tip.offsetHeight : at.y + GAP_PX;
    tip.style.translate = `${left}px ${top}px`;
  }

  map.on("mousemove", ({ point, originalEvent }) => {
    if (idle() || originalEvent.buttons) {
      hide();
      return;
    }
    at = point;
    if (!tip.hidden) place();
    timer ??= setTimeout(look, PAUSE_MS);
  });
  map.on("mouseout", hide);
  map.on("movestart", hide);
}
