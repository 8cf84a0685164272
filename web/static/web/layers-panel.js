// The first screen of the panel: the ground of the map, the layers in their groups, the day.

import { config, firstZoom, say, shownAtFirst } from "./config.js";
import { el, icon } from "./dom.js";
import { GROUNDS, ground, hasPictures, hasRelief } from "./ground.js";
import { sample } from "./legend.js";

// While the page is open: groups that are folded, layers whose legend is open, and what a group showed when it was switched off.
const folded = new Set();
const opened = new Set();
const before = new Map();

/**
 * The elements of the screen, and how they follow the map: zoomed(zoom), dayIs(dayOrNull), groundIs(), shownAre(keys),
 * onlyIs(keyOrNull).
 * view: {shown: Set of keys, opacity: Map of key → 0…1, day, relief}
 * on: {layers(keys, shown), only(key), all(), opacity(key, value), zoomTo(key), order(), legend(), base(name), relief(on), day(dayOrNull)}
 */
export function layersPanel(view, on) {
  const groups = config.groups
    .map((group) => ({ ...group, layers: config.layers.filter((layer) => layer.group === group.key).toReversed() }))
    .filter((group) => group.layers.length)
    .map((group) => groupOf(group, view, on));
  const rows = groups.flatMap((group) => group.rows);
  const alone = onlyNote(on);
  const groundField = groundOf(view, on);
  const { field, dayIs } = dayField(on);
  dayIs(view.day);
  return {
    content: [config.empty && emptyNote(), groundField.element, ways(on), alone.element, ...groups.map(({ element }) => element), field].filter(Boolean),
    zoomed: (zoom) => rows.forEach((row) => row.zoomed(zoom)),
    dayIs,
    groundIs: groundField.groundIs,
    shownAre: () => groups.forEach((group) => group.shownAre()),
    onlyIs: (key) => {
      alone.onlyIs(key);
      rows.forEach((row) => row.onlyIs(key));
    },
  };
}

const emptyNote = () =>
  el("div", { class: "note note-info" }, icon("info"), el("div", {}, el("p", {}, say("empty")), el("p", {}, el("code", {}, "./manage.py import_parcels FILE"))));

const way = (name, title, onclick) => el("button", { type: "button", class: "button", onclick }, icon(name), title);

const ways = (on) =>
  el("div", { class: "row layer-ways" }, way("list-checks", say("legend_button"), on.legend), way("arrow-up-down", say("order_button"), on.order));

// ---- Ground ----

const ICONS = { light: "sun", dark: "moon", aerial: "image" };

function groundOf(view, on) {
  const titles = { light: say("ground_light"), dark: say("ground_dark"), aerial: say("ground_aerial") };
  const choices = GROUNDS.filter((name) => name !== "aerial" || hasPictures()).map((name) => {
    const box = el("input", { type: "radio", name: "ground", value: name, class: "visually-hidden", onchange: () => on.base(name) });
    return { name, box, label: el("label", {}, box, icon(ICONS[name]), el("span", {}, titles[name])) };
  });
  const relief = hasRelief() && toggle({ "data-relief": true, onchange: ({ target }) => on.relief(target.checked) });
  const groundIs = () => {
    for (const { name, box } of choices) box.checked = ground() === name;
    if (relief) relief.checked = view.relief;
  };
  groundIs();
  const element = el("fieldset", { class: "ground" }, el("legend", {}, say("ground")),
    el("div", { class: "choices" }, choices.map(({ label }) => label)),
    relief && el("label", { class: "layer-switch" }, relief, icon("mountain"), el("span", {}, say("relief"))));
  return { element, groundIs };
}

// ---- Only one layer ----

function onlyNote(on) {
  const words = el("p", {});
  const element = el("div", { class: "note note-info only-note", hidden: true }, icon("focus"),
    el("div", {}, words, el("button", { type: "button", class: "button", "data-all-again": true, onclick: on.all }, icon("undo-2"), say("as_before"))));
  const onlyIs = (key) => {
    element.hidden = !key;
    words.textContent = key ? say("only_this_now", { layer: config.layers.find((layer) => layer.key === key).title }) : "";
  };
  return { element, onlyIs };
}

// ---- Groups and layers ----

const toggle = (attributes) => el("input", { type: "checkbox", role: "switch", ...attributes });

