// What the map shows, as a table that follows it: a drawer below the map, the whole screen on a phone.

import { config, layerOf, say } from "./config.js";
import { el, icon } from "./dom.js";
import { bringIntoView, lookAt, mark, seen } from "./map.js";
import { openParcel, openThing } from "./picked.js";
import { isSheet } from "./sheet.js";
import { view } from "./view.js";

const PAUSE_MS = 250; // after the last move of the map
const LEAST_PX = 14; // what is smaller on the map is looked at from nearer
const LONG = 32; // characters; the same stands in table.html
const SORT_ICONS = { ascending: "arrow-up", descending: "arrow-down" };

export function wire(desk) {
  let drawer = null;
  let layer = null; // the key of the layer that is listed
  let sort = "";
  let page = 1;
  let listed = ""; // the place and day of the rows
  let asking = null;
  let timer = null;
  let hinted = null; // the thing of the row under the mouse or the focus
  let marked = null; // what was picked when the table last looked
  let offered = ""; // the layers that were on when the chooser was filled

  const tool = desk.addTool({
    name: "table", icon: "table-2", title: say("table"), toggles: true,
    onclick: (pressed) => {
      if (!desk.map) location.assign("/table");
      else if (pressed) open();
      else close();
    },
  });
  desk.whenDrawn((map) => {
    map.on("moveend", soon);
    // Day, layers and what is picked change without a move, and never without the map being drawn anew.
    map.on("idle", () => {
      if (!drawer) return;
      offerLayers();
      soon();
      if (view.marked !== marked) showPicked();
    });
  });

  function open() {
    layer ??= view.shown.has("parcels") ? "parcels" : [...view.shown].at(-1) ?? config.layers[0].key;
    drawer = makeDrawer({ close, choose, turn });
    document.getElementById("main").after(drawer.element);
    document.body.classList.add("table-open");
    offerLayers();
    ask();
    drawer.title.focus();
  }

  function close() {
    asking?.abort();
    hint(null);
    drawer?.element.remove();
    drawer = null;
    listed = offered = "";
    document.body.classList.remove("table-open");
    tool.release();
    tool.button.focus();
  }

  function choose(key) {
    layer = key;
    sort = "";
    page = 1;
    ask();
  }

  function order(by) {
    sort = by;
    page = 1;
    ask({ focus: `[data-sort-by="${by.replace("-", "")}"]` });
  }

  function turn(step) {
    page += step;
    ask();
  }

  function offerLayers() {
    const now = [...view.shown].join();
    if (now === offered) return;
    offered = now;
    const options = (keys) => keys.map(({ key, title }) => el("option", { value: key }, title));
    const on = config.layers.filter(({ key }) => view.shown.has(key)).toReversed();
    const off = config.layers.filter(({ key }) => !view.shown.has(key)).toReversed();
    drawer.chooser.replaceChildren(
      ...(on.length ? [el("optgroup", { label: say("table_on") }, options(on))] : []),
      ...(off.length ? [el("optgroup", { label: say("table_off") }, options(off))] : []));
    drawer.chooser.value = layer;
  }

  /** Follow the map, once it has come to rest and shows another place or day than the rows are of. */
  function soon() {
    clearTimeout(timer);
    timer = setTimeout(() => {
      if (!drawer || shows() === listed) return;
      page = 1;
      ask();
    }, PAUSE_MS);
  }

  const shows = () => `${seen(desk.map)} ${desk.day ?? ""}`;

  async function ask({ focus = null } = {}) {
    asking?.abort();
    asking = new AbortController();
    const { signal } = asking;
    listed = shows();
    const asked = new URLSearchParams({ layer, sort, page, bbox: seen(desk.map), ...(desk.day && { as_of: desk.day }) });
    drawer.element.setAttribute("aria-busy", "true");
    if (!drawer.status.textContent) drawer.status.textContent = say("table_asking");
    try {
      const answer = await fetch(`/table.json?${asked}`, { signal, headers: { Accept: "application/json" } });
      const told = await answer.json().catch(() => null);
      signal.throwIfAborted();
      if (!answer.ok) throw Object.assign(new Error(told?.error?.message ?? say("table_away")), { told: true });
      tell(told, focus);
    } catch (error) {
      if (error.name === "AbortError" || !drawer) return;
      drawer.status.textContent = error.told ? error.message : say("table_away");
      drawer.body.replaceChildren(el("p", { class: "actions" },
        el("button", { type: "button", class: "button", onclick: () => ask() }, icon("refresh-cw"), say("try_again"))));
    }
    drawer?.element.removeAttribute("aria-busy");
  }

  function tell(told, focus) {
    const stood = drawer.body.contains(document.activeElement) ? document.activeElement.closest("tr")?.dataset.id : null;
    page = told.page;
    drawer.status.textContent = `${told.count} · ${told.area}`;
    drawer.page.href = told.url;
    drawer.turns(told);
    const note = told.more && el("p", { class: "note note-warning" }, icon("triangle-alert"), el("p", {}, say("table_many", told)));
    drawer.body.replaceChildren(...[note, told.rows.length ? rows(told) : el("p", { class: "help" }, say("table_empty"))].filter(Boolean));
    if (focus) drawer.body.querySelector(focus)?.focus();
    else if (stood) (drawer.body.querySelector(`tr[data-id="${stood}"] a`) ?? drawer.body.querySelector("tbody a") ?? drawer.title).focus({ preventScroll: true });
    showPicked();
  }

  function rows({ columns, rows: found, more, title }) {
    const heads = columns.map((column) => el("th", { scope: "col", class: column.numeric && "number", "aria-sort": !more && column.direction },
      more ? column.title : el("button", { type: "button", "data-sort-by": column.name, onclick: () => order(column.sort) },
        column.title, icon(SORT_ICONS[column.direction] ?? "chevrons-up-down"))));
    const body = el("tbody", {}, found.map((row, at) => {
      const [first, ...cells] = row.cells;
      return el("tr", { "data-id": row.id, onmouseenter: () => hint(row), onmouseleave: () => hint(null) },
        el("th", { scope: "row", class: first.length > LONG && "wrapped" }, el("a", { href: row.url, tabindex: at ? "-1" : "0", onclick: (event) => choosing(event, row), onfocus: () => hint(row), onblur: () => hint(null) }, first)),
        cells.map((cell, i) => el("td", { class: columns[i + 1].numeric ? "number" : cell.length > LONG && "long" }, cell)));
    }));
    body.addEventListener("keydown", walk);
    body.addEventListener("click", ({ target }) => {
      // A click anywhere in a row means the row, unless text was selected.
      if (!target.closest("a") && !getSelection().toString()) target.closest("tr")?.querySelector("a").click();
    });
    return el("table", { class: "rows" }, el("caption", { class: "visually-hidden" }, title), el("thead", {}, el("tr", {}, heads)), body);
  }

  function choosing(event, row) {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return; // as a page of its own
    event.preventDefault();
    hint(null);
    if (isSheet()) close();
    if (layer === "parcels") openParcel(row.code, { position: row.position });
    else openThing({ layer, id: row.id }, { position: row.position });
    const [west, south, east, north] = row.bounds;
    const [a, b] = [desk.map.project([west, south]), desk.map.project([east, north])];
    const point = layerOf(layer)?.drawn === "circle";
    if (!point && Math.max(Math.abs(a.x - b.x), Math.abs(a.y - b.y)) < LEAST_PX) lookAt(desk.map, row.bounds);
    else bringIntoView(desk.map, row.position);
  }

  /** Arrow keys go from row to row; Tab leaves the rows. */
  function walk(event) {
    const links = [...event.currentTarget.querySelectorAll("th a")];
    const at = links.indexOf(document.activeElement);
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: links.length - 1 }[event.key];
    if (at < 0 || to === undefined || !links[to]) return;
    event.preventDefault();
    links[at].tabIndex = -1;
    links[to].tabIndex = 0;
    links[to].focus();
  }

  /** Mark a row's thing on the map in place of what is picked, or what is picked again (null). */
  function hint(row) {
    const thing = row && { layer, id: row.id };
    if (desk.map) mark(desk.map, hinted ?? view.marked, thing ?? view.marked);
    hinted = thing;
  }

  /** What is picked on the map comes into sight, if it is listed. */
  function showPicked() {
    marked = view.marked;
    for (const row of drawer.body.querySelectorAll("tbody tr")) {
      const here = marked?.layer === layer && Number(row.dataset.id) === marked.id;
      row.toggleAttribute("data-picked", here);
      if (here) row.scrollIntoView({ block: "nearest" });
    }
  }
}

