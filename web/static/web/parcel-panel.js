// What may be built on a parcel, as the panel tells it: the answer first, then the table, then the facts.

import { layerOf, say } from "./config.js";
import { el, icon, swatch } from "./dom.js";
import * as format from "./format.js";
import { sample } from "./legend.js";

/** The title of the panel for an answer of /parcels/CODE.json. */
export const parcelTitle = ({ sheet, number }) => say("parcel_title", { sheet, number });

/** What people ask first: what may be built here, and the way to the whole page. */
export function parcelAnswer(answer) {
  return [
    el("p", { class: "under-title dotted" }, glance(answer)),
    el("section", { class: "answer", "aria-labelledby": "answer-title" }, el("h3", { id: "answer-title" }, say("planning")), planning(answer)),
    answer.addresses.length > 0 && el("p", { class: "house" }, answer.addresses.join("; ")),
    el("p", { class: "help" }, answer.notice),
    el("p", { class: "actions" }, el("a", { class: "button button-main", href: answer.url }, icon("file-text"), say("parcel_page"))),
  ].filter(Boolean);
}

/** Where it is, what it is used for, how large it is: each part says what it is and is not torn from its mark. */
function glance({ commune, land_use: uses, area_document_m2: papers, area_measured_m2: measured }) {
  const parts = [
    commune.name ?? say("commune", { code: commune.code }),
    uses.map(({ code, name, known }) => (known ? say("use_and_code", { name, code }) : code)).join(" + "),
    say("measured", { area: format.area(measured) }),
    papers !== null && format.area(papers) !== format.area(measured) && say("in_papers", { area: format.area(papers) }),
  ];
  return parts.filter(Boolean).flatMap((part) => [el("span", {}, part), " "]);
}

/** The rest, folded: the cadastre, plans without effect, what the parcel came from. onParcel(code) goes on to a related one. */
export const parcelMore = (answer, onParcel) => [
  folded("parcels", icon("land-plot"), say("facts"), facts(answer)),
  answer.coming.length && folded("coming", icon("history"), count(say("coming"), answer.coming), further(answer.coming, say("coming_help"))),
  answer.drafts.length && folded("drafts", icon("history"), count(say("drafts"), answer.drafts), further(answer.drafts, say("drafts_help"))),
  lineage(answer.lineage, onParcel),
].filter(Boolean);

const count = (title, { length }) => (length > 1 ? `${title} (${length})` : title);

const folded = (key, picture, title, ...content) =>
  el("details", { class: "fold", "data-fold": key },
    el("summary", {}, picture, el("span", { class: "fold-title" }, el("h3", {}, title)), icon("chevron-down")),
    el("div", { class: "fold-body" }, ...content));

function planning({ planning: { status, note, headline }, zones }) {
  return [
    ...headline.map((sentence) => el("p", { class: "answer-line" }, sentence)),
    note && el("p", { class: `note ${status === "applies" ? "note-info" : "note-warning"}` }, icon(status === "applies" ? "info" : "triangle-alert"), el("span", {}, note)),
    ...zones.map(zoneCard),
  ].filter(Boolean);
}

function zoneCard(zone) {
  const { function: use, plan } = zone;
  const share = say("part_of_parcel", { share: format.percent(zone.share_percent), area: format.area(zone.area_m2) });
  const state = plan.state !== "adopted" && layerOf("zones")?.attributes.find(({ name }) => name === "state")?.values[plan.state];
  return el("article", { class: "zone" },
    state && el("p", {}, chip(state)),
    el("h4", {}, use.colour && drawn(use.colour), el("span", {}, say("zone", { code: zone.code }), " · ", use.name || use.code)),
    el("p", { class: "help" }, zone.too_close_to_call ? say("too_close") : share),
    zone.limits.length
      ? el("dl", { class: "indicators" }, zone.limits.map(limit))
      : el("p", { class: "help" }, say("no_indicators")),
    zone.population !== null && el("p", { class: "help" }, say("zone_population", { count: format.number(zone.population) })),
    el("p", { class: "help" }, say("source"), " ",
      plan.url ? el("a", { href: plan.url }, plan.title) : plan.title,
      plan.decision_ref && ` · ${plan.decision_ref}`));
}

/** The state of a plan that has no effect, so that nobody takes it for law. */
export const chip = (state) => el("span", { class: "chip" }, icon("triangle-alert"), state);

const limit = ({ key, title, words }) => el("div", { "data-indicator": key }, el("dt", {}, title), el("dd", {}, words));

/** The colour of a zone as the map draws it. */
function drawn(colour) {
  const layer = layerOf("zones");
  if (!layer) return swatch(colour);
  return sample(layer, { colours: Object.fromEntries(Object.keys(layer.samples).map((ground) => [ground, colour])) });
}

/** Zones without effect today; the words above say so. */
const further = (zones, help) => el("div", { class: "further" }, el("p", { class: "help" }, help), zones.map(zoneCard));

function facts(answer) {
  const uses = answer.land_use.map(({ code, name, known }) => [code, known && name].filter(Boolean).join(" – "));
  const rows = [
    [say("land_use"), uses.join("; ") || say("not_known")],
    [say("area_document"), answer.area_document_m2 === null ? say("not_known") : format.area(answer.area_document_m2)],
    [say("area_measured"), format.area(answer.area_measured_m2)],
    answer.old && [say("old_number"), say("parcel_title", answer.old)],
    [say("code"), answer.code],
    [say("position"), format.place(answer.centre.wgs84)],
    [answer.centre.vn2000.name, say("grid", { north: format.metres(answer.centre.vn2000.northing), east: format.metres(answer.centre.vn2000.easting) })],
    answer.valid_from && [say("valid_from"), format.day(answer.valid_from)],
  ].filter(Boolean);
  return factList(rows);
}

/** Pairs of term and description as a list. */
export const factList = (rows) =>
  el("dl", { class: "facts" }, rows.map(([term, words]) => el("div", {}, el("dt", {}, term), el("dd", {}, words))));

function lineage({ from, to }, onParcel) {
  const link = ({ code, on }) => el("li", {},
    el("a", { href: `/parcels/${encodeURIComponent(code)}`, onclick: (event) => { event.preventDefault(); onParcel(code); } }, code),
    on && ` (${format.day(on)})`);
  const part = (title, parcels) => parcels.length > 0 && [el("p", {}, title), el("ul", {}, parcels.map(link))];
  const parts = [part(say("made_from"), from), part(say("became"), to)].flat().filter(Boolean);
  return parts.length > 0 && folded("lineage", icon("waypoints"), say("lineage"), parts);
}
