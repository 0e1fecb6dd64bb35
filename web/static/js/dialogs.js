// Dialogs open by `commandfor`/`command`; browsers that do not know these attributes get the same by script.
const NATIVE = "commandForElement" in HTMLButtonElement.prototype;

function act(event) {
  const button = event.target.closest?.("button[commandfor]");
  if (!button || NATIVE) return;
  const dialog = document.getElementById(button.getAttribute("commandfor"));
  if (button.getAttribute("command") === "close") dialog?.close();
  else if (!dialog?.open) dialog?.showModal();
}

/** A click on the backdrop closes, unless something was typed. */
function backdrop(event) {
  const dialog = event.target;
  if (!(dialog instanceof HTMLDialogElement) || !dialog.open) return;
  const typed = [...dialog.querySelectorAll("textarea, input:not([type=hidden])")].some((field) => field.value !== field.defaultValue);
  if (!typed) dialog.close();
}

document.addEventListener("click", act);
document.addEventListener("mousedown", backdrop);
