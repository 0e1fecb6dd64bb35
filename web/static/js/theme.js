// Before the first paint: the theme that this browser chose. A classic script on purpose; modules run too late.
(() => {
  let theme = null;
  try { theme = localStorage.getItem("kms.theme"); } catch { /* storage is blocked: follow the system */ }
  if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
  document.documentElement.classList.add("js");
})();
