// Live things of a page: the count of open tasks, toasts, and `kms:live:<name>` events for whoever listens.
// The bar says whether the line is up, and since when it is down.
import { openLine } from "./line.js";
import { toast } from "./toast.js";

const NAMES = ["inbox.count", "inbox.new", "inbox.changed", "toast"];
const GRACE = 3000; // a page load or a restart of a second is not worth a word

const bar = document.getElementById("line-state");
let worry = 0;

function say(tone, text) {
  if (!bar) return;
  bar.hidden = false;
  bar.dataset.tone = tone;
  bar.querySelector(".dot").dataset.tone = tone;
  bar.querySelector("[data-line-text]").textContent = text;
}

function down(since) {
  clearTimeout(worry);
  const time = new Date(since).toLocaleTimeString("zh-CN", { hour: "2-digit", minute: "2-digit", timeZone: "Asia/Shanghai" });
  worry = setTimeout(() => say("bad", `${time} 起断线，正在重连`), Math.max(0, GRACE - (Date.now() - since)));
}

function up() {
  clearTimeout(worry);
  say("good", "实时已连接");
}

function count(badge, number) {
  if (!badge) return;
  badge.hidden = number === 0;
  badge.firstChild.textContent = number > 99 ? "99+" : String(number);
}

function onEvent(name, data) {
  const value = data ? JSON.parse(data) : {};
  if (typeof value.count === "number") for (const id of ["inbox-count", "bell-count"]) count(document.getElementById(id), value.count);
  if (name === "inbox.new" && value.title) toast({ text: value.title, tone: "info", href: value.href || "/inbox" });
  if (name === "toast") toast(value);
  document.dispatchEvent(new CustomEvent(`kms:live:${name}`, { detail: value }));
}

function hear(message) {
  if (message.kind === "up") up();
  else if (message.kind === "down") down(message.since);
  else onEvent(message.name, message.data);
}

function connect(url, names, login) {
  if (!("SharedWorker" in window)) return openLine(url, names, hear);
  const worker = new SharedWorker(new URL("./live-worker.js", import.meta.url), { type: "module", name: "kms-live" });
  worker.port.onmessage = ({ data }) => hear(data);
  worker.port.postMessage({ url, names, login });
  return () => worker.port.postMessage("leave");
}

const { live, liveNames = "", login = "" } = document.body.dataset;
if (live) {
  const names = [...NAMES, ...liveNames.split(" ").filter(Boolean)];
  let close = connect(live, names, login);
  addEventListener("pagehide", () => close());
  addEventListener("pageshow", ({ persisted }) => persisted && (close = connect(live, names, login)));
}
