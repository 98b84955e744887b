// The scanner among the apps of this device: its service worker, the offer to install it, and taking it off again.
// Inside WeChat pages cannot be installed, so there the page says how to open it in the phone's own browser.
const box = document.querySelector("[data-worker]");
export const inWeChat = /MicroMessenger/i.test(navigator.userAgent);
const worker = "serviceWorker" in navigator ? navigator.serviceWorker : null;

export async function leave() {
  for (const one of await worker?.getRegistrations() ?? []) await one.unregister();
  for (const name of await caches.keys()) if (name.startsWith("scanner-")) await caches.delete(name);
}

if (inWeChat) for (const one of document.querySelectorAll("[data-in-wechat]")) one.hidden = false;
else if (worker && box) {
  // Kept even when the phone runs out of room, where the browser lets us ask.
  navigator.storage?.persist?.().catch(() => {});
  worker.register(box.dataset.worker, { scope: "/", updateViaCache: "none" }).then(
    async (found) => { await worker.ready; box.dataset.ready = "1"; setInterval(() => found.update().catch(() => {}), 3_600_000); },
    () => {},   // a private window: the page works, and goes when it is closed
  );
}

const hint = document.querySelector("[data-install]");
const installed = matchMedia("(display-mode: standalone)").matches || navigator.standalone;
if (hint && !installed && !inWeChat) {
  const button = hint.querySelector("button");
  const byHand = hint.querySelector("[data-install-by-hand]");
  if (/iPhone|iPad/.test(navigator.userAgent)) hint.hidden = byHand.hidden = false;
  addEventListener("beforeinstallprompt", (event) => {
    event.preventDefault();
    hint.hidden = button.hidden = false;
    button.onclick = async () => { await event.prompt(); hint.hidden = true; };
  });
  addEventListener("appinstalled", () => { hint.hidden = true; });
}
