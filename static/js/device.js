// A device's key: made here, never leaves (not extractable), kept in IndexedDB; and what else the scanner keeps there:
// scans that wait for signal, the day's roster (sealed), notes. Also what time it is by the server, as far as we know.
// Exports what other scripts sign with; on its own it enrols (form[data-enrol]) and says it is in use ([data-device-seen]).
let csrf = document.querySelector('meta[name="csrf-token"]')?.content ?? "";
const ALGORITHM = { name: "ECDSA", namedCurve: "P-256" };
const base64 = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer)));
const hex = (buffer) => [...new Uint8Array(buffer)].map((b) => b.toString(16).padStart(2, "0")).join("");

function settled(request) {
  return new Promise((then, otherwise) => { request.onsuccess = () => then(request.result); request.onerror = () => otherwise(request.error); });
}

let opened = null;
function base() {
  opened ??= (() => {
    const asked = indexedDB.open("liyu", 2);
    asked.onupgradeneeded = (event) => {
      const made = asked.result;
      if (event.oldVersion < 1) { made.createObjectStore("keys"); made.createObjectStore("scans", { keyPath: "scan" }); }
      made.createObjectStore("rosters", { keyPath: "day" });
      made.createObjectStore("notes");
    };
    return settled(asked).then((found) => {
      // A newer page in another tab wants to change the shape of things: it may, and this one opens anew.
      found.onversionchange = () => { found.close(); opened = null; };
      return found;
    });
  })();
  return opened;
}

/* Several stores in one transaction that is on the disk when this returns; `act` may ask for one thing after another. */
export async function together(names, act) {
  const transaction = (await base()).transaction(names, "readwrite", { durability: "strict" });
  const done = new Promise((then, otherwise) => { transaction.oncomplete = then; transaction.onabort = transaction.onerror = () => otherwise(transaction.error); });
  const given = await act(...names.map((name) => transaction.objectStore(name)), settled);
  await done;
  return given;
}

export async function store(name, mode, act) {
  return settled(act((await base()).transaction(name, mode).objectStore(name)));
}
export const key = () => store("keys", "readonly", (keys) => keys.get("device"));

async function sign(pair, text) {
  return base64(await crypto.subtle.sign({ name: "ECDSA", hash: "SHA-256" }, pair.privateKey, new TextEncoder().encode(text)));
}

/* POST JSON, signed by this device where it is enrolled. One that was revoked goes on signing: what it sends is kept for the office. */
export async function post(path, what) {
  const body = JSON.stringify(what);
  const headers = { "Content-Type": "application/json", Accept: "application/json" };
  const mine = await key();
  if (mine) Object.assign(headers, { "X-Device": mine.id, "X-Device-Signature": await sign(mine, `POST ${path}\n${body}`) });
  if (!csrf) await now();
  const send = () => fetch(path, { method: "POST", body, headers: { ...headers, "X-CSRFToken": csrf }, credentials: "same-origin" });
  const answer = await send();
  if (answer.status !== 400 || (await answer.clone().json().catch(() => ({}))).code !== "request.csrf") return answer;
  // A page that lay open for a day, or was never given a token because it is nobody's.
  await now();
  return send();
}

/* What the server says of the time, the days one may scan for and whose session this is; null when it does not know us.
   Throws without signal. */
export async function now() {
  const before = performance.now();
  const answer = await fetch("/scanner/now", { credentials: "same-origin", headers: { Accept: "application/json" } });
  if (answer.redirected || !answer.ok) return null;
  const told = await answer.json();
  csrf = told.token;
  await noted(told.now, before);
  return told;
}

// ── time: the wall clock, which people set; the ticks since this page was opened; how far the first ran ahead when we last knew ──
export const BOOT = hex(crypto.getRandomValues(new Uint8Array(16)));
let anchor = null;
let aheads = [];
store("notes", "readonly", (notes) => notes.get("aheads")).then((known) => { aheads = known ?? []; }, () => {});

const middle = (numbers) => [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)];

/* The server said what time it was, between `before` (in ticks) and now. */
export async function noted(said, before) {
  const ticks = performance.now();
  const then = Date.parse(said) + (ticks - before) / 2;
  anchor = { then, ticks };
  const ahead = Date.now() - then;
  // The middle of the last five; a clock that was set meanwhile begins anew.
  aheads = [...aheads.filter((one) => Math.abs(one - ahead) < 60_000), ahead].slice(-5);
  await store("notes", "readwrite", (notes) => notes.put(aheads, "aheads"));
}
export const ahead = () => (aheads.length ? middle(aheads) : null);

/* What time it may be by the server, in milliseconds, by each clock we have. */
export function moments() {
  const ways = [Date.now() - (ahead() ?? 0)];
  if (anchor) ways.unshift(anchor.then + performance.now() - anchor.ticks);
  return ways;
}

const form = document.querySelector("form[data-enrol]");
form?.addEventListener("submit", async (event) => {
  if (form.elements.proof.value || !crypto.subtle) return;   // without a key the server says what to do
  event.preventDefault();
  event.stopImmediatePropagation();
  const pair = await crypto.subtle.generateKey(ALGORITHM, false, ["sign", "verify"]);
  const spoken = await crypto.subtle.exportKey("spki", pair.publicKey);
  const id = hex(await crypto.subtle.digest("SHA-256", spoken));
  form.elements.public_key.value = base64(spoken);
  form.elements.proof.value = await sign(pair, form.elements.challenge.value);
  await store("keys", "readwrite", (keys) => keys.put({ id, privateKey: pair.privateKey }, "device"));
  form.requestSubmit();
}, { capture: true });

const rows = document.querySelectorAll("[data-device]");
if (rows.length) {
  const mine = await key();
  for (const row of rows) if (mine && row.dataset.device === mine.id) row.querySelector("[data-this-one]").hidden = false;
}
const seen = document.querySelector("[data-device-seen]");
async function live() {
  if (!await key()) return;
  const answer = await post(seen.dataset.deviceSeen, { at: new Date().toISOString() }).catch(() => null);
  if (answer?.status === 401) document.dispatchEvent(new CustomEvent("toast", { detail: seen.dataset.wordsRevoked }));
}
if (seen) live();   // not waited for: with a bar of signal that carries nothing the page still has to open
