// The search box: an ARIA combobox over /search.json. Without script it is a plain form to /search.

import { config, say } from "./config.js";
import { el } from "./dom.js";
import { announce } from "./notices.js";
import { groupElements, resultGroups, textGroup } from "./search-list.js";
import * as history from "./search-recent.js";

const TYPING_MS = 180;
const SLOW_MS = 300; // from here on it is said that the search is under way
// On a phone, a whole word is composed at a time: a pause this long means that the visitor waits for the list.
const COMPOSING_PAUSE_MS = 700;
const LEAST = 2;
const LIMIT = 6; // of each kind
const NEAR_DIGITS = 2; // of the map's middle, to some kilometre: only the order of equals depends on it

// Titles that everybody sees and that find the thing again; of the others what was typed is kept.
const FOUND_BY_TITLE = new Set(["address", "street", "place", "unit", "water"]);

const form = document.getElementById("search");
const input = document.getElementById("search-input");
const popup = document.getElementById("search-popup");
const list = document.getElementById("search-results");
const note = document.getElementById("search-note");
const foot = document.getElementById("search-foot");
const clear = form.querySelector("[type=reset]");
const touch = matchMedia("(pointer: coarse)");

/** Take the visitor to the box, with what stands there ready to be typed over. */
export function focus() {
  input.focus();
  input.select();
}

