// Kept scans: first on this device, then sent. None is deleted before the server has said what became of it, and each says
// where it stands among the others of its day (seq, and what the one before comes to). Tells: "kept" on the document.
import { BOOT, ahead, post, store, together } from "./device.js";
const BATCH = 200;                              // as many as one upload takes
const SETTLED_FOR = 24 * 3_600_000;             // how long one may look back at what became of them
const OUTCOMES = ["recorded", "repeated", "to_confirm", "parked", "refused"];
const others = "BroadcastChannel" in window ? new BroadcastChannel("liyu") : null;

export const all = () => store("scans", "readonly", (scans) => scans.getAll());
export const waits = (one) => !one.outcome;

function tell(detail = {}) {
  document.dispatchEvent(new CustomEvent("kept", { detail }));
}
function changed(detail) {
  tell(detail);
  others?.postMessage("kept");
}
others?.addEventListener("message", () => tell());

async function hash(line) {
  const made = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(line));
  return [...new Uint8Array(made)].map((b) => b.toString(16).padStart(2, "0")).join("");
}

/* Keep one scan {code, scan, seen_at, day, …what the page wants to remember}; on the disk when this returns. */
export async function keep(one) {
  const row = `row:${one.day}`;
  const kept = { ...one, ticks: performance.now(), boot: BOOT, ahead: ahead() };
  for (;;) {
    const last = await store("notes", "readonly", (notes) => notes.get(row)) ?? { seq: 0, link: "" };
    kept.seq = last.seq + 1;
    kept.prev = last.link;
    const link = await hash(`${kept.seq}|${kept.scan}|${kept.code}|${kept.seen_at}|${kept.prev}`);
    const first = await together(["scans", "notes"], async (scans, notes, settled) => {
      const there = await settled(notes.get(row));
      if ((there?.seq ?? 0) !== last.seq) return false;   // another tab was faster: behind it, then
      notes.put({ seq: kept.seq, link }, row);
      scans.put(kept);
      return true;
    });
    if (first) break;
  }
  changed({});
  return kept;
}

const alone = (act) => (navigator.locks ? navigator.locks.request("liyu-upload", { ifAvailable: true }, (held) => (held ? act() : undefined)) : act());

/* Send what waits, day by day, in batches; whatever the server has not answered for stays. */
export const upload = () => alone(async () => {
  if (!navigator.onLine) return;
  const waiting = (await all()).filter(waits).sort((a, b) => (a.seq ?? 0) - (b.seq ?? 0));
  const days = Map.groupBy ? Map.groupBy(waiting, (one) => one.day) : waiting.reduce((found, one) => found.set(one.day, [...found.get(one.day) ?? [], one]), new Map());
  let sent = 0;
  let trouble = null;
  for (const [day, scans] of days) {
    for (let at = 0; at < scans.length; at += BATCH) {
      const batch = scans.slice(at, at + BATCH);
      const answer = await send(day, batch).catch(() => null);
      if (!answer) return changed({ sent });              // no signal after all: the next time
      if (!answer.ok) {
        const told = await answer.json().catch(() => ({}));
        // The server has parked what a revoked device sent; anything else waits here until it is taken.
        if (told.code === "device.revoked") await settle(batch.map(({ scan }) => ({ scan, outcome: "parked", code: told.code })));
        trouble = { code: told.code ?? "", detail: told.detail ?? "", status: answer.status };
        break;
      }
      sent += await settle((await answer.json()).results);
    }
  }
  changed({ sent, trouble });
});

function send(day, batch) {
  const scans = batch.map(({ scan, code, seen_at, direction, boot, ticks, ahead: off, seq, prev }) => ({ scan, code, seen_at, direction, boot, ticks, ahead: off, seq, prev }));
  return post("/api/v1/checkins/kept", { service_day_id: day, sent_at: new Date().toISOString(), boot: BOOT, ticks: performance.now(), scans });
}

async function settle(results) {
  const known = results.filter(({ outcome }) => OUTCOMES.includes(outcome));
  return together(["scans"], async (scans, settled) => {
    let n = 0;
    for (const { scan, outcome, code } of known) {
      const one = await settled(scans.get(scan));
      if (!one) continue;
      scans.put({ ...one, outcome, refusal: code ?? null, settled_at: Date.now() });
      n += 1;
    }
    return n;
  });
}

/* Forget what the server settled a day ago. */
export async function sweep() {
  const old = (await all()).filter((one) => one.outcome && Date.now() - one.settled_at > SETTLED_FOR);
  if (old.length) await together(["scans"], (scans) => { for (const { scan } of old) scans.delete(scan); });
}

addEventListener("online", upload);
setInterval(upload, 30_000);
