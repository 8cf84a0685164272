// A course of points that somebody sets one after the other, with all steps back and forth. Knows no map.

const EMPTY = { points: [], closed: false, finished: false };

/** A course; onChange() is called after each step. points: [[lon, lat], …]; closed: it goes around an area. */
export function makeCourse(onChange) {
  let past = [];
  let future = [];
  let now = EMPTY;
  const step = (next) => {
    past.push(now);
    future = [];
    now = { ...now, ...next };
    onChange();
  };
  const move = (from, to) => {
    if (!from.length) return;
    to.push(now);
    now = from.pop();
    onChange();
  };
  return {
    get points() { return now.points; },
    get closed() { return now.closed; },
    get finished() { return now.finished; },
    get canUndo() { return past.length > 0; },
    get canRedo() { return future.length > 0; },
    /** Set a point; a course that is finished gives way to a new one. */
    add(point) {
      step(now.finished ? { ...EMPTY, points: [point] } : { points: [...now.points, point] });
    },
    close: () => now.points.length > 2 && !now.closed && step({ closed: true, finished: true }),
    finish: () => now.points.length > 1 && !now.finished && step({ finished: true }),
    clear: () => now.points.length && step(EMPTY),
    undo: () => move(past, future),
    redo: () => move(future, past),
  };
}
