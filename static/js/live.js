// Live pages: one stream tells which topics have changed; each element that shows one fetches
// itself anew through its own address. Without a stream the page polls.

const POLL_OPEN_MS = 3_000;
const POLL_ALL_MS = 15_000;
const HIDDEN_MS = 20_000;
/** After this a request without an answer no longer keeps others from being made. */
const LOST_MS = 20_000;

const url = document.body.dataset.liveUrl;
const note = /** @type {HTMLElement | null} */ (document.getElementById("live-note"));
/** When the request under way for an element began. */
const busy = /** @type {WeakMap<Element, number>} */ (new WeakMap());
/** When each topic last changed. */
const changedAt = /** @type {Map<string, number>} */ (new Map());
/** By id, when elements with data-live-calm (ms) may be fetched again. */
const calmUntil = /** @type {Map<string, number>} */ (new Map());

/** @type {EventSource | null} */
let stream = null;
let hiddenTimer = 0;
let pollTimer = 0;
let lastFullPoll = 0;
/** A form's own answer comes first. */
let patience = 0;

const topicsOf = (/** @type {HTMLElement} */ element) => element.dataset.live.split(" ");

/** Fetches an element anew, one request at a time. */
async function refresh(/** @type {HTMLElement} */ element) {
  if (!element.isConnected) return;
  const now = performance.now();
  if (now - (busy.get(element) ?? -Infinity) < LOST_MS) return;
  busy.set(element, now);
  const pause = (calmUntil.get(element.id) ?? 0) - now;
  if (pause > 0) await new Promise((resolve) => setTimeout(resolve, pause));
  if (!element.isConnected) return;
  const began = performance.now();
  const { liveCalm } = element.dataset;
  if (liveCalm) calmUntil.set(element.id, began + Number(liveCalm));
  await window.htmx
    .ajax("GET", element.getAttribute("hx-get"), {
      source: element,
      target: element,
      swap: "outerHTML",
      select: element.getAttribute("hx-select") ?? undefined,
    })
    .catch(() => setTimeout(refresh, POLL_OPEN_MS, element)); // The network failed, not the server.
  busy.delete(element);
  const current = element.isConnected ? element : document.getElementById(element.id);
  if (current) refreshStale(current, began);
}

/** What changed while an answer was on its way, in it or inside it, is fetched once more. */
function refreshStale(/** @type {HTMLElement} */ element, /** @type {number} */ since) {
  for (const part of [element, ...element.querySelectorAll("[data-live]")]) {
    if (topicsOf(part).some((topic) => (changedAt.get(topic) ?? 0) > since)) refresh(part);
  }
}

/** What lies inside another of these comes along with it. */
function refreshOutermost(/** @type {HTMLElement[]} */ elements) {
  const all = new Set(elements);
  for (const element of elements) {
    let outer = element.parentElement;
    while (outer && !all.has(outer)) outer = outer.parentElement;
    if (!outer) refresh(element);
  }
}

function refreshAll() {
  const elements = [...document.querySelectorAll("[data-live]")];
  // Noted, so that an answer that was asked for earlier does not pass for the present state.
  for (const topic of elements.flatMap(topicsOf)) changedAt.set(topic, performance.now());
  refreshOutermost(elements);
}

function refreshTopics(/** @type {string[]} */ topics) {
  for (const topic of topics) changedAt.set(topic, performance.now());
  const concerned = [...document.querySelectorAll("[data-live]")].filter((element) =>
    topicsOf(element).some((topic) => topics.includes(topic)),
  );
  refreshOutermost(concerned);
}

// --- The stream ----------------------------------------------------------------------------

function open() {
  if (stream || !url || document.hidden) return;
  stream = new EventSource(url);
  stream.addEventListener("open", () => {
    stopPolling();
    // A change may have fallen between the page and its stream, or into a gap of it.
    refreshAll();
  });
  stream.addEventListener("change", (event) => refreshTopics(JSON.parse(event.data).topics));
  stream.addEventListener("bye", () => setTimeout(() => location.reload(), patience));
  stream.addEventListener("error", () => {
    startPolling();
    // The browser reconnects by itself unless the server refused outright.
    if (stream?.readyState === EventSource.CLOSED) {
      stream = null;
      setTimeout(open, POLL_ALL_MS);
    }
  });
}

