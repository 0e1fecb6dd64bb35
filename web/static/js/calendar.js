// The browser's own calendar for a written date: [data-calendar] opens it, what is picked is written into the field before it.
function parts(element) {
  const box = element.closest(".datebox");
  return box ? [box.querySelector("input:not([type=date])"), box.querySelector("input[type=date]")] : [];
}

document.addEventListener("click", (event) => {
  const button = event.target.closest?.("[data-calendar]");
  if (!button) return;
  const [field, calendar] = parts(button);
  calendar.value = field.value.replaceAll("/", "-");
  calendar.showPicker();
});

document.addEventListener("change", (event) => {
  if (!event.target.matches?.(".datebox > input[type=date]")) return;
  const [field, calendar] = parts(event.target);
  field.value = calendar.value;
  field.dispatchEvent(new Event("change", { bubbles: true }));
});
