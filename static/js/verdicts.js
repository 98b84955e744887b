// What a scan came to, over the whole screen: drawn from the templates of _verdicts.html, with a sound and a buzz of its own.
// Green leaves by itself, for the next one in the row; amber and red wait for a thumb.
const templates = document.querySelector("[data-verdicts]");
const place = document.querySelector("[data-verdict-place]");
const scanner = document.querySelector("[data-scanner]");
const GREEN_STAYS = 1800;
const SOUNDS = { good: [[1175, .12]], caution: [[587, .16], [587, .16]], refused: [[220, .35]] };
const BUZZES = { good: 60, caution: [90, 70, 90], refused: [350] };
let ears = null;
let closing = null;

function sound(verdict) {
  navigator.vibrate?.(BUZZES[verdict]);
  try {
    ears ??= new AudioContext();
    let from = ears.currentTime;
    for (const [pitch, lasts] of SOUNDS[verdict]) {
      const tone = ears.createOscillator();
      const volume = ears.createGain();
      tone.frequency.value = pitch;
      volume.gain.value = .15;
      tone.connect(volume).connect(ears.destination);
      tone.start(from);
      tone.stop(from + lasts);
      from += lasts + .06;
    }
  } catch { /* silence is fine: colour and words say it */ }
}

const words = (name) => templates.content.querySelector(`[data-why="${name}"]`)?.textContent ?? "";

/* Show {verdict, why, person}; the kept scan's own moment is said with it. */
export function show({ verdict, why, person, keep }, seen = new Date()) {
  clearTimeout(closing);
  const drawn = templates.content.querySelector(`[data-verdict="${verdict}"]`).cloneNode(true);
  const time = seen.toLocaleTimeString("zh-CN", { hour: "2-digit", minute: "2-digit", hour12: false, timeZone: "Asia/Shanghai" });
  const fill = (text) => text.replace("{name}", person?.name ?? "").replace("{last}", person?.last ?? "").replace("{at}", time);
  const say = (slot, text) => { for (const one of drawn.querySelectorAll(`[data-slot="${slot}"]`)) if (text) one.textContent = fill(text); else one.remove(); };
  say("who", person ? words("person") : words(`${verdict}.title`));
  say("why", words(why));
  say("next", words(keep ? `${verdict}.kept` : `${verdict}.next`));
  place.replaceChildren(drawn);
  if (scanner) scanner.dataset.paused = "1";
  drawn.querySelector(".tick, section")?.focus();
  sound(verdict);
  if (verdict === "good" && !document.documentElement.classList.contains("elder")) closing = setTimeout(close, GREEN_STAYS);
}

export function close() {
  clearTimeout(closing);
  place.replaceChildren();
  if (scanner) delete scanner.dataset.paused;
}

document.addEventListener("click", (event) => { if (event.target.closest("[data-verdict-place] [data-answer-close]")) close(); });
document.addEventListener("keydown", (event) => { if (place?.firstElementChild && event.key === "Escape") close(); });
