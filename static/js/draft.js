// Drafts live on the server, never in this browser: other people use this machine. The field itself posts
// (hx-post="/drafts/" hx-trigger="input changed delay:1s, blur" hx-swap="none"); this says so and guards leaving.
const waiting = new Set();

const says = (field, words) => {
  const place = document.getElementById(`${field.id}-draft`);
  if (place) place.textContent = words;
};

document.addEventListener("input", (event) => {
  if (event.target.matches("[data-draft]")) waiting.add(event.target);
});

document.body.addEventListener("htmx:afterRequest", (event) => {
  const field = event.detail.elt;
  if (!field?.matches?.("[data-draft]")) return;
  if (event.detail.successful) {
    waiting.delete(field);
    says(field, `Draft kept ${new Date().toLocaleTimeString("en-US", { hour: "numeric", minute: "2-digit" })}`);
  } else {
    says(field, "Draft not kept yet. It is sent again when you type.");
  }
});

document.addEventListener("submit", (event) => {
  for (const field of [...waiting]) if (event.target.contains(field)) waiting.delete(field);
});

window.addEventListener("beforeunload", (event) => {
  if ([...waiting].some((field) => field.isConnected && field.value.trim())) event.preventDefault();
});
