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

/** Take the visitor to the box, with what stands there ready to be typed over. */
export function focus() {
  input.focus();
  input.select();
}

/** Wires the box; onChoose(result) is called with one result of /search.json. */
export function wire(onChoose) {
  let results = [];
  let active = -1;
  let asked = "";
  let timer = null;
  let pending = null; // the question that is under way
  let answered = null; // a promise: `results` are those of `asked`
  let chosen = null; // the result whose title stands in the box

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
      onclick: () => choose(result) },
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

  function choose(result) {
    abandon();
    chosen = result;
    input.value = result.title;
    asked = result.title.trim();
    open(false);
    onChoose(result);
  }

  /** Whatever is still to be asked or answered does not matter any more. */
  function abandon() {
    clearTimeout(timer);
    if (!pending) return;
    pending.abort();
    pending = null;
    asked = "";
  }

  /** Asks for the text in the box unless that was done; resolves once `results` are those of that text. */
  function ask() {
    clearTimeout(timer);
    const text = input.value.trim();
    if (text === asked) return answered;
    abandon();
    asked = text;
    chosen = null;
    results = []; // of another text: Enter must not take them
    activate(-1);
    answered = text.length < LEAST ? open(false) : fetchResults(text);
    return answered;
  }

  async function fetchResults(text) {
    pending = new AbortController();
    const { signal } = pending;
    try {
      const address = new URL(config.searchUrl, location.href);
      address.search = new URLSearchParams({ q: text, limit: LIMIT });
      const answer = await fetch(address, { signal, headers: { Accept: "application/json" } });
      if (!answer.ok) throw new Error(`search: ${answer.status}`);
      const { results: found } = await answer.json();
      if (signal.aborted) return;
      pending = null;
      show(found);
    } catch {
      if (signal.aborted) return;
      pending = null;
      asked = "";
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
    activate(-1);
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
    if (input.value.trim() !== asked) ask(); // abandoned when the focus left
    else if (results.length && input.value.trim() === asked && list.children.length > 1) open(true);
  });
  input.addEventListener("blur", () => {
    abandon();
    open(false);
  });
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (active >= 0) {
      choose(results[active]);
      return;
    }
    // Enter before the list has come: ask now and take the best result, unless the visitor has gone on meanwhile.
    await ask();
    const best = chosen ?? results[0];
    if (best && input.value.trim() === asked) choose(best);
  });
  form.addEventListener("reset", () => {
    abandon();
    clear.hidden = true;
    input.value = ""; // the browser does so only after this event
    asked = "";
    chosen = null;
    results = [];
    open(false);
    input.focus();
  });
}