/** Wires the box. onChoose(result) is called with one result of /search.json; middle() is the map's, {lng, lat} or null. */
export function wire(onChoose, middle = () => null) {
  let options = []; // of the list, in its order
  let active = -1;
  let idle = false; // the list offers what to search for, since nothing was typed
  let asked = "";
  let timer = null;
  let composing = false;
  let pending = null; // the question that is under way
  let answered = null; // a promise: `options` are those of `asked`
  let chosen = null; // the result whose title stands in the box

  // ---- The list ----

  function show(groups, { message = [], after = [] } = {}) {
    options = groups.flatMap((group) => group.options);
    list.replaceChildren(...groupElements(groups, (option) => option.choose()));
    list.hidden = !options.length;
    note.replaceChildren(...message);
    note.hidden = !message.length;
    foot.replaceChildren(...after);
    foot.hidden = !after.length;
    activate(-1);
    open(options.length > 0 || message.length > 0);
  }

  function open(isOpen) {
    popup.hidden = !isOpen;
    input.setAttribute("aria-expanded", String(isOpen && options.length > 0));
    if (!isOpen) activate(-1);
  }

  function activate(index) {
    active = index;
    for (const [at, element] of list.querySelectorAll("[role=option]").entries()) {
      element.setAttribute("aria-selected", String(at === index));
      if (at === index) element.scrollIntoView({ block: "nearest" });
    }
    if (index < 0) input.removeAttribute("aria-activedescendant");
    else input.setAttribute("aria-activedescendant", `search-option-${index}`);
    // The heading of the first group comes into sight with its first option.
    if (index === 0) popup.scrollTop = 0;
  }

  /** What was searched for before, and what may be tried. */
  function offer() {
    const before = history.recent();
    const groups = [
      before.length && textGroup(say("recent_searches"), "history", before, searchFor),
      config.examples.length && textGroup(say("search_examples"), "search", config.examples, searchFor),
    ].filter(Boolean);
    idle = true;
    show(groups, { after: before.length ? [el("button", { type: "button", class: "button button-quiet", onclick: forgetRecent }, say("forget_recent"))] : [] });
  }

  function forgetRecent() {
    history.forget();
    input.focus();
    offer();
    announce(say("recent_forgotten"));
  }

  function searchFor(text) {
    input.value = text;
    clear.hidden = false;
    ask();
  }

  function choose(result) {
    const typed = input.value.trim();
    history.keep(result.code && result.kind === "parcel" ? result.code : FOUND_BY_TITLE.has(result.kind) ? result.title : typed);
    abandon();
    chosen = result;
    input.value = result.title;
    clear.hidden = false;
    asked = result.title.trim();
    open(false);
    onChoose(result);
  }

  // ---- Asking ----

  /** Whatever is still to be asked or answered does not matter any more. */
  function abandon() {
    clearTimeout(timer);
    if (!pending) return;
    pending.abort();
    pending = null;
    asked = "";
  }

  /** Asks for the text in the box unless that was done; resolves once `options` are those of that text. */
  function ask() {
    clearTimeout(timer);
    const text = input.value.trim();
    if (text === asked && !idle) return answered;
    abandon();
    asked = text;
    chosen = null;
    idle = false;
    options = []; // of another text: Enter must not take them
    activate(-1);
    if (text.length >= LEAST) answered = fetchResults(text);
    else if (text) answered = open(false);
    else answered = document.activeElement === input ? offer() : open(false);
    return answered;
  }

  async function fetchResults(text) {
    pending = new AbortController();
    const { signal } = pending;
    const slow = setTimeout(() => signal.aborted || show([], { message: [el("p", {}, say("searching"))] }), SLOW_MS);
    try {
      const answer = await fetch(address(text), { signal, headers: { Accept: "application/json" } });
      if (!answer.ok) throw new Error(`search: ${answer.status}`);
      const found = await answer.json();
      if (signal.aborted) return;
      pending = null;
      tell(text, found);
    } catch {
      if (signal.aborted) return;
      pending = null;
      asked = "";
      show([], { message: [el("p", {}, say("search_away"))] });
      announce(say("search_away"));
    } finally {
      clearTimeout(slow);
    }
  }

  function address(text) {
    const found = new URL(config.searchUrl, location.href);
    found.searchParams.set("q", text);
    found.searchParams.set("limit", LIMIT);
    const place = middle();
    if (place) found.searchParams.set("near", [place.lng, place.lat].map((degrees) => degrees.toFixed(NEAR_DIGITS)).join());
    return found;
  }

  function tell(text, found) {
    const count = found.results.length;
    const page = el("a", { href: `/search?${new URLSearchParams({ q: text })}` }, say(count ? "all_results" : "ways_to_search"));
    if (count) {
      show(resultGroups(found, choose), { after: [page] });
      announce([found.results[0].note, say("found", { count })].filter(Boolean).join(". "));
      return;
    }
    const message = say("nothing_found_for", { text });
    show([], { message: [el("p", {}, el("strong", {}, message)), el("p", {}, say("nothing_found_try"))], after: [page] });
    announce(`${message} ${say("nothing_found_try")}`);
  }

  // ---- The box ----

  input.addEventListener("input", (event) => {
    clear.hidden = !input.value;
    activate(-1);
    clearTimeout(timer);
    if (idle && input.value) {
      idle = false; // what was offered is not what is typed now
      options = [];
      open(false);
    }
    // Half a letter on its way (d, then đ) is not a question.
    if (!composing && !event.isComposing) timer = setTimeout(ask, TYPING_MS);
    else if (touch.matches) timer = setTimeout(ask, COMPOSING_PAUSE_MS);
  });
  input.addEventListener("compositionstart", () => {
    composing = true;
    clearTimeout(timer);
  });
  input.addEventListener("compositionend", () => {
    composing = false;
    clearTimeout(timer);
    timer = setTimeout(ask, TYPING_MS);
  });
  input.addEventListener("keydown", (event) => {
    if (event.isComposing) return; // the keys belong to the letter that is being put together
    const { key } = event;
    if (key === "Escape" || (key === "ArrowUp" && event.altKey)) {
      if (popup.hidden) return;
      event.preventDefault();
      event.stopPropagation();
      open(false);
    } else if (key === "ArrowDown" || key === "ArrowUp") {
      if (!options.length) return;
      event.preventDefault();
      if (popup.hidden) open(true);
      if (event.altKey) return;
      const by = key === "ArrowDown" ? 1 : -1;
      const count = options.length;
      activate(active < 0 ? (by > 0 ? 0 : count - 1) : (active + by + count) % count);
    } else if (["Home", "End", "ArrowLeft", "ArrowRight"].includes(key)) activate(-1); // back among the letters
    else if (key === "Enter" && active >= 0) {
      event.preventDefault();
      options[active].choose();
    }
  });
  const comeIn = () => {
    if (!input.value.trim()) offer();
    else if (input.value.trim() !== asked) ask(); // abandoned when the focus left
    else if (options.length && !chosen) open(true);
  };
  input.addEventListener("focus", comeIn);
  input.addEventListener("click", () => popup.hidden && comeIn());
  form.addEventListener("focusout", ({ relatedTarget }) => {
    if (form.contains(relatedTarget)) return;
    abandon();
    open(false);
  });
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    // Enter before the list has come: ask now and take the best result, unless the visitor has gone on meanwhile.
    await ask();
    if (idle || input.value.trim() !== asked) return;
    if (chosen) choose(chosen);
    else options[0]?.choose();
  });
  form.addEventListener("reset", () => {
    abandon();
    clear.hidden = true;
    input.value = ""; // the browser does so only after this event
    asked = "";
    chosen = null;
    options = [];
    open(false);
    input.focus();
    offer();
  });
}
