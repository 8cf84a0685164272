// One step back, one forth, and all away: the three buttons that every tool that draws has.

import { say } from "./config.js";
import { el, icon } from "./dom.js";

/** {element, update({canUndo, canRedo, canClear})}. A button that can do nothing stays reachable and says so. */
export function steps({ undo, redo, clear }) {
  const button = (name, title, onclick) =>
    el("button", { type: "button", class: "button-icon", "aria-label": title, title, onclick: ({ currentTarget }) => currentTarget.getAttribute("aria-disabled") !== "true" && onclick() }, icon(name));
  const buttons = {
    canUndo: button("undo-2", say("undo"), undo),
    canRedo: button("redo-2", say("redo"), redo),
    canClear: button("trash-2", say("clear"), clear),
  };
  return {
    element: el("div", { class: "steps", role: "group", "aria-label": say("steps") }, Object.values(buttons)),
    update(can) {
      for (const [name, element] of Object.entries(buttons)) element.setAttribute("aria-disabled", String(!can[name]));
    },
  };
}
