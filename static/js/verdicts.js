// What a scan came to, over the whole screen: drawn from the templates of _verdicts.html, with a sound and a buzz of its own.
// Green leaves by itself, for the next one in the row; amber and red wait for a thumb.
import { signal } from "./signals.js";

const templates = document.querySelector("[data-verdicts]");
const place = document.querySelector("[data-verdict-place]");
const scanner = document.querySelector("[data-scanner]");
const GREEN_STAYS = 1800;
let closing = null;

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
  signal(verdict);
  if (verdict === "good" && !document.documentElement.classList.contains("elder")) closing = setTimeout(close, GREEN_STAYS);
}

export function close() {
  clearTimeout(closing);
  place.replaceChildren();
  if (scanner) delete scanner.dataset.paused;
}

document.addEventListener("click", (event) => { if (event.target.closest("[data-verdict-place] [data-answer-close]")) close(); });
document.addEventListener("keydown", (event) => { if (place?.firstElementChild && event.key === "Escape") close(); });
