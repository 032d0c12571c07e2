// The plan builder: Enter in the terms goes on to the read-back instead of sending the form (J3), and a schedule that
// arrives late keeps the tick when its words are still the ones that were read back.
const byId = (id) => document.getElementById(id);
let kept = null;

document.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || event.ctrlKey || event.metaKey || !event.target.closest("#plan-terms")) return;
  event.preventDefault();
  byId("id_read_back")?.focus();
});

document.body.addEventListener("htmx:beforeSwap", (event) => {
  if (event.detail.target?.id !== "plan-result") return;
  const form = byId("plan-form");
  kept = { ticked: byId("id_read_back")?.checked, heard: form.elements.heard?.value, channel: form.elements.terms_channel?.value };
});

document.body.addEventListener("htmx:afterSwap", (event) => {
  if (event.detail.target?.id !== "plan-result" || !kept) return;
  const form = byId("plan-form");
  const tick = byId("id_read_back");
  if (form.elements.terms_channel && kept.channel) form.elements.terms_channel.value = kept.channel;
  if (tick && kept.ticked && kept.heard === form.elements.heard?.value) tick.checked = true;
  else if (kept.ticked) byId("announce").textContent = "The terms changed. Read them back again.";
  kept = null;
});
