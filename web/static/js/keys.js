// Shortcuts. Nothing fires while an input method composes. Keys are read from `event.code`, so that a Chinese layout does not matter.
//   data-key="C"    pressed by C on the page or in a list, by Alt+C anywhere, also in the search box
//   data-slash      the field that / goes to
//   data-list       a container whose [data-hit] rows ↑ and ↓ walk; Esc goes back to the search box
import { keep, load } from "./storage.js";

const SWITCH = "kms.single-keys";

export function composing(event) {
  return event.isComposing || event.keyCode === 229;
}

function typing(element) {
  return Boolean(element?.closest?.("input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable=true]"));
}

function visible(element) {
  return element.checkVisibility?.() ?? element.offsetParent !== null;
}

function within() {
  return [...document.querySelectorAll("dialog[open]")].at(-1) ?? document;
}

function keyName(event) {
  const letter = /^Key([A-Z])$/.exec(event.code) ?? /^Digit([1-9])$/.exec(event.code);
  return letter?.[1] ?? "";
}

function press(name) {
  const target = [...within().querySelectorAll(`[data-key="${name}"]`)].find((found) => !found.disabled && visible(found));
  target?.click();
  return Boolean(target);
}

/** The nth row of the list on the page. */
function openRow(name) {
  const row = rows()[Number(name) - 1];
  row?.click();
  return Boolean(row);
}

function rows() {
  return [...(document.querySelector("[data-list]")?.querySelectorAll("[data-hit]") ?? [])].filter(visible);
}

function searchField() {
  return [...document.querySelectorAll("main [data-slash], [data-slash]")].find(visible);
}

/** Move the focus through the rows; above the first is the search box. */
function walk(step) {
  const all = rows();
  const here = all.indexOf(document.activeElement?.closest("[data-hit]"));
  const next = here + step;
  if (!all.length) return false;
  if (next < 0) searchField()?.focus();
  else all[Math.min(next, all.length - 1)].focus();
  return true;
}

function arrows(event) {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.code];
  const inList = document.activeElement?.closest("[data-hit]");
  const inBox = document.activeElement?.matches("[data-slash]");
  return step && within() === document && (inList || (inBox && step === 1)) ? walk(step) : false;
}

/** Esc: from the search box to the list, from the list or the page back to the search box. */
function escape() {
  if (within() !== document || document.querySelector(":popover-open")) return false;
  const box = searchField();
  if (document.activeElement === box) return rows().length > 0 && (rows()[0].focus(), true);
  if (typing(document.activeElement)) return false;
  return press("Escape") || (box?.focus(), Boolean(box));
}

function single(event) {
  if (event.code === "Slash") return event.shiftKey || /[?？]/.test(event.key) ? help() : focusSearch();
  if (event.shiftKey || !load(SWITCH, true)) return false;
  const name = keyName(event);
  return name !== "" && (press(name) || (within() === document && /\d/.test(name) && openRow(name)));
}

function focusSearch() {
  const box = searchField();
  box?.focus();
  box?.select();
  return Boolean(box);
}

function help() {
  const dialog = document.getElementById("shortcuts");
  if (dialog && !dialog.open) dialog.showModal();
  return Boolean(dialog);
}

function onKey(event) {
  if (composing(event) || event.defaultPrevented || event.ctrlKey || event.metaKey) return;
  let done = false;
  if (event.altKey) done = keyName(event) !== "" && press(keyName(event));
  else if (event.code === "Escape") done = escape();
  else if (event.code.startsWith("Arrow")) done = arrows(event);
  else if (!typing(document.activeElement)) done = single(event);
  if (done) event.preventDefault();
}

document.addEventListener("keydown", onKey);
for (const box of document.querySelectorAll("[data-single-keys]")) {
  box.checked = load(SWITCH, true);
  box.addEventListener("change", () => keep(SWITCH, box.checked));
}
