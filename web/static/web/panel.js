// The one panel: what it shows, under which title, and the way back.

import { el } from "./dom.js";
import { raise } from "./sheet.js";

const title = document.getElementById("panel-title");
const body = document.getElementById("panel-body");
const back = document.getElementById("panel-back");
let goBack = null;
let leave = null;

back.addEventListener("click", () => goBack?.());

/**
 * Show `content` (elements) under a title. onBack: what the way back does; null on the first screen. onLeave: called
 * once, when another screen takes the place of this one.
 * The panel comes up unless `quiet`; `focus` moves the keyboard to the title.
 */
export function show(text, content, { onBack = null, onLeave = null, quiet = false, focus = false } = {}) {
  const left = leave;
  leave = onLeave;
  if (left !== onLeave) left?.();
  title.textContent = text;
  goBack = onBack;
  back.hidden = !onBack;
  body.replaceChildren(...content);
  body.scrollTop = 0;
  if (!quiet) raise();
  if (focus) title.focus();
}

/** Another title for what is shown, once its name is known. */
export const rename = (text) => (title.textContent = text);

/** The shape of what comes; it becomes visible only after 300 ms (panel.css). */
export const waiting = () =>
  el("div", { class: "waiting", "aria-hidden": "true" }, ...[70, 100, 100, 45].map((width) => el("span", { class: `w${width}` })));
