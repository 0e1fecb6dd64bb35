// Somebody else saved meanwhile: both texts side by side, field by field. Nothing is thrown away; the right side can be edited.

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

/** The names whose values differ. */
export function differing(mine, theirs) {
  return Object.keys(theirs).filter((name) => asText(mine[name]) !== asText(theirs[name]));
}

function labelOf(form, name) {
  const field = form.querySelector(`[name="${CSS.escape(name)}"]`);
  const label = field?.labels?.[0]?.firstChild?.textContent ?? field?.closest(".field")?.querySelector("label")?.firstChild?.textContent;
  return label?.trim() || field?.getAttribute("aria-label") || name;
}

function row(form, name, mine, theirs) {
  const section = element("section", "");
  const left = side("对方已保存的", asText(theirs), true);
  const right = side("将要保存的（可以改）", asText(mine), false);
  const pair = element("div", "conflict-pair");
  pair.append(left.frame, right.frame);
  const head = element("div", "row-between");
  const take = button("用对方的", "btn-quiet btn-sm", () => (right.area.value = left.area.value));
  head.append(element("h3", "", labelOf(form, name)), take);
  section.append(head, pair);
  const list = Array.isArray(mine) && mine.length > 1 || Array.isArray(theirs);
  return { section, value: () => (list ? right.area.value.split("\n").filter(Boolean) : right.area.value) };
}

/** Ask the author; resolves to the chosen fields, or null when the dialog was closed (both texts stay where they are). */
export function resolveConflict(form, mine, { theirs, by = "另一位编辑" }) {
  const dialog = element("dialog", "dialog dialog-wide");
  const header = element("header", "");
  header.append(element("h2", "", `${by} 刚刚保存过这份草稿`));
  const body = element("div", "dialog-body");
  body.append(element("p", "", "两边的内容都在下面。右边是将要保存的，可以直接修改；没列出的字段两边相同。"));
  const rows = new Map(differing(mine, theirs).map((name) => [name, row(form, name, mine[name], theirs[name])]));
  const list = element("div", "conflict");
  list.append(...[...rows.values()].map(({ section }) => section));
  body.append(list);
  const footer = element("footer", "");
  dialog.append(header, body, footer);
  document.body.append(dialog);
  return new Promise((resolve) => {
    let chosen = null;
    const save = () => {
      chosen = Object.fromEntries([...rows].map(([name, { value }]) => [name, value()]));
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
