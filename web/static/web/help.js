// Which keys do what: a dialog behind a button and the key "?". Also the key "/", which goes to the search. Both keys can
// be switched off, for people whose speech input or shaky hand would press them unawares (WCAG 2.1.4).

import { say } from "./config.js";
import { el, icon } from "./dom.js";
import * as search from "./search.js";

const KEYS = [
  [["/"], "key_search"],
  [["←", "→", "↑", "↓"], "key_move"],
  [["+", "−"], "key_zoom"],
  [["Enter"], "key_pick"],
  [["Shift", "Enter"], "key_place"],
  [["Esc"], "key_leave"],
  [["Tab"], "key_next"],
  [["?"], "key_help"],
];

const OFF = "keys-off";
const off = () => localStorage.getItem(OFF) !== null;

export function wire(desk) {
  let dialog = null;
  const open = () => {
    dialog ??= makeDialog();
    if (!dialog.open) dialog.showModal();
  };
  desk.addTool({ name: "help", icon: "keyboard", title: say("keys"), onclick: open });
  document.addEventListener("keydown", (event) => {
    if (off() || event.ctrlKey || event.metaKey || event.altKey || event.target.matches("input, textarea, select, [contenteditable]")) return;
    if (event.key === "?") open();
    else if (event.key === "/" && !dialog?.open) search.focus();
    else return;
    event.preventDefault();
  });
}

function makeDialog() {
  const rows = KEYS.map(([keys, words]) => el("div", {}, el("dt", {}, keys.map((key) => el("kbd", {}, key))), el("dd", {}, say(words))));
  const single = el("input", {
    type: "checkbox", role: "switch",
    onchange: ({ target }) => (target.checked ? localStorage.removeItem(OFF) : localStorage.setItem(OFF, "yes")),
  });
  single.checked = !off();
  const dialog = el("dialog", { class: "keys", "aria-labelledby": "keys-title" },
    el("form", { method: "dialog", class: "row" },
      el("h2", { id: "keys-title" }, say("keys")),
      el("button", { class: "button-icon", "aria-label": say("close") }, icon("x"))),
    el("dl", { class: "facts" }, rows),
    el("label", { class: "layer-switch" }, single, say("key_single")));
  document.body.append(dialog);
  return dialog;
}
