// Toasts: the result of your own action. Ten seconds, longer while you look at it; Undo by U.
const LIFE = 10_000;

export function showToast({ text, undo }) {
  const part = document.getElementById("toast-template").content.cloneNode(true);
  const toast = part.querySelector(".toast");
  toast.querySelector("span").textContent = text;
  const button = toast.querySelector("button");
  if (undo) {
    button.hidden = false;
    button.setAttribute("hx-post", undo);
    button.setAttribute("hx-swap", "none");
    button.addEventListener("click", () => setTimeout(() => toast.remove(), 0));
  }
  document.getElementById("toasts").replaceChildren(part);
  window.htmx?.process(toast);
  live(toast);
}

function live(toast) {
  let timer = setTimeout(() => toast.remove(), LIFE);
  const hold = () => clearTimeout(timer);
  const go = () => { clearTimeout(timer); timer = setTimeout(() => toast.remove(), LIFE); };
  for (const name of ["mouseenter", "focusin"]) toast.addEventListener(name, hold);
  for (const name of ["mouseleave", "focusout"]) toast.addEventListener(name, go);
}

export function watchToasts() {
  for (const toast of document.querySelectorAll(".toast[data-toast]")) live(toast);
}
