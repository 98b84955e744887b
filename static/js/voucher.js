// The voucher that is being shown: how long its code is still good, and what changes when the counter has pressed.
const acts = document.querySelector("[data-while-open]");
const two = (n) => String(n).padStart(2, "0");
let shown = document.querySelector("[data-countdown]") !== null;

function tell() {
  const line = document.querySelector("[data-countdown]");
  if (!line) return;
  const left = Math.round((new Date(line.dataset.countdown) - Date.now()) / 1000);
  // A phone whose clock is wrong keeps the words from the server.
  if (left > 310 || left < -60) return;
  line.querySelector("[data-countdown-words]").textContent = left > 0 ? `${Math.floor(left / 60)}:${two(left % 60)}` : "0:00";
  line.classList.toggle("is-short", left <= 60);
}

document.addEventListener("live", () => {
  tell();
  const ticket = document.querySelector(".ticket");
  if (ticket?.classList.contains("ticket-done")) {
    acts?.remove();
    navigator.vibrate?.(60);
  } else if (shown && !document.querySelector("[data-countdown]")) {
    // The five minutes are over: the page itself knows what to offer next.
    location.reload();
  }
  shown = document.querySelector("[data-countdown]") !== null;
});

tell();
setInterval(tell, 1000);
