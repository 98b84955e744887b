// What a code is worth at a gate without signal: good (green), caution (amber: kept, the server decides), refused (red).
// Green is only said of a pass whose seal fits the key of its holder's day and whose moment is now by every clock we have.
import { takeApart, whole } from "./codes.js";
const STEP = 30_000;
const STEPS_OFF = 2;
const DAY = 86_400_000;
const SHANGHAI = 8 * 3_600_000;

const said = (verdict, why, more = {}) => ({ verdict, why, keep: true, ...more });
const dateOf = (at) => new Date(at + SHANGHAI).toISOString().slice(0, 10);

async function fits(key, kind, body, seal) {
  const raw = Uint8Array.from(atob(key), (one) => one.charCodeAt(0));
  const hmac = await crypto.subtle.importKey("raw", raw, { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
  const name = new TextEncoder().encode(`ly1:${kind}\0`);
  const message = new Uint8Array(name.length + body.length);
  message.set(name);
  message.set(body, name.length);
  const made = new Uint8Array(await crypto.subtle.sign("HMAC", hmac, message));
  return seal.reduce((off, byte, n) => off | byte ^ made[n], 0) === 0;
}

/* `roster` is the day's, or null; `moments` what time it may be, in milliseconds, by each clock there is; `came` whom this
   device has seen come in already. The answer: {verdict, why, keep, token, person, way}. */
export async function judge(text, roster, moments, came = new Set()) {
  const code = takeApart(text);
  if (code.kind === "unknown" || code.kind === "wall" || code.kind === "voucher") return said("refused", code.kind, { keep: false });
  const { token, who } = code;
  if (code.kind === "number") return said("caution", "number", { token });
  if (!roster) return said("caution", "no_roster", { token });
  if (who === roster.mine) return said("refused", "own", { token });
  if (roster.revoked.includes(who)) return said("refused", "revoked", { token });
  const person = roster.people.get(who);
  if (!person) return said("caution", roster.walk_ins ? "walk_in" : "stranger", { token });
  const found = { token, who, person };
  if (code.kind === "card") return card(code, person, moments, found);
  if (code.kid !== roster.kid) return said("caution", "key", found);
  const shown = whole(code.rest) * STEP;
  const key = person.keys[roster.dates.indexOf(dateOf(shown))];
  const fresh = moments.map((at) => Math.abs(Math.floor(at / STEP) - shown / STEP) <= STEPS_OFF);
  if (key && !await fits(key, "pass", code.body, code.seal)) return said("refused", "forged", found);
  if (!fresh.some(Boolean)) return said("refused", "stale", found);
  if (!key) return said("caution", "key", found);
  if (!fresh.every(Boolean)) return said("caution", "clock", found);
  return now(roster, person, moments[0], came.has(who) || Boolean(person.flags?.includes("in")), found);
}

function card({ rest }, person, moments, found) {
  // The key of a card lives long, so no device holds it: a card is for the server to read.
  const revision = whole(rest.slice(0, 3));
  const until = dateOf(whole(rest.slice(3)) * DAY);
  if (revision < person.revision) return said("refused", "revoked", found);
  if (moments.every((at) => dateOf(at) > until)) return said("refused", "stale_card", found);
  return said("caution", "card", found);
}

function now(roster, person, at, inside, found) {
  const [opens, closes, out, end] = ["checkin_opens", "checkin_closes", "checkout_opens", "checkout_closes"].map((name) => Date.parse(roster[name]));
  if (inside && at >= out && at <= end) return said("good", "out", { ...found, way: "out" });
  if (inside && at >= opens && at < out) return said("good", "again", { ...found, way: "in" });
  if (at >= opens && at <= closes) return said("good", "in", { ...found, way: "in" });
  return said("caution", at >= out && at <= end ? "no_way_in" : "window", found);
}
