// Live pages: one stream tells which topics have changed; each element that shows one fetches
// itself anew through its own address. Without a stream the page polls.

const POLL_OPEN_MS = 3_000;
const POLL_ALL_MS = 15_000;
const HIDDEN_MS = 20_000;

const url = document.body.dataset.liveUrl;
const note = /** @type {HTMLElement | null} */ (document.getElementById("live-note"));
/** Elements with a request under way; true: something changed again meanwhile. */
const busy = /** @type {WeakMap<Element, boolean>} */ (new WeakMap());

/** @type {EventSource | null} */
let stream = null;
let hiddenTimer = 0;
let pollTimer = 0;
let lastFullPoll = 0;

/** Fetches an element anew, one request at a time. */
function refresh(/** @type {Element} */ element) {
  if (busy.has(element)) {
    busy.set(element, true);
    return;
  }
  busy.set(element, false);
  window.htmx.trigger(element, "live");
}

function refreshAll() {
  document.querySelectorAll("[data-live]").forEach(refresh);
}

function refreshTopics(/** @type {string[]} */ topics) {
  const changed = new Set(topics);
  for (const element of document.querySelectorAll("[data-live]")) {
    if (element.dataset.live.split(" ").some((topic) => changed.has(topic))) refresh(element);
  }
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
  stream.addEventListener("bye", () => location.reload());
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

document.addEventListener("htmx:beforeSwap", (event) => {
  const element = event.detail.target;
  if (isLive(element) && element.id) remembered.set(element.id, remember(element));
});

document.addEventListener("htmx:afterSettle", () => {
  for (const [id, state] of remembered) {
    const element = document.getElementById(id);
    if (element) restore(element, state);
  }
  remembered.clear();
});

document.addEventListener("htmx:afterRequest", (event) => {
  const element = event.detail.elt;
  if (!isLive(element) || !busy.has(element)) return;
  const again = busy.get(element);
  busy.delete(element);
  const status = event.detail.xhr.status;
  // Deleted in another window, or no longer ours to see.
  if (status === 404 || status === 410) element.remove();
  else if (again) refresh(document.getElementById(element.id) ?? element);
});

if (url) {
  document.addEventListener("visibilitychange", onVisibility);
  // A page kept by Back has lost its stream.
  window.addEventListener("pageshow", (event) => event.persisted && (close(), open()));
  window.addEventListener("pagehide", close);
  open();
}
