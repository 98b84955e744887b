// A ring that shrinks until a moment the server named; then the page is asked for anew. A clock that is wrong does no harm.
const face = document.querySelector("[data-countdown]");
const ring = face.querySelector("[data-ring]");
const whole = Number(face.dataset.seconds) * 1000;
const ends = Date.now() + Date.parse(face.dataset.until) - Date.parse(face.dataset.now);

function tick() {
  const rest = Math.max(0, ends - Date.now());
  ring.setAttribute("stroke-dashoffset", (100 * (1 - Math.min(1, rest / whole))).toFixed(2));
  if (rest) return;
  clearInterval(timer);
  location.reload();
}

const timer = setInterval(tick, 250);
tick();
navigator.wakeLock?.request("screen").catch(() => {});  // a phone on low battery may say no
// Shown again from memory, the digits may be long over.
addEventListener("pageshow", (event) => { if (event.persisted) location.reload(); });
