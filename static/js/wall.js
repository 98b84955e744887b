// The wall: a code that changes, a ring that shrinks, who just came. A stale code is never left standing.
import { sound, wanted, wire } from "./signals.js";

const face = document.querySelector("[data-now-url]");
const part = (name) => face.querySelector(`[data-${name}]`);
const POLL = 4000;
const step = (Number(face.dataset.step) || 15) * 1000;

let skew = 0;                                  // server − our clock; a TV's clock is often wrong
let changesAt = Date.parse(face.dataset.changesAt ?? "") || 0;
let validUntil = Date.parse(face.dataset.validUntil ?? "") || 0;
let shownCode = null;
let timer = null;
let misses = 0;
let came = null;                               // how many were in when we last heard
const serverNow = () => Date.now() + skew;

function people(recent) {
  const list = part("recent");
  const lines = recent.slice(0, 5).map(({ name, at }) => {
    const line = document.createElement("li");
    const who = document.createElement("span");
    const when = document.createElement("time");
    who.textContent = name;
    when.textContent = /T\d\d:\d\d/.test(at) ? at.slice(11, 16) : at;
    line.append(who, when);
    return line;
  });
  list.replaceChildren(...lines);
}

function draw(now) {
  if (now.code !== shownCode || !part("code").firstElementChild) {
    const svg = new DOMParser().parseFromString(now.svg, "image/svg+xml").documentElement;
    if (svg.nodeName === "svg") part("code").replaceChildren(document.importNode(svg, true));
    shownCode = now.code;
  }
  changesAt = Date.parse(now.changes_at);
  validUntil = Date.parse(now.valid_until);
  if (now.url) part("host").textContent = new URL(now.url, location.href).host;
  part("in").textContent = now.in ?? 0;
  // One soft sound for however many came since: a wall is not a till.
  if (came !== null && now.in > came && wanted("wall-chime", false)) sound("arrival");
  came = now.in;
  part("capacity").textContent = now.capacity ? ` / ${now.capacity}` : "";
  people(now.recent ?? []);
}

async function refresh() {
  clearTimeout(timer);
  const cut = new AbortController();
  const limit = setTimeout(() => cut.abort(), 8000);
  try {
    const asked = Date.now();
    const answer = await fetch(face.dataset.nowUrl, { cache: "no-store", credentials: "same-origin", signal: cut.signal, headers: { Accept: "application/json" } });
    // A screen that was lent this wall has it no more: the page says so itself.
    if (answer.status === 410) return void location.reload();
    if (!answer.ok || answer.redirected) throw new Error(String(answer.status));
    const now = await answer.json();
    const middle = (asked + Date.now()) / 2;
    // The Date header has whole seconds; half a second is its likeliest remainder.
    const told = now.now ? Date.parse(now.now) : Date.parse(answer.headers.get("Date") ?? "") + 500;
    if (told) skew = told - middle;
    draw(now);
    misses = 0;
  } catch {
    misses += 1;
  } finally {
    clearTimeout(limit);
  }
  tick();
  const toChange = changesAt - serverNow() + 120;
  const wait = misses ? Math.min(8000, 1000 * 2 ** Math.min(misses, 3)) : Math.max(250, Math.min(POLL, toChange > 0 ? toChange : 500));
  timer = setTimeout(refresh, wait);
}

function tick() {
  const stale = !validUntil || serverNow() >= validUntil;
  const rest = Math.max(0, Math.min(1, (changesAt - serverNow()) / step));
  part("ring").setAttribute("stroke-dashoffset", (100 * (1 - rest)).toFixed(2));
  face.classList.toggle("is-stale", stale);
  // Before the very first answer there is nothing lost yet.
  part("lost").hidden = !(stale && misses > 0);
  part("weak").hidden = !(misses > 1 && !stale);
}

let awake = null;
async function stayAwake() {
  try {
    awake = await navigator.wakeLock?.request("screen");
  } catch {
    awake = null;                               // a laptop on low battery may say no; the code still changes
  }
}
document.addEventListener("visibilitychange", () => {
  if (document.hidden) return;
  if (!awake || awake.released) stayAwake();
  refresh();
});
addEventListener("online", refresh);

wire(part("large"), "wall-large", false, (on) => face.classList.toggle("is-large", on));
wire(part("chime"), "wall-chime", false);
part("chime").addEventListener("click", () => { if (wanted("wall-chime", false)) sound("arrival"); });

stayAwake();
setInterval(tick, 250);
refresh();
