// What a page does with a scan: the code and the scan's own name go into the form, and the form goes out —
// as a page, or, with data-scan-answer, by fetch with the answer shown in place and the camera running on.
import { signal } from "./signals.js";

const form = document.querySelector("[data-scan-form]");
const target = form.dataset.scanAnswer ? document.querySelector(form.dataset.scanAnswer) : null;
const field = form.elements.code;
const button = form.querySelector("button[type=submit]");
const scanner = document.querySelector("[data-scanner]");
const uuid = () => crypto.randomUUID?.() ?? [...crypto.getRandomValues(new Uint8Array(16))].map((b) => b.toString(16).padStart(2, "0")).join("");
let sending = false;
let closing = null;
let typed = "";

// With a keyboard one types or shoots at once; on a phone the field would raise the keys over the camera.
if (target && matchMedia("(hover: hover) and (pointer: fine)").matches) field.focus();

document.addEventListener("scanned", (event) => {
  if (sending) return;
  const { code, scan, seenAt } = event.detail;
  field.value = code;
  if (form.elements.pin) form.elements.pin.value = "";
  form.elements.scan.value = scan;
  form.elements.seen_at.value = seenAt;
  form.requestSubmit();
});

field.addEventListener("input", () => {
  // Another code is another scan; the same one sent again after a lost answer keeps its name.
  if (field.value !== typed) form.elements.scan.value = "";
});

form.addEventListener("submit", (event) => {
  if (sending) return void event.preventDefault();
  if (!form.elements.scan.value) {
    form.elements.scan.value = uuid();
    form.elements.seen_at.value = new Date().toISOString();
  }
  typed = field.value;
  if (target) {
    event.preventDefault();
    send();
    return;
  }
  sending = true;
  const words = button.textContent;
  setTimeout(() => { button.disabled = true; button.textContent = document.body.dataset.busy; });
  addEventListener("pageshow", () => { sending = false; button.disabled = false; button.textContent = words; }, { once: true });
});

/* A scanner gun is a keyboard that ends with Enter. Where the focus is not in a field to write in, what comes as fast
   as no hand types goes into ours; its Enter presses nothing else, least of all the button that redeems. */
const GUN_PAUSE = 1000, GUN_LEAST = 6, WRITING = "textarea, select, input:not([type=radio], [type=checkbox])";
let shot = "", last = -Infinity;
document.addEventListener("keydown", (event) => {
  if (event.target.closest?.(WRITING) || event.ctrlKey || event.altKey || event.metaKey) return;
  const fast = event.timeStamp - last < GUN_PAUSE;
  if (event.key === "Enter") {
    const code = fast && shot.length >= GUN_LEAST ? shot : "";
    shot = "";
    if (!code) return;
    event.preventDefault();
    if (sending) return;
    if (target) close();
    field.value = code;
    form.elements.scan.value = "";
    form.requestSubmit();
  } else if (event.key.length === 1) {
    shot = fast ? shot + event.key : event.key;
    last = event.timeStamp;
  }
}, true);

async function send() {
  sending = true;
  const words = button.textContent;
  button.disabled = true;
  button.textContent = document.body.dataset.busy;
  const body = new FormData(form);
  try {
    const answer = await fetch(form.action, { method: "POST", body, credentials: "same-origin", headers: { "HX-Request": "true", Accept: "text/html" } });
    if (answer.redirected) return void location.assign(answer.url);
    show(await answer.text());
    field.value = typed = "";
    if (form.elements.pin) form.elements.pin.value = "";
    form.elements.scan.value = "";
  } catch {
    // The scan keeps its name, so sending it again cannot count twice. kept_scans.js may take it from here.
    const failed = new CustomEvent("scanfailed", { bubbles: true, cancelable: true, detail: Object.fromEntries(body) });
    if (form.dispatchEvent(failed)) document.dispatchEvent(new CustomEvent("toast", { detail: document.body.dataset.offline }));
  } finally {
    sending = false;
    button.disabled = false;
    button.textContent = words;
  }
}

function show(html) {
  clearTimeout(closing);
  target.innerHTML = html;
  scanner.dataset.paused = "1";
  const answer = target.querySelector(".tick, .refusal, h1, h2") ?? target;
  answer.tabIndex = -1;
  answer.focus();
  signal(verdict());
  const after = Number(target.querySelector("[data-close-after]")?.dataset.closeAfter);
  if (after && !document.documentElement.classList.contains("elder")) closing = setTimeout(close, after);
}

/* What the answer looks like, in the three words of signals.js: it counts, it waits, it is refused. */
function verdict() {
  if (target.querySelector(".refusal, .tick-refused")) return "refused";
  return target.querySelector(".tick-good") ? "good" : "caution";
}

function close() {
  clearTimeout(closing);
  target.replaceChildren();
  delete scanner.dataset.paused;
  field.focus();
}

document.addEventListener("click", (event) => { if (target && event.target.closest("[data-answer-close]")) close(); });
document.addEventListener("keydown", (event) => { if (target?.firstElementChild && event.key === "Escape") close(); });
