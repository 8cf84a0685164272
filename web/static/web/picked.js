// What is picked and opened: a parcel, another thing, or a place; how the panel tells it and the map marks it.

import { layerOf, say } from "./config.js";
import { coordinatesSection } from "./coordinates.js";
import { el, icon } from "./dom.js";
import * as format from "./format.js";
import { sections, summary, turns } from "./here.js";
import { setDay, showLayers } from "./map-layers.js";
import { bringIntoView, lookAt, mark, middle, pin } from "./map.js";
import { announce, mention, withdraw } from "./notices.js";
import * as panel from "./panel.js";
import { parcelAnswer, parcelMore, parcelTitle } from "./parcel-panel.js";
import { isMergedAt, leadOf, ordered, thingsAt } from "./pick.js";
import * as search from "./search.js";
import { isSheet } from "./sheet.js";
import { fullName, nameOf, placeFacts, sortOf, thingFacts } from "./things-panel.js";
import { remember, view } from "./view.js";

const NEAR = 0.0008; // degrees around a position that is looked at, some 90 m
let flag = null; // the pin for a position
let asking = null; // what is under way
let firstLook = null; // an answer that came before the map
let clicksTo = null; // the tool that takes the clicks on the map for itself
let spot = null; // [lon, lat] of what is open: where it was clicked, or a place on it

/** The map is drawn: clicks on it pick from now on. */
export function wire(map) {
  flag = pin(map);
  map.on("click", ({ point }) => pickAt(point));
  if (firstLook) lookAt(map, firstLook);
  if (view.marked) mark(map, null, view.marked);
}

/** Clicks on the map go to onClick(point) until the returned function is called. */
export function takeClicks(onClick) {
  clicksTo = onClick;
  return () => { if (clicksTo === onClick) clicksTo = null; };
}

/** Whether a tool takes the clicks on the map. */
export const taken = () => clicksTo !== null;

/** Pick what is in the middle of the part of the map that nothing covers. */
export const pickMiddle = () => pickAt(middle(view.map));

/** Ask anew for what is open, as of the day of the map. */
export function reopen() {
  if (view.parcel) openParcel(view.parcel, { push: false, position: spot });
  else if (view.thing) openThing(view.thing, { push: false, position: spot });
}

/** Open what an address names, or nothing. */
export function follow({ parcel, thing }, { look }) {
  if (parcel) openParcel(parcel, { push: false, look, thing });
  else if (thing) openThing(thing, { push: false, look });
  else close({ push: false });
}

/** Nothing is picked any more, and what is under way is not waited for. */
export function forget() {
  asking?.abort();
  pick(null);
  flag?.take();
  view.parcel = view.thing = spot = null;
}

/** Leave what is open for the list of layers. */
export function close({ push = true, focus = false } = {}) {
  forget();
  remember({ push });
  showLayers({ quiet: isSheet(), focus });
}

/** Leave by the keyboard or the way back: the focus goes to what comes. */
export const back = () => close({ focus: true });

/** Whether anything is open or marked. */
export const isOpen = () => Boolean(view.parcel || view.thing || view.marked || spot);

/** What is open stays in sight, whatever the panel now covers. */
export function keepInSight() {
  if (view.map && spot && isSheet()) bringIntoView(view.map, spot);
}

function pick(thing) {
  if (view.map) mark(view.map, view.marked, thing);
  view.marked = thing;
}

/** Start to speak of something else: {signal} of what is asked for it. */
function begin({ parcel = null, thing = null, position = null, push }) {
  asking?.abort();
  asking = new AbortController();
  flag?.take();
  view.parcel = parcel;
  view.thing = thing && { layer: thing.layer, id: thing.id };
  spot = position;
  remember({ push });
  return asking.signal;
}

/** JSON of an address of ours on the day of the map. Throws {message, unknown, day} in words; AbortError when given up. */
async function ask(path, values, signal) {
  const address = new URL(path, location.href);
  for (const [name, value] of Object.entries(values)) address.searchParams.set(name, value);
  if (view.day) address.searchParams.set("as_of", view.day);
  const answer = await fetch(address, { signal, headers: { Accept: "application/json" } });
  const told = await answer.json().catch(() => null);
  signal.throwIfAborted();
  if (answer.ok) return told;
  throw Object.assign(new Error(told?.error?.message ?? say("answer_away")), { told: true, unknown: answer.status === 404, day: told?.error?.day });
}

