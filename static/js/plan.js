// The plan builder: Enter in the terms goes on to the read-back instead of sending the form (J3).
document.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || event.ctrlKey || event.metaKey || !event.target.closest("#plan-terms")) return;
  event.preventDefault();
  const tick = document.getElementById("id_read_back");
  if (tick) tick.focus();
  else event.target.dispatchEvent(new Event("change", { bubbles: true }));
});
