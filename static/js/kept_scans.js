// The gate without signal: a scan that could not be sent is kept on this device and uploaded, signed, once there is some.
import { post, store } from "./device.js";
const box = document.querySelector("[data-kept]");
const line = box.querySelector("[data-kept-words]");
const all = () => store("scans", "readonly", (scans) => scans.getAll());
const BATCH = 200;                              // as many as one upload takes
let sending = false;

async function tell(words) {
  const waiting = (await all()).length;
  box.hidden = !waiting && !words;
  line.textContent = words || (waiting ? box.dataset.wordsWaiting.replace("{n}", waiting) : "");
}

document.addEventListener("scanfailed", async (event) => {
  event.preventDefault();
  const { code, scan, seen_at } = event.detail;
  await store("scans", "readwrite", (scans) => scans.put({ scan, code, seen_at, day: Number(box.dataset.kept) }));
  document.dispatchEvent(new CustomEvent("scankept"));
  tell();
});

async function upload() {
  if (sending || !navigator.onLine) return;
  sending = true;
  try {
    const waiting = await all();
    for (const day of new Set(waiting.map((one) => one.day))) {
      const batch = waiting.filter((one) => one.day === day).slice(0, BATCH);
      const scans = batch.map(({ scan, code, seen_at }) => ({ scan, code, seen_at }));
      const answer = await post("/api/v1/checkins/kept", { service_day_id: day, sent_at: new Date().toISOString(), scans });
      if (!answer.ok) {
        const told = await answer.json().catch(() => ({}));
        // The server has kept what a revoked device sent; anything else stays here until it is taken.
        if (told.code === "device.revoked") for (const { scan } of batch) await store("scans", "readwrite", (kept) => kept.delete(scan));
        await tell(told.detail ?? "");
        return;
      }
      for (const { scan } of (await answer.json()).results) await store("scans", "readwrite", (kept) => kept.delete(scan));
    }
    if (waiting.length) await tell(box.dataset.wordsSent.replace("{n}", waiting.length));
  } catch { /* no signal still: the next time */ } finally { sending = false; }
}

addEventListener("online", upload);
await tell();
upload();
setInterval(upload, 30_000);
