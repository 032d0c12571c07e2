// The letter page: Enter on a letter goes on to its preview and never sends it; Ctrl+Enter sends (J6).
document.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || event.ctrlKey || event.metaKey || !event.target.closest("#letter-form :is(input, select)")) return;
  event.preventDefault();
  document.getElementById("letter-preview").focus();
});
