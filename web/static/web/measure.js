// Measuring: points set one after the other, with mouse, finger or keyboard; lengths and, once closed, the area. What is
// shown at once is an estimate; the server then tells the lengths of the register's plane, as the cadastre measures.

import { say } from "./config.js";
import { makeCourse } from "./course.js";
import { el, icon } from "./dom.js";
import * as estimate from "./estimate.js";
import * as format from "./format.js";
import { coordinatesOf } from "./measure-coordinates.js";
import { announce, notify, withdraw } from "./notices.js";
import { makeOverlay, part } from "./overlay.js";
import { postJson } from "./post.js";
import { isSheet, stopAt } from "./sheet.js";
import { steps } from "./steps.js";

const REACH_PX = matchMedia("(pointer: coarse)").matches ? 22 : 10; // this near to a point means the point
const HOVERS = matchMedia("(hover: hover)").matches; // a finger has no place before it touches
const PAUSE_MS = 150; // between a point and the question to the server

/** area: the tool that tells what lies in a closed course, take(ring). */
export function wire(desk, area) {
  desk.whenDrawn((map) => {
    const measuring = makeMeasuring(desk, map, (ring) => area.take(ring));
    const tool = desk.addTool({
      name: "measure", icon: "ruler", title: say("measure"), toggles: true,
      onclick: (pressed) => (pressed ? measuring.start(tool.release) : desk.close()),
    });
  });
}

