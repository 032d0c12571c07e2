// Speech, focus, swaps and errors: what htmx and HTML do not do by themselves (DESIGN.md section 9).
import "./keys.js";
import "./palette.js";
import "./list.js";
import "./draft.js";
import "./callbar.js";
import { showToast, watchToasts } from "./toast.js";
import { watchForms } from "./forms.js";
import { watchIdle } from "./idle.js";

const body = document.body;
const byId = (id) => document.getElementById(id);

export function announce(words) {
  const region = byId("announce");
  region.textContent = "";
  setTimeout(() => { region.textContent = words; }, 50);
}

export function alertWith(title, words) {
  const part = byId("alert-template").content.cloneNode(true);
  part.querySelector("h3").textContent = title;
  part.querySelector("p").textContent = words;
  byId("alerts").replaceChildren(part);
}

// A row of tabs may be longer than the screen: the one we are on stays in sight.
body.addEventListener("htmx:load", (event) => {
  for (const tab of event.detail.elt.querySelectorAll?.(".tabs [aria-current]") ?? []) {
    const row = tab.closest(".tabs");
    row.scrollLeft = Math.max(0, tab.offsetLeft - row.offsetLeft + tab.offsetWidth + 24 - row.clientWidth);
  }
});

body.addEventListener("announce", (event) => announce(event.detail.value));
body.addEventListener("setfocus", (event) => document.querySelector(event.detail.value)?.focus());
body.addEventListener("toast", (event) => {
  showToast(event.detail);
  announce(event.detail.text);
});

// A bare notice (errors/notice.html) never replaces what somebody typed: it goes to #alerts.
const isNotice = (xhr) => xhr.responseText.trimStart().startsWith("<div data-alert");

// 409 and 422 are answers: the conflict notice and the form with its errors.
body.addEventListener("htmx:beforeSwap", (event) => {
  if ([409, 422].includes(event.detail.xhr.status) && !isNotice(event.detail.xhr)) {
    event.detail.shouldSwap = true;
    event.detail.isError = false;
  }
});

const REFUSALS = {
  401: ["You are signed out", "Sign in again in another tab, then repeat this. What you typed is still here."],
  403: ["Your role cannot do this", "Nothing was changed. Ask your team lead who can."],
  404: ["This is no longer here", "It was moved, closed, or belongs to another team. Nothing was changed."],
  429: ["Too many tries", "Wait a minute, then go on. Nothing was changed."],
};

body.addEventListener("htmx:responseError", (event) => {
  const { xhr } = event.detail;
  if (isNotice(xhr)) {
    byId("alerts").innerHTML = xhr.responseText; // our own template, escaped on the server
    return;
  }
  const reference = xhr.getResponseHeader("X-Request-ID");
  const [title, words] = REFUSALS[xhr.status] ?? ["Something broke on our side", "What you typed is still here. If this was a payment, do not try again: check the debt first."];
  alertWith(title, reference ? `${words} Reference ${reference}.` : words);
});
for (const name of ["htmx:sendError", "htmx:timeout"]) {
  body.addEventListener(name, () => alertWith("No answer", "The line or the server is slow. What you typed is still here. If this was a payment or a call, check before you try again."));
}

document.addEventListener("click", (event) => {
  if (event.target.closest("[data-dismiss]")) event.target.closest(".note, .toast")?.remove();
  const opener = event.target.closest("[data-opens]");
  if (opener) {
    opener.closest("[popover]")?.hidePopover();
    byId(opener.dataset.opens)?.showModal();
  }
  // A label of a disabled-looking button says why; the button itself does nothing.
  if (event.target.closest('[aria-disabled="true"]')) event.preventDefault();
}, true);

// Choices of the frame take effect at once; the form saves them.
document.addEventListener("change", (event) => {
  const { name, value, checked, form } = event.target;
  if (!form?.closest("#me-menu") && !form?.matches("[data-frame]")) return;
  if (name === "theme") {
    if (value) document.documentElement.dataset.theme = value;
    else delete document.documentElement.dataset.theme;
  }
  if (name === "density") body.dataset.density = value;
  if (name === "single_keys") body.dataset.singleKeys = checked ? "on" : "off";
});

// A popover closed by a click elsewhere gives the focus back to its button.
document.addEventListener("toggle", (event) => {
  const pop = event.target;
  if (!pop.matches?.("[popover]") || event.newState !== "closed") return;
  if (document.activeElement && document.activeElement !== body) return;
  document.querySelector(`[popovertarget="${CSS.escape(pop.id)}"]`)?.focus();
}, true);

// A dialog that comes by htmx into #dialogs opens itself; closing removes it and returns to its opener.
let opener = null;
body.addEventListener("htmx:beforeRequest", (event) => {
  if (event.detail.target?.id === "dialogs") opener = event.detail.elt;
});
body.addEventListener("htmx:afterSettle", (event) => {
  const dialog = event.detail.target?.id === "dialogs" && event.detail.target.querySelector("dialog");
  if (!dialog || dialog.open) return;
  dialog.addEventListener("close", () => { dialog.remove(); opener?.focus(); });
  dialog.showModal();
});

// A dialog whose form swaps the page behind it closes when the answer comes.
body.addEventListener("htmx:afterRequest", (event) => {
  if (event.detail.elt?.matches?.("[data-closes]") && event.detail.xhr?.status < 500) event.detail.elt.closest("dialog")?.close();
});

// A revealed fact goes back behind its mask when you look elsewhere.
const hideFacts = () => document.querySelectorAll("[data-hide-on-leave]").forEach((node) => window.htmx?.trigger(node, "hide"));
window.addEventListener("blur", hideFacts);
document.addEventListener("visibilitychange", () => { if (document.hidden) hideFacts(); });

document.querySelector("[data-takes-focus]")?.focus();
watchToasts();
watchForms();
watchIdle(alertWith, announce);
