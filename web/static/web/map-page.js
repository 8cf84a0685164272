// The map page as it is first seen: the map and its layers. What a visitor does with it comes after that (desk.js).

import * as badges from "./badges.js";
import { say } from "./config.js";
import { el, icon } from "./dom.js";
import { catchUp, firstStyle, followTheme, showLayers, tellDay, zoomed } from "./map-layers.js";
import { canDraw, makeMap } from "./map.js";
import { notify, withdraw } from "./notices.js";
import { isSheet, stopAt } from "./sheet.js";
import * as theme from "./theme.js";
import { awaitFirstView, watch } from "./tile-errors.js";
import { drawn, first, remember, view } from "./view.js";

const SIGNS = ["pointerdown", "keydown", "focusin"]; // that somebody is about to do something
let missed = null; // the last click on the map before anything listened to it
let desk = null;

/** Fetch all that the first view does without: once, and at the latest when that is drawn. */
function loadDesk() {
  desk ??= import("./desk.js").then(({ begin }) => begin(missed));
  return desk;
}

async function draw() {
  if (!canDraw()) {
    const ways = el("p", { class: "actions" },
      el("a", { class: "button button-main", href: "/search" }, icon("search"), say("to_search")),
      el("a", { class: "button", href: "/table" }, icon("table-2"), say("to_table")));
    document.getElementById("map").append(el("div", { class: "no-map" }, icon("map"), el("p", {}, say("no_webgl")), ways));
    loadDesk();
    return;
  }
  const firstViewIsThere = awaitFirstView();
  let style;
  try {
    style = await firstStyle();
  } catch {
    firstViewIsThere();
    loadDesk();
    notify("style", say("tiles_away"), { title: say("try_again"), onclick: () => { withdraw("style"); draw(); } });
    return;
  }
  const map = makeMap(style, first.camera);
  watch(map);
  badges.wire(map);
  map.on("click", ({ point }) => (missed = point));
  map.once("idle", () => {
    performance.mark("first-view");
    firstViewIsThere();
    loadDesk();
  });
  // Where the map itself makes room for the panel, nobody has asked for anything.
  map.on("moveend", ({ originalEvent }) => remember({ push: false, untouched: !originalEvent && Boolean(window.history.state?.untouched) }));
  map.on("zoom", zoomed);
  map.on("idle", async () => {
    await loadDesk(); // MapLibre calls this before what waits for the first idle only
    document.documentElement.dataset.map = "ready";
  });
  drawn(map);
  zoomed();
  remember({ push: false, untouched: !window.location.hash });
  catchUp();
}

const tools = document.querySelector(".tools-switch");
tools.addEventListener("click", () => {
  const open = tools.getAttribute("aria-expanded") !== "true";
  tools.setAttribute("aria-expanded", String(open));
  document.body.classList.toggle("tools-open", open);
});

showLayers({ quiet: true });
if (isSheet()) stopAt("peek");
tellDay();
theme.followed(followTheme);
for (const sign of SIGNS) window.addEventListener(sign, loadDesk, { once: true, capture: true });
if (first.parcel || first.thing) loadDesk();
draw();