function makeMeasuring(desk, map, onArea) {
  const course = makeCourse(changed);
  let exact = null; // what the server told of the course as it is
  let asking = null;
  let screen = null;
  let overlay = null;
  let end = null; // takes everything back that start set up

  // ---- Beginning and ending ----

  function start(onEnd) {
    overlay = makeOverlay(map, "measure");
    screen = makeScreen();
    const giveBack = desk.takeClicks(hit);
    const follow = ({ point }) => live(map.unproject(point), point);
    const aim = () => map.getCanvas().matches(":focus-visible") && live(map.unproject(desk.middle()), desk.middle());
    map.doubleClickZoom.disable();
    if (HOVERS) map.on("mousemove", follow);
    map.on("mouseout", hush);
    map.on("move", aim);
    document.addEventListener("keydown", keys);
    document.body.dataset.drawing = "measure";
    end = () => {
      giveBack();
      map.doubleClickZoom.enable();
      map.off("mousemove", follow);
      map.off("mouseout", hush);
      map.off("move", aim);
      document.removeEventListener("keydown", keys);
      delete document.body.dataset.drawing;
      asking?.abort();
      screen.tip.remove();
      overlay.remove();
      overlay = screen = null;
      onEnd();
    };
    desk.show(say("measure"), screen.content, { quiet: isSheet(), onLeave: () => end() });
    if (isSheet()) stopAt("peek");
    map.getContainer().append(screen.tip);
    map.getCanvas().focus({ preventScroll: true });
    announce(say("measure_help"));
    changed();
  }

  function keys(event) {
    if (event.defaultPrevented || event.target.closest?.("input, textarea, select, dialog")) return;
    const undoes = (event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "z";
    const redoes = (event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "y";
    if (event.key === "Escape") desk.close();
    else if (redoes || (undoes && event.shiftKey)) again();
    else if (undoes) back();
    else return;
    event.preventDefault();
  }

  // ---- Points ----

  function hit(point) {
    const { points, finished } = course;
    const near = (place) => {
      const { x, y } = map.project(place);
      return Math.hypot(x - point.x, y - point.y) < REACH_PX;
    };
    const { lng, lat } = map.unproject(point);
    if (!finished && points.length > 2 && near(points[0])) course.close();
    else if (!finished && points.length > 1 && near(points.at(-1))) course.finish();
    else if (finished || !points.length || !near(points.at(-1))) course.add([lng, lat]);
    tell();
  }

  function back() {
    course.undo();
    tell(say("undone"));
  }

  function again() {
    course.redo();
    tell(say("redone"));
  }

  function clear() {
    course.clear();
    notify("measure", say("measure_cleared"), { title: say("undo"), onclick: () => { withdraw("measure"); course.undo(); } });
  }

  // ---- Numbers ----

  const ring = () => (course.closed ? [...course.points, course.points[0]] : course.points);
  const estimatedLegs = () => ring().slice(1).map((place, i) => estimate.distance(ring()[i], place));
  // Each leg is rounded once: the total is the sum of what is shown.
  const legs = () => exact?.legs_m.map((leg) => Math.round(leg * 100) / 100) ?? estimatedLegs();
  const sum = (numbers) => numbers.reduce((total, number) => total + number, 0);
  const length = (m) => (exact ? format.length(m) : format.roughLength(m));
  const about = (words) => (exact ? words : say("about", { value: words }));

  function changed() {
    exact = null;
    withdraw("measure");
    draw();
    ask();
  }

  async function ask() {
    asking?.abort();
    if (!overlay || course.points.length < 1) return;
    asking = new AbortController();
    const { signal } = asking;
    try {
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
      if (signal.aborted) return;
      exact = await postJson("/measure.json", { points: course.points, closed: course.closed }, { signal });
      screen.fault(null);
      draw();
      if (course.finished) tell();
    } catch (error) {
      if (error.name === "AbortError" || !screen) return;
      screen.fault(error.message, error.told ? null : ask);
      if (error.at) draw([part("fault", { type: "Point", coordinates: error.at })]);
      announce(error.message);
    }
  }

  function draw(more = []) {
    if (!overlay) return;
    const line = ring();
    const told = legs();
    overlay.draw([
      course.closed && part("area", { type: "Polygon", coordinates: [line] }),
      line.length > 1 && part("line", { type: "LineString", coordinates: line }),
      ...course.points.map((place) => part("point", { type: "Point", coordinates: place })),
      ...line.slice(1).map((place, i) => part("label", { type: "Point", coordinates: between(line[i], place) }, { text: length(told[i]) })),
      ...more,
    ].filter(Boolean));
    screen.update();
    if (course.finished) hush();
  }

  const between = ([aLon, aLat], [bLon, bLat]) => [(aLon + bLon) / 2, (aLat + bLat) / 2];

  /** The leg that a point here would make, and the length with it. */
  function live({ lng, lat }, { x, y }) {
    const { points, finished } = course;
    if (!points.length || finished) {
      hush();
      return;
    }
    const leg = estimate.distance(points.at(-1), [lng, lat]);
    const live = { leg: format.roughLength(leg), total: format.roughLength(sum(legs()) + leg) };
    screen.tip.textContent = say("about", { value: say("measure_live", live) });
    screen.tip.style.translate = `${x + 16}px ${y + 16}px`;
    screen.tip.hidden = false;
    overlay.line([points.at(-1), [lng, lat]]);
  }

  function hush() {
    if (!screen) return;
    screen.tip.hidden = true;
    overlay.line(null);
  }

  /** Say to people who listen what there is now. */
  function tell(first = "") {
    const { points, closed } = course;
    const told = legs();
    const now = () => {
      if (!points.length) return say("measure_none");
      if (closed) return say("measure_said_area", { area: about(format.area(areaNow())), perimeter: length(sum(told)) });
      if (points.length === 1) return say("measure_said_first");
      return say("measure_said", { number: points.length, leg: length(told.at(-1)), total: about(length(sum(told))) });
    };
    announce([first, now()].filter(Boolean).join(". "));
  }

  const areaNow = () => exact?.area_m2 ?? estimate.area(course.points);

  // ---- The panel ----

  function makeScreen() {
    const tip = el("div", { class: "tip measure-tip", "aria-hidden": "true", hidden: true });
    const result = el("div", { class: "measure-result" });
    const bar = steps({ undo: back, redo: again, clear });
    const closing = el("button", { type: "button", class: "button", onclick: () => { course.close(); tell(); } }, icon("pentagon"), say("measure_close"));
    const onward = el("button", { type: "button", class: "button button-main", onclick: () => onArea(course.points) }, icon("list-checks"), say("area_inside"));
    const actions = el("p", { class: "actions" }, closing, onward);
    const help = el("p", { class: "help" });
    const wrong = el("div", {});
    const table = el("div", {});
    return {
      tip,
      content: [el("div", { class: "measure-head" }, result, bar.element), wrong, help, actions, table],
      fault(message, retry = null) {
        wrong.replaceChildren(...(message ? [el("div", { class: "note note-error" }, icon("circle-alert"), el("div", {}, el("p", {}, message),
          retry && el("button", { type: "button", class: "button", onclick: retry }, icon("refresh-cw"), say("try_again"))))] : []));
      },
      update() {
        const { points, closed, finished } = course;
        const told = legs();
        bar.update({ canUndo: course.canUndo, canRedo: course.canRedo, canClear: points.length > 0 });
        closing.hidden = points.length < 3 || closed;
        onward.hidden = !closed;
        actions.hidden = closing.hidden && onward.hidden;
        help.textContent = say(finished ? "measure_done_help" : points.length ? "measure_more_help" : "measure_help");
        result.replaceChildren(...(closed
          ? [el("strong", {}, about(format.area(areaNow()))), el("span", {}, say("perimeter", { length: about(length(sum(told))) }))]
          : [el("strong", {}, points.length > 1 ? about(length(sum(told))) : "0 m"), el("span", {}, say("measure_total"))]));
        table.replaceChildren(...(points.length ? [legsTable(told), distortion(), coordinatesOf(points, exact), note()].filter(Boolean) : []));
      },
    };
  }

  const legsTable = (told) => told.length > 0 && el("table", { class: "numbers legs" },
    el("thead", {}, el("tr", {}, el("th", { scope: "col" }, say("measure_leg")), el("th", { scope: "col" }, say("length_m")))),
    el("tbody", {}, told.map((leg, i) => el("tr", {}, el("th", { scope: "row" }, `${i + 1} – ${((i + 1) % course.points.length) + 1}`), el("td", {}, exact ? format.metres(leg) : format.fixed(leg, 1))))));

  const distortion = () => exact?.ground && el("p", { class: "note note-info" }, icon("info"),
    el("span", {}, say("measure_ground", { length: format.length(exact.ground.length_m), area: course.closed ? `; ${format.area(exact.ground.area_m2)}` : "" })));

  const note = () => exact && el("p", { class: "help" }, say("measure_plane", { crs: exact.crs.name }));

  return { start };
}
