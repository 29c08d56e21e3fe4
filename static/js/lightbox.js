// Pictures full screen: links to a picture's own page open it here instead. Back closes it,
// arrows and swipes move on, and without this script the links simply work.

const IDLE_MS = 2_000;
const SWIPE_PX = 50;
const ZOOM_STEP = 1.4;

const dialog = document.createElement("dialog");
dialog.className = "lightbox";
dialog.setAttribute("aria-label", "Picture");
const stage = document.createElement("div");
stage.className = "lightbox-view";
const says = document.createElement("p");
says.className = "visually-hidden";
says.setAttribute("aria-live", "polite");
dialog.append(stage, says);
document.body.append(dialog);
const toasts = document.getElementById("toasts");

/** Fragments by address: the neighbours are fetched ahead. */
const fragments = /** @type {Map<string, Promise<string>>} */ (new Map());
const pageTitle = document.title;
const pageUrl = location.href;
let idleTimer = 0;
/** @type {HTMLElement | null} */
let opener = null;
let shown = "";

const view = () => /** @type {HTMLElement | null} */ (dialog.querySelector("[data-lightbox-view]"));
const act = (/** @type {string} */ name) =>
  /** @type {HTMLElement | null} */ (stage.querySelector(`[data-act="${name}"]`));
const pathOf = (/** @type {string} */ url) => {
  const { pathname, search } = new URL(url, location.href);
  return pathname + search;
};

function fetchFragment(/** @type {string} */ url) {
  if (!fragments.has(url)) {
    const answer = fetch(url, { headers: { "HX-Request": "true" } }).then((response) => {
      if (!response.ok || response.redirected) throw new Error(String(response.status));
      return response.text();
    });
    answer.catch(() => fragments.delete(url));
    fragments.set(url, answer);
  }
  return fragments.get(url);
}

/** Shows a picture; falls back to its own page when it cannot be fetched. */
async function show(/** @type {string} */ url) {
  shown = url;
  let html = "";
  try {
    html = await fetchFragment(url);
  } catch {
    location.assign(url);
    return;
  }
  if (shown !== url) return;
  // Shown once: whoever comes back to it sees it as it is then.
  fragments.delete(url);
  const focused = stage.contains(document.activeElement) ? document.activeElement : null;
  const kept = focused && /** @type {HTMLElement} */ (focused).dataset.act;
  stage.innerHTML = html;
  if (!dialog.open) {
    dialog.showModal();
    // What it says would stand behind the picture.
    dialog.append(toasts);
  }
  document.title = view().dataset.title;
  says.textContent = view().dataset.words;
  reflectInfo();
  (act(kept || "close") ?? act("close")).focus({ preventScroll: true });
  // Its live parts and placeholders, as on any page.
  window.htmx.process(stage);
  stir();
  for (const neighbour of [view().dataset.next, view().dataset.previous]) {
    if (neighbour) preload(neighbour);
  }
}

async function preload(/** @type {string} */ url) {
  const html = await fetchFragment(url).catch(() => "");
  const picture = new DOMParser().parseFromString(html, "text/html").querySelector("img");
  if (!picture) return;
  const image = new Image();
  image.sizes = picture.sizes;
  image.srcset = picture.srcset;
}

function go(/** @type {string | undefined} */ url) {
  if (!url) return;
  history.replaceState({ lightbox: true }, "", url);
  show(pathOf(url));
}

/** A picture's address in the context that its grid names, if any. */
function addressOf(/** @type {HTMLAnchorElement} */ link) {
  const url = new URL(link.href);
  const within = /** @type {HTMLElement | null} */ (link.closest("[data-in]"))?.dataset.in;
  if (within && !url.searchParams.has("in")) url.searchParams.set("in", within);
  return url.href;
}

function open(/** @type {HTMLAnchorElement} */ link) {
  opener = link;
  const url = addressOf(link);
  history.pushState({ lightbox: true }, "", url);
  show(pathOf(url));
}

function hide() {
  shown = "";
  if (!dialog.open) return;
  const last = view()?.dataset.image;
  dialog.close();
  stage.replaceChildren();
  says.textContent = "";
  document.body.append(toasts);
  dialog.classList.remove("with-info", "idle");
  document.title = pageTitle;
  // The focus returns to the picture one has moved to; the gallery goes there if it has to.
  const tile = tileOf(last);
  if (last && !tile && document.querySelector("[data-gallery]")) {
    const url = new URL(location.href);
    url.searchParams.set("at", last);
    location.replace(url);
    return;
  }
  const target = tile ?? opener;
  target?.focus({ preventScroll: true });
  target?.scrollIntoView({ block: "nearest" });
}

function tileOf(/** @type {string | undefined} */ id) {
  return /** @type {HTMLElement | null} */ (
    id ? document.querySelector(`a[data-lightbox][data-image="${CSS.escape(id)}"]`) : null
  );
}

// --- The recipe ----------------------------------------------------------------------------

function toggleInfo() {
  dialog.classList.toggle("with-info");
  reflectInfo();
}

function reflectInfo() {
  const isOpen = dialog.classList.contains("with-info");
  act("info")?.setAttribute("aria-expanded", String(isOpen));
}

