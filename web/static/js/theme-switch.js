// Light, dark or the system's; theme.js applies the choice before the first paint.
const root = document.documentElement;

function show() {
  const now = root.dataset.theme ?? "system";
  for (const button of document.querySelectorAll("[data-theme-set]")) {
    button.setAttribute("aria-pressed", String(button.dataset.themeSet === now));
  }
}

document.addEventListener("click", (event) => {
  const chosen = event.target.closest?.("[data-theme-set]")?.dataset.themeSet;
  if (!chosen) return;
  if (chosen === "system") delete root.dataset.theme;
  else root.dataset.theme = chosen;
  try {
    localStorage.setItem("kms.theme", chosen);
  } catch {
    /* blocked: the choice holds for this page */
  }
  show();
  document.dispatchEvent(new CustomEvent("kms:theme"));
});

show();
