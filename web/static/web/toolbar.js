// The map's own toolbar: one button a tool. Knows no tool.

import { el, icon } from "./dom.js";

const bar = document.getElementById("map-toolbar");

/**
 * A button for a tool. onclick(pressed): `toggles` says that the button stays down until it is clicked again.
 * Returns {button, release}: release() lets the button up without calling onclick.
 */
export function addTool({ name, icon: picture, title, onclick, toggles = false }) {
  const button = el("button", {
    type: "button", class: "button-icon", "data-tool": name, "aria-label": title, title, "aria-pressed": toggles && "false",
    onclick: () => {
      if (!toggles) return onclick();
      const pressed = button.getAttribute("aria-pressed") !== "true";
      button.setAttribute("aria-pressed", String(pressed));
      return onclick(pressed);
    },
  }, icon(picture));
  bar.append(button);
  bar.hidden = false;
  return { button, release: () => toggles && button.setAttribute("aria-pressed", "false") };
}
