// The keyboard map. Keys are printed on the page: any element with data-key="N" answers to N, "G W" is two strokes,
// "J|ArrowDown" two ways to say it. Single keys rest in fields and can be turned off (WCAG 2.1.4).
const PREFIX_WAIT = 1500;
const NAMES = { Enter: "↵", ArrowDown: "↓", ArrowUp: "↑", Escape: "Esc", " ": "Space", Space: "Space" };
const BUILT_IN = [["F6", "Next pane"], ["Shift+F6", "Previous pane"], ["Esc", "Close"]];
let prefix = "";
let prefixTimer = 0;

const inField = (node) => node?.closest?.('input:not([type="radio"], [type="checkbox"], [type="button"], [type="submit"]), textarea, select, [contenteditable="true"]');
const openDialog = () => document.querySelector("dialog[open]");
const visible = (node) => node.checkVisibility ? node.checkVisibility({ visibilityProperty: true }) : node.offsetParent !== null;

function stroke(event) {
  const plain = event.key === " " ? "Space" : event.key === "Escape" ? "Esc" : event.key;
  const name = plain.length === 1 ? plain.toUpperCase() : plain;
  const parts = [];
  if (event.ctrlKey || event.metaKey) parts.push("Ctrl");
  if (event.altKey) parts.push("Alt");
  if (event.shiftKey && (plain.length > 1 || /[a-z]/i.test(plain))) parts.push("Shift");
  return [...parts, name].join("+");
}

function bound(keys) {
  const dialog = openDialog();
  const all = [...(dialog ?? document).querySelectorAll("[data-key]")].filter((node) => node.dataset.key.split("|").includes(keys));
  return all.findLast((node) => visible(node) || node.closest("[popover], #me-menu") || node.matches("input"));
}

export function act(node) {
  if (node.matches("input:not([type='radio'], [type='checkbox']), textarea, select")) { node.focus(); return; }
  if (node.matches("input")) node.focus();
  node.click();
}

function why() {
  const row = document.querySelector('[data-list] tr[aria-current="true"]') ?? document.getElementById("main");
  const button = row?.querySelector("button.tag[popovertarget]");
  button?.focus();
  button?.click();
  return Boolean(button);
}

function pane(step) {
  const panes = [...document.querySelectorAll("header.mast, nav.queue, [data-pane], main:not(:has([data-pane])), footer.foot")].filter(visible);
  const here = panes.findIndex((node) => node.contains(document.activeElement));
  const next = panes[(here + step + panes.length) % panes.length];
  if (!next) return false;
  (next.matches("[tabindex]") ? next : next.querySelector("a, button, input"))?.focus();
  return true;
}

function remember(key) {
  clearTimeout(prefixTimer);
  prefix = key;
  prefixTimer = setTimeout(() => { prefix = ""; }, PREFIX_WAIT);
}

document.addEventListener("keydown", (event) => {
  if (event.defaultPrevented || event.isComposing || event.repeat && event.key === "Enter") return;
  const key = stroke(event);
  const combined = /^(Ctrl|Alt)\+|^(Shift\+)?F\d+$/.test(key);
  if (!combined && inField(event.target)) return;
  if (key === "F6" || key === "Shift+F6") { if (pane(key === "F6" ? 1 : -1)) event.preventDefault(); return; }
  if (!combined && key !== "Esc" && document.body.dataset.singleKeys === "off") return;
  // Space and Enter belong to the button or link that has the focus.
  if (["Space", "Enter"].includes(key) && event.target.closest("a, button, summary, label, input, [role='option']")) return;
  const full = prefix ? `${prefix} ${key}` : key;
  const node = bound(full) ?? (prefix ? undefined : bound(event.shiftKey ? key.replace("Shift+", "") === "?" ? "?" : key : key));
  if (node) {
    event.preventDefault();
    prefix = "";
    act(node);
    return;
  }
  if (prefix) { prefix = ""; return; }
  if (key === "G") { remember("G"); return; }
  if (key === "W" && why()) event.preventDefault();
});

// The list of keys is made from what is on the page now, so it cannot be wrong.
function words(node) {
  if (node.dataset.keyLabel) return node.dataset.keyLabel;
  if (node.getAttribute("aria-label")) return node.getAttribute("aria-label");
  const copy = (node.closest("label") ?? node).cloneNode(true);
  copy.querySelectorAll("kbd, .vh, svg").forEach((part) => part.remove());
  return copy.textContent.replace(/\s+/g, " ").trim();
}

function line(keys, label) {
  const row = document.createElement("div");
  const term = document.createElement("dt");
  term.textContent = label;
  const drawn = document.createElement("dd");
  for (const part of keys.split("|")[0].split(" ")) {
    const cap = document.createElement("kbd");
    cap.textContent = part.split("+").map((piece) => NAMES[piece] ?? piece).join(" ");
    drawn.append(cap);
  }
  row.append(term, drawn);
  return row;
}

export function fillHelp() {
  const list = document.getElementById("keys-list");
  if (!list) return;
  const seen = new Map();
  for (const node of document.querySelectorAll("[data-key]")) {
    if (node.closest("template") || (!visible(node) && !node.closest("#me-menu, label"))) continue;
    if (!seen.has(node.dataset.key)) seen.set(node.dataset.key, words(node));
  }
  if (document.querySelector("button.tag[popovertarget]")) seen.set("W", "Why: open the rules");
  for (const [keys, label] of document.querySelector("[data-list]") ? LIST_KEYS : []) seen.set(keys, label);
  for (const [keys, label] of BUILT_IN) seen.set(keys, label);
  list.replaceChildren(...[...seen].map(([keys, label]) => line(keys, label)));
}

const LIST_KEYS = [["J|ArrowDown", "Next row"], ["K|ArrowUp", "Previous row"], ["Enter", "Open"], ["Space", "Select"], ["Shift+Space", "Select up to here"]];

document.addEventListener("click", (event) => {
  if (event.target.closest('[data-opens="keys"]')) fillHelp();
}, true);
