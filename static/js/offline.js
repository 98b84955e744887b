// The scanner that opens without signal: which day, its roster, each scan judged at once and kept. Nothing on the page comes
// from the server but words; what it shows of a day is read from this device.
import { key, moments, now, store } from "./device.js";
import { upload } from "./keeping.js";
import * as rosters from "./rosters.js";
import { leave } from "./installing.js";
import { forgetRosters, roster, takeIn } from "./kept_scans.js";
const REFRESH = 15 * 60_000;
const TAKEN_MAX = 5;
const at = (selector) => document.querySelector(selector);
const box = at("[data-gate]");
const kept = at("[data-kept]");
const form = at("[data-keep-form]");
const words = (name) => at("template[data-gate-says]").content.querySelector(`[data-says="${name}"]`)?.textContent ?? "";
const time = (moment) => new Date(moment).toLocaleString("zh-CN", { month: "numeric", day: "numeric", hour: "2-digit", minute: "2-digit", hour12: false, timeZone: "Asia/Shanghai" });
const asked = location.pathname.match(/^\/service-days\/(\d+)\/scanner$/)?.[1] ?? new URLSearchParams(location.search).get("day");
let day = null;
let choosing = false;                           // asked for another day: even a single one is not chosen by itself
/* Said to who keeps the scans in the same breath: the camera may see the first one before anything is drawn. */
function work(on) {
  day = on;
  kept.dataset.kept = on ?? "";
}
work(asked ? Number(asked) : null);

function trouble(name, detail = "") {
  for (const one of document.querySelectorAll("[data-trouble]")) one.hidden = one.dataset.trouble !== name;
  const other = at('[data-trouble="other"]');
  if (detail) { other.hidden = false; other.textContent = detail; }
}

function signal() {
  for (const one of document.querySelectorAll("[data-signal]")) one.hidden = (one.dataset.signal === "yes") !== navigator.onLine;
}

/* The days this device knows of: those it holds a roster of, and those it was told of last. */
async function days() {
  const told = await store("notes", "readonly", (notes) => notes.get("days")) ?? [];
  const found = new Map(told.filter((one) => Date.parse(one.ends_at) > moments()[0] - 3_600_000).map((one) => [one.id, one]));
  for (const id of await rosters.held()) {
    const its = await roster(id);
    if (its) found.set(id, { id, title: its.title, starts_at: its.checkin_opens });
  }
  return [...found.values()];
}

async function draw() {
  const known = await days();
  if (day === null && known.length === 1 && !choosing) work(known[0].id);
  const its = day === null ? null : await roster(day);
  at("[data-days]").hidden = day !== null;
  at("[data-no-days]").hidden = Boolean(known.length);
  at("[data-at-work]").hidden = day === null;
  at("[data-days] ul").replaceChildren(...known.map((one) => {
    const drawn = at("template[data-day-item]").content.cloneNode(true);
    const button = drawn.querySelector("button");
    drawn.querySelector("[data-slot=title]").textContent = one.title;
    drawn.querySelector("[data-slot=when]").textContent = time(one.starts_at);
    button.onclick = () => choose(one.id);
    return drawn;
  }));
  at("[data-title]").textContent = its?.title ?? known.find((one) => one.id === day)?.title ?? words("some_day");
  at("[data-roster]").textContent = its ? words("roster").replace("{n}", its.people.size).replace("{at}", time(its.taken)) : words("no_roster");
}

async function choose(one) {
  work(one);
  await draw();
  refresh();
}

/* With signal: who we are here, which days; what waits goes out; then their rosters anew. */
async function refresh() {
  signal();
  if (!navigator.onLine) return;
  const told = await now().catch(() => undefined);
  if (told === undefined) return;
  if (told === null) return trouble("sign_in");
  await store("notes", "readwrite", (notes) => notes.put(told.days, "days"));
  if (!await key()) trouble("enrol");
  else {
    trouble("");
    await upload();   // what was scanned goes first
    const wanted = new Set([...day === null ? [] : [day], ...told.days.map((one) => one.id)].slice(0, TAKEN_MAX));
    for (const one of wanted) {
      const taken = await rosters.take(one);
      if (taken?.code === "device.revoked") { await forgetRosters(); trouble("", taken.detail); break; }
      if (taken?.code === "device.unknown") { trouble("enrol"); break; }
      if (taken && !taken.ok && one === day) trouble("", taken.detail);
      await roster(one, true);
    }
  }
  await draw();
}

document.addEventListener("scanned", ({ detail }) => { if (day !== null) takeIn(detail); });
// Sent soon, not at the next half minute, while there is signal.
let soon = null;
document.addEventListener("kept", ({ detail }) => {
  if (detail.trouble?.code === "auth.required") trouble("sign_in");
  if (["device.unknown", "device.signature"].includes(detail.trouble?.code)) trouble("enrol");
  if (detail.sent === undefined && navigator.onLine) { clearTimeout(soon); soon = setTimeout(upload, 1500); }
});
form.addEventListener("submit", (event) => {
  event.preventDefault();
  const code = form.elements.code.value;
  form.reset();
  takeIn({ code, scan: crypto.randomUUID(), seenAt: new Date().toISOString() });
});
at("[data-other-day]").onclick = () => { choosing = true; work(null); draw(); };
at("[data-leave]").onclick = async () => {
  await forgetRosters();
  await leave();
  location.assign("/");
};
addEventListener("online", refresh);
addEventListener("offline", signal);
document.addEventListener("visibilitychange", () => { if (!document.hidden) refresh(); });
setInterval(refresh, REFRESH);

signal();
await draw();
// Only now does the camera read: a code it saw before anybody listened would not be told again.
delete at("[data-scanner]").dataset.paused;
box.dataset.drawn = "1";
refresh();
