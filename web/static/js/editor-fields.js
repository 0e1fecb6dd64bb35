// The authoring form's own fields: repeated texts (相似问法), steps of a procedure, counters; and the whole form as a value.
import { composing } from "./keys.js";

/** Everything that the form would send, by name; a name that may repeat is always a list. */
export function collect(form) {
  const fields = {};
  for (const [name, value] of new FormData(form)) {
    if (typeof value !== "string" || name === "version") continue;
    (fields[name] ??= []).push(value);
  }
  return fields;
}

/** Put values (strings or lists) back, each into its own kind of field. */
export function fill(form, fields) {
  const steps = Object.fromEntries(Object.entries(fields).filter(([name]) => name.startsWith("step_")));
  if (Object.keys(steps).length) fillSteps(form.querySelector("[data-steps]"), steps);
  for (const [name, value] of Object.entries(fields)) {
    const values = [value].flat().map((one) => one ?? "");
    const tags = form.querySelector(`[data-tags="${name}"]`);
    if (tags) fillTags(tags, values);
    else if (!name.startsWith("step_")) fillPlain(form, name, values);
  }
  form.dispatchEvent(new CustomEvent("kms:filled"));
}

function fillPlain(form, name, values) {
  for (const field of form.querySelectorAll(`[name="${CSS.escape(name)}"]`)) {
    if (field.matches("[type=checkbox], [type=radio]")) field.checked = values.includes(field.value);
    else if (field.multiple) for (const option of field.options) option.selected = values.includes(option.value);
    else field.value = values[0] ?? "";
    if (field.dataset.count) count(field);
  }
}

// -- Repeated texts ------------------------------------------------------------

function addTag(box, text) {
  const words = text.trim();
  const known = [...box.querySelectorAll("[data-tag] input")].map((input) => input.value);
  if (!words || known.includes(words)) return;
  const tag = box.querySelector("template").content.firstElementChild.cloneNode(true);
  tag.querySelector("[data-tag-text]").textContent = words;
  tag.querySelector("input").value = words;
  tag.querySelector("button").setAttribute("aria-label", `删除 ${words}`);
  free(box).before(tag);
}

function free(box) {
  return box.querySelector(":scope > input");
}

function fillTags(box, values) {
  for (const tag of box.querySelectorAll("[data-tag]")) tag.remove();
  free(box).value = "";
  for (const value of values) addTag(box, value);
}

function takeTyped(box) {
  const input = free(box);
  for (const part of input.value.split(/[\n；;]+/)) addTag(box, part);
  input.value = "";
  changed(box);
}

function onTagKey(event) {
  const box = event.target.closest("[data-tags]");
  if (!box || event.target !== free(box) || composing(event)) return;
  if (event.key === "Enter") {
    event.preventDefault();
    takeTyped(box);
  } else if (event.key === "Backspace" && !event.target.value) {
    [...box.querySelectorAll("[data-tag]")].at(-1)?.remove();
    changed(box);
  }
}

// -- Steps ---------------------------------------------------------------------

function addStep(box) {
  const step = box.querySelector("template").content.firstElementChild.cloneNode(true);
  box.querySelector("ol").append(step);
  return step;
}

function fillSteps(box, columns) {
  if (!box) return;
  box.querySelector("ol").replaceChildren();
  const length = Math.max(...Object.values(columns).map((values) => [values].flat().length));
  for (let row = 0; row < length; row++) {
    const step = addStep(box);
    for (const [name, values] of Object.entries(columns)) {
      step.querySelector(`[name="${name}"]`).value = [values].flat()[row] ?? "";
    }
  }
}

function onStepClick(event) {
  const box = event.target.closest("[data-steps]");
  const button = event.target.closest("button");
  if (!box || !button) return;
  const step = button.closest("[data-step]");
  const data = button.dataset;
  if ("stepAdd" in data) addStep(box).querySelector("textarea").focus();
  else if ("stepUp" in data) step.previousElementSibling?.before(step);
  else if ("stepDown" in data) step.nextElementSibling?.after(step);
  else if ("stepRemove" in data) removeStep(box, step);
  else return;
  if (step?.isConnected) {
    button.focus();
    say(box, `现在是第 ${[...step.parentElement.children].indexOf(step) + 1} 步`);
  }
  changed(box);
}

function removeStep(box, step) {
  const next = step.nextElementSibling ?? step.previousElementSibling;
  step.remove();
  (next?.querySelector("textarea") ?? box.querySelector("[data-step-add]")).focus();
  say(box, "已删除一步");
}

function say(box, words) {
  box.querySelector("[data-step-status]").textContent = words;
}

// -- Counters ------------------------------------------------------------------

/** Characters as the reader counts them, beside the label and as a bar. */
function count(field) {
  const most = Number(field.dataset.count);
  const length = [...field.value].length;
  const frame = field.closest(".field");
  const { countHint } = field.dataset;
  frame.querySelector("label > .hint").textContent = `${countHint ? `${countHint} · ` : ""}${length} / ${most}`;
  const bar = frame.querySelector("progress");
  bar.value = length;
  bar.dataset.tone = length > most ? "bad" : "quiet";
}

function changed(element) {
  element.dispatchEvent(new Event("input", { bubbles: true }));
}

/** Bring a form's fields to life. */
export function enliven(form) {
  form.addEventListener("keydown", onTagKey);
  form.addEventListener("click", onStepClick);
  form.addEventListener("click", ({ target }) => {
    const box = target.closest("[data-tag-remove]")?.closest("[data-tags]");
    if (!box) return;
    target.closest("[data-tag]").remove();
    free(box).focus();
    changed(box);
  });
  form.addEventListener("focusout", ({ target }) => {
    const box = target.closest("[data-tags]");
    if (box && target === free(box) && target.value.trim()) takeTyped(box);
  });
  form.addEventListener("input", ({ target }) => target.dataset.count && count(target));
}