function close() {
  stream?.close();
  stream = null;
  stopPolling();
}

// Browsers allow six connections to a host: pages nobody looks at give theirs back.
function onVisibility() {
  clearTimeout(hiddenTimer);
  if (document.hidden) hiddenTimer = setTimeout(close, HIDDEN_MS);
  else open();
}

// --- Polling -------------------------------------------------------------------------------

function startPolling() {
  if (pollTimer) return;
  if (note) note.hidden = false;
  lastFullPoll = Date.now();
  pollTimer = setInterval(() => {
    if (Date.now() - lastFullPoll >= POLL_ALL_MS) {
      lastFullPoll = Date.now();
      refreshAll();
    } else {
      document.querySelectorAll("[data-live-open]").forEach(refresh);
    }
  }, POLL_OPEN_MS);
}

function stopPolling() {
  clearInterval(pollTimer);
  pollTimer = 0;
  if (note) note.hidden = true;
}

// --- Requests ------------------------------------------------------------------------------

/** What a person has opened or focused inside an element survives its replacement. */
function remember(/** @type {HTMLElement} */ element) {
  const open = [...element.querySelectorAll("details[open][data-keep]")].map((d) => d.dataset.keep);
  const focused = element.contains(document.activeElement) ? document.activeElement : null;
  return { open, focus: focused?.dataset.keep ?? focused?.id ?? "" };
}

function restore(/** @type {HTMLElement} */ element, /** @type {ReturnType<typeof remember>} */ state) {
  for (const details of element.querySelectorAll("details[data-keep]")) {
    if (state.open.includes(details.dataset.keep)) details.open = true;
  }
  if (!state.focus) return;
  const same = [...element.querySelectorAll("[data-keep], [id]")].find(
    (candidate) => (candidate.dataset.keep ?? candidate.id) === state.focus,
  );
  same?.focus({ preventScroll: true });
}

/** @type {Map<string, ReturnType<typeof remember>>} */
const remembered = new Map();
const isLive = (/** @type {Element} */ element) => element.matches?.("[data-live]");

/** Where the pointer is down: a button that is replaced under it would swallow the click. */
let pressed = /** @type {Node | null} */ (null);
const postponed = /** @type {Set<HTMLElement>} */ (new Set());

function onRelease() {
  // After the click that follows the release.
  setTimeout(() => {
    pressed = null;
    for (const element of postponed) if (element.isConnected) refresh(element);
    postponed.clear();
  });
}

document.addEventListener("submit", (event) => event.defaultPrevented || (patience = 15_000));
document.addEventListener("pointerdown", (event) => (pressed = event.target));
document.addEventListener("pointerup", onRelease);
document.addEventListener("pointercancel", onRelease);

document.addEventListener("htmx:beforeSwap", (event) => {
  const { target, requestConfig } = event.detail;
  if (!isLive(target)) return;
  // Replaced with what surrounds it, while its own answer was on the way.
  if (!target.isConnected) {
    event.detail.shouldSwap = false;
    return;
  }
  const isRefresh = requestConfig.verb === "get" && requestConfig.elt === target;
  if (isRefresh && pressed && target.contains(pressed)) {
    event.detail.shouldSwap = false;
    postponed.add(target);
    return;
  }
  if (target.id) remembered.set(target.id, remember(target));
});

document.addEventListener("htmx:afterSettle", () => {
  for (const [id, state] of remembered) {
    const element = document.getElementById(id);
    if (element) restore(element, state);
  }
  remembered.clear();
});

document.addEventListener("htmx:responseError", (event) => {
  const { xhr, requestConfig } = event.detail;
  const isGone = xhr.status === 404 || xhr.status === 410;
  // Deleted in another window, or no longer ours to see.
  if (isGone && requestConfig.verb === "get" && isLive(requestConfig.elt)) requestConfig.elt.remove();
});

if (url) {
  document.addEventListener("visibilitychange", onVisibility);
  // A page kept by Back has lost its stream.
  window.addEventListener("pageshow", (event) => event.persisted && (close(), open()));
  window.addEventListener("pagehide", close);
  // A stream that slept through a change of networks would not notice for minutes.
  window.addEventListener("online", () => (close(), open()));
  open();
}
