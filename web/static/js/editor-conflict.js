// Somebody else saved meanwhile: both texts side by side, field by field. Nothing is thrown away; the right side can be edited.

const STEP = "step_";

function element(tag, className, text = "") {
  const made = document.createElement(tag);
  made.className = className;
  made.textContent = text;
  return made;
}

function side(label, text, readOnly) {
  const frame = element("label", "field");
  const area = element("textarea", "textarea");
  area.value = text;
  area.readOnly = readOnly;
  area.rows = Math.min(12, Math.max(2, text.split("\n").length));
  frame.append(element("span", "label", label), area);
  return { frame, area };
}

function button(text, kind, run) {
  const made = element("button", `btn ${kind}`, text);
  made.type = "button";
  made.addEventListener("click", run);
  return made;
}

const asText = (value) => [value ?? ""].flat().join("\n");

// An empty entry means nothing in a list of texts; among steps it keeps the columns in line.
const comparable = (name, value) => JSON.stringify([value ?? []].flat().filter((one) => one !== "" || name.startsWith(STEP)));

/** The names whose values differ. */
export function differing(mine, theirs) {
  return Object.keys(theirs).filter((name) => comparable(name, mine[name]) !== comparable(name, theirs[name]));
}

function labelOf(form, name) {
  const field = form.querySelector(`[name="${CSS.escape(name)}"]`);
  const label = field?.labels?.[0]?.firstChild?.textContent ?? field?.closest(".field")?.querySelector("label")?.firstChild?.textContent;
  return label?.trim() || field?.getAttribute("aria-label") || name;
}

function frame(title, left, right, tools) {
  const section = element("section", "");
  const head = element("div", "row-between");
  head.append(element("h3", "", title), tools);
  const pair = element("div", "conflict-pair");
  pair.append(left.frame, right.frame);
  section.append(head, pair);
  return section;
}

/** A text, or a list of texts one a line: the right side is what will be saved. */
function textRow(form, name, mine, theirs) {
  const left = side("对方已保存的", asText(theirs), true);
  const right = side("将要保存的（可以改）", asText(mine), false);
  const tools = button("用对方的", "btn-quiet btn-sm", () => (right.area.value = left.area.value));
  const isList = Boolean(form.querySelector(`[data-tags="${CSS.escape(name)}"]`));
  const value = () => (isList ? right.area.value.split("\n").filter(Boolean) : right.area.value);
  return { section: frame(labelOf(form, name), left, right, tools), fields: () => ({ [name]: value() }) };
}

const steps = (fields) => Object.fromEntries(Object.entries(fields).filter(([name]) => name.startsWith(STEP)));

function stepsAsText(columns) {
  const rows = [columns.step_text ?? []].flat();
  return rows.map((text, at) => `${at + 1}. ${text}${columns.step_say?.[at] ? `\n   “${columns.step_say[at]}”` : ""}`).join("\n");
}

/** Steps hang together: one side or the other, whole. */
function stepsRow(mine, theirs) {
  const sides = [theirs, mine].map(steps);
  let chosen = 1;
  const tools = button("用对方的步骤", "btn-quiet btn-sm", () => {
    chosen = 1 - chosen;
    tools.textContent = chosen ? "用对方的步骤" : "用我的步骤";
    right.area.value = stepsAsText(sides[chosen]);
  });
  const left = side("对方已保存的", stepsAsText(sides[0]), true);
  const right = side("将要保存的", stepsAsText(sides[1]), true);
  return { section: frame("步骤", left, right, tools), fields: () => sides[chosen] };
}

function rowsFor(form, mine, theirs) {
  const names = differing(mine, theirs);
  const rows = names.filter((name) => !name.startsWith(STEP)).map((name) => textRow(form, name, mine[name], theirs[name]));
  if (names.length > rows.length) rows.push(stepsRow(mine, theirs));
  return rows;
}

/** Ask the author; resolves to the chosen fields, or null when the dialog was closed (both texts stay where they are). */
export function resolveConflict(form, mine, { theirs, saved_by: by = "另一位编辑" }) {
  const rows = rowsFor(form, mine, theirs);
  const dialog = element("dialog", "dialog dialog-wide");
  const header = element("header", "");
  header.append(element("h2", "", `${by} 刚刚保存过这份草稿`));
  const body = element("div", "dialog-body");
  const list = element("div", "conflict");
  list.append(...rows.map(({ section }) => section));
  body.append(element("p", "", "两边的内容都在下面。右边是将要保存的，可以直接修改；没列出的字段两边相同。"), list);
  const footer = element("footer", "");
  dialog.append(header, body, footer);
  document.body.append(dialog);
  return new Promise((resolve) => {
    let chosen = null;
    const save = () => {
      chosen = Object.assign({}, ...rows.map(({ fields }) => fields()));
      dialog.close();
    };
    footer.append(button("先不保存", "", () => dialog.close()), button("按右边保存", "btn-primary", save));
    dialog.addEventListener("close", () => {
      dialog.remove();
      resolve(chosen);
    });
    dialog.showModal();
  });
}
