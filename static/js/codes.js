// Our codes as the server spells them (volunteer/codes.py): upper-case Crockford Base32 over version and kind, key number,
// fields, a seal of 16 bytes. Nothing here knows a secret.
const ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const VERSION = 1;
const SEAL = 16;
const KINDS = [["wall", 1, 9], ["pass", 2, 12], ["card", 3, 13], ["voucher", 4, 14]];
const PATHS = ["c", "m", "v", "w", "b", "d"];

export function encode(bytes) {
  const chars = Math.ceil(bytes.length * 8 / 5);
  let value = bytes.reduce((sum, byte) => sum << 8n | BigInt(byte), 0n) << BigInt(chars * 5 - bytes.length * 8);
  let text = "";
  for (let n = 0; n < chars; n += 1, value >>= 5n) text = ALPHABET[Number(value & 31n)] + text;
  return text;
}

function decode(text, length) {
  const chars = Math.ceil(length * 8 / 5);
  if (text.length !== chars || !/^[0-9A-Za-z]*$/.test(text)) return null;
  let value = 0n;
  for (const char of text.toUpperCase()) {
    const digit = ALPHABET.indexOf(char);
    if (digit < 0) return null;
    value = value << 5n | BigInt(digit);
  }
  const spare = BigInt(chars * 5 - length * 8);
  if (value & (1n << spare) - 1n) return null;
  value >>= spare;
  const bytes = new Uint8Array(length);
  for (let n = length - 1; n >= 0; n -= 1, value >>= 8n) bytes[n] = Number(value & 255n);
  return bytes;
}

/* The code in a scanned text: the text itself, or the last part of an address of ours; null for an address of somebody else. */
export function tokenIn(text) {
  const plain = text.trim();
  if (!/[:/]/.test(plain)) return plain;
  try {
    const { protocol, host, pathname } = new URL(plain);
    const [, path, token, ...more] = pathname.split("/");
    const ours = /^https?:$/.test(protocol) && host === location.host && PATHS.includes(path.toLowerCase()) && !more.length;
    return ours ? token ?? null : null;
  } catch { return null; }
}

/* {kind, token}, and for a pass or a card {kid, who, rest, body, seal}; kind is "number" for twelve digits, else "unknown". */
export function takeApart(text) {
  const token = tokenIn(text);
  if (token === null) return { kind: "unknown" };
  const digits = token.replace(/[\s-]/g, "");
  // A PIN behind the number proves nothing here, and is not kept: only the number is.
  if (/^\d{12}(\d{6})?$/.test(digits)) return { kind: "number", token: digits.slice(0, 12) };
  for (const [kind, number, fields] of KINDS) {
    const size = 2 + fields + SEAL;
    const raw = token.length === Math.ceil(size * 8 / 5) ? decode(token, size) : null;
    if (raw && raw[0] === (VERSION << 4 | number)) {
      return { kind, token: token.toUpperCase(), kid: raw[1], who: encode(raw.slice(2, 10)), rest: raw.slice(10, 2 + fields), body: raw.slice(0, -SEAL), seal: raw.slice(-SEAL) };
    }
  }
  return { kind: "unknown" };
}

export const whole = (bytes) => bytes.reduce((sum, byte) => sum * 256 + byte, 0);
