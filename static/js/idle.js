// Two minutes before the session ends for want of a sign of life: say so, and keep it with one button (DESIGN section 7).
// Notes are saved while they are typed; what the page asks by itself is no sign of life, here as on the server.
const POLLS = ["/work/callbacks/due/", "/requests/open/", "/requests/mine/"];
const EARLY = 180; // the server notes a sign of life once a minute, so its clock may be a minute behind ours

export function watchIdle(alertWith, announce) {
  const seconds = Number(document.body.dataset.idle);
  if (!seconds) return;
  const tabs = new BroadcastChannel("seen");
  let timer = 0;

  const restart = () => {
    clearTimeout(timer);
    document.getElementById("stay")?.closest(".note")?.remove();
    timer = setTimeout(warn, (seconds - EARLY) * 1000);
  };
  const seen = () => { restart(); tabs.postMessage("seen"); };

  async function stay() {
    const answer = await fetch("/me/", { credentials: "same-origin", redirect: "manual" });
    if (answer.ok) seen();
    else alertWith("You are signed out", "Sign in again in another tab, then go on. Notes were saved while you typed.");
  }

  function warn() {
    const words = "Nothing was done here for a while. Notes are saved; other fields are not.";
    alertWith("You will be signed out in 2 minutes", words);
    const button = Object.assign(document.createElement("button"), { type: "button", id: "stay", className: "btn btn--sm btn--go", textContent: "Stay signed in" });
    button.addEventListener("click", stay);
    document.querySelector("#alerts .note > div")?.append(button);
    announce(`You will be signed out in 2 minutes. ${words}`);
  }

  tabs.addEventListener("message", restart);
  document.body.addEventListener("htmx:afterRequest", (event) => {
    const path = event.detail.pathInfo?.requestPath ?? "";
    if (event.detail.successful && !POLLS.some((poll) => path.startsWith(poll))) seen();
  });
  seen();
}
