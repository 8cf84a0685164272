// What every page does beyond its text: the theme switch, menus that close, addresses that keep their hash.

import * as theme from "./theme.js";

theme.wire();

// Signing in or switching the language comes back to the same place on the map.
document.addEventListener("submit", ({ target }) => {
  if (target.matches("[data-keeps-hash]")) {
    const next = target.elements.next;
    next.value = next.value.split("#")[0] + location.hash;
  }
});
document.addEventListener("click", ({ target }) => {
  const link = target.closest("a[data-keeps-hash]");
  // Someone who has asked the map for nothing yet goes to the start page instead.
  if (link && location.hash && !history.state?.untouched) {
    const address = new URL(link.href);
    address.searchParams.set("next", location.pathname + location.search + location.hash);
    link.href = address.href;
  }
});

// A menu closes with Escape, and when the visitor goes on elsewhere.
for (const menu of document.querySelectorAll("details[data-menu]")) {
  menu.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !menu.open) return;
    event.stopPropagation();
    menu.open = false;
    menu.querySelector("summary").focus();
  });
  document.addEventListener("pointerdown", ({ target }) => {
    if (!menu.contains(target)) menu.open = false;
  });
  menu.addEventListener("focusout", ({ relatedTarget }) => {
    if (relatedTarget && !menu.contains(relatedTarget)) menu.open = false;
  });
}
