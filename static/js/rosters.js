// The day's roster on this device: sealed with AES-GCM under a key that cannot be taken out of the browser, forgotten when
// the day is over or the device is out of use.
import { key, noted, post, store } from "./device.js";
const FORGOTTEN_BY = ["device.unknown", "device.revoked", "not_found", "access.denied", "checkin.cancelled", "roster.not_now"];

async function lock() {
  const known = await store("keys", "readonly", (keys) => keys.get("roster"));
  if (known) return known;
  const made = await crypto.subtle.generateKey({ name: "AES-GCM", length: 256 }, false, ["encrypt", "decrypt"]);
  // Another tab may have made one meanwhile: the first stays.
  await store("keys", "readwrite", (keys) => keys.add(made, "roster")).catch(() => null);
  return store("keys", "readonly", (keys) => keys.get("roster"));
}
const label = (day) => new TextEncoder().encode(`roster:${day}`);

/* Ask the server for a day's roster and hold it: {ok}, or {code, detail} of why not. Without signal: null. */
export async function take(day) {
  if (!await key()) return { ok: false, code: "device.unknown" };
  const before = performance.now();
  const answer = await post(`/api/v1/service-days/${day}/roster`, { at: new Date().toISOString() }).catch(() => null);
  if (!answer || answer.status >= 500) return null;
  const told = await answer.json().catch(() => ({}));
  if (!answer.ok) {
    if (FORGOTTEN_BY.includes(told.code)) await forget(day);
    return { ok: false, code: told.code, detail: told.detail };
  }
  await noted(told.now, before);
  const iv = crypto.getRandomValues(new Uint8Array(12));
  const plain = new TextEncoder().encode(JSON.stringify(told));
  const sealed = await crypto.subtle.encrypt({ name: "AES-GCM", iv, additionalData: label(day) }, await lock(), plain);
  await store("rosters", "readwrite", (rosters) => rosters.put({ day, iv, sealed, taken: Date.now(), forget: Date.parse(told.forget_at) }));
  return { ok: true };
}

/* The roster of a day with its people by their public code, or null where this device has none. */
export async function open(day) {
  const found = await store("rosters", "readonly", (rosters) => rosters.get(day));
  if (!found) return null;
  try {
    const plain = await crypto.subtle.decrypt({ name: "AES-GCM", iv: found.iv, additionalData: label(day) }, await lock(), found.sealed);
    const told = JSON.parse(new TextDecoder().decode(plain));
    return { ...told, taken: found.taken, people: new Map(told.people.map((one) => [one.who, one])) };
  } catch {
    await forget(day);   // sealed under a key that is gone: as good as none
    return null;
  }
}

export const held = () => store("rosters", "readonly", (rosters) => rosters.getAllKeys());
export const forget = (day) => store("rosters", "readwrite", (rosters) => rosters.delete(day));

/* Forget what is over by every clock there is; with nothing left to read, the key goes too. */
export async function sweep(at) {
  for (const { day, forget: until } of await store("rosters", "readonly", (rosters) => rosters.getAll())) if (at > until) await forget(day);
  if (!(await held()).length) await store("keys", "readwrite", (keys) => keys.delete("roster"));
}

/* Every roster and its key: the device is out of use, or its owner wants it off. */
export async function forgetAll() {
  await store("rosters", "readwrite", (rosters) => rosters.clear());
  await store("keys", "readwrite", (keys) => keys.delete("roster"));
}
