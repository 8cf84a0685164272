// The tool that asks what lies in an area: one that is drawn, the outline of a thing, or the view of the map.

import { areaPanel } from "./area-panel.js";
import { layerOf, say } from "./config.js";
import { el, icon } from "./dom.js";
import { announce, notify, withdraw } from "./notices.js";
import { makeOverlay, part } from "./overlay.js";
import { waiting } from "./panel.js";
import { postJson } from "./post.js";
import { covered, isSheet, raise, stopAt } from "./sheet.js";
import { steps } from "./steps.js";

const WAYS = [ // ways to name an area, with their pictures
  ["polygon", "pentagon"], ["rectangle", "square"], ["circle", "circle"], ["freehand", "lasso"], ["outline", "mouse-pointer-click"], ["view", "scan"],
];

/** Returns {take(ring)}: opens the tool with an area that somebody has measured. */
export function wire(desk) {
  let area = null;
  desk.whenDrawn((map) => {
    area = makeArea(desk, map);
    const tool = desk.addTool({
      name: "area", icon: "square-dashed", title: say("area"), toggles: true,
      onclick: (pressed) => (pressed ? area.start(tool) : desk.close()),
    });
    area.press = () => {
      tool.button.setAttribute("aria-pressed", "true");
      return area.start(tool);
    };
  });
  return {
    async take(ring) {
      await area.press();
      area.take(ring);
    },
  };
}

