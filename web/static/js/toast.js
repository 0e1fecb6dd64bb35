// One sentence at the lower edge; errors stay longer. The region is aria-live, so it is read aloud.
const ICONS = { good: "circle-check", info: "info", warn: "triangle-alert", bad: "circle-alert" };
const SVG = "http://www.w3.org/2000/svg";

export function icon(name) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("class", "icon");
  svg.setAttribute("aria-hidden", "true");
  const use = document.createElementNS(SVG, "use");
  use.setAttribute("href", `#i-${name}`);
  svg.append(use);
  return svg;
}

/** Show `text`; `act` is an optional {label, run} button, `href` makes the sentence a link. */
export function toast({ text, tone = "good", href = "", act = null }) {
  const box = document.createElement("div");
  box.className = "toast";
  box.dataset.tone = tone;
  const words = document.createElement(href ? "a" : "span");
  words.textContent = text;
  if (href) words.href = href;
  box.append(icon(ICONS[tone] ?? "info"), words);
  if (act) box.append(button(act, box));
  document.getElementById("toasts")?.append(box);
  leaveLater(box, tone, Boolean(act));
}

function button({ label, run }, box) {
  const element = document.createElement("button");
  element.type = "button";
  element.className = "btn btn-quiet btn-sm";
  element.textContent = label;
  element.addEventListener("click", () => {
    box.remove();
    run();
  });
  return element;
}

/** Toasts leave by themselves, but not from under the pointer or the focus. */
export function leaveLater(box, tone, acts = false) {
  const wait = tone === "bad" || tone === "warn" ? 8000 : acts ? 10000 : 4000;
  const leave = () => (box.matches(":hover, :focus-within") ? setTimeout(leave, 2000) : box.remove());
  setTimeout(leave, wait);
}
