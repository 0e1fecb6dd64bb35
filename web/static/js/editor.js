// The authoring form: saves itself, shows a preview, and loses nothing.
//   <form data-editor data-draft="12" data-nonce="…"
//         data-save-url="/drafts/12/autosave"   POST of the form; 200 {"version": 4}; 409 {"version": 5, "theirs": {name: value}, "saved_by": "林晓雯"}
//         data-preview-url="/drafts/12/preview" data-preview="#preview">   POST of the form; the answer is HTML
//     <input type="hidden" name="version" value="3">  …  <span data-save-state></span>
import { request } from "./http.js";
import { collect, enliven, fill } from "./editor-fields.js";
import { takeFiles } from "./editor-files.js";
import { enrich } from "./editor-markdown.js";
import { differing, resolveConflict } from "./editor-conflict.js";
import { forget, keep, load } from "./storage.js";
import { toast } from "./toast.js";

const SAVE = 1500;
const BACKUP = 400;
const PREVIEW = 500;
const RETRY = 15000;

const timeOf = (at) => new Date(at).toLocaleTimeString("zh-CN", { hour: "2-digit", minute: "2-digit", timeZone: "Asia/Shanghai" });

/** Whether someone wrote into the form before this script was there to notice. */
function typedBefore(form) {
  const texts = [...form.elements].filter((field) => field.matches("textarea, input:not([type=hidden], [type=file])"));
  return texts.some((field) => (field.matches("[type=checkbox], [type=radio]") ? field.checked !== field.defaultChecked : field.value !== field.defaultValue));
}

class Editor {
  constructor(form) {
    this.form = form;
    this.key = `kms.draft.${document.body.dataset.login}.${form.dataset.draft}`;
    this.version = form.elements.version;
    this.composing = false;
    this.changes = 0;
    this.timers = {};
    form.addEventListener("compositionstart", () => (this.composing = true));
    form.addEventListener("compositionend", () => {
      this.composing = false;
      this.touched();
    });
    form.addEventListener("input", ({ isComposing }) => !isComposing && this.touched());
    form.addEventListener("kms:filled", () => this.touched());
    form.addEventListener("submit", (event) => this.submit(event));
    document.addEventListener("visibilitychange", () => document.hidden && this.dirty && this.save());
    this.dirty = false;
    this.offerBackup();
    if (typedBefore(form)) this.touched();
  }

  later(name, wait, act) {
    clearTimeout(this.timers[name]);
    this.timers[name] = setTimeout(() => (this.composing ? this.later(name, wait, act) : act()), wait);
  }

  touched() {
    this.dirty = true;
    this.changes += 1;
    this.later("backup", BACKUP, () => this.backUp());
    this.later("preview", PREVIEW, () => this.preview());
    this.later("save", SAVE, () => this.save());
  }

  say(text, tone = "") {
    const place = document.querySelector("[data-save-state]");
    if (!place) return;
    place.textContent = text;
    place.dataset.tone = tone;
  }

  // -- This browser keeps what the server does not have yet ----------------------

  backUp() {
    if (this.dirty) keep(this.key, { at: Date.now(), version: this.version.value, fields: collect(this.form) });
  }

  offerBackup() {
    const kept = load(this.key);
    if (!kept) return;
    if (!differing(collect(this.form), kept.fields).length) return forget(this.key);
    const box = this.form.querySelector("[data-backup]");
    if (!box) return fill(this.form, kept.fields);
    box.hidden = false;
    box.querySelector("[data-backup-time]").textContent = timeOf(kept.at);
    box.querySelector("[data-backup-use]").addEventListener("click", () => {
      box.hidden = true;
      fill(this.form, kept.fields);
    });
    box.querySelector("[data-backup-drop]").addEventListener("click", () => {
      box.hidden = true;
      forget(this.key);
    });
  }

  // -- Saving --------------------------------------------------------------------

  /** True when the server has everything; saves run one after the other. */
  save() {
    clearTimeout(this.timers.save);
    this.flight = (this.flight ?? Promise.resolve(true)).then(() => (this.dirty ? this.send() : true));
    return this.flight;
  }

  async send() {
    const changes = this.changes;
    this.backUp();
    this.say("正在保存……");
    try {
      const response = await request(this.form.dataset.saveUrl, { method: "POST", body: new URLSearchParams(new FormData(this.form)) });
      this.saved(await response.json(), changes);
      return true;
    } catch (error) {
      return this.failed(error);
    }
  }

  saved({ version }, changes) {
    this.version.value = version;
    this.say(`${timeOf(Date.now())} 已自动保存`);
    if (this.changes !== changes) return;
    this.dirty = false;
    forget(this.key);
  }

  async failed(error) {
    if (error.status === 409 && error.body.theirs) return this.conflict(error.body);
    const refused = error.status >= 400 && error.status < 500;
    this.say(refused ? `没有保存：${error.message}` : "没连上，内容已留在本机，稍后自动重试", "bad");
    if (!refused) this.later("save", RETRY, () => this.save());
    return false;
  }

  async conflict(other) {
    this.say("有人同时改了这份草稿，等您决定", "bad");
    const chosen = await resolveConflict(this.form, collect(this.form), other);
    if (!chosen) return false;
    this.version.value = other.version;
    fill(this.form, chosen);
    return this.send();
  }

  /** The server gets the text before the act, so that neither an expired session nor a race can lose it. */
  async submit(event) {
    if (this.leaving) return;
    event.preventDefault();
    const { submitter } = event;
    if (!(await this.save())) return toast({ text: "还没有保存成功，先处理上面的提示再提交", tone: "bad" });
    this.leaving = true;
    // In a task of its own: while the first submit event is still being dispatched, a second one is ignored.
    setTimeout(() => this.form.requestSubmit(submitter));
    setTimeout(() => (this.leaving = false), 1000);
  }

  // -- Preview -------------------------------------------------------------------

  async preview() {
    const place = document.querySelector(this.form.dataset.preview || "[data-preview-here]");
    if (!place?.checkVisibility()) return;
    this.previewFlight?.abort();
    const { signal } = (this.previewFlight = new AbortController());
    try {
      const body = new URLSearchParams(new FormData(this.form));
      const response = await request(this.form.dataset.previewUrl, { method: "POST", body, signal, headers: { Accept: "text/html" } });
      Idiomorph.morph(place, await response.text(), { morphStyle: "innerHTML" });
    } catch {
      /* the last good preview stays; saving tells about trouble */
    }
  }
}

for (const form of document.querySelectorAll("form[data-editor]")) {
  const editor = new Editor(form);
  enliven(form);
  takeFiles(editor);
  enrich(form).catch(() => toast({ text: "编辑器没有载入，用普通文本框继续", tone: "warn" }));
  document.addEventListener("kms:preview", () => editor.preview());
  form.dataset.ready = "";
}
