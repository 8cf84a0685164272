// The other click: right button, long press, the menu key, Shift+Enter. It asks about the place rather than the thing.

const PRESS_MS = 600;
const STILL_PX = 8;

/** Calls onPlace(point of the canvas); middle() is the place that the keyboard means. */
export function wire(map, { onPlace, middle }) {
  const canvas = map.getCanvas();
  let timer = null;
  let from = null;
  const give = () => {
    clearTimeout(timer);
    timer = null;
  };
  const pointOf = ({ clientX, clientY }) => {
    const { left, top } = canvas.getBoundingClientRect();
    return { x: clientX - left, y: clientY - top };
  };

  canvas.addEventListener("contextmenu", (event) => {
    event.preventDefault();
    give();
    const byKey = event.button !== 2 && event.pointerType !== "touch";
    onPlace(byKey ? middle() : pointOf(event));
  });
  canvas.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || !event.shiftKey) return;
    event.preventDefault();
    onPlace(middle());
  });
  // Where a long press brings no menu of its own (iOS), time tells it.
  canvas.addEventListener("touchstart", ({ touches }) => {
    give();
    if (touches.length !== 1) return;
    from = pointOf(touches[0]);
    timer = setTimeout(() => {
      give();
      onPlace(from);
    }, PRESS_MS);
  }, { passive: true });
  canvas.addEventListener("touchmove", ({ touches }) => {
    const { x, y } = pointOf(touches[0]);
    if (from && Math.hypot(x - from.x, y - from.y) > STILL_PX) give();
  }, { passive: true });
  for (const end of ["touchend", "touchcancel"]) canvas.addEventListener(end, give, { passive: true });
}
