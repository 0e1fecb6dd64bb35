// Reporting an error on a passage: <button data-quote-into="#field"> takes along what was selected in the article.
let last = "";

document.addEventListener("selectionchange", () => {
  const selection = document.getSelection();
  const place = selection?.anchorNode?.parentElement?.closest("[data-article]");
  if (place && !selection.isCollapsed) last = selection.toString().trim().slice(0, 500);
});

// Captured, so that the field is filled before the dialog opens and takes the focus.
document.addEventListener(
  "click",
  ({ target }) => {
    const field = document.querySelector(target.closest?.("[data-quote-into]")?.dataset.quoteInto || null);
    if (field && last && !field.value) field.value = last;
  },
  true,
);
