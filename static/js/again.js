// A page that stands in for another without a signal: it goes there as soon as there is one. Phones say "online" late,
// early or not at all, so it also asks for itself; any answer is a signal.
const there = document.querySelector("[data-again]").href;
const go = () => location.replace(there);
async function look() {
  try {
    await fetch(there, { method: "HEAD", cache: "no-store", redirect: "manual" });
    go();
  } catch {
    setTimeout(look, 4000);
  }
}
addEventListener("online", go);
setTimeout(look, 4000);
