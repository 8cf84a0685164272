// Drawing an area on the map with Terra Draw: four ways to draw, corners that can be moved, every step back and forth.
// Loaded when somebody draws. Knows no panel and no server.

import { TerraDraw, TerraDrawCircleMode, TerraDrawFreehandMode, TerraDrawModeUndoRedo, TerraDrawPolygonMode, TerraDrawRectangleMode, TerraDrawSelectMode } from "terra-draw";
import { TerraDrawMapLibreGLAdapter } from "terra-draw-maplibre-gl-adapter";

import { ink } from "./overlay.js";
import * as theme from "./theme.js";

const EDIT = "select";
const REST = "static"; // clicks draw nothing
const DIGITS = 9; // of a degree: a tenth of a millimetre, and all that Terra Draw takes

/** The ways to draw. */
export const MODES = ["polygon", "rectangle", "circle", "freehand"];

const drawn = () => {
  const { line, rim, fill } = ink();
  const corner = { Color: rim, Width: 5, OutlineColor: line, OutlineWidth: 2.5 };
  const points = (name) => Object.fromEntries(Object.entries(corner).map(([key, value]) => [`${name}${key}`, value]));
  return { fillColor: fill, fillOpacity: 0.14, outlineColor: line, outlineWidth: 3, ...points("closingPoint"), ...points("coordinatePoint") };
};

/** How an area looks that can be changed. A circle has many corners, all of which move its rim: they are small. */
const edited = (isCircle) => {
  const { line, rim, fill } = ink();
  return {
    selectedPolygonColor: fill, selectedPolygonFillOpacity: 0.14, selectedPolygonOutlineColor: line, selectedPolygonOutlineWidth: 3,
    selectionPointColor: rim, selectionPointWidth: () => (isCircle() ? 1.5 : 6), selectionPointOutlineColor: line, selectionPointOutlineWidth: 2.5,
    midPointColor: line, midPointWidth: 4, midPointOutlineColor: rim, midPointOutlineWidth: 1.5,
  };
};

function modes(isCircle) {
  const shared = { keyEvents: null, styles: drawn() };
  const corners = { feature: { coordinates: { draggable: true, midpoints: true, deletable: true } } };
  const flags = {
    polygon: corners,
    freehand: corners,
    rectangle: { feature: { coordinates: { resizable: "opposite" } } },
    circle: { feature: { coordinates: { resizable: "center-fixed" } } },
  };
  const byDrag = { ...shared, drawInteraction: "click-move-or-drag" };
  return [
    new TerraDrawPolygonMode({ ...shared, showCoordinatePoints: true }),
    new TerraDrawRectangleMode(byDrag),
    new TerraDrawCircleMode(byDrag),
    new TerraDrawFreehandMode(byDrag),
    new TerraDrawSelectMode({ flags, keyEvents: null, allowManualDeselection: false, styles: edited(isCircle) }),
  ];
}

/**
 * A sketch of one area on the map. onArea(geometry): an area was drawn, changed, or taken away (null).
 * onStep(): what can be undone has changed.
 */
export function makeSketch(map, { onArea, onStep }) {
  const isCircle = () => now?.mode === "circle";
  const draw = new TerraDraw({
    adapter: new TerraDrawMapLibreGLAdapter({ map, prefixId: "tool-area", coordinatePrecision: DIGITS }),
    modes: modes(isCircle),
    undoRedo: { modeLevel: new TerraDrawModeUndoRedo() },
  });
  let past = [];
  let future = [];
  let now = null; // {mode, geometry} of the area as it stands
  let drawingIn = MODES[0];
  draw.start();
  draw.on("finish", (id) => {
    const { geometry, properties } = draw.getSnapshotFeature(id);
    past.push(now);
    future = [];
    now = { mode: properties.mode, geometry };
    if (draw.getMode() !== EDIT) draw.selectFeature(id, EDIT);
    onStep();
    onArea(geometry);
  });
  draw.on("change", onStep);
  const unfollow = theme.followed(() => {
    for (const mode of MODES) draw.updateModeOptions(mode, { styles: drawn() });
    draw.updateModeOptions(EDIT, { styles: edited(isCircle) });
  });

  /** Show an area that was drawn before, or none. */
  function show(state) {
    now = state;
    draw.clear();
    if (now) {
      const [{ id }] = draw.addFeatures([{ type: "Feature", properties: { mode: now.mode }, geometry: now.geometry }]);
      draw.selectFeature(id, EDIT);
    } else draw.setMode(drawingIn);
    onStep();
    onArea(now?.geometry ?? null);
  }

  const isDrawing = () => draw.getModeState() === "drawing";

  function replace(state) {
    past.push(now);
    future = [];
    show(state);
  }

  function step(from, to) {
    to.push(now);
    show(from.pop());
  }

  /** What a mouse would do at a point of the canvas: so the keyboard draws, too. */
  function point(types, { x, y }) {
    const canvas = map.getCanvas();
    const { left, top } = canvas.getBoundingClientRect();
    for (const type of types) {
      const buttons = type === "pointermove" ? { button: -1 } : { button: 0, buttons: 1 };
      canvas.dispatchEvent(new PointerEvent(type, { clientX: left + x, clientY: top + y, isPrimary: true, bubbles: true, ...buttons }));
    }
  }

  // A finger comes from nowhere, and a circle takes its size from where the pointer was last.
  const touch = (event) => {
    if (!event.isTrusted || event.pointerType === "mouse" || !isDrawing()) return;
    const { left, top } = map.getCanvas().getBoundingClientRect();
    point(["pointermove"], { x: event.clientX - left, y: event.clientY - top });
  };
  map.getCanvas().addEventListener("pointerdown", touch, { capture: true });

  return {
    isDrawing,
    get canUndo() { return isDrawing() ? draw.canUndo() : past.length > 0; },
    get canRedo() { return isDrawing() ? draw.canRedo() : future.length > 0; },
    /** The way in which the area as it stands was drawn. */
    get mode() { return now?.mode ?? null; },
    get isEmpty() { return !now && !isDrawing(); },
    /** Draw a new area in one of the MODES. */
    begin(mode) {
      drawingIn = mode;
      if (now) replace(null);
      else draw.setMode(mode);
      onStep();
    },
    /** Draw nothing, and show nothing that was drawn. */
    rest() {
      this.begin(REST);
    },
    /** Leave what is being drawn, not what is drawn. */
    giveUp() {
      draw.setMode(draw.getMode());
      onStep();
    },
    /** Take a ring of positions as the area. */
    take(ring) {
      const places = [...ring, ring[0]].map((place) => place.map((degrees) => Number(degrees.toFixed(DIGITS))));
      replace({ mode: "polygon", geometry: { type: "Polygon", coordinates: [places] } });
    },
    clear: () => (isDrawing() ? draw.setMode(draw.getMode()) : replace(null)),
    undo: () => (isDrawing() && draw.canUndo() ? draw.undo() : past.length && step(past, future)),
    redo: () => (isDrawing() && draw.canRedo() ? draw.redo() : future.length && step(future, past)),
    press: (place) => point(["pointermove", "pointerdown", "pointerup"], place),
    hover: (place) => point(["pointermove"], place),
    stop() {
      unfollow();
      map.getCanvas().removeEventListener("pointerdown", touch, { capture: true });
      draw.stop();
    },
    /** What can be taken up again later, and taking it up. */
    get memory() { return { past, future, now }; },
    remember(memory) {
      ({ past, future } = memory);
      if (memory.now) show(memory.now);
    },
  };
}
