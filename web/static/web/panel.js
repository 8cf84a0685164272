// The one panel: what it shows, under which title, and the way back.

import { el } from "./dom.js";
import { raise } from "./sheet.js";

const title = document.getElementById("panel-title");
const body = document.getElementById("panel-body");
const back = document.getElementById("panel-back");
let goBack = null;

back.addEventListener("click", () => goBack?.());

/**
 * Show `content` (elements) under a title. onBack: what the way back does; null on the first screen.
 * The panel comes up unless `quiet`; `focus` moves the keyboard to the title.
 */
export function show(text, content, { onBack = null, quiet = false, focus = false } = {}) {
  title.textContent = text;
  goBack = onBack;
  back.hidden = !onBack;
  body.replaceChildren(...content);
  body.scrollTop = 0;
  if (!quiet) raise();
  if (focus) title.focus();
}

/** The shape of what comes; it becomes visible only after 300 ms (panel.css). */
export const waiting = () =>
  el("div", { class: "waiting", "aria-hidden": "true" }, ...[70, 100, 100, 45].map((width) => el("span", { class: `w${width}` })));
