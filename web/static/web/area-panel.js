// What lies in an area, as the panel tells it: the answer in sentences, then tables, then the way to take it away.

import { config, layerOf, say } from "./config.js";
import { downloadForm } from "./download.js";
import { el, icon } from "./dom.js";
import * as format from "./format.js";
import { sample } from "./legend.js";

const AT_FIRST = 8; // rows of a table before the rest is folded away
const LARGE_M2 = 1_000_000; // areas within such an outline are told in hectares
const HECTARE_M2 = 10_000;
const OWN_TABLES = ["parcels", "zones", "buildings"];
const IN_FORCE = "adopted";
const OVERLAPPING = ["state", "level"]; // layers told apart by these lie over one another

/** {content, said}: the elements for a summary of the server, and the same in a sentence. asked: the question. */
export function areaPanel(summary, { asked, title }) {
  const { outline, layers } = summary;
  const found = layers.filter(({ count }) => count > 0);
  const by = (key) => found.find((layer) => layer.key === key);
  const hectares = outline.area_m2 >= LARGE_M2;
  const lines = [parcelLine(by("parcels")), zoneLine(by("zones")), buildingLine(by("buildings"))].filter(Boolean);
  const nothing = found.length ? null : say("area_empty");
  const size = [format.area(outline.area_m2), say("perimeter", { length: format.length(outline.perimeter_m) })].join(" · ");
  const day = summary.as_of === config.today ? null : say("map_of_day", { day: format.day(summary.as_of) });
  return {
    said: [`${size}.`, ...lines, nothing].filter(Boolean).join(" "),
    content: [
      el("p", { class: "under-title" }, title && el("strong", {}, title), title && " · ", size, day && ` · ${day}`),
      el("section", { class: "answer", "aria-labelledby": "inside-title" }, el("h3", { id: "inside-title" }, say("area_inside")),
        [...lines, nothing].filter(Boolean).map((line) => el("p", { class: "answer-line" }, line))),
      by("parcels") && landUse(by("parcels"), hectares),
      ...zones(by("zones"), hectares),
      by("buildings") && buildings(by("buildings"), hectares),
      others(found.filter(({ key }) => !OWN_TABLES.includes(key)), hectares),
      found.length && downloadForm(found, asked),
      how(summary, found),
    ].filter(Boolean),
  };
}

// ---- Sentences ----

/** A number stays on one line with its unit. */
const whole = (words) => words.replaceAll(" ", "\u00a0");
const area = (m2) => whole(format.area(m2));
const percent = (share) => whole(format.percent(share));

const parcelLine = (parcels) => parcels && say("area_parcels", {
  count: format.number(parcels.count), area: area(parcels.area_m2), share: percent(parcels.share_percent),
  most: largest(parcels.groups).titles[0],
});

const largest = (groups) => groups.toSorted((a, b) => b.area_m2 - a.area_m2)[0];

function zoneLine(zones) {
  const inForce = zones?.groups.filter(({ values }) => values.state === IN_FORCE) ?? [];
  if (!inForce.length) return null;
  const { titles, share_percent: share } = largest(inForce);
  return say("area_zones", { function: titles[1], share: percent(share) });
}

const buildingLine = (buildings) => buildings && say(buildings.floor_area_m2 ? "area_buildings" : "area_buildings_only", {
  count: format.number(buildings.count), footprint: area(buildings.area_m2), floors: area(buildings.floor_area_m2),
});

// ---- Tables ----

const sized = (m2, hectares) => (hectares ? format.fixed(m2 / HECTARE_M2, 2) : format.number(m2, 0));
const unit = (hectares) => say(hectares ? "area_ha" : "area_m2");

/** A table of numbers; `rows` are lists of cells, the first of which names the row. Many rows are folded. */
function table(heads, rows) {
  const row = ([name, ...cells]) => el("tr", {}, el("th", { scope: "row" }, name), cells.map((cell) => el("td", {}, cell)));
  const body = el("tbody", {}, rows.slice(0, AT_FIRST).map(row));
  const shown = el("table", { class: "numbers" }, el("thead", {}, el("tr", {}, heads.map((head) => el("th", { scope: "col" }, head)))), body);
  if (rows.length <= AT_FIRST) return shown;
  const more = el("button", {
    type: "button", class: "button button-quiet",
    onclick: () => {
      body.append(...rows.slice(AT_FIRST).map(row));
      more.remove();
      body.rows[AT_FIRST].scrollIntoView({ block: "nearest" });
    },
  }, say("area_more", { count: rows.length - AT_FIRST }), icon("chevron-down"));
  return el("div", {}, shown, more);
}

