// The template editor: the words with merge fields as chips. The textarea underneath stays the truth and is what is
// sent; without this script it is the editor.
const FIELD = /\{\{\s*([a-z_.]+)\s*\}\}/g;

function chip(name) {
  const node = document.createElement("span");
  node.className = "mf";
  node.contentEditable = "false";
  node.dataset.field = name;
  node.textContent = name;
  return node;
}

function draw(box, words) {
  const parts = document.createDocumentFragment();
  let from = 0;
  for (const hit of words.matchAll(FIELD)) {
    parts.append(words.slice(from, hit.index), chip(hit[1]));
    from = hit.index + hit[0].length;
  }
  parts.append(words.slice(from));
  box.replaceChildren(parts);
}

function read(node) {
  let words = "";
  for (const part of node.childNodes) {
    if (part.nodeType === Node.TEXT_NODE) words += part.data;
    else if (part.dataset?.field) words += `{{ ${part.dataset.field} }}`;
    else if (part.nodeName === "BR") words += "\n";
    else words += read(part);
  }
  return words;
}

function start(source) {
  const box = document.createElement("div");
  box.className = "editor editor--chips";
  box.contentEditable = "plaintext-only";
  if (box.contentEditable !== "plaintext-only") return; // the textarea stays
  const label = document.getElementById("body-label");
  Object.entries({ role: "textbox", "aria-multiline": "true", "aria-labelledby": "body-label", tabindex: "0" })
    .forEach(([name, value]) => box.setAttribute(name, value));
  box.lang = source.lang;
  box.id = "editor-box";
  source.after(box);
  source.hidden = true;
  draw(box, source.value);
  label?.addEventListener("click", () => box.focus());

  const changed = () => {
    source.value = read(box).replace(/\u00a0/g, " ");
    source.dispatchEvent(new Event("input", { bubbles: true }));
  };
  box.addEventListener("input", (event) => { event.stopPropagation(); changed(); });
  box.addEventListener("blur", () => { if (FIELD.test(box.textContent)) draw(box, source.value); FIELD.lastIndex = 0; });

  let place = null;
  document.addEventListener("selectionchange", () => {
    const now = getSelection();
    if (now.rangeCount && box.contains(now.anchorNode)) place = now.getRangeAt(0).cloneRange();
  });
  const put = (node) => {
    if (!place) { place = document.createRange(); place.selectNodeContents(box); place.collapse(false); }
    place.deleteContents();
    place.insertNode(node);
    place.setStartAfter(node);
    place.collapse(true);
    box.focus();
    const now = getSelection();
    now.removeAllRanges();
    now.addRange(place);
    changed();
  };
  document.addEventListener("click", (event) => {
    const tool = event.target.closest("[data-insert], [data-insert-text], [data-wrap]");
    if (!tool) return;
    if (tool.dataset.insert) {
      tool.closest("[popover]")?.hidePopover();
      put(chip(tool.dataset.insert));
    } else if (tool.dataset.insertText) {
      put(document.createTextNode(tool.dataset.insertText));
    } else {
      const chosen = place ? place.toString() : "";
      put(document.createTextNode(`${tool.dataset.wrap}${chosen}${tool.dataset.wrap}`));
    }
  });
}

// The tools need the chips; a reader without rights has neither.
if (document.querySelector("[data-editor-tools]")) document.querySelectorAll("textarea[data-editor]").forEach(start);
