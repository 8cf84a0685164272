// A button that copies a text, and says so.

import { el, icon } from "./dom.js";
import { say } from "./config.js";
import { mention } from "./notices.js";

/** A button with a title; text() is asked when it is pressed. Without a clipboard the text is shown, marked to be copied. */
export function copyButton(title, text) {
  const field = el("textarea", { class: "copy-field", readonly: true, hidden: true, rows: 4, "aria-label": title });
  const button = el("button", {
    type: "button", class: "button",
    onclick: async () => {
      try {
        await navigator.clipboard.writeText(text());
        mention(say("copied_list"));
      } catch {
        field.value = text();
        field.hidden = false;
        field.focus();
        field.select();
      }
    },
  }, icon("copy"), title);
  return [button, field];
}