const section = (title, ...content) => el("section", {}, el("h3", {}, title), content);
const many = ({ others: left }) => left > 0 && el("p", { class: "help" }, say("area_others", { count: format.number(left) }));

const landUse = (parcels, hectares) => section(say("area_land_use"),
  table([say("land_use"), say("area_lots"), unit(hectares), "%"], parcels.groups.map(({ titles, count, area_m2: m2, share_percent: share }) =>
    [titles[0], format.number(count), sized(m2, hectares), format.fixed(share, 1)])),
  many(parcels));

/** Zones of plans in force, and folded, those that have no effect. */
function zones(layer, hectares) {
  if (!layer) return [];
  const lines = new Map((layerOf("zones")?.legend ?? []).map((line) => [line.value, line]));
  const rows = (groups) => groups.map(({ values, titles, area_m2: m2, share_percent: share }) =>
    [el("span", { class: "row-name" }, lines.has(values.function) && sample(layerOf("zones"), lines.get(values.function)), el("span", {}, titles[1])), sized(m2, hectares), format.fixed(share, 1)]);
  const shown = (groups) => table([say("area_function"), unit(hectares), "%"], rows(groups));
  const states = Map.groupBy(layer.groups, ({ values }) => values.state);
  return [...states].map(([state, groups]) => (state === IN_FORCE
    ? section(say("area_functions"), shown(groups), many(layer))
    : el("details", { class: "fold" }, el("summary", {}, icon("triangle-alert"), el("span", { class: "fold-title" }, el("h3", {}, `${say("area_functions")}: ${groups[0].titles[0]}`)), icon("chevron-down")),
      el("div", { class: "fold-body" }, el("p", { class: "help" }, say("area_no_effect")), shown(groups)))));
}

const buildings = (layer, hectares) => section(layer.title,
  table([say("area_storeys"), say("area_number"), say("area_footprint", { unit: hectares ? "ha" : "m²" })], layer.groups.map(({ values, count, area_m2: m2 }) =>
    [values.storeys === null ? say("not_known") : String(values.storeys), format.number(count), sized(m2, hectares)])),
  layer.floors_unknown > 0 && el("p", { class: "help" }, say("area_floors_unknown", { count: format.number(layer.floors_unknown) })));

/** All other layers: how many, and how much in their own measure; with the sorts that they are told apart by. */
function others(layers, hectares) {
  if (!layers.length) return null;
  const measure = ({ area_m2: m2, length_m: m, by: [first] }) => {
    if (OVERLAPPING.includes(first)) return ""; // a sum would count the same ground several times
    return m2 !== undefined ? format.area(m2) : m !== undefined ? format.length(m) : "";
  };
  return section(say("area_also"), ...layers.map((layer) => {
    const name = [layer.title, layer.approximate && ` (${say("area_about")})`];
    const total = el("span", { class: "total" }, [format.number(layer.count), measure(layer)].filter(Boolean).join(" · "));
    if (!layer.groups.length) return el("p", { class: "fold-line" }, el("span", {}, name), total);
    return el("details", { class: "fold" }, el("summary", {}, el("span", { class: "fold-title" }, el("h4", {}, name), total), icon("chevron-down")),
      el("div", { class: "fold-body" }, table([say("area_sort"), say("area_number"), ...(layer.extent === "point" ? [] : [layer.extent === "line" ? say("length_m") : unit(hectares)])],
        layer.groups.map(({ titles, count, area_m2: m2, length_m: m }) => [titles.filter(Boolean).join(" · ") || say("not_known"), format.number(count),
          ...(m2 !== undefined ? [sized(m2, hectares)] : m !== undefined ? [format.number(m, 0)] : [])])), many(layer)));
  }));
}

const how = (summary, found) => el("details", { class: "fold" },
  el("summary", {}, icon("info"), el("span", { class: "fold-title" }, el("h3", {}, say("area_how"))), icon("chevron-down")),
  el("div", { class: "fold-body" },
    el("p", {}, say("area_how_counted", { crs: summary.crs.name })),
    el("p", {}, say("area_how_floors")),
    found.some(({ approximate }) => approximate) && el("p", {}, say("area_how_approximate"))));
