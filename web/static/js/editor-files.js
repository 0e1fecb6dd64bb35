// Files of a draft: chosen, dropped or pasted; sent one after the other, between two saves, so that no version is skipped.
import { request } from "./http.js";
import { toast } from "./toast.js";

function row(form, { attachment }) {
  const item = document.createElement("li");
  const link = document.createElement("a");
  link.textContent = attachment.name;
  link.href = `${form.dataset.uploadUrl}/${encodeURIComponent(attachment.name)}`;
  const remove = document.createElement("button");
  Object.assign(remove, { type: "submit", textContent: "移除", className: "btn btn-quiet btn-sm", formNoValidate: true });
  remove.setAttribute("formaction", `${link.getAttribute("href")}/delete`);
  item.append(link, remove);
  return item;
}

function write(form, markdown) {
  const rich = new CustomEvent("kms:insert", { detail: { text: markdown }, cancelable: true });
  if (!form.dispatchEvent(rich)) return;
  const area = form.elements.body;
  area.setRangeText(markdown, area.selectionStart, area.selectionEnd, "end");
  area.dispatchEvent(new Event("input", { bubbles: true }));
}

async function send(editor, file) {
  const { form } = editor;
  const body = new FormData();
  body.append("file", file, file.name);
  try {
    const response = await request(form.dataset.uploadUrl, { method: "POST", body });
    const made = await response.json();
    editor.version.value = made.version;
    form.querySelector("[data-files]").append(row(form, made));
    write(form, made.markdown);
    return true;
  } catch (error) {
    toast({ text: error.message || "没有上传成功，请重试", tone: "bad" });
    return false;
  }
}

function upload(editor, files) {
  for (const file of files) {
    editor.flight = (editor.flight ?? Promise.resolve(true)).then(() => send(editor, file)).then(() => !editor.dirty);
  }
}

/** Take files into the form of `editor`. */
export function takeFiles(editor) {
  const { form } = editor;
  if (!form.dataset.uploadUrl) return;
  form.querySelector("[data-upload]")?.addEventListener("change", ({ target }) => {
    upload(editor, [...target.files]);
    target.value = "";
  });
  for (const [name, source] of [["paste", "clipboardData"], ["drop", "dataTransfer"]]) {
    // Captured: the Markdown editor would take the event first.
    const onFiles = (event) => {
      const files = [...(event[source]?.files ?? [])];
      if (!files.length) return;
      event.preventDefault();
      event.stopPropagation();
      upload(editor, files);
    };
    form.addEventListener(name, onFiles, true);
  }
}
