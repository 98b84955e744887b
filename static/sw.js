// The scanner's service worker. It keeps the files of one page that is nobody's (fetched without cookies when this version
// is installed) and gives them out when there is no signal. It keeps nothing else: no page of anybody, no answer of the API.
// SHELL, put in front by the server, names the version, the page and the files; another version is another worker. `others`
// are pages of nobody's too, which say what cannot be done without signal, each in place of those at and below its path.
const CACHE = `scanner-${SHELL.version}`;
const PATIENCE = 3000;                          // a bar of signal that carries nothing is no signal
const PAGE = /^\/(scanner|service-days\/\d+\/scanner)$/;
const NAMES = new Set(SHELL.files.map((file) => new URL(file, location.origin).pathname));

addEventListener("install", (event) => event.waitUntil(install()));
addEventListener("activate", (event) => event.waitUntil(activate()));
addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== location.origin) return;
  if (request.mode === "navigate") {
    if (PAGE.test(url.pathname)) event.respondWith(page(request));
    const other = SHELL.others.find(({ path }) => url.pathname === path || url.pathname.startsWith(`${path}/`));
    if (other) event.respondWith(instead(request, other.page));
  }
  else if (NAMES.has(url.pathname)) event.respondWith(file(request));
});

async function install() {
  const cache = await caches.open(CACHE);
  await Promise.all([SHELL.page, ...SHELL.others.map((one) => one.page), ...SHELL.files].map(async (address) => {
    const answer = await fetch(address, { credentials: "omit", cache: "no-cache" });
    if (!answer.ok || answer.redirected) throw new Error(`${address}: ${answer.status}`);
    await cache.put(address, answer);
  }));
  await skipWaiting();
}

async function activate() {
  // The version before stays one turn more: a page that was opened with it may still ask for its files.
  const ours = (await caches.keys()).filter((name) => name.startsWith("scanner-") && name !== CACHE);
  await Promise.all(ours.slice(0, -1).map((name) => caches.delete(name)));
  await clients.claim();
}

function soon(request) {
  return new Promise((then, otherwise) => {
    const late = setTimeout(() => otherwise(new Error("late")), PATIENCE);
    fetch(request).then(then, otherwise).finally(() => clearTimeout(late));
  });
}

async function page(request) {
  const kept = async () => (await caches.open(CACHE)).match(SHELL.page, { ignoreVary: true });
  try {
    const answer = await soon(request);
    return answer.status >= 500 ? await kept() ?? answer : answer;
  } catch {
    return await kept() ?? Response.error();
  }
}

async function instead(request, address) {
  try {
    return await soon(request);   // also one that says what is wrong: it knows better than a kept page
  } catch {
    return await (await caches.open(CACHE)).match(address, { ignoreVary: true }) ?? Response.error();
  }
}

async function file(request) {
  // A name with its fingerprint never changes; one without is the newest there is, while there is signal.
  const exact = new URL(request.url).search && await caches.match(request, { ignoreVary: true });
  if (exact) return exact;
  try {
    return await soon(request);
  } catch {
    return await (await caches.open(CACHE)).match(request, { ignoreSearch: true, ignoreVary: true }) ?? Response.error();
  }
}
