// A device's key: made here, never leaves (not extractable), kept in IndexedDB; and the scans that wait for signal.
// Exports what other scripts sign with; on its own it enrols (form[data-enrol]) and says it is in use ([data-device-seen]).
const csrf = () => document.querySelector('meta[name="csrf-token"]')?.content ?? "";
const ALGORITHM = { name: "ECDSA", namedCurve: "P-256" };
const base64 = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer)));
const hex = (buffer) => [...new Uint8Array(buffer)].map((b) => b.toString(16).padStart(2, "0")).join("");

function settled(request) {
  return new Promise((then, otherwise) => { request.onsuccess = () => then(request.result); request.onerror = () => otherwise(request.error); });
}

let opened = null;
function base() {
  opened ??= (() => {
    const asked = indexedDB.open("liyu", 1);
    asked.onupgradeneeded = () => { asked.result.createObjectStore("keys"); asked.result.createObjectStore("scans", { keyPath: "scan" }); };
    return settled(asked);
  })();
  return opened;
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
  const headers = { "Content-Type": "application/json", Accept: "application/json", "X-CSRFToken": csrf() };
  const mine = await key();
  if (mine) Object.assign(headers, { "X-Device": mine.id, "X-Device-Signature": await sign(mine, `POST ${path}\n${body}`) });
  return fetch(path, { method: "POST", body, headers, credentials: "same-origin" });
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
if (seen && await key()) {
  const answer = await post(seen.dataset.deviceSeen, { at: new Date().toISOString() }).catch(() => null);
  if (answer?.status === 401) document.dispatchEvent(new CustomEvent("toast", { detail: seen.dataset.wordsRevoked }));
}
