// Search while typing: <form data-search> with a [data-slash] field. The answer's top-level elements replace those with the same id;
// the last good results stay until then. Somewhere in the answer stands
//   <… data-lookup="id" data-settle-url="/…" data-lookup-token="signed">
// The lookup settles once: after 1.5 s without typing, by Enter, or when a row is opened or its answer copied.
import { composing } from "./keys.js";
import { report, request } from "./http.js";
import { toast } from "./toast.js";

const TYPING = 120;
const SLOW = 300;
const SETTLED = 1500;

class Search {
  constructor(form) {
    this.form = form;
    this.field = form.querySelector("input[type=search]");
    const typedBefore = this.field.value !== this.field.defaultValue; // while this script was loading, or kept by going back
    this.shown = typedBefore ? null : this.query();
    this.settled = new Set();
    form.addEventListener("submit", (event) => this.enter(event));
    this.field.addEventListener("input", (event) => !event.isComposing && this.later());
    this.field.addEventListener("compositionstart", () => clearTimeout(this.timer));
    this.field.addEventListener("compositionend", () => this.later());
    document.addEventListener("change", (event) => event.target.form === form && event.target !== this.field && this.run());
    document.addEventListener("click", (event) => this.opened(event));
    document.addEventListener("kms:copied", (event) => this.settle("copied", event.detail.code));
    document.addEventListener("click", (event) => this.outcome(event.target.closest?.("[data-outcome]")));
    if (typedBefore) this.later();
  }

  query() {
    return new URLSearchParams([...new FormData(this.form)].filter(([, value]) => value !== "")).toString();
  }

  later() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.run(), TYPING);
    this.settleLater();
  }

  settleLater() {
    clearTimeout(this.pause);
    this.pause = setTimeout(() => this.current() && this.settle("pause"), SETTLED);
  }

  current() {
    return this.shown === this.query() && !this.flight;
  }

  /** Enter opens the first row when the results belong to the words; otherwise it searches at once. */
  enter(event) {
    event.preventDefault();
    clearTimeout(this.timer);
    if (this.current()) {
      this.settle("enter");
      document.querySelector("[data-list] [data-hit]")?.click();
    } else {
      this.run().then((good) => good && this.settle("enter"));
    }
  }

  async run() {
    const query = this.query();
    if (query === this.shown && !this.flight) return true;
    this.flight?.abort();
    const flight = (this.flight = new AbortController());
    const slow = setTimeout(() => this.busy(true), SLOW);
    try {
      const url = `${this.form.getAttribute("action")}?${query}`;
      const headers = { "X-Live": "1", Accept: "text/html" };
      const response = await request(url, { headers, signal: flight.signal });
      this.show(await response.text(), query, url);
      return true;
    } catch (error) {
      if (error.name !== "AbortError") toast({ text: `${error.message || "没连上服务器"}，列表仍是上一次的结果`, tone: "bad" });
      return false;
    } finally {
      clearTimeout(slow);
      if (this.flight === flight) {
        this.flight = null;
        this.busy(false);
      }
    }
  }

  busy(on) {
    this.form.classList.toggle("is-slow", on);
    this.form.setAttribute("aria-busy", String(on));
  }

  show(html, query, url) {
    const page = new DOMParser().parseFromString(html, "text/html");
    for (const part of [...page.body.children]) {
      const old = part.id && document.getElementById(part.id);
      if (!old) continue;
      Idiomorph.morph(old, part, { morphStyle: "outerHTML", ignoreActiveValue: true });
      htmx.process(document.getElementById(part.id));
    }
    this.shown = query;
    history.replaceState(history.state, "", url);
    document.dispatchEvent(new CustomEvent("kms:results"));
  }

  opened(event) {
    const row = event.target.closest?.("[data-list] [data-hit]");
    if (!row) return;
    this.settle("opened", row.dataset.code, Number(row.dataset.rank));
    for (const other of document.querySelectorAll("[data-list] [data-hit][aria-current]")) other.removeAttribute("aria-current");
    row.setAttribute("aria-current", "true");
  }

  /** 用了这条, 没帮上: of the article that is open. */
  outcome(button) {
    if (!button) return;
    this.settle(button.dataset.outcome, document.querySelector("#opened [data-article]")?.dataset.article);
    toast({ text: "已记录" });
  }

  /** Pause and Enter count once for each lookup; opening and copying each time. */
  settle(event, code = "", rank = 0) {
    const found = document.querySelector("[data-settle-url]");
    if (!found) return;
    const { lookup, settleUrl, lookupToken } = found.dataset;
    const once = event === "pause" || event === "enter";
    if (once && this.settled.has(lookup)) return;
    this.settled.add(lookup);
    report(settleUrl, { lookup_id: lookup, token: lookupToken, event, code, rank });
  }
}

for (const form of document.querySelectorAll("form[data-search]")) {
  const search = new Search(form);
  // Enter that only confirms an input method's candidate is not a search.
  search.field.addEventListener("keydown", (event) => event.key === "Enter" && composing(event) && event.preventDefault());
  form.dataset.ready = "";
}