/** Show why something does not come; again() asks once more. */
function fail(error, title, again) {
  if (error.name === "AbortError") return;
  const message = error.told ? error.message : say(navigator.onLine ? "answer_away" : "offline");
  pick(null); // what was picked before is not what the panel now speaks of
  panel.show(title, [
    el("div", { class: "note note-error" }, icon("circle-alert"), el("p", {}, message)),
    el("p", { class: "actions" }, error.unknown ? waysOn(error.day) : button("refresh-cw", say("try_again"), again)),
  ], { onBack: back });
  announce(message);
}

/** What helps where a thing is not in the register, or was not on the day of the map: asking again does not. */
const waysOn = (day) => [
  day && button("calendar-days", say("show_day", { day: format.day(day) }), () => setDay(day)),
  view.day && button("calendar-days", say("today"), () => setDay(null)),
  button("search", say("search_parcel"), search.focus),
];

const button = (name, title, onclick) => el("button", { type: "button", class: "button", onclick }, icon(name), title);

// ---- Parcels and things ----

/**
 * Show the answer for a parcel. things: what else is at the place; position: where that is; thing: {layer, id} of what
 * stands open beside the answer; beside: the way to other parcels there.
 */
export async function openParcel(code, { push = true, look = false, things = [], position = null, thing = null, beside = null } = {}) {
  const signal = begin({ parcel: code, thing, position, push });
  const lead = el("div", { class: "lead" }, panel.waiting());
  const rest = el("div", { class: "folds" });
  panel.show(code, [beside, lead, rest].filter(Boolean), { onBack: back });
  try {
    const answer = await ask(`/parcels/${encodeURIComponent(code)}.json`, {}, signal);
    const parcel = { layer: "parcels", id: answer.identity };
    spot ??= answer.centre.wgs84;
    let open = things.find((other) => other.layer === thing?.layer && other.id === thing?.id) ?? null;
    if (thing && !open) {
      open = await ask(`/things/${thing.layer}/${thing.id}.json`, {}, signal).catch((error) => { if (!error.told) throw error; });
      things = open ? [...things, open] : things;
    }
    panel.rename(parcelTitle(answer));
    lead.replaceChildren(...parcelAnswer(answer));
    lead.addEventListener("focusin", () => turnTo(null, parcel));
    rest.replaceChildren(...parcelMore(answer, (other) => openParcel(other, { look: true })), ...others(things, parcel, open));
    turnTo(open, parcel);
    announce([parcelTitle(answer), ...answer.planning.headline.slice(0, 1)].join(". "));
    seek(answer.bounds, look);
  } catch (error) {
    fail(error, code, () => openParcel(code, { push: false, thing }));
  }
}

/** Show a thing {layer, id} that the server is asked for. */
export async function openThing(thing, { push = true, look = false, position = null } = {}) {
  const signal = begin({ thing, position, push });
  const title = layerOf(thing.layer)?.title ?? say("things");
  panel.show(title, [panel.waiting()], { onBack: back });
  try {
    const told = await ask(`/things/${thing.layer}/${thing.id}.json`, {}, signal);
    openPlace([told], { push: false, position: position ?? told.position });
    seek(told.bounds, look);
  } catch (error) {
    fail(error, title, () => openThing(thing, { push: false, look, position }));
  }
}

/** Show things at a place, the one that is asked for most first. */
function openPlace(things, { push = true, position, lead = leadOf(things) }) {
  const alike = things.filter(({ layer }) => layer === lead.layer);
  const rest = things.filter(({ layer }) => layer !== lead.layer);
  const beside = turns(alike.length, () => alike.indexOf(lead), (to, step) => {
    openPlace(things, { push: false, position, lead: alike[to] });
    document.querySelector(`#panel [data-step="${step}"]`)?.focus(); // the panel was made anew
  });
  pick(lead);
  if (lead.layer === "parcels") {
    openParcel(lead.properties.code, { push, things: rest, position, beside });
    return;
  }
  begin({ thing: lead, position, push });
  const told = el("div", { class: "lead" }, el("p", { class: "under-title" }, sortOf(lead)), thingFacts(lead, view.day));
  told.addEventListener("focusin", () => turnTo(null, lead));
  panel.show(nameOf(lead), [beside, told, el("div", { class: "folds" }, others(rest, lead, null))].filter(Boolean), { onBack: back });
  announce(`${fullName(lead)}, ${layerOf(lead.layer).title}. ${rest.length ? say("also", { things: summary(rest) }) : ""}`);
}

