// Whoever scanned before signing in has decided already: the kept scan sends itself, once.
const form = document.querySelector("form[data-goes-by-itself]");
const mark = `claim:${location.pathname}`;
if (form && !sessionStorage.getItem(mark)) {
  sessionStorage.setItem(mark, "sent");
  form.requestSubmit();
}
