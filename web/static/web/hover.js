// The name of what is under the mouse. An extra: everything is told in the panel too.

import { fullName } from "./things-panel.js";
import { thingsAt } from "./pick.js";
import { el } from "./dom.js";

const PAUSE_MS = 60;

/** Shows names beside the pointer, where there is one that can hover. */
export function wire(map) {
  if (!matchMedia("(hover: hover)").matches) return;
  const tip = el("div", { class: "tip", "aria-hidden": "true", hidden: true });
  map.getContainer().append(tip);
  let timer = null;
  const hide = () => {
    clearTimeout(timer);
    tip.hidden = true;
    map.getCanvas().style.cursor = "";
  };
  map.on("mousemove", ({ point }) => {
    clearTimeout(timer);
    tip.hidden = true;
    timer = setTimeout(() => {
      const [thing] = map.isStyleLoaded() ? thingsAt(map, point) : [];
      map.getCanvas().style.cursor = thing ? "pointer" : "";
      if (!thing) return;
      tip.textContent = fullName(thing);
      tip.style.translate = `${point.x + 14}px ${point.y + 14}px`;
      tip.hidden = false;
    }, PAUSE_MS);
  });
  map.on("mouseout", hide);
  map.on("movestart", hide);
}
