// While the map is open, the pass that the tiles need is renewed; when the session ends, what only it might see leaves the page.

import { config, say } from "./config.js";
import { notify } from "./notices.js";

const EVERY_MS = 5 * 60 * 1000;
const ENDED = "session-ended"; // in the tab's storage: to be told by the page that loads next

/**
 * Asks who is signed in every few minutes and when the visitor comes back. Once the session is over, the page is loaded
 * anew: layers, panel, search results and what MapLibre keeps of the tiles may all hold what only staff may see.
 */
export function keep() {
  if (!config.signedIn) {
    tellEnd();
    return;
  }
  sessionStorage.removeItem(ENDED);
  let asked = Date.now();

  async function ask() {
    asked = Date.now();
    const answer = await fetch("/session.json", { headers: { Accept: "application/json" } }).catch(() => null);
    if (!answer?.ok) return; // away for the moment; the tiles tell it if it matters
    const { signed_in: signedIn } = await answer.json();
    if (signedIn) return;
    clearInterval(timer);
    document.removeEventListener("visibilitychange", comeBack);
    sessionStorage.setItem(ENDED, "yes");
    location.reload();
  }
  const comeBack = () => {
    if (!document.hidden && Date.now() - asked > EVERY_MS) ask();
  };
  const timer = setInterval(ask, EVERY_MS);
  document.addEventListener("visibilitychange", comeBack);
}

function tellEnd() {
  if (!sessionStorage.getItem(ENDED)) return;
  sessionStorage.removeItem(ENDED);
  const next = location.pathname + location.search + location.hash;
  notify("session", say("session_ended"), { title: say("sign_in_again"), href: `/accounts/login/?next=${encodeURIComponent(next)}` });
}
