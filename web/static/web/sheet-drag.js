// Dragging the bottom sheet: by grip and title at any time, by its content where that has nothing to scroll that way.

const START_PX = 6; // until then a finger taps
const FLING_MS = 160; // how far a flung sheet would still go on: its speed times this
const RECENT_MS = 80; // the speed is that of the last moments

/**
 * sheet: {isSheet(), isFull(), dropAt(height in pixels)}. Dragged, the panel has the class "dragged" and its height is
 * set from here; after that the stop says it again.
 */
export function wire(panel, sheet) {
  const body = panel.querySelector(".panel-body");
  const handle = panel.querySelectorAll(".panel-grip, .panel-head");
  let from = null; // {y, x, height, handle}: where a drag may have begun
  let dragged = false;
  let trail = []; // [{y, time}] of the last moments

  function begin(y, x, onHandle) {
    from = { y, x, height: panel.offsetHeight, onHandle };
    dragged = false;
    trail = [{ y, time: performance.now() }];
  }

  /** Whether a finger that has moved from where it began drags the sheet; null while that is not clear. */
  function drags(y, x) {
    const [down, aside] = [y - from.y, x - from.x];
    if (Math.abs(down) < START_PX && Math.abs(aside) < START_PX) return null;
    if (from.onHandle) return true;
    if (Math.abs(aside) > Math.abs(down)) return false;
    return down > 0 ? body.scrollTop <= 0 : !sheet.isFull();
  }

  function move(y) {
    dragged = true;
    const now = performance.now();
    trail = [...trail.filter(({ time }) => now - time < RECENT_MS), { y, time: now }];
    panel.classList.add("dragged");
    panel.style.height = `${from.height + from.y - y}px`;
  }

  function end() {
    if (from && dragged) {
      const [first, last] = [trail[0], trail.at(-1)];
      const speed = performance.now() - last.time > RECENT_MS ? 0 : (first.y - last.y) / Math.max(1, last.time - first.time);
      const height = panel.offsetHeight + speed * FLING_MS;
      panel.classList.remove("dragged");
      panel.style.height = "";
      sheet.dropAt(height);
    }
    from = null;
  }

  for (const part of handle) {
    part.addEventListener("pointerdown", ({ clientY, clientX, pointerId, target }) => {
      if (!sheet.isSheet() || target.closest("button:not(#panel-grip)")) return;
      begin(clientY, clientX, true);
      target.setPointerCapture(pointerId);
    });
    part.addEventListener("pointermove", ({ clientY, clientX }) => {
      if (from && (dragged || drags(clientY, clientX))) move(clientY);
    });
    part.addEventListener("pointerup", end);
    part.addEventListener("pointercancel", end);
    // The click at the end of a drag is none.
    part.addEventListener("click", (event) => {
      if (!dragged) return;
      event.stopPropagation();
      dragged = false;
    }, { capture: true });
  }

  // Over the content, the browser would scroll; touch events can still tell it not to.
  body.addEventListener("touchstart", ({ touches, target }) => {
    from = null;
    if (!sheet.isSheet() || touches.length !== 1 || target.closest("input[type=range]")) return;
    begin(touches[0].clientY, touches[0].clientX, false);
  }, { passive: true });
  body.addEventListener("touchmove", (event) => {
    if (!from) return;
    const [{ clientY, clientX }] = event.touches;
    if (!dragged) {
      const answer = drags(clientY, clientX);
      if (answer === false) from = null;
      if (!answer) return;
    }
    if (event.cancelable) event.preventDefault();
    move(clientY);
  }, { passive: false });
  body.addEventListener("touchend", end);
  body.addEventListener("touchcancel", end);
}
