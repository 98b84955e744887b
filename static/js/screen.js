// A TV that waits to be paired: asks every three seconds, and becomes the wall by itself.
const face = document.querySelector("[data-screen-now]");
const form = document.querySelector("form[data-goes-by-itself]");
const until = Date.parse(face.dataset.until ?? "");

if (form) form.requestSubmit();
if (until) {
  const began = Date.now();
  const timer = setInterval(async () => {
    try {
      const answer = await fetch(face.dataset.screenNow, { cache: "no-store", credentials: "same-origin", headers: { Accept: "application/json" } });
      if (answer.status !== 204) location.reload();
    } catch { /* no signal: ask again */ }
    // A TV's clock is often wrong; five minutes of its own are five minutes.
    if (Date.now() - began > 5 * 60_000 + 5000) { clearInterval(timer); location.reload(); }
  }, 3000);
}
