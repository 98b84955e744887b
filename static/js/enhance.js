// On every page. Pages work without it; this makes them kinder.
const root = document.documentElement;
const say = document.body.dataset;
const csrf = () => document.querySelector('meta[name="csrf-token"]')?.content ?? "";

/* one submit a form: the button says it is busy */
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (event.defaultPrevented || form.method === "get" || form.hasAttribute("data-scan-form")) return;
  if (form.dataset.sent) return void event.preventDefault();
  form.dataset.sent = "1";
  const button = event.submitter ?? form.querySelector("button[type=submit]");
  if (!button) return;
  // Disabled only after the browser has read the form, so the button's own name and value still travel.
  setTimeout(() => {
    button.disabled = true;
    button.classList.add("is-busy");
    const words = button.querySelector("span") ?? button;
    button.dataset.words = words.textContent;
    words.textContent = say.busy;
  });
});
// Coming back with the back button finds the forms usable again.
addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-sent]")) {
    delete form.dataset.sent;
    for (const button of form.querySelectorAll(".is-busy")) {
      button.disabled = false;
      button.classList.remove("is-busy");
      (button.querySelector("span") ?? button).textContent = button.dataset.words;
    }
  }
});

/* toasts; a page may also ask: document.dispatchEvent(new CustomEvent("toast", {detail: "…"})) */
function toast(words, keep = 5000) {
  const box = document.getElementById("toasts");
  if (!box) return null;
  const line = document.createElement("p");
  line.className = "toast";
  line.textContent = words;
  box.append(line);
  // The elder's pages have no time pressure: a message leaves when it is touched.
  line.addEventListener("click", () => line.remove());
  if (keep && !root.classList.contains("elder")) setTimeout(() => line.remove(), keep);
  return line;
}
document.addEventListener("toast", (event) => toast(event.detail));
let lost = null;
addEventListener("offline", () => { lost ??= toast(say.offline, 0); });
addEventListener("online", () => { lost?.remove(); lost = null; });

/* clicks */
document.addEventListener("click", async (event) => {
  const copy = event.target.closest("[data-copy]");
  if (copy) {
    try {
      await navigator.clipboard.writeText(copy.dataset.copy);
      toast(say.copied, 2000);
    } catch {
      toast(say.copyFailed);
    }
  }
  if (event.target.closest("[data-print]")) print();
  const close = event.target.closest("[data-close-details]");
  if (close) {
    const box = close.closest("details");
    box.open = false;
    box.querySelector("summary").focus();
  }
  for (const menu of document.querySelectorAll("details.office-menu[open]")) if (!menu.contains(event.target)) menu.open = false;
});
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  for (const menu of document.querySelectorAll("details.office-menu[open], details.confirm[open]")) {
    menu.open = false;
    menu.querySelector("summary").focus();
  }
});
document.addEventListener("change", (event) => {
  const field = event.target;
  if (field.matches("[data-filters] select, [data-filters] input[type=date], [data-autosubmit]")) field.form.requestSubmit();
  if (field.dataset.selectAll) {
    for (const one of document.querySelectorAll(`input[type=checkbox][name="${CSS.escape(field.dataset.selectAll)}"]`)) one.checked = field.checked;
  }
});
// Filters left empty stay out of the address.
document.addEventListener("formdata", (event) => {
  if (!event.target.matches("[data-filters]")) return;
  for (const [key, value] of [...event.formData]) if (value === "") event.formData.delete(key);
});

/* buttons that only make sense with script appear now */
for (const one of document.querySelectorAll("[data-copy], [data-print], [data-close-details], [data-text-size]")) one.hidden = false;
document.querySelector("[data-error-summary]")?.focus();
const buzz = document.querySelector("[data-buzz]");
if (buzz) navigator.vibrate?.(buzz.dataset.buzz === "twice" ? [80, 60, 80] : 60);

/* the elder's page: three sizes of words, and a voice */
if (root.classList.contains("elder") && !root.dataset.face) {
  const size = (n) => {
    const now = Math.max(0, Math.min(2, n));
    try { localStorage.setItem("text-size", now); } catch { /* private windows forget, and that is fine */ }
    if (now) root.dataset.text = now; else delete root.dataset.text;
    for (const button of document.querySelectorAll("[data-text-size]")) button.disabled = Number(button.dataset.textSize) > 0 ? now === 2 : now === 0;
  };
  let kept = 0;
  try { kept = Number(localStorage.getItem("text-size")) || 0; } catch { /* as above */ }
  size(kept);
  for (const button of document.querySelectorAll("[data-text-size]")) {
    button.addEventListener("click", () => size(Number(root.dataset.text ?? 0) + Number(button.dataset.textSize)));
  }
  const voice = document.querySelector("[data-read-aloud]");
  if (voice && "speechSynthesis" in window) {
    voice.hidden = false;
    const words = voice.querySelector("span");
    const before = words.textContent;
    const still = () => { voice.setAttribute("aria-pressed", "false"); words.textContent = before; };
    voice.addEventListener("click", () => {
      if (speechSynthesis.speaking) { speechSynthesis.cancel(); return still(); }
      const text = (document.getElementById("main")?.innerText ?? "").replace(/\n+/g, "。");
      // Long texts stall some phones' voices: a sentence or two at a time.
      const parts = text.match(/[^。！？.!?]{1,160}[。！？.!?]?/g) ?? [];
      parts.forEach((part, index) => {
        const spoken = new SpeechSynthesisUtterance(part);
        spoken.lang = root.lang;
        spoken.rate = 0.9;
        if (index === parts.length - 1) spoken.onend = still;
        speechSynthesis.speak(spoken);
      });
      voice.setAttribute("aria-pressed", "true");
      words.textContent = say.stopReading;
    });
    addEventListener("pagehide", () => speechSynthesis.cancel());
  }
}

/* htmx, where a page has it */
document.addEventListener("htmx:configRequest", (event) => {
  if (event.detail.verb !== "get") event.detail.headers["X-CSRFToken"] = csrf();
});
document.addEventListener("htmx:sendError", () => toast(say.offline));
