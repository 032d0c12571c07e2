// Search and commands in one box. People come from /search/?q= (a partial of options); commands are what the page can
// do: [data-command="words"] and everything with a labelled key. Arrow keys move, Enter opens, Ctrl+Enter opens in a new tab, ">" lists commands only.
import { act } from "./keys.js";

const WAIT = 180;
const box = document.getElementById("palette");
const input = document.getElementById("palette-q");
const list = document.getElementById("palette-list");
let timer = 0;
let asked = null;

const options = () => [...list.querySelectorAll('[role="option"]')];
const chosen = () => list.querySelector('[role="option"][aria-selected="true"]');

function choose(option) {
  for (const each of options()) each.setAttribute("aria-selected", String(each === option));
  if (option) input.setAttribute("aria-activedescendant", option.id);
  else input.removeAttribute("aria-activedescendant");
  option?.scrollIntoView({ block: "nearest" });
}

function commands(query) {
  const wanted = query.replace(/^>/, "").trim().toLowerCase();
  const found = [...document.querySelectorAll("[data-command], [data-key-label]:not(#finder), .nav a")].filter((node) => !node.closest("template") && `${label(node)} ${node.textContent}`.toLowerCase().includes(wanted));
  if (!found.length) return null;
  const group = document.createElement("div");
  group.setAttribute("role", "group");
  group.setAttribute("aria-label", "On this page");
  const head = document.createElement("div");
  head.className = "gh";
  head.textContent = "On this page";
  head.setAttribute("role", "presentation");
  group.append(head, ...found.slice(0, 8).map(option));
  return group;
}

function label(node) {
  if (node.dataset.command ?? node.dataset.keyLabel) return node.dataset.command ?? node.dataset.keyLabel;
  const copy = node.cloneNode(true);
  copy.querySelectorAll("kbd, .n, .vh").forEach((part) => part.remove());
  return copy.textContent.replace(/\s+/g, " ").trim();
}

function option(node, index) {
  const row = document.createElement("div");
  row.setAttribute("role", "option");
  row.id = `pc-${index}`;
  row.setAttribute("aria-selected", "false");
  row.append(label(node));
  for (const part of (node.dataset.key ?? "").split("|")[0].split(" ").filter(Boolean)) {
    const cap = document.createElement("kbd");
    cap.textContent = part;
    row.append(cap);
  }
  row.addEventListener("click", () => { box.hidePopover(); act(node); });
  return row;
}

function show(found, query) {
  list.replaceChildren();
  if (found) list.innerHTML = found; // our own server's partial, escaped there
  const own = commands(query);
  if (own) list.append(own);
  choose(options()[0]);
}

async function search() {
  const query = input.value.trim();
  asked?.abort();
  if (query.length < 2 || query.startsWith(">")) { show("", query); return; }
  asked = new AbortController();
  try {
    const answer = await fetch(`/search/?q=${encodeURIComponent(query)}`, { headers: { "HX-Request": "true" }, signal: asked.signal });
    if (answer.ok) show(await answer.text(), query);
    else show("", query);
    const count = options().length;
    document.body.dispatchEvent(new CustomEvent("announce", { detail: { value: count === 1 ? "1 result" : `${count} results` } }));
  } catch (error) {
    if (error.name !== "AbortError") show("", query);
  }
}

function open(event) {
  const option = chosen();
  if (!option) return;
  event.preventDefault();
  if (option.href && (event.ctrlKey || event.metaKey)) window.open(option.href, "_blank", "noopener");
  else option.click();
}

if (box) {
  input.addEventListener("input", () => { clearTimeout(timer); timer = setTimeout(search, WAIT); });
  input.addEventListener("keydown", (event) => {
    const all = options();
    const at = all.indexOf(chosen());
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      choose(all[(at + (event.key === "ArrowDown" ? 1 : -1) + all.length) % all.length]);
    } else if (event.key === "Enter") open(event);
  });
  box.addEventListener("toggle", (event) => {
    if (event.newState !== "open") return;
    input.value = "";
    show("", "");
    input.focus();
  });
}
