// What a scan came to, for the ear and the hand: three sounds and three buzzes that nobody mixes up, drawn here and not
// fetched. A switch on the page turns them off for this device; where the system asks for less motion they begin off.
const SOUNDS = { good: [[1175, .12]], caution: [[587, .16], [587, .16]], refused: [[220, .35]], seen: [[880, .05]], arrival: [[784, .18]] };
const BUZZES = { good: [60], caution: [90, 70, 90], refused: [350], seen: [20] };
const LOUD = { good: .15, caution: .15, refused: .15, seen: .05, arrival: .06 };
let ears = null;

/* Whether a device wants what a switch is called for; `unsaid` holds until somebody has pressed it. */
export function wanted(name, unsaid) {
  try { return (localStorage.getItem(name) ?? (unsaid ? "on" : "off")) === "on"; } catch { return unsaid; }
}

const calm = () => matchMedia("(prefers-reduced-motion: reduce)").matches;
export const speaking = () => wanted("signals", !calm());

/* Sound and buzz for one of the kinds above. */
export function signal(kind) {
  if (!speaking()) return;
  if (BUZZES[kind]) navigator.vibrate?.(BUZZES[kind]);
  sound(kind);
}

/* The sound alone, whatever the switch of the scanner says: who calls has asked a switch of its own. */
export function sound(kind) {
  try {
    ears ??= new AudioContext();
    let from = ears.currentTime;
    for (const [pitch, lasts] of SOUNDS[kind]) {
      const tone = ears.createOscillator();
      const volume = ears.createGain();
      tone.frequency.value = pitch;
      volume.gain.value = LOUD[kind];
      tone.connect(volume).connect(ears.destination);
      tone.start(from);
      tone.stop(from + lasts);
      from += lasts + .06;
    }
  } catch { /* silence is fine: colour and words say it */ }
}

/* A button that is a switch: remembered on this device under its name, its words in data-on and data-off. */
export function wire(button, name, unsaid, then = () => {}) {
  const show = () => {
    const on = wanted(name, unsaid);
    button.setAttribute("aria-pressed", String(on));
    button.querySelector("span").textContent = on ? button.dataset.on : button.dataset.off;
    then(on);
  };
  button.addEventListener("click", () => {
    try { localStorage.setItem(name, wanted(name, unsaid) ? "off" : "on"); } catch { /* a private window forgets */ }
    show();
  });
  button.hidden = false;
  show();
}

for (const button of document.querySelectorAll("[data-signals]")) {
  wire(button, "signals", !calm());
  // A press is also what lets a browser make sounds at all.
  button.addEventListener("click", () => signal("good"));
}
