// The order in which the layers that are on lie on the map: a list, top first, moved by buttons or by dragging.

import { layerOf, say } from "./config.js";
import { el, icon } from "./dom.js";
import { sample } from "./legend.js";
import { announce } from "./notices.js";
import { view } from "./view.js";

/** The screen. on: {move(key, by), reset()}; by is +1 for higher and -1 for lower on the map. */
export function screen(on) {
  const list = el("ol", { class: "order" });
  const keys = () => view.order.filter((key) => view.shown.has(key)).toReversed();

  function fill() {
    const drawn = keys();
    list.replaceChildren(...drawn.map((key, at) => row(key, at, drawn.length)));
  }

  function row(key, at, count) {
    const { title } = layerOf(key);
    const step = (by, name, words, ends) =>
      el("button", { type: "button", class: "button-icon", "data-move": `${key}:${by}`, disabled: ends, "aria-label": words, onclick: () => stepped(key, by) }, icon(name));
    const grip = el("span", { class: "grip", "aria-hidden": "true", title: say("drag"), onpointerdown: (event) => drag(event, key) }, icon("grip-vertical"));
    return el("li", { "data-key": key }, grip, sample(layerOf(key)), el("span", { class: "name" }, title),
      step(1, "arrow-up", say("higher", { layer: title }), at === 0),
      step(-1, "arrow-down", say("lower", { layer: title }), at === count - 1));
  }

  function stepped(key, by) {
    on.move(key, by);
    fill();
    tell(key);
    // The button that was pressed keeps the focus, or at the end of the list the other one.
    const [same, other] = [by, -by].map((way) => list.querySelector(`[data-move="${key}:${way}"]`));
    (same.disabled ? other : same).focus();
  }

  const tell = (key) => announce(say("order_now", { layer: layerOf(key).title, place: keys().indexOf(key) + 1, count: keys().length }));

  function drag(event, key) {
    if (event.button) return;
    event.preventDefault();
    list.querySelector(`[data-key="${key}"]`).classList.add("dragged");
    const follow = ({ clientY }) => {
      const rows = [...list.children];
      const over = rows.findIndex((each) => clientY < each.getBoundingClientRect().bottom);
      const to = over < 0 ? rows.length - 1 : over;
      const by = Math.sign(keys().indexOf(key) - to);
      if (!by) return;
      on.move(key, by);
      fill();
      list.querySelector(`[data-key="${key}"]`).classList.add("dragged");
    };
    const end = () => {
      window.removeEventListener("pointermove", follow);
      window.removeEventListener("pointerup", end);
      window.removeEventListener("pointercancel", end);
      fill();
      tell(key);
    };
    window.addEventListener("pointermove", follow);
    window.addEventListener("pointerup", end);
    window.addEventListener("pointercancel", end);
  }

  const reset = el("button", { type: "button", class: "button", onclick: () => { on.reset(); fill(); announce(say("usual_order_now")); } },
    icon("rotate-ccw"), say("usual_order"));
  fill();
  return { content: [el("p", { class: "help" }, say("order_help")), list, el("p", { class: "actions" }, reset)] };
}
