// The points of a course as coordinates, to read and to copy: VN-2000 as surveyors write it, and WGS 84.

import { say } from "./config.js";
import { copyButton } from "./copy.js";
import { el, icon } from "./dom.js";
import * as format from "./format.js";

let wasOpen = false; // the list is made anew with each point

/** A folded table of points [[lon, lat]]; `exact` holds their places in VN-2000 once the server told them. */
export function coordinatesOf(points, exact) {
  const places = exact?.places ?? [];
  const vn2000 = () => places.map(({ easting, northing }, i) => `${i + 1}\t${northing.toFixed(3)}\t${easting.toFixed(3)}`).join("\n");
  const wgs84 = () => points.map(([lon, lat], i) => `${i + 1}\t${lat.toFixed(8)}\t${lon.toFixed(8)}`).join("\n");
  const cells = (i) => (places[i] ? [format.metres(places[i].northing), format.metres(places[i].easting)] : ["…", "…"]);
  const box = el("details", { class: "fold", open: wasOpen, ontoggle: () => (wasOpen = box.open) },
    el("summary", {}, icon("crosshair"), el("span", { class: "fold-title" }, el("h3", {}, say("coordinates"))), icon("chevron-down")),
    el("div", { class: "fold-body" },
      el("table", { class: "numbers" },
        el("thead", {}, el("tr", {}, [say("measure_point"), say("north_x"), say("east_y")].map((title) => el("th", { scope: "col" }, title)))),
        el("tbody", {}, points.map((_, i) => el("tr", {}, el("th", { scope: "row" }, String(i + 1)), cells(i).map((cell) => el("td", {}, cell)))))),
      exact && el("p", { class: "help" }, `${exact.crs.name} · EPSG:${exact.crs.epsg}`),
      el("p", { class: "actions" }, places.length === points.length && copyButton(say("copy_system", { system: "VN-2000" }), vn2000), copyButton(say("copy_system", { system: "WGS 84" }), wgs84))));
  return box;
}
