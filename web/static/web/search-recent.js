// What was searched for before. It is kept in this browser only, and nothing but words that were typed or stand on the map.

const KEY = "recent-searches";
const MOST = 6;

/** The searches, the newest first. */
export function recent() {
  try {
    const kept = JSON.parse(localStorage.getItem(KEY));
    return Array.isArray(kept) ? kept.filter((text) => typeof text === "string").slice(0, MOST) : [];
  } catch {
    return []; // no storage here, or something else wrote to it
  }
}

/** Keep one more; the same again comes to the front. */
export function keep(text) {
  write([text, ...recent().filter((other) => other !== text)].slice(0, MOST));
}

export const forget = () => write([]);

function write(texts) {
  try {
    if (texts.length) localStorage.setItem(KEY, JSON.stringify(texts));
    else localStorage.removeItem(KEY);
  } catch {
    // A browser that keeps nothing offers nothing.
  }
}
