// Requests of our own scripts. They say HX-Request, so the server answers 401 instead of redirecting to the log-in page.
import { problemOf, wordsFor } from "./answers.js";
import { logInAgain } from "./session.js";

export class Refused extends Error {
  constructor(response, body) {
    super(body.detail || body.title || wordsFor(response.status));
    this.status = response.status;
    this.body = body;
  }
}

/** fetch that returns the good response, or throws Refused; an expired session is renewed in a dialog, then it tries again. */
export async function request(url, options = {}) {
  const headers = { "HX-Request": "true", Accept: "application/json, text/html;q=0.9", ...options.headers };
  const response = await fetch(url, { credentials: "same-origin", ...options, headers });
  if (response.ok) return response;
  if (response.status === 401 && options.renew !== false) {
    await logInAgain();
    return request(url, { ...options, renew: false });
  }
  throw new Refused(response, await problemOf(response));
}

/** POST small JSON that must survive leaving the page; failures are nobody's business. */
export function report(url, body) {
  fetch(url, {
    method: "POST",
    credentials: "same-origin",
    keepalive: true,
    headers: { "Content-Type": "application/json", "HX-Request": "true" },
    body: JSON.stringify(body),
  }).catch(() => {});
}
