// Remarks on a passage: what is selected in the text under review goes into the forms with data-remark,
// without what was deleted, and with the field it stands in.
document.addEventListener("selectionchange", () => {
  const selection = document.getSelection();
  const place = selection?.anchorNode?.parentElement?.closest(".rev-doc [data-field]");
  if (!place || selection.isCollapsed) return;
  const part = selection.getRangeAt(0).cloneContents();
  for (const gone of part.querySelectorAll("del, sup")) gone.remove();
  const quote = part.textContent.trim().slice(0, 500);
  if (!quote) return;
  for (const form of document.querySelectorAll("form[data-remark]")) {
    form.elements.quote.value = quote;
    form.elements.field.value = place.dataset.field;
  }
});
