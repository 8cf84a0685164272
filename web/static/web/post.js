// Asking with a body: JSON there and back, with the token that tells our own pages from other sites'.

import { say } from "./config.js";

/** The token of this visitor, which forms and requests with a body must carry. */
export const token = () => /(?:^|; )csrftoken=([^;]+)/.exec(document.cookie)?.[1] ?? "";

/** The JSON answer to a body. Throws {message, code, at, told} in the visitor's words; AbortError when given up. */
export async function postJson(address, body, { signal } = {}) {
  return answerOf(address, { "Content-Type": "application/json" }, JSON.stringify(body), signal);
}

/** The JSON answer to the values of a form. Throws as postJson does. */
export const postForm = (address, values, { signal } = {}) => answerOf(address, {}, new URLSearchParams(values), signal);

async function answerOf(address, headers, body, signal) {
  let answer;
  try {
    answer = await fetch(address, { method: "POST", signal, body, headers: { Accept: "application/json", "X-CSRFToken": token(), ...headers } });
  } catch (error) {
    throw error.name === "AbortError" ? error : new Error(say("server_away"));
  }
  const told = await answer.json().catch(() => null);
  signal?.throwIfAborted();
  if (answer.ok) return told;
  const { message, code, at } = told?.error ?? {};
  throw Object.assign(new Error(message ?? say("server_away")), { code, at, told: Boolean(message) });
}
