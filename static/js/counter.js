// The counter without signal: says why redeeming needs one, and holds back what would only fail. A voucher is used once,
// and only the books know whether it was; a list kept on this device would let two counters take the same one.
const note = document.querySelector("[data-no-signal]");
const mark = () => { note.hidden = navigator.onLine; };
addEventListener("online", mark);
addEventListener("offline", mark);
mark();

// Before the scanner's own script hears of it, which would call it a lost answer.
document.addEventListener("submit", (event) => {
  mark();
  if (navigator.onLine) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  note.scrollIntoView({ block: "center" });
  note.focus();
}, true);
