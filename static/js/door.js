// Sign-in pages: the one thing HTML cannot do, showing a password on request.
for (const row of document.querySelectorAll("[data-needs-script]")) row.hidden = false;
document.addEventListener("change", (event) => {
  const field = document.getElementById(event.target.dataset.shows ?? "");
  if (field) field.type = event.target.checked ? "text" : "password";
});
