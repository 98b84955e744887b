// The camera: native reader where it knows QR codes, else zxing-wasm; a photo; the typed code is the page's own form.
// Tells the page: dispatches "scanned" {code, scan, seenAt} on the [data-scanner] element, bubbling.
import { signal } from "./signals.js";

const VENDOR = new URL("../vendor/zxing-wasm-3.1.4/reader/", import.meta.url);
const box = document.querySelector("[data-scanner]");
const say = box.dataset;
const at = (selector) => box.querySelector(selector);
const video = at("video");
const start = at("[data-scanner-start]");
const torch = at("[data-scanner-torch]");
const photo = at("[data-scanner-photo]");
const AGAIN = 3000;                             // the same code within three seconds is the same scan
const seen = new Map();
const canvas = document.createElement("canvas");
let stream = null;
let reader = null;
let zxing = null;

const words = (text) => { const line = at("[data-scanner-words]"); if (line) line.textContent = text ?? ""; };
// randomUUID exists on https only; a counter on a plain local network still needs a name for its scan.
const uuid = () => crypto.randomUUID?.() ?? [...crypto.getRandomValues(new Uint8Array(16))].map((b) => b.toString(16).padStart(2, "0")).join("");

function found(code) {
  const now = Date.now();
  if (!code || now - (seen.get(code) ?? 0) < AGAIN) { if (code) seen.set(code, now); return; }
  seen.set(code, now);
  signal("seen");
  box.classList.add("is-seen");
  setTimeout(() => box.classList.remove("is-seen"), 600);
  box.dispatchEvent(new CustomEvent("scanned", { bubbles: true, detail: { code, scan: uuid(), seenAt: new Date(now).toISOString() } }));
}

async function withZxing(image) {
  if (!zxing) {
    zxing = await import(new URL("index.js", VENDOR).href);
    zxing.prepareZXingModule({ overrides: { locateFile: (file) => new URL(file, VENDOR).href } });
  }
  const [first] = await zxing.readBarcodes(image, { formats: ["QRCode"], tryHarder: true, maxNumberOfSymbols: 1 });
  return first?.text ?? null;
}

function frame(source, width, height, longest) {
  const scale = Math.min(1, longest / Math.max(width, height));
  canvas.width = Math.round(width * scale);
  canvas.height = Math.round(height * scale);
  const pen = canvas.getContext("2d", { willReadFrequently: true });
  pen.drawImage(source, 0, 0, canvas.width, canvas.height);
  return pen.getImageData(0, 0, canvas.width, canvas.height);
}

async function chooseReader() {
  if ("BarcodeDetector" in window) {
    try {
      if ((await BarcodeDetector.getSupportedFormats()).includes("qr_code")) {
        const native = new BarcodeDetector({ formats: ["qr_code"] });
        return async () => (await native.detect(video))[0]?.rawValue ?? null;
      }
    } catch { /* some phones list the name and fail: the other reader works everywhere */ }
  }
  return () => withZxing(frame(video, video.videoWidth, video.videoHeight, 960));
}

async function watch() {
  while (stream) {
    if (!document.hidden && !box.dataset.paused && video.readyState >= 2 && video.videoWidth) {
      try {
        const code = await reader();
        if (code) found(code);
      } catch {
        // The native reader can break mid-way; one change of reader, then the loop goes on.
        reader = () => withZxing(frame(video, video.videoWidth, video.videoHeight, 960));
      }
    }
    await new Promise((then) => setTimeout(then, 120));
  }
}

async function open() {
  if (stream) return;
  try {
    stream = await navigator.mediaDevices.getUserMedia({ audio: false, video: { facingMode: { ideal: "environment" }, width: { ideal: 1280 }, height: { ideal: 720 } } });
  } catch {
    words(say.wordsDenied);
    start.hidden = false;
    return;
  }
  video.srcObject = stream;
  video.hidden = false;
  start.hidden = true;
  await video.play();
  words(say.wordsLooking);
  const track = stream.getVideoTracks()[0];
  torch.hidden = !track.getCapabilities?.().torch;
  track.addEventListener("ended", close);
  reader ??= await chooseReader();
  watch();
}

function close() {
  stream?.getTracks().forEach((track) => track.stop());
  stream = null;
  video.hidden = true;
  torch.hidden = true;
  start.hidden = false;
}

async function readPhoto(file) {
  words(say.wordsReading);
  let code = null;
  try {
    const bitmap = await createImageBitmap(file);
    // Small first (quick, and kind to moiré), then as large as a phone's memory likes.
    for (const longest of [1000, 2200]) code ??= await withZxing(frame(bitmap, bitmap.width, bitmap.height, longest));
  } catch { /* a format this browser cannot open: the server may */ }
  if (!code && say.photoUrl) {
    const form = new FormData();
    form.append("photo", file);
    form.append("csrf_token", document.querySelector('meta[name="csrf-token"]').content);
    try {
      const answer = await fetch(say.photoUrl, { method: "POST", body: form, credentials: "same-origin", headers: { Accept: "application/json" } });
      if (answer.ok) code = (await answer.json()).code ?? null;
    } catch { /* no signal: said below */ }
  }
  words(code ? "" : say.wordsNothing);
  if (code) { seen.delete(code); found(code); }
}

if (video) {
  photo.addEventListener("change", async () => { if (photo.files[0]) await readPhoto(photo.files[0]); photo.value = ""; });
  if (navigator.mediaDevices?.getUserMedia) {
    start.hidden = false;
    start.addEventListener("click", open);
    torch.addEventListener("click", async () => {
      const on = torch.getAttribute("aria-pressed") !== "true";
      await stream?.getVideoTracks()[0].applyConstraints({ advanced: [{ torch: on }] });
      torch.setAttribute("aria-pressed", String(on));
    });
    addEventListener("pagehide", close);
    // Allowed before on this phone: open at once, one tap fewer.
    const allowed = await navigator.permissions?.query({ name: "camera" }).catch(() => null);
    if (allowed?.state === "granted" || "autostart" in say) open();
  } else words(say.wordsDenied);
}
