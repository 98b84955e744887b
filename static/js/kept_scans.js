// The gate without signal: a scan is judged at once by the roster on this device, kept, and uploaded, signed, once there is
// some. Here are the scan itself and the list of what is kept; the page of an organiser with signal uses it when sending fails.
import { moments } from "./device.js";
import { judge } from "./judging.js";
import * as keeping from "./keeping.js";
import * as rosters from "./rosters.js";
import { show } from "./verdicts.js";
import "./installing.js";
const box = document.querySelector("[data-kept]");
const line = box.querySelector("[data-kept-words]");
const list = box.querySelector("[data-kept-list]");
const sample = box.querySelector("template[data-kept-item]");
const words = (name) => box.querySelector("template[data-kept-says]").content.querySelector(`[data-says="${name}"]`)?.textContent ?? "";
const theDay = () => Number(box.dataset.kept);
const known = new Map();                        // day → roster, opened once
const SENT_SHOWN = 10_000;
let turn = Promise.resolve();
let went = { n: 0, at: 0 };                     // what was sent last, said for a while

export async function roster(day, anew = false) {
  if (anew) known.delete(day);
  const found = known.get(day) ?? (day ? await rosters.open(day) : null);
  if (found) known.set(day, found);
  return found;
}

/* Everything of every day: from the device, and from this page's memory. */
export async function forgetRosters() {
  await rosters.forgetAll();
  known.clear();
}

/* One scan after the other, each judged, then kept, then shown. */
export function takeIn(scanned) {
  turn = turn.then(() => one(scanned)).catch((error) => { show({ verdict: "refused", why: "broken", keep: false }); console.warn(error); });
  return turn;
}

async function one({ code, scan, seenAt }) {
  const day = theDay();
  if (!day) throw new Error("a scan without a day");
  const came = new Set((await keeping.all()).filter((past) => past.day === day && past.way === "in" && past.verdict === "good").map((past) => past.who));
  const given = await judge(code, await roster(day), moments(), came);
  if (given.keep) await keeping.keep({ scan, code: given.token, seen_at: seenAt, day, verdict: given.verdict, why: given.why, way: given.way, who: given.person?.who });
  show(given, new Date(moments()[0]));
}

async function draw({ sent = 0, trouble = null } = {}) {
  const mine = (await keeping.all()).sort((a, b) => (a.seen_at < b.seen_at ? 1 : -1));
  const waiting = mine.filter(keeping.waits).length;
  if (sent) { went = { n: sent, at: Date.now() }; setTimeout(draw, SENT_SHOWN); }
  const lately = Math.abs(Date.now() - went.at) < SENT_SHOWN;
  line.textContent = trouble?.detail || (waiting ? words(navigator.onLine ? "sending" : "waiting").replace("{n}", waiting) : lately ? words("sent").replace("{n}", went.n) : "");
  line.hidden = !line.textContent;
  list.hidden = !mine.length;
  box.hidden = line.hidden && list.hidden;
  list.querySelector("[data-kept-count]").textContent = words("count").replace("{n}", mine.length);
  const people = new Map();
  for (const day of new Set(mine.map((past) => past.day))) for (const [who, person] of (await roster(day))?.people ?? []) people.set(who, person);
  list.querySelector("ul").replaceChildren(...mine.map((past) => item(past, people.get(past.who))));
}

function item(past, person) {
  const drawn = sample.content.cloneNode(true);
  const put = (slot, text) => { drawn.querySelector(`[data-slot="${slot}"]`).textContent = text; };
  const time = new Date(past.seen_at).toLocaleTimeString("zh-CN", { hour: "2-digit", minute: "2-digit", second: "2-digit", hour12: false });
  const state = past.outcome ?? "here";
  put("who", person ? `${person.name} ${person.last}` : `…${past.code.slice(-4)}`);
  put("when", time);
  put("why", [past.outcome ? words(past.refusal ?? "") : "", past.outcome ? "" : words(`verdict.${past.verdict ?? "caution"}`)].filter(Boolean).join(" "));
  const badge = drawn.querySelector('[data-slot="state"]');
  badge.textContent = words(state);
  badge.classList.add(`badge-${{ recorded: "good", repeated: "plain", refused: "accent", here: "info" }[state] ?? "caution"}`);
  return drawn;
}

document.addEventListener("scanfailed", (event) => {
  event.preventDefault();
  const { code, scan, seen_at: seenAt } = event.detail;
  takeIn({ code, scan, seenAt }).then(() => document.dispatchEvent(new CustomEvent("scankept")));
});
document.addEventListener("kept", (event) => draw(event.detail));
for (const turned of ["online", "offline"]) addEventListener(turned, () => draw());

/* A page with signal brings the roster of its day onto the device, so that losing signal costs nothing. */
if (box.dataset.takesRoster) rosters.take(theDay()).then(() => roster(theDay(), true)).then(() => draw(), () => {});
// What is over is forgotten while the page lies open, too.
setInterval(async () => { await rosters.sweep(moments()[0]); known.clear(); }, 60_000);
await rosters.sweep(moments()[0]);
await keeping.sweep();
await draw();
keeping.upload();