function groupOf({ key, title, layers }, view, on) {
  const keys = layers.map((layer) => layer.key);
  const all = el("input", {
    type: "checkbox", class: "switch", "data-group": key, "aria-label": say("whole_group", { group: title }),
    onchange: ({ target }) => {
      const shown = keys.filter((each) => view.shown.has(each));
      if (!target.checked) before.set(key, shown);
      const usual = keys.filter((each) => shownAtFirst().has(each));
      const back = [before.get(key), usual, keys].find((some) => some?.length);
      on.layers(target.checked ? back : shown, target.checked);
      shownAre();
    },
  });
  const rows = layers.map((layer) => layerRow(layer, view, on, () => tellGroup()));
  const list = el("div", { id: `layers-${key}`, hidden: folded.has(key) }, rows.map(({ element }) => element));
  const fold = el("button", {
    type: "button", class: "group-fold", "aria-expanded": String(!folded.has(key)), "aria-controls": `layers-${key}`,
    onclick: () => {
      list.hidden = !list.hidden;
      folded[list.hidden ? "add" : "delete"](key);
      fold.setAttribute("aria-expanded", String(!list.hidden));
    },
  }, icon("chevron-down"), title);
  const tellGroup = () => {
    const count = keys.filter((each) => view.shown.has(each)).length;
    all.checked = count > 0;
    all.indeterminate = count > 0 && count < keys.length;
  };
  const shownAre = () => {
    rows.forEach((row) => row.shownIs());
    tellGroup();
  };
  shownAre();
  return { element: el("section", { class: "layer-group", "aria-label": title }, el("h3", {}, fold, all), list), rows, shownAre };
}

function layerRow(layer, view, on, onSwitched) {
  const { key, title } = layer;
  const box = toggle({
    "data-layer": key,
    onchange: ({ target }) => {
      on.layers([key], target.checked);
      tellHint();
      onSwitched();
    },
  });
  const hint = el("button", { type: "button", class: "layer-hint", hidden: true, "data-zoom-to": key, onclick: () => on.zoomTo(key) },
    icon("zoom-in"), say("zoom_in"), el("span", { class: "visually-hidden" }, `: ${title}`));
  const alone = el("button", {
    type: "button", class: "button-icon", "data-only": key, "aria-pressed": "false", title: say("only_this"), "aria-label": say("only_layer", { layer: title }),
    onclick: () => (alone.getAttribute("aria-pressed") === "true" ? on.all() : on.only(key)),
  }, icon("focus"));
  const more = el("details", { open: opened.has(key), ontoggle: ({ target }) => opened[target.open ? "add" : "delete"](key) },
    el("summary", { "aria-label": say("legend_of", { layer: title }) }, icon("chevron-down")),
    layer.legend.length > 1 && legendLines(layer),
    opacityField(layer, view, on));
  const element = el("div", { class: "layer" },
    el("div", { class: "layer-line" }, el("label", { class: "layer-switch" }, box, sample(layer), el("span", {}, title)), alone),
    hint, more);
  let zoom = 0;
  const tellHint = () => (hint.hidden = !view.shown.has(key) || zoom >= firstZoom(layer, view.day));
  return {
    element,
    zoomed: (now) => {
      zoom = now;
      tellHint();
    },
    shownIs: () => {
      box.checked = view.shown.has(key);
      tellHint();
    },
    onlyIs: (picked) => alone.setAttribute("aria-pressed", String(picked === key)),
  };
}

const legendLines = (layer) =>
  el("ul", { class: "legend" }, layer.legend.map((line) => el("li", {}, sample(layer, line), el("span", {}, line.title))));

function opacityField(layer, view, on) {
  const slider = el("input", {
    type: "range", min: 10, max: 100, step: 10,
    value: Math.round((view.opacity.get(layer.key) ?? 1) * 100),
    "aria-label": say("opacity_of", { layer: layer.title }),
    oninput: ({ target }) => on.opacity(layer.key, Number(target.value) / 100),
  });
  return el("label", { class: "opacity" }, el("span", {}, say("opacity")), slider);
}

// ---- Day ----

function dayField(on) {
  const input = el("input", {
    type: "date",
    id: "map-day",
    min: "1900-01-01",
    max: "2100-12-31",
    "aria-describedby": "map-day-help",
    onchange: ({ target }) => {
      if (!target.validity.valid) return;
      on.day(!target.value || target.value === config.today ? null : target.value);
    },
  });
  const today = el("button", { type: "button", class: "button", onclick: () => on.day(null) }, say("today"));
  const field = el("fieldset", { class: "day-field" },
    el("legend", {}, say("day")),
    el("p", { class: "help", id: "map-day-help" }, say("day_help")),
    el("div", { class: "row" }, el("label", { class: "visually-hidden", for: "map-day" }, say("day")), input, today));
  const dayIs = (day) => {
    input.value = day ?? config.today;
    today.hidden = !day;
  };
  return { field, dayIs };
}
