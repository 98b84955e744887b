// A part of the page that follows what happens elsewhere: fetched again, replaced only when it changed.
for (const part of document.querySelectorAll("[data-live-url]")) {
  const pause = Math.max(1, Number(part.dataset.liveSeconds) || 3) * 1000;
  let shown = null;
  let misses = 0;
  let timer = null;

  async function look() {
    timer = null;
    if (document.hidden) return;
    try {
      const answer = await fetch(part.dataset.liveUrl, { headers: { "HX-Request": "true", Accept: "text/html" }, cache: "no-store", credentials: "same-origin" });
      // A session that ended sends us to sign-in: stop asking and keep what is on the page.
      if (answer.redirected || answer.status === 401 || answer.status === 403 || answer.status === 404) return;
      if (answer.ok) {
        misses = 0;
        const html = (await answer.text()).trim();
        if (html !== shown) {
          if (shown !== null || html !== part.innerHTML.trim()) {
            part.innerHTML = html;
            part.dispatchEvent(new CustomEvent("live", { bubbles: true }));
          }
          shown = html;
        }
        if (answer.headers.get("X-Live") === "done") return;
      } else misses += 1;
    } catch {
      misses += 1;
    }
    timer = setTimeout(look, Math.min(30000, pause * 2 ** Math.min(misses, 4)));
  }

  document.addEventListener("visibilitychange", () => {
    if (!document.hidden && timer === null) look();
  });
  timer = setTimeout(look, pause);
}
