// The link to what the map shows: the address holds all of it.

import { say } from "./config.js";
import { el } from "./dom.js";
import { mention } from "./notices.js";

const BY_TOUCH = matchMedia("(pointer: coarse)");

export function wire(desk) {
  desk.addTool({ name: "share", icon: "share-2", title: say("share"), onclick: () => share(desk) });
}

async function share(desk) {
  if (BY_TOUCH.matches && navigator.share) {
    try {
      await navigator.share({ title: document.title, url: location.href });
      return;
    } catch (error) {
      if (error.name === "AbortError") return; // the visitor thought better of it
    }
  }
  try {
    await navigator.clipboard.writeText(location.href);
    mention(say("link_copied"));
  } catch {
    byHand(desk); // no clipboard without HTTPS, or it was not allowed
  }
}

/** The link as text to copy. */
function byHand(desk) {
  const field = el("input", { id: "share-link", class: "share-link", type: "text", readonly: true, value: location.href });
  desk.show(say("share"), [
    el("label", { for: field.id }, say("link_by_hand")),
    field,
    el("p", { class: "help" }, say("link_holds")),
  ]);
  field.value = location.href; // showing it may have changed the address
  field.focus();
  field.select();
}
