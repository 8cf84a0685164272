// What stands in the list below the search box: groups of options with a heading each. Knows no server and no map.

import { el, icon } from "./dom.js";

const ICONS = {
  position: "crosshair", parcel: "land-plot", address: "house", street: "route", place: "map-pin", unit: "landmark",
  water: "waves", plan: "file-text", zone: "square-dashed",
};

/**
 * The list's elements for groups [{title, options: [{icon, content, choose}]}]. Calls onChoose(option) for a click.
 * Options are numbered through all groups: search-option-0, search-option-1, …
 */
export function groupElements(groups, onChoose) {
  let number = 0;
  return groups.map(({ title, options }, at) =>
    el("ul", { role: "group", "aria-labelledby": `search-group-${at}` },
      el("li", { role: "presentation", class: "search-heading", id: `search-group-${at}` }, title),
      options.map((option) =>
        el("li", { role: "option", id: `search-option-${number++}`, "aria-selected": "false",
          // The box keeps the focus: pointerdown would take it away and close the list before the click.
          onpointerdown: (event) => event.preventDefault(),
          onclick: () => onChoose(option) },
        icon(option.icon), el("span", {}, option.content)))));
}

/** Groups of the results of /search.json; act(result) is what choosing one does. */
export function resultGroups({ groups, results }, act) {
  return groups.map(({ kind, title }) => ({
    title,
    options: results.filter((result) => result.kind === kind).map((result) => ({
      icon: ICONS[kind] ?? "map-pin",
      content: [el("span", {}, marked(result.title, result.marks)), result.subtitle && el("small", {}, result.subtitle),
        result.note && el("small", { class: "search-told" }, icon("info"), el("span", {}, result.note))],
      choose: () => act(result),
    })),
  }));
}

/** A group of texts to be searched for; act(text) is what choosing one does. */
export const textGroup = (title, name, texts, act) =>
  ({ title, options: texts.map((text) => ({ icon: name, content: text, choose: () => act(text) })) });

/** A title in which the letters that were typed stand out: spans [start, end] of it. */
function marked(title, spans) {
  let last = 0;
  const pieces = spans.flatMap(([start, end]) => {
    const pair = [title.slice(last, start), el("mark", {}, title.slice(start, end))];
    last = end;
    return pair;
  });
  return [...pieces, title.slice(last)];
}