function makeDrawer({ close, choose, turn }) {
  const title = el("h2", { id: "table-title", tabindex: "-1" }, say("table"));
  const chooser = el("select", { "aria-label": say("table_of"), onchange: ({ target }) => choose(target.value) });
  const status = el("p", { class: "table-status", role: "status" });
  const page = el("a", { class: "button-icon", href: "/table", "aria-label": say("table_page"), title: say("table_page") }, icon("external-link"));
  const place = el("span", {});
  const step = (name, picture, by) => el("button", { type: "button", class: "button-icon", "aria-label": say(name), onclick: () => turn(by) }, icon(picture));
  const [previous, next] = [step("table_previous", "chevron-left", -1), step("table_next", "chevron-right", 1)];
  const pager = el("div", { class: "table-turns", hidden: true }, previous, place, next);
  const body = el("div", { class: "table-rows", role: "region", tabindex: "0", "aria-labelledby": "table-title" });
  const element = el("section", { class: "table-drawer", "aria-labelledby": "table-title" },
    el("div", { class: "table-head" }, title, chooser, status, pager, page,
      el("button", { type: "button", class: "button-icon", "aria-label": say("table_close"), title: say("table_close"), onclick: close }, icon("x"))),
    body);
  element.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    event.preventDefault(); // what is open in the panel stays open
    close();
  });
  const turns = ({ page: at, pages }) => {
    pager.hidden = pages < 2;
    place.textContent = say("table_pages", { page: at, pages });
    previous.disabled = at < 2;
    next.disabled = at >= pages;
  };
  return { element, title, chooser, status, page, body, turns };
}
