// The call timer: <span data-call-started="2026-11-17T09:40:02-07:00">. It counts here and is silent to readers.
function tick() {
  for (const node of document.querySelectorAll("[data-call-started]")) {
    const seconds = Math.max(0, Math.floor((Date.now() - Date.parse(node.dataset.callStarted)) / 1000));
    const hours = Math.floor(seconds / 3600);
    const minutes = Math.floor((seconds % 3600) / 60);
    const two = (number) => String(number).padStart(2, "0");
    node.textContent = hours ? `${hours}:${two(minutes)}:${two(seconds % 60)}` : `${minutes}:${two(seconds % 60)}`;
  }
}

tick();
setInterval(tick, 1000);
