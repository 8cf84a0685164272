// What the page tells: to everyone in a notice, to screen readers in a live region.

import { say } from "./config.js";
import { el, icon } from "./dom.js";

const announcer = document.getElementById("announcer");
const notices = document.getElementById("notices");
const open = new Map();
const MENTION_MS = 4000;

/** Say something to people who listen rather than look. */
export function announce(text) {
  announcer.textContent = text;
}

/**
 * Show a notice until it is closed or withdrawn; one of each key at a time.
 * action: {title, onclick} or {title, href}
 */
export function notify(key, text, action = null) {
  withdraw(key);
  const close = el("button", { type: "button", class: "button-icon", "aria-label": say("close"), onclick: () => withdraw(key) }, icon("x"));
  const act = action && (action.href
    ? el("a", { class: "button", href: action.href }, action.title)
    : el("button", { class: "button", type: "button", onclick: action.onclick }, action.title));
  const notice = el("div", { class: "notice", role: "alert" }, icon("circle-alert"), el("p", {}, text), act, close);
  open.set(key, notice);
  notices.append(notice);
}

/** Say something in passing, to the eye too; it goes by itself. */
export function mention(text) {
  announce(text);
  withdraw("mention");
  const notice = el("div", { class: "notice notice-passing", "aria-hidden": "true" }, icon("info"), el("p", {}, text));
  open.set("mention", notice);
  notices.append(notice);
  setTimeout(() => {
    if (open.get("mention") === notice) withdraw("mention");
  }, MENTION_MS);
}

/** Take a notice away; nothing happens when it is not there. */
export function withdraw(key) {
  open.get(key)?.remove();
  open.delete(key);
}
