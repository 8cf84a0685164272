// While the map is open, the pass that the tiles need is renewed; and an ended session is told instead of silently losing layers.

import { config, say } from "./config.js";
import { notify } from "./notices.js";

const EVERY_MS = 5 * 60 * 1000;

/** Asks who is signed in every few minutes and when the visitor comes back; calls onEnd() once the session is over. */
export function keep(onEnd) {
  if (!config.signedIn) return;
  let asked = Date.now();

  async function ask() {
    asked = Date.now();
    const answer = await fetch("/session.json", { headers: { Accept: "application/json" } }).catch(() => null);
    if (!answer?.ok) return; // away for the moment; the tiles tell it if it matters
    const { signed_in: signedIn } = await answer.json();
    if (signedIn) return;
    clearInterval(timer);
    document.removeEventListener("visibilitychange", comeBack);
    const next = location.pathname + location.search + location.hash;
    notify("session", say("session_ended"), { title: say("sign_in_again"), href: `/accounts/login/?next=${encodeURIComponent(next)}` });
    onEnd();
  }
  const comeBack = () => {
    if (!document.hidden && Date.now() - asked > EVERY_MS) ask();
  };
  const timer = setInterval(ask, EVERY_MS);
  document.addEventListener("visibilitychange", comeBack);
}
