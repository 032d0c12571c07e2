// One press, one send: a form that is on its way does not go twice. Money also has its key on the server.
function release(form) {
  delete form.dataset.sending;
  for (const button of form.querySelectorAll('button[data-was-live]')) {
    button.removeAttribute("aria-disabled");
    delete button.dataset.wasLive;
  }
}

export function watchForms() {
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.method === "dialog" || event.submitter?.formMethod === "dialog") return;
    if (form.dataset.sending) {
      event.preventDefault();
      event.stopImmediatePropagation();
      return;
    }
    form.dataset.sending = "yes";
    const button = event.submitter;
    // After this turn: a button disabled now would not send its own value.
    setTimeout(() => {
      if (event.defaultPrevented && !form.matches("[hx-post], [hx-get], [hx-put], [data-hx-post]")) { release(form); return; }
      if (button && !button.hasAttribute("aria-disabled")) {
        button.dataset.wasLive = "yes";
        button.setAttribute("aria-disabled", "true");
      }
    }, 0);
  }, true);
  document.body.addEventListener("htmx:afterRequest", (event) => {
    const form = event.detail.elt?.closest?.("form");
    if (form) release(form);
  });
  window.addEventListener("pageshow", () => document.querySelectorAll("form[data-sending]").forEach(release));
  // A download leaves the page where it is: free such forms again.
  window.addEventListener("focus", () => document.querySelectorAll("form[data-download][data-sending]").forEach(release));
}
