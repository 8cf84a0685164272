// The search box: an ARIA combobox over /search.json. Without script it is a plain form to /search.

import { config, say } from "./config.js";
import { el, icon } from "./dom.js";
import { announce } from "./notices.js";

const TYPING_MS = 200;
const LEAST = 2;
const LIMIT = 10;
const ICONS = { parcel: "land-plot", position: "crosshair", street: "route", unit: "landmark" };

const form = document.getElementById("search");
const input = document.getElementById("search-input");
const popup = document.getElementById("search-popup");
const list = document.getElementById("search-results");
const note = document.getElementById("search-note");
const clear = form.querySelector("[type=reset]");

/** Wires the box; onChoose(result) is called with one result of /search.json. */
export function wire(onChoose) {
  let results = [];
  let active = -1;
  let asked = "";
  let timer = null;
  let pending = null;

  function show(found) {
    results = found;
    list.replaceChildren(...found.map(option));
    note.textContent = found.length ? "" : say("nothing_found");
    note.hidden = found.length > 0;
    list.hidden = !found.length;
    open(true);
    activate(-1);
    announce(found.length ? say("found", { count: found.length }) : say("nothing_found"));
  }

  function option(result, index) {
    return el("li", { role: "option", id: `search-option-${index}`, "aria-selected": "false",
      // The box keeps the focus: pointerdown would take it away and close the list before the click.
      onpointerdown: (event) => event.preventDefault(),
      onclick: () => choose(index) },
    icon(ICONS[result.kind] ?? "map-pin"),
    el("span", {}, result.title, result.subtitle && el("small", {}, result.subtitle)));
  }

  function open(isOpen) {
    popup.hidden = !isOpen;
    input.setAttribute("aria-expanded", String(isOpen && results.length > 0));
    if (!isOpen) activate(-1);
  }

  function activate(index) {
    active = index;
    for (const [at, element] of [...list.children].entries()) element.setAttribute("aria-selected", String(at === index));
    if (index < 0) input.removeAttribute("aria-activedescendant");
    else {
      input.setAttribute("aria-activedescendant", `search-option-${index}`);
      list.children[index].scrollIntoView({ block: "nearest" });
    }
  }

  function choose(index) {
    const result = results[index];
    input.value = result.title;
    asked = result.title;
    open(false);
    onChoose(result);
  }

  async function ask() {
    clearTimeout(timer);
    const text = input.value.trim();
    if (text === asked) return;
    asked = text;
    pending?.abort();
    if (text.length < LEAST) {
      results = [];
      open(false);
      return;
    }
    pending = new AbortController();
    try {
      const address = new URL(config.searchUrl, location.href);
      address.search = new URLSearchParams({ q: text, limit: LIMIT });
      const answer = await fetch(address, { signal: pending.signal, headers: { Accept: "application/json" } });
      if (!answer.ok) throw new Error(`search: ${answer.status}`);
      show((await answer.json()).results);
    } catch (error) {
      if (error.name === "AbortError") return;
      asked = "";
      results = [];
      list.replaceChildren();
      list.hidden = true;
      note.textContent = say("search_away");
      note.hidden = false;
      open(true);
      announce(say("search_away"));
    }
  }

  input.addEventListener("input", () => {
    clear.hidden = !input.value;
    clearTimeout(timer);
    timer = setTimeout(ask, TYPING_MS);
  });
  input.addEventListener("keydown", (event) => {
    if (event.key === "Escape") {
      if (popup.hidden) return;
      event.preventDefault();
      event.stopPropagation();
      open(false);
    } else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      if (!results.length) return;
      event.preventDefault();
      if (popup.hidden) open(true);
      const by = event.key === "ArrowDown" ? 1 : -1;
      const count = results.length;
      activate(active < 0 ? (by > 0 ? 0 : count - 1) : (active + by + count) % count);
    }
  });
  input.addEventListener("focus", () => {
    if (results.length && input.value.trim() === asked && list.children.length > 1) open(true);
  });
  input.addEventListener("blur", () => open(false));
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (active >= 0) {
      choose(active);
      return;
    }
    // Enter before the list has come: ask now and take the best result.
    await ask();
    if (results.length) choose(0);
  });
  form.addEventListener("reset", () => {
    clear.hidden = true;
    asked = "";
    results = [];
    open(false);
    input.focus();
  });
}