/** The folded sections below what is told first: other things, coordinates, and the way to all that is here. */
const others = (things, lead, open) => [
  ...sections(ordered(things), open, {
    day: view.day,
    look: (thing) => turnTo(thing, lead),
    parcel: (thing) => openParcel(thing.properties.code, { things: things.filter((other) => other !== thing), position: spot }),
  }),
  coordinatesSection(spot),
  el("p", { class: "actions all-here" }, button("list-tree", say("all_here"), () => openPosition(spot))),
];

/** The visitor looks at one of the other things, or back at the lead (null): map and address follow. */
function turnTo(thing, lead) {
  const to = thing ?? lead;
  if (!to || (view.marked?.layer === to.layer && view.marked.id === to.id)) return;
  pick(to);
  view.thing = to.layer === "parcels" && view.parcel ? null : { layer: to.layer, id: to.id };
  remember({ push: false });
}

function seek(bounds, look) {
  if (look && view.map) lookAt(view.map, bounds);
  else if (look) firstLook = bounds;
}

// ---- Places ----

/** Show a place [lon, lat]: its coordinates, and everything there of all layers, whether the map shows them or not. */
export async function openPosition(position, { title = say("this_place"), push = true } = {}) {
  const signal = begin({ position, push });
  pick(null);
  flag?.place(position);
  const here = el("div", { class: "folds" }, panel.waiting());
  panel.show(title, [coordinatesSection(position, { open: true }), el("h3", {}, say("here")), here], { onBack: back });
  try {
    const [lon, lat] = position;
    const { things } = await ask("/at.json", { lon, lat }, signal);
    here.replaceChildren(...sections(things, null, {
      day: view.day,
      look: pick,
      parcel: (thing) => openParcel(thing.properties.code, { things: things.filter((other) => other !== thing), position }),
    }), ...(things.length ? [] : [el("p", { class: "help" }, say("nothing_at_all"))]));
    announce(`${title}, ${format.place(position)}. ${things.length ? summary(things) : say("nothing_at_all")}`);
  } catch (error) {
    if (error.name === "AbortError") return;
    here.replaceChildren(el("p", { class: "help" }, error.told ? error.message : say("answer_away")),
      el("p", { class: "actions" }, button("refresh-cw", say("try_again"), () => openPosition(position, { title, push: false }))));
  }
}

/** The same for a point of the canvas. */
export function positionAt(point) {
  if (clicksTo) return;
  withdraw("mention");
  const { lng, lat } = view.map.unproject(point);
  openPosition([lng, lat]);
  bringIntoView(view.map, [lng, lat]);
}

/** Pick what is at a point of the map, in pixels. */
export function pickAt(point) {
  if (clicksTo) {
    clicksTo(point);
    return;
  }
  if (isMergedAt(view.map, point)) {
    positionAt(point);
    return;
  }
  const things = thingsAt(view.map, point);
  withdraw("mention");
  if (things.length) {
    const { lng, lat } = view.map.unproject(point);
    openPlace(things, { position: [lng, lat] });
    bringIntoView(view.map, [lng, lat]);
  } else if (isOpen()) close();
  else mention(say("nothing_here"));
}

/** Show a result of the search: a parcel's answer, a thing, or a place on the map. */
export function found(result) {
  if (!view.map) {
    location.assign(result.url ?? `/search?q=${encodeURIComponent(result.title)}`);
    return;
  }
  if (isSheet()) document.activeElement.blur(); // the keyboard of a phone makes room for the map
  const [lon, lat] = result.position;
  // A house number leads to what may be built there: that is what people look it up for.
  if (result.code && result.kind !== "position") {
    const house = result.kind === "address";
    openParcel(result.code, { look: true, position: house ? result.position : null });
    if (house) flag?.place(result.position);
    return;
  }
  if (result.kind === "position") openPosition(result.position, { title: result.title });
  else if (result.layer && result.id) openThing({ layer: result.layer, id: result.id }, { position: result.position });
  else {
    begin({ position: result.position, push: true });
    pick(null);
    panel.show(result.title, placeFacts(result, (code) => openParcel(code, { look: true })), { onBack: back });
    announce([result.title, result.note].filter(Boolean).join(". "));
  }
  lookAt(view.map, result.bounds ?? [lon - NEAR, lat - NEAR, lon + NEAR, lat + NEAR]);
}
