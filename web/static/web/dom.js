// Making elements. Text is always set as text, so nothing that a register holds can become markup.

const sprite = new URL("./icons.svg", import.meta.url).pathname;

/** An element. Attributes starting with "on" are listeners; null, false and undefined attributes are left out. */
export function el(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (value === true) element.setAttribute(name, "");
    else if (value !== null && value !== undefined && value !== false) element.setAttribute(name, value);
  }
  element.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

/** A drawn element. */
export function svg(tag, attributes, ...children) {
  const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

/** The drawing of an icon, for use inside another drawing. */
export const use = (name, attributes = {}) => svg("use", { href: `${sprite}#${name}`, ...attributes });

/** An icon of the sprite; it is decoration, so what stands beside it must say the same in words. */
export const icon = (name) =>
  svg("svg", { class: "icon", "aria-hidden": "true", focusable: "false" }, use(name));

/** A legend colour in the shape in which the map draws it: "fill", "line" or "circle". */
export function swatch(colour, drawn = "fill") {
  const shapes = {
    fill: () => svg("rect", { x: 0.5, y: 0.5, width: 15, height: 15, rx: 3, fill: colour }),
    line: () => svg("rect", { x: 0, y: 6, width: 16, height: 4, rx: 2, fill: colour }),
    circle: () => svg("circle", { cx: 8, cy: 8, r: 5, fill: colour }),
  };
  const attributes = { class: `swatch swatch-${drawn}`, viewBox: "0 0 16 16", "aria-hidden": "true", focusable: "false" };
  return svg("svg", attributes, shapes[drawn]());
}
