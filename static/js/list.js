// Lists by keyboard: J and K walk the rows of [data-list], Enter opens, Space selects, Shift+Space extends.
// The bulk bar [data-bulk] shows only with a selection and says how many and how much (data-cents on the row).
const list = () => document.querySelector("[data-list]");
const rows = () => [...(list()?.querySelectorAll("tbody tr[id]") ?? [])];
const current = () => list()?.querySelector('tr[aria-current="true"]');
const box = (row) => row?.querySelector('td input[type="checkbox"]');
const busy = (event) => event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input:not([type='checkbox']), textarea, select, dialog, [popover], [contenteditable='true']");
let anchor = null;

function go(row) {
  if (!row) return;
  for (const each of rows()) each.removeAttribute("aria-current");
  row.setAttribute("aria-current", "true");
  row.scrollIntoView({ block: "nearest" });
  const link = row.querySelector("th a");
  if (link) link.focus({ preventScroll: true });
}

function step(by) {
  const all = rows();
  const at = all.indexOf(current());
  go(all[Math.max(0, Math.min(all.length - 1, at + by))]);
}

function select(row, extend) {
  const mark = box(row);
  if (!mark) return;
  if (extend && anchor) {
    const all = rows();
    const [from, to] = [all.indexOf(anchor), all.indexOf(row)].sort((a, b) => a - b);
    all.slice(from, to + 1).forEach((each) => { const b = box(each); if (b) b.checked = true; });
  } else {
    mark.checked = !mark.checked;
    anchor = row;
  }
  report();
}

function money(cents) {
  const currency = list().dataset.currency ?? "USD";
  return new Intl.NumberFormat("en-US", { style: "currency", currency }).format(cents / 100).replace("-", "−");
}

function report() {
  const bar = document.querySelector("[data-bulk]");
  const picked = rows().filter((row) => box(row)?.checked);
  if (bar) {
    bar.hidden = picked.length === 0;
    const count = bar.querySelector("[data-bulk-count]");
    const sum = bar.querySelector("[data-bulk-sum]");
    if (count) count.textContent = `${picked.length} selected`;
    if (sum) sum.textContent = money(picked.reduce((total, row) => total + Number(row.dataset.cents ?? 0), 0));
  }
  const all = list()?.querySelector("[data-select-all]");
  if (all) {
    all.checked = picked.length > 0 && picked.length === rows().length;
    all.indeterminate = picked.length > 0 && !all.checked;
  }
  list()?.dispatchEvent(new CustomEvent("selection", { bubbles: true, detail: { count: picked.length } }));
}

function clear() {
  const marked = rows().some((row) => box(row)?.checked);
  rows().forEach((row) => { const mark = box(row); if (mark) mark.checked = false; });
  if (marked) report();
  return marked;
}

document.addEventListener("keydown", (event) => {
  if (!list() || event.defaultPrevented || busy(event) || document.body.dataset.singleKeys === "off") return;
  const moves = { j: 1, ArrowDown: 1, k: -1, ArrowUp: -1 };
  const by = moves[event.key.length === 1 ? event.key.toLowerCase() : event.key];
  if (by && !event.shiftKey && !document.querySelector(":popover-open")) { event.preventDefault(); step(by); return; }
  const row = current();
  if (event.key === " " && row && !event.target.closest("button, input, summary")) { event.preventDefault(); select(row, event.shiftKey); return; }
  if (event.key === "Enter" && row && !event.target.closest("a, button, input")) { event.preventDefault(); row.querySelector("th a")?.click(); return; }
  if (event.key === "Escape" && !document.querySelector(":popover-open") && clear()) event.preventDefault();
});

document.addEventListener("change", (event) => {
  if (event.target.matches("[data-select-all]")) {
    rows().forEach((row) => { const mark = box(row); if (mark) mark.checked = event.target.checked; });
    report();
  } else if (event.target.closest("[data-list] tbody")) {
    anchor = event.target.closest("tr");
    report();
  }
});

document.addEventListener("click", (event) => {
  if (event.target.closest("[data-bulk-clear]")) clear();
});
// A row swapped away takes its mark with it; the bar must not count it any longer.
document.body.addEventListener("htmx:afterSettle", () => { if (list()) report(); });
