// Copy buttons. In an office network without HTTPS there is no clipboard API: the old command is the way then.
import { toast } from "./toast.js";

async function write(text) {
  if (navigator.clipboard && window.isSecureContext) return navigator.clipboard.writeText(text);
  const area = document.createElement("textarea");
  area.value = text;
  area.className = "vh";
  const before = document.activeElement;
  (document.querySelector("dialog[open]") ?? document.body).append(area);
  area.select();
  const done = document.execCommand("copy");
  area.remove();
  before?.focus();
  if (!done) throw new Error("copy");
}

/** Copy `text`, say so, and let the page know (`kms:copied`) whose answer it was. */
export async function copy(text, { said = "已复制", code = "", from = document.body } = {}) {
  try {
    await write(text);
    toast({ text: said });
    from.dispatchEvent(new CustomEvent("kms:copied", { bubbles: true, detail: { code } }));
  } catch {
    toast({ text: "浏览器不允许复制，请手动选中", tone: "bad" });
  }
}

document.addEventListener("click", (event) => {
  const button = event.target.closest?.("[data-copy]");
  if (!button) return;
  event.preventDefault();
  copy(button.dataset.copy, { said: button.dataset.copied, code: button.dataset.code, from: button });
});
