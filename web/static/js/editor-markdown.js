// The Markdown field: CodeMirror over the textarea, which stays the form's field; without it the textarea just works.
const TABLE = "| 项目 | 说明 |\n| --- | --- |\n|  |  |\n";
const LINES = { lines: true };

const ACTS = {
  heading: ({ wrap }, view) => wrap(view, "## ", "", LINES),
  bold: ({ wrap }, view) => wrap(view, "**", "**"),
  list: ({ wrap }, view) => wrap(view, "- ", "", LINES),
  ordered: ({ wrap }, view) => wrap(view, "1. ", "", LINES),
  table: ({ wrap }, view) => wrap(view, `\n${TABLE}`),
  link: ({ wrap }, view) => wrap(view, "[", "](KB-)"),
  image: (_editor, _view, form) => form.querySelector("[data-upload]")?.click(),
};

/** Replace the textarea's looks in each [data-markdown] box of `form`. */
export async function enrich(form) {
  const boxes = [...form.querySelectorAll("[data-markdown]")];
  if (!boxes.length) return;
  const editor = await import("../vendor/codemirror/codemirror.js");
  for (const box of boxes) enrichOne(form, box, editor);
}

function enrichOne(form, box, editor) {
  const area = box.querySelector("textarea");
  const onChange = () => area.dispatchEvent(new Event("input", { bubbles: true }));
  const view = editor.createEditor(area, { nonce: form.dataset.nonce, onChange });
  box.classList.add("is-rich");
  form.addEventListener("kms:filled", () => view.state.doc.toString() !== area.value && editor.setText(view, area.value));
  form.addEventListener("kms:insert", (event) => {
    event.preventDefault();
    editor.wrap(view, event.detail.text);
  });
  for (const label of area.labels) label.addEventListener("click", () => view.focus());
  box.addEventListener("click", ({ target }) => ACTS[target.closest("[data-md]")?.dataset.md]?.(editor, view, form));
}
