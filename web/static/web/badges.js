// The discs with icons that stand for named places, drawn from the icons of the page.

const RATIO = 2; // pixels of the image for one on the map
const SIZE = 22; // pixels on the map, rim included
const ICON = 24; // units of an icon's own grid
const sprite = new URL("./icons.svg", import.meta.url).pathname;

let icons = null;

/** Draws the images named "badge:ICON:COLOUR" that the map's style asks for. */
export function wire(map) {
  map.setMissingStyleImageResolver(async (id) => {
    const [sort, name, colour] = id.split(":");
    if (sort !== "badge") return;
    icons ??= fetch(sprite).then((answer) => answer.text()).then((text) => new DOMParser().parseFromString(text, "image/svg+xml"));
    const symbol = (await icons).getElementById(name);
    if (symbol && !map.hasImage(id)) map.addImage(id, badge(symbol, colour), { pixelRatio: RATIO });
  });
}

function badge(symbol, colour) {
  const pen = new OffscreenCanvas(SIZE * RATIO, SIZE * RATIO).getContext("2d");
  pen.scale(RATIO, RATIO);
  pen.translate(SIZE / 2, SIZE / 2);
  disc(pen, SIZE / 2 - 0.5, "#ffffff");
  disc(pen, SIZE / 2 - 1.75, colour);
  const scale = (SIZE * 0.55) / ICON;
  pen.scale(scale, scale);
  pen.translate(-ICON / 2, -ICON / 2);
  Object.assign(pen, { strokeStyle: "#ffffff", lineWidth: 2.4, lineCap: "round", lineJoin: "round" });
  for (const shape of symbol.children) pen.stroke(outline(shape));
  return pen.getImageData(0, 0, SIZE * RATIO, SIZE * RATIO);
}

function disc(pen, radius, colour) {
  pen.fillStyle = colour;
  pen.beginPath();
  pen.arc(0, 0, radius, 0, 2 * Math.PI);
  pen.fill();
}

/** The outline of one element of an icon. */
function outline(shape) {
  const [x, y, width, height, rx, cx, cy, r, x1, y1, x2, y2] = ["x", "y", "width", "height", "rx", "cx", "cy", "r", "x1", "y1", "x2", "y2"]
    .map((name) => Number(shape.getAttribute(name)));
  const path = new Path2D(shape.getAttribute("d") ?? "");
  if (shape.tagName === "circle") path.arc(cx, cy, r, 0, 2 * Math.PI);
  if (shape.tagName === "rect") path.roundRect(x, y, width, height, rx);
  if (shape.tagName === "line") {
    path.moveTo(x1, y1);
    path.lineTo(x2, y2);
  }
  return path;
}