/** Everything but the picture fades while nothing moves. */
function stir() {
  dialog.classList.remove("idle");
  clearTimeout(idleTimer);
  if (matchMedia("(hover: none)").matches) return;
  idleTimer = setTimeout(() => {
    if (!dialog.classList.contains("with-info")) dialog.classList.add("idle");
  }, IDLE_MS);
}

// --- Hands ---------------------------------------------------------------------------------

document.addEventListener("click", (event) => {
  const link = /** @type {HTMLElement} */ (event.target).closest("a[data-lightbox]");
  if (!link || event.button || event.metaKey || event.ctrlKey || event.shiftKey) return;
  event.preventDefault();
  open(/** @type {HTMLAnchorElement} */ (link));
});

dialog.addEventListener("click", (event) => {
  const target = /** @type {HTMLElement} */ (event.target);
  const name = /** @type {HTMLElement | null} */ (target.closest("[data-act]"))?.dataset.act;
  if (name === "next" || name === "previous") {
    event.preventDefault();
    go(view()?.dataset[name]);
  } else if (name === "info") toggleInfo();
  else if (name === "close") history.back();
  else if (target.matches(".lightbox-stage:not([data-zoomed])")) history.back();
});

const KEYS = {
  ArrowRight: () => go(view()?.dataset.next),
  ArrowLeft: () => go(view()?.dataset.previous),
  Home: () => goToEnd("first"),
  End: () => goToEnd("last"),
  i: toggleInfo,
  l: () => act("like")?.click(),
  f: () => act("final")?.click(),
  d: () => act("download")?.click(),
  s: () => act("share")?.click(),
  Delete: () => act("trash")?.click(),
  Backspace: () => act("trash")?.click(),
  "+": () => zoom(ZOOM_STEP),
  "=": () => zoom(ZOOM_STEP),
  "-": () => zoom(1 / ZOOM_STEP),
  0: () => zoom(0),
  "?": () => /** @type {HTMLDialogElement | null} */ (document.getElementById("keys"))?.showModal(),
};

function zoom(/** @type {number} */ factor) {
  const frame = stage.querySelector("[data-zoom]");
  frame?.dispatchEvent(new CustomEvent("zoom", { detail: factor, bubbles: true }));
}

/** The first or last picture of the grid one came from, as far as the page shows it. */
function goToEnd(/** @type {"first" | "last"} */ end) {
  const grid = tileOf(view()?.dataset.image)?.closest("[data-lightbox-group]");
  const tiles = /** @type {HTMLAnchorElement[]} */ ([
    ...(grid?.querySelectorAll("a[data-lightbox]") ?? []),
  ]).filter((tile) => tile.offsetParent);
  const tile = end === "first" ? tiles[0] : tiles.at(-1);
  if (tile) go(addressOf(tile));
}

dialog.addEventListener("keydown", (event) => {
  stir();
  const target = /** @type {HTMLElement} */ (event.target);
  if (!view() || event.ctrlKey || event.metaKey || event.altKey) return;
  if (target.closest("input, textarea, select")) return;
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  if (!(key in KEYS)) return;
  event.preventDefault();
  KEYS[key]();
});

// Put away: on to the next picture, and back if that is undone.
document.addEventListener("pictures:gone", (event) => {
  const { ids } = /** @type {CustomEvent} */ (event).detail;
  fragments.clear();
  if (!dialog.open || !ids.includes(view()?.dataset.image)) return;
  const { next, previous } = view().dataset;
  if (next || previous) go(next ?? previous);
  else history.back();
});
document.addEventListener("pictures:back", (event) => {
  fragments.clear();
  const [id] = /** @type {CustomEvent} */ (event).detail.ids;
  if (!dialog.open) return;
  const { search } = new URL(view().dataset.url, location.href);
  go(`/images/${id}/${search}`);
});
// What was fetched ahead does not know of it.
document.addEventListener("click", (event) => {
  const target = /** @type {HTMLElement} */ (event.target);
  if (target.closest("[data-like], [data-final]")) fragments.clear();
}, true);

dialog.addEventListener("cancel", (event) => {
  event.preventDefault();
  history.back();
});

let touchX = 0;
let touchY = 0;
dialog.addEventListener("touchstart", (event) => {
  touchX = event.touches.length === 1 ? event.touches[0].clientX : NaN;
  touchY = event.touches[0].clientY;
}, { passive: true });
dialog.addEventListener("touchend", (event) => {
  const x = event.changedTouches[0].clientX - touchX;
  const y = event.changedTouches[0].clientY - touchY;
  if (/** @type {HTMLElement} */ (event.target).closest(".lightbox-panel")) return;
  if (stage.querySelector("[data-zoomed]")) return;
  if (Math.abs(x) > SWIPE_PX && Math.abs(x) > 2 * Math.abs(y)) {
    go(x < 0 ? view()?.dataset.next : view()?.dataset.previous);
  } else if (y > 2 * SWIPE_PX && y > 2 * Math.abs(x)) history.back();
});
dialog.addEventListener("pointermove", stir);

addEventListener("popstate", () => {
  if (history.state?.lightbox) show(location.pathname + location.search);
  else hide();
});

// A reload while a picture is open lands on the picture's own page; going on from there is
// ordinary browsing, and the page below is the one this script was loaded with.
if (history.state?.lightbox) history.replaceState(null, "", pageUrl);