function makeArea(desk, map) {
  let sketch = null;
  let overlay = null;
  let screen = null;
  let way = null;
  let source = null; // what the summary is asked with: {geometry}, {bbox} or {thing}
  let name = null; // what the thing is called
  let asking = null;
  let giveBack = null; // the clicks on the map
  let memory = null; // what was drawn when the tool was left

  // ---- Beginning and ending ----

  async function start(tool) {
    screen = makeScreen();
    overlay = makeOverlay(map, "outline");
    const { content, update } = screen;
    giveBack = desk.takeClicks(clicked);
    const container = map.getContainer();
    container.addEventListener("keydown", enter, { capture: true });
    document.addEventListener("keydown", keys);
    map.on("move", aim);
    const stopDays = desk.whenDayChanges(() => source && ask(source, name));
    document.body.dataset.drawing = "area";
    let left = false;
    const end = () => {
      left = true;
      giveBack();
      container.removeEventListener("keydown", enter, { capture: true });
      document.removeEventListener("keydown", keys);
      map.off("move", aim);
      stopDays();
      delete document.body.dataset.drawing;
      asking?.abort();
      memory = sketch?.memory ?? memory;
      sketch?.stop();
      overlay.remove();
      sketch = overlay = screen = way = source = null;
      tool.release();
    };
    desk.show(say("area"), content, { onLeave: end });
    update();
    const { makeSketch } = await import("./sketch.js").catch(() => ({}));
    if (left) return;
    if (!makeSketch) {
      screen.wrong(say("area_tool_away"), () => { desk.close(); });
      return;
    }
    sketch = makeSketch(map, { onArea: drawn, onStep: update });
    if (memory) sketch.remember(memory);
    if (way || !memory?.now) begin(way ?? "polygon"); // what was chosen before it could be drawn
    else way = sketch.mode;
    update();
    map.getCanvas().focus({ preventScroll: true });
  }

  const aim = () => sketch?.isDrawing() && map.getCanvas().matches(":focus-visible") && sketch.hover(desk.middle());

  function enter(event) {
    if (event.key !== "Enter" || event.shiftKey || event.target !== map.getCanvas() || way === "outline") return;
    event.preventDefault();
    event.stopPropagation();
    sketch?.press(desk.middle());
  }

  function keys(event) {
    if (event.defaultPrevented || event.target.closest?.("input, textarea, select, dialog")) return;
    const key = event.key.toLowerCase();
    const held = event.ctrlKey || event.metaKey;
    if (event.key === "Escape") (sketch?.isDrawing() ? sketch.giveUp() : desk.close());
    else if (held && (key === "y" || (key === "z" && event.shiftKey))) redo();
    else if (held && key === "z") undo();
    else return;
    event.preventDefault();
  }

  const undo = () => { sketch?.undo(); announce(say("undone")); };
  const redo = () => { sketch?.redo(); announce(say("redone")); };

  function clear() {
    const [was, called] = [source, name];
    const drawing = sketch?.isDrawing();
    if (was && !was.geometry) forget();
    else sketch?.clear();
    if (drawing) return;
    const bringBack = () => (was && !was.geometry ? ask(was, called) : sketch?.undo());
    notify("area", say("area_cleared"), { title: say("undo"), onclick: () => { withdraw("area"); bringBack(); } });
  }

  // ---- Which area ----

  /** Somebody chose a way: the map comes free for drawing. */
  function choose(chosen) {
    if (isSheet() && chosen !== "view") stopAt("peek");
    begin(chosen);
  }

  function begin(chosen) {
    way = chosen;
    withdraw("area");
    forget();
    if (way === "view") {
      sketch?.rest();
      ask({ bbox: freeView().join(",") });
    } else if (way === "outline") {
      sketch?.rest();
      screen.tell(el("p", { class: "help" }, say("area_outline_help")));
    } else {
      sketch?.begin(way);
    }
    screen.update();
    announce(say(`area_${way}_help`));
    map.getCanvas().focus({ preventScroll: true });
  }

  /** No area is asked about any more. */
  function forget() {
    asking?.abort();
    source = null;
    overlay?.draw([]);
    screen?.tell();
    screen?.update();
  }

  /** West, south, east, north of what the panel leaves free. */
  function freeView() {
    const { top, right, bottom, left } = covered();
    const { clientWidth: width, clientHeight: height } = map.getContainer();
    const { lng: west, lat: north } = map.unproject([left, top]);
    const { lng: east, lat: south } = map.unproject([width - right, height - bottom]);
    return [west, south, east, north].map((degrees) => Number(degrees.toFixed(7)));
  }

  function drawn(geometry) {
    if (!screen) return;
    withdraw("area");
    if (geometry) {
      way = sketch?.mode ?? way;
      ask({ geometry });
    } else forget();
  }

  /** A click while an outline is to be chosen: which things with an area are there. */
  async function clicked(point) {
    if (way !== "outline") return;
    forget();
    const { lng: lon, lat } = map.unproject(point);
    const address = new URL("/at.json", location.href);
    address.search = new URLSearchParams({ lon, lat, ...(desk.day && { as_of: desk.day }) });
    try {
      const answer = await fetch(address, { headers: { Accept: "application/json" } });
      if (!answer.ok) throw new Error(`at: ${answer.status}`);
      const { things } = await answer.json();
      const areas = things.filter(({ area_m2: size }) => size);
      screen?.tell(
        el("p", { class: "help" }, say(areas.length ? "area_choose" : "area_none_here")),
        el("ul", { class: "area-choices" }, areas.map(({ layer, id, title }) =>
          el("li", {}, el("button", { type: "button", onclick: () => ask({ thing: `${layer}/${id}` }, title) }, el("span", {}, title), el("small", {}, layerOf(layer)?.title ?? ""))))));
      raise();
      announce(say(areas.length ? "area_choose" : "area_none_here"));
    } catch {
      screen?.wrong(say("server_away"), () => clicked(point));
    }
  }

  // ---- What lies in it ----

  async function ask(asked, title = null) {
    asking?.abort();
    asking = new AbortController();
    const { signal } = asking;
    source = asked;
    name = title;
    overlay.draw([]);
    screen.update();
    screen.tell(waiting(), el("p", { class: "help", role: "status" }, say("area_adding")),
      el("p", { class: "actions" }, el("button", { type: "button", class: "button", onclick: () => { asking.abort(); screen?.tell(again(asked, title)); } }, icon("x"), say("cancel"))));
    const day = desk.day ? { as_of: desk.day } : {};
    try {
      const summary = await postJson("/summary.json", { ...asked, ...day }, { signal });
      if (summary.outline.geometry) outline(summary.outline.geometry);
      const { content, said } = areaPanel(summary, { asked: { ...asked, ...day }, title });
      screen.tell(...content);
      if (isSheet()) raise();
      keepInSight(summary.outline);
      announce(said);
    } catch (error) {
      if (error.name === "AbortError" || !screen) return;
      if (error.at) overlay.draw([part("fault", { type: "Point", coordinates: error.at })]);
      screen.wrong(error.message, error.told ? null : () => ask(asked, title));
      if (isSheet()) raise();
    }
  }

  const again = (asked, title) => el("p", { class: "actions" },
    el("button", { type: "button", class: "button", onclick: () => ask(asked, title) }, icon("refresh-cw"), say("try_again")));

  /** Draw the outline of a thing. */
  function outline(geometry) {
    const rings = geometry.type === "Polygon" ? geometry.coordinates : geometry.coordinates.flat();
    overlay.draw([part("area", geometry), part("line", { type: "MultiLineString", coordinates: rings })]);
  }

  /** Look at the area where the panel, or the edge of the map, hides a part of it. */
  function keepInSight({ kind, bounds }) {
    if (kind === "view" || (kind === "drawn" && !isSheet())) return;
    const [west, south, east, north] = freeView();
    if (bounds[0] < west || bounds[1] < south || bounds[2] > east || bounds[3] > north) desk.lookAt(bounds);
  }

  // ---- The panel ----

  function makeScreen() {
    const ways = WAYS.map(([name, picture]) => el("button", {
      type: "button", class: "button", "data-way": name, "aria-pressed": "false", "aria-label": say(`area_${name}`), title: say(`area_${name}`), onclick: () => choose(name),
    }, icon(picture), el("span", {}, say(`area_${name}`))));
    const bar = steps({ undo, redo, clear });
    const help = el("p", { class: "help" });
    const told = el("div", { class: "area-told" });
    const choices = el("div", { class: "area-ways", role: "group", "aria-label": say("area_ways") }, ways);
    return {
      content: [el("div", { class: "area-head" }, choices, bar.element), help, told],
      tell: (...content) => told.replaceChildren(...content),
      wrong(message, retry) {
        told.replaceChildren(el("div", { class: "note note-error" }, icon("circle-alert"), el("div", {}, el("p", {}, message),
          retry && el("p", {}, el("button", { type: "button", class: "button", onclick: retry }, icon("refresh-cw"), say("try_again"))))));
        announce(message);
      },
      update() {
        for (const button of ways) button.setAttribute("aria-pressed", String(button.dataset.way === way));
        bar.update({ canUndo: sketch?.canUndo, canRedo: sketch?.canRedo, canClear: Boolean(source) || (sketch && !sketch.isEmpty) });
        choices.classList.toggle("compact", Boolean(source));
        const byRim = ["circle", "rectangle"].includes(sketch?.mode);
        const hint = source?.geometry ? (byRim ? "area_rim_help" : "area_edit_help") : source ? null : way ? `area_${way}_help` : "area_help";
        help.textContent = hint ? say(hint) : "";
        help.hidden = !hint || way === "outline";
      },
    };
  }

  return { start, take: (ring) => sketch?.take(ring), press: null };
}
