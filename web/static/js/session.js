// An expired session never takes the page away: the same person logs in again in a dialog and goes on.
import { problemOf, wordsFor } from "./answers.js";

let waiting = null;

/** Resolves once this page's person is logged in again; never rejects while the dialog is only closed and opened again. */
export function logInAgain() {
  const dialog = document.getElementById("login-again");
  if (!dialog) {
    location.assign("/login");
    return new Promise(() => {});
  }
  waiting ??= Promise.withResolvers ? Promise.withResolvers() : deferred();
  if (!dialog.open) dialog.showModal();
  dialog.querySelector("[type=password]").focus();
  return waiting.promise;
}

function deferred() {
  const parts = {};
  parts.promise = new Promise((resolve, reject) => Object.assign(parts, { resolve, reject }));
  return parts;
}

async function submit(event) {
  const form = event.target.closest("[data-login-again]");
  if (!form) return;
  event.preventDefault();
  const said = form.querySelector("[data-login-error]");
  const problem = await tryLogin(form).catch(() => wordsFor(0));
  said.hidden = !problem;
  said.textContent = problem;
  if (problem) return;
  form.reset();
  document.getElementById("login-again").close();
  document.dispatchEvent(new CustomEvent("kms:login"));
  waiting?.resolve();
  waiting = null;
}

/** The empty string when it worked, else the server's sentence. A log-in that redirects has worked. */
async function tryLogin(form) {
  const response = await fetch(form.action, {
    method: "POST",
    body: new URLSearchParams(new FormData(form)),
    headers: { "HX-Request": "true", Accept: "application/json" },
    redirect: "manual",
  });
  if (response.ok || response.type === "opaqueredirect") return "";
  return (await problemOf(response)).detail || "工号或密码不对";
}

/** htmx met a 401: log in, then do the same thing again. */
function onHtmxError(event) {
  if (event.detail.xhr.status !== 401) return;
  event.stopImmediatePropagation();
  const { elt, triggeringEvent } = event.detail.requestConfig;
  logInAgain().then(() => {
    if (elt instanceof HTMLFormElement) elt.requestSubmit();
    else htmx.trigger(elt, triggeringEvent?.type ?? "click");
  });
}

document.addEventListener("submit", submit);
document.addEventListener("htmx:responseError", onHtmxError, true);
