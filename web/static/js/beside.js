// The column beside the results. The best one lies open there unasked, so that one glance is enough; that does not count as opened.
// Words that were found are marked in it without touching the text.
import { request } from "./http.js";

const column = document.getElementById("opened");
const body = document.getElementById("opened-body");
const blank = [...(body?.childNodes ?? [])];
let open = "";
let flight = null;

function visible() {
  return column.checkVisibility?.() ?? column.offsetParent !== null;
}

async function glanceAt(row) {
  row.setAttribute("aria-current", "true");
  const address = row.getAttribute("hx-get"); // with the day that was asked about: another day may have another rule
  if (address === open) return;
  const url = new URL(address, location.href);
  url.searchParams.set("glance", "true");
  flight = new AbortController();
  try {
    const response = await request(url, { headers: { Accept: "text/html" }, signal: flight.signal });
    show(await response.text(), address);
  } catch (error) {
    if (error.name !== "AbortError") row.removeAttribute("aria-current"); // it still opens by hand, and says then what is wrong
  }
}

function show(html, address) {
  body.innerHTML = html;
  htmx.process(body);
  shown(address);
}

function shown(address) {
  open = address;
  column.scrollTop = 0;
  markFound();
}

function showBest() {
  flight?.abort();
  if (!visible()) return;
  const best = document.querySelector("[data-best] [data-hit]");
  if (best) glanceAt(best);
  else clear();
}

function clear() {
  body.replaceChildren(...blank);
  open = "";
}

function textsIn(element) {
  const walker = document.createTreeWalker(element, NodeFilter.SHOW_TEXT);
  const found = [];
  while (walker.nextNode()) found.push(walker.currentNode);
  return found;
}

function rangesOf(word, node) {
  const ranges = [];
  for (let at = node.data.indexOf(word); at >= 0; at = node.data.indexOf(word, at + word.length)) {
    const range = new Range();
    range.setStart(node, at);
    range.setEnd(node, at + word.length);
    ranges.push(range);
  }
  return ranges;
}

function markFound() {
  if (!CSS.highlights) return;
  const words = new Set([...document.querySelectorAll("[data-best] mark")].map((mark) => mark.textContent));
  const ranges = textsIn(body).flatMap((node) => [...words].flatMap((word) => rangesOf(word, node)));
  CSS.highlights.set("found", new Highlight(...ranges));
}

if (body) {
  document.addEventListener("kms:results", showBest);
  document.addEventListener("htmx:beforeRequest", ({ detail }) => detail.target === body && flight?.abort());
  document.addEventListener("htmx:afterSwap", ({ detail }) => detail.target === body && shown(detail.requestConfig.path));
  showBest();
}
