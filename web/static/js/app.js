// What every page has. htmx itself is configured by <meta name="htmx-config">.
import "./session.js";
import "./theme-switch.js";
import "./dialogs.js";
import "./keys.js";
import "./calendar.js";
import "./copy.js";
import "./live.js";
import { saidIn, wordsFor } from "./answers.js";
import { leaveLater, toast } from "./toast.js";

function focusWithin(element) {
  element.querySelector?.("[data-focus], [autofocus], [aria-invalid=true]")?.focus();
}

for (const box of document.querySelectorAll("#toasts > .toast")) leaveLater(box, box.dataset.tone);
focusWithin(document.getElementById("main"));

document.addEventListener("htmx:responseError", ({ detail }) => {
  if (detail.xhr.status !== 401) toast({ text: saidIn(detail.xhr.responseText) || wordsFor(detail.xhr.status), tone: "bad" });
});
document.addEventListener("htmx:sendError", () => toast({ text: wordsFor(0), tone: "bad" }));
document.addEventListener("htmx:afterSettle", ({ detail }) => focusWithin(detail.elt));
document.addEventListener("toast", ({ detail }) => toast(detail));
document.addEventListener("change", ({ target }) => target.closest("[data-autosubmit]") && target.form?.requestSubmit());

// A form that is on its way cannot be sent twice.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (event.defaultPrevented || form.method !== "post" || form.matches("[hx-post], [data-login-again]")) return;
  if (form.dataset.sent) event.preventDefault();
  form.dataset.sent = "yes";
});
addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("[data-sent]")) delete form.dataset.sent;
});

if (document.querySelector("form[data-search]")) import("./search.js");
if (document.getElementById("opened-body")) import("./beside.js");
if (document.querySelector("form[data-editor]")) import("./editor.js");
