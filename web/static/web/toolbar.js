// The map's own toolbar: one button a tool, one stop for Tab, arrow keys from tool to tool. On a small screen a single
// button opens it as a list. Knows no tool, only the order in which they stand.

import { say } from "./config.js";
import { el, icon } from "./dom.js";

const ORDER = ["area", "measure", "table", "print", "share", "location", "help"];
const SMALL = matchMedia("(max-width: 639px), (max-height: 559px)"); // the same stands in toolbar.css
const STEPS = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 };

const bar = document.getElementById("map-toolbar");
const opener = el("button", {
  type: "button", class: "toolbar-opener", "aria-expanded": "false", "aria-controls": bar.id, "aria-label": say("tools"),
  onclick: () => setOpen(bar.dataset.open === undefined),
}, icon("wrench"));

bar.before(opener);
opener.hidden = true;

function setOpen(open) {
  bar.toggleAttribute("data-open", open);
  opener.setAttribute("aria-expanded", String(open));
  if (open) stops()[0]?.focus();
}

/** Put the list away; whoever was in it goes back to the button that opened it. */
function fold() {
  const inside = bar.contains(document.activeElement);
  setOpen(false);
  if (inside && SMALL.matches) opener.focus();
}

const stops = () => [...bar.querySelectorAll("button")];

/** Tab stops at this tool from now on. */
function stopAt(button) {
  for (const other of stops()) other.tabIndex = other === button ? 0 : -1;
}

bar.addEventListener("focusin", ({ target }) => stopAt(target));
bar.addEventListener("keydown", (event) => {
  const all = stops();
  const at = all.indexOf(document.activeElement);
  const to = { Home: 0, End: all.length - 1 }[event.key] ?? (STEPS[event.key] && (at + STEPS[event.key] + all.length) % all.length);
  if (to !== undefined) {
    event.preventDefault();
    all[to].focus();
  } else if (event.key === "Escape" && bar.dataset.open !== undefined) {
    event.preventDefault(); // what is open on the map stays open
    fold();
  }
});
document.addEventListener("pointerdown", ({ target }) => {
  if (bar.dataset.open !== undefined && !bar.contains(target) && !opener.contains(target)) setOpen(false);
});

const place = (name) => (ORDER.includes(name) ? ORDER.indexOf(name) : ORDER.indexOf("measure") + 0.5);

/**
 * A button for a tool. onclick(pressed): `toggles` says that the button stays down until it is clicked again.
 * Returns {button, release}: release() lets the button up without calling onclick.
 */
export function addTool({ name, icon: picture, title, onclick, toggles = false }) {
  const button = el("button", {
    type: "button", class: "tool", "data-tool": name, "aria-label": title, "aria-pressed": toggles && "false",
    onclick: () => {
      fold();
      if (!toggles) return onclick();
      const pressed = button.getAttribute("aria-pressed") !== "true";
      button.setAttribute("aria-pressed", String(pressed));
      return onclick(pressed);
    },
  }, icon(picture), el("span", { class: "tool-name" }, title));
  const next = stops().find((other) => place(other.dataset.tool) > place(name));
  bar.insertBefore(button, next ?? null);
  bar.hidden = opener.hidden = false;
  stopAt(stops()[0]);
  return { button, release: () => toggles && button.setAttribute("aria-pressed", "false") };
}
