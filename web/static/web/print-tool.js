// The way from the map to its printed page: the same place, layers and day, and what the map showed.

import { say } from "./config.js";
import { seen } from "./map.js";

export function wire(desk) {
  desk.addTool({
    name: "print", icon: "printer", title: say("print"),
    onclick: () => location.assign(`/print${location.hash || "#"}${desk.map ? `&view=${seen(desk.map)}` : ""}`),
  });
}
