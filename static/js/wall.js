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
// Codes handed over ahead, by step of the clock: what goes on without a signal, where the organiser wants that.
const ahead = new Map();
const AHEAD_ENOUGH = 40 * 60_000;
let asking = false;
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

async function stock() {
  if (!face.dataset.aheadUrl || asking) return;
  const now = Math.floor(serverNow() / step);
  for (const old of ahead.keys()) if (old < now) ahead.delete(old);
  const first = Math.max(now, ...[...ahead.keys()].map((one) => one + 1));
  if ((first - now) * step >= AHEAD_ENOUGH) return;
  asking = true;
  try {
    const answer = await fetch(`${face.dataset.aheadUrl}?from=${first}`, { cache: "no-store", credentials: "same-origin" });
    if (answer.status === 200 && !answer.redirected) for (const one of (await answer.json()).codes) ahead.set(one.step, one);
  } catch {
    // The signal is gone: what there is has to do.
  } finally {
    asking = false;
  }
}

function picture(rows) {
  const size = rows.length, edge = 2;
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("class", "qr");
  svg.setAttribute("viewBox", `0 0 ${size + 2 * edge} ${size + 2 * edge}`);
  svg.setAttribute("shape-rendering", "crispEdges");
  const lines = rows.map((row, y) => {
    const bits = BigInt(`0x${row}`).toString(2).padStart(size, "0");
    return `M${edge} ${y + edge}.5` + bits.match(/0+|1+/g).map((run) => run[0] === "1" ? `h${run.length}` : `m${run.length} 0`).join("");
  });
  for (const [name, value, d] of [["fill", "#fff", `M0 0h${size + 2 * edge}v${size + 2 * edge}H0z`], ["stroke", "#000", lines.join("")]]) {
    const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
    path.setAttribute(name, value);
    path.setAttribute("d", d);
    svg.append(path);
  }
  return svg;
}

// Without a signal: the code of this step, if it was handed over before.
function goOn() {
  const now = Math.floor(serverNow() / step);
  const one = misses > 0 ? ahead.get(now) : null;
  if (!one) return false;
  if (one.code !== shownCode) {
    part("code").replaceChildren(picture(one.rows));
    shownCode = one.code;
  }
  changesAt = (now + 1) * step;
  validUntil = (now + 2) * step;
  const until = new Date((Math.max(...ahead.keys()) + 1) * step);
  part("ahead-until").textContent = until.toLocaleTimeString("zh-CN", { hour: "2-digit", minute: "2-digit", hour12: false, timeZone: "Asia/Shanghai" });
  return true;
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
    stock();
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
  const going = goOn();
  const stale = !validUntil || serverNow() >= validUntil;
  const rest = Math.max(0, Math.min(1, (changesAt - serverNow()) / step));
  part("ring").setAttribute("stroke-dashoffset", (100 * (1 - rest)).toFixed(2));
  face.classList.toggle("is-stale", stale);
  // Before the very first answer there is nothing lost yet.
  part("lost").hidden = !(stale && misses > 0);
  part("weak").hidden = !(misses > 1 && !stale && !going);
  if (part("ahead")) part("ahead").hidden = !going;
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
