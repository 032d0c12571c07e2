// The work screen: offers fill the calculator, outcomes show what they need, two facts send the identity check.
const main = document.getElementById("main");
const byId = (id) => document.getElementById(id);
const PANES = ["pane-a", "pane-b", "pane-c"];
const FIELDS = { amount: "id_amount", every: "id_every", first: "id_first" };

function showFollow() {
  const chosen = main.querySelector('input[name="disposition"]:checked')?.dataset.follow ?? "";
  for (const part of main.querySelectorAll(".follow")) {
    part.hidden = !chosen || !part.dataset.for.split(" ").includes(chosen);
    for (const field of part.querySelectorAll("input, select")) field.disabled = part.hidden;
  }
}

function reckon() {
  const result = byId("plan-result");
  if (result) window.htmx.trigger(result, "terms");
}

function choose(offer) {
  for (const [name, id] of Object.entries(FIELDS)) {
    const field = byId(id);
    if (field && offer.dataset[name] !== undefined) field.value = offer.dataset[name];
  }
  const outcome = byId(`outcome-${offer.dataset.outcome}`);
  if (outcome?.matches("input")) outcome.checked = true;
  showFollow();
  reckon();
}

// An outcome picked first brings its usual offer with it, unless an amount was typed.
function offerFor(outcome) {
  const wanted = main.querySelector(`input[name="offer"][data-outcome="${outcome.value}"]`);
  if (wanted && !byId("id_amount")?.value) { wanted.checked = true; choose(wanted); }
}

main.addEventListener("change", (event) => {
  const node = event.target;
  if (node.name === "offer") choose(node);
  if (node.name === "disposition") { offerFor(node); showFollow(); }
  if (["amount", "every", "first"].includes(node.name)) reckon();
  if (node.matches("[data-identity]") && node.form.querySelectorAll("[data-identity]:checked").length > 1) node.form.requestSubmit();
});

let typing = 0;
main.addEventListener("input", (event) => {
  if (event.target.name !== "amount") return;
  clearTimeout(typing);
  typing = setTimeout(reckon, 300);
});

// Enter accepts a field and goes to the save button; it never saves by accident.
main.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || event.ctrlKey || event.metaKey || !event.target.closest("#ending")) return;
  if (event.target.matches("textarea, button, a")) return;
  event.preventDefault();
  byId("save-next")?.focus();
});

document.addEventListener("click", (event) => {
  const press = event.target.closest("[data-press]");
  if (press) {
    const node = byId(press.dataset.press);
    if (node?.matches("input")) node.focus();
    node?.click();
  }
  if (event.target.closest("[data-go-back]")) history.back();
});

// The panes stay where they were scrolled to.
let scrolled = [];
document.body.addEventListener("htmx:beforeSwap", (event) => {
  if (event.detail.target === main) scrolled = PANES.map((id) => byId(id)?.scrollTop ?? 0);
});
document.body.addEventListener("htmx:afterSwap", (event) => {
  if (event.detail.target !== main) return;
  PANES.forEach((id, place) => { const pane = byId(id); if (pane) pane.scrollTop = scrolled[place] ?? 0; });
  showFollow();
});

showFollow();
