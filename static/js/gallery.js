// The endless list of pictures: loads what lies below and above before one gets there, and keeps
// the place in the address, so that Back and a reload lead to the picture one was looking at.
// Without this script the links "Older pictures" and "Newer pictures" turn pages.

const AHEAD_PX = 1600;
const REST_MS = 150;

const list = /** @type {HTMLElement | null} */ (document.querySelector("[data-gallery]"));
const tiles = () => /** @type {HTMLElement[]} */ ([...list.querySelectorAll("a[data-image]")]);
const topOf = (/** @type {Element} */ element) => element.getBoundingClientRect().top;
const barHeight = document.querySelector(".bar")?.getBoundingClientRect().height ?? 0;

// --- More pictures -------------------------------------------------------------------------

const approach = new IntersectionObserver(
  (entries) => {
    for (const { isIntersecting, target } of entries) {
      if (!isIntersecting) continue;
      approach.unobserve(target);
      window.htmx.trigger(target.querySelector("a"), "near");
    }
  },
  { rootMargin: `${AHEAD_PX}px 0px` },
);

function watchEnds() {
  for (const end of list.querySelectorAll("[data-more]")) approach.observe(end);
}

/** Every fragment begins with its day: where two of a day meet, the second heading goes. */
function joinDays() {
  let last = "";
  for (const heading of /** @type {NodeListOf<HTMLElement>} */ (list.querySelectorAll("[data-day]"))) {
    const before = heading.previousElementSibling;
    const isRepeated = heading.dataset.day === last;
    last = heading.dataset.day;
    if (isRepeated) {
      if (before.matches(".row-end")) before.remove();
      heading.remove();
    } else if (before && !before.matches(".row-end, [data-more]")) {
      const end = document.createElement("li");
      end.className = "row-end";
      end.setAttribute("aria-hidden", "true");
      heading.before(end);
    }
  }
}

/** The picture that must not move while others come in above it. @type {{tile: Element, top: number} | null} */
let held = null;

function onBeforeSwap(/** @type {CustomEvent} */ event) {
  if (!event.detail.target.matches?.('[data-more="above"]')) return;
  const tile = placeTile() ?? tiles()[0];
  held = tile ? { tile, top: topOf(tile) } : null;
}

function onChange() {
  joinDays();
  if (held) scrollBy({ top: topOf(held.tile) - held.top, behavior: "instant" });
  held = null;
  watchEnds();
}

/** The number above the list, where it is an exact one, follows what is put away and back. */
function recount(/** @type {number} */ by) {
  const words = document.querySelector("[data-gallery-count]");
  const [, number] = /^(\d+) pictures?$/.exec(words?.textContent ?? "") ?? [];
  if (!number) return;
  const count = Number(number) + by;
  words.textContent = `${count} picture${count === 1 ? "" : "s"}`;
}

// --- The place -----------------------------------------------------------------------------

/** The first picture that is not hidden above the window's edge. */
function firstInView() {
  const all = tiles();
  let low = 0;
  let high = all.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (all[middle].getBoundingClientRect().bottom > barHeight) high = middle;
    else low = middle + 1;
  }
  return all[low] ?? null;
}

/**
 * The picture that stands for the place: the one it already is while it stays in view, for rows
 * break anew when pictures come in above; else the first in view.
 */
function placeTile() {
  const at = history.state?.gallery?.at;
  const kept = at && list.querySelector(`[data-image="${CSS.escape(at)}"]`);
  if (kept && topOf(kept) < innerHeight / 2 && kept.getBoundingClientRect().bottom > barHeight) {
    return /** @type {HTMLElement} */ (kept);
  }
  return firstInView();
}

function isAtTop() {
  return !list.querySelector('[data-more="above"]') && topOf(list) > 0;
}

function keepPlace() {
  if (document.querySelector("dialog[open]") || history.state?.lightbox) return;
  const url = new URL(location.href);
  const tile = isAtTop() ? null : placeTile();
  url.searchParams.delete("above");
  if (tile) url.searchParams.set("at", tile.dataset.image);
  else url.searchParams.delete("at");
  const place = { at: tile?.dataset.image, top: tile ? topOf(tile) : 0, y: scrollY };
  history.replaceState({ ...history.state, gallery: place }, "", url);
}

function returnToPlace(/** @type {{at?: string, top: number, y: number} | undefined} */ place) {
  history.scrollRestoration = "manual";
  const at = place?.at ?? new URL(location.href).searchParams.get("at");
  const tile = at && list.querySelector(`[data-image="${CSS.escape(at)}"]`);
  if (tile) scrollBy({ top: topOf(tile) - (place?.top ?? barHeight), behavior: "instant" });
  else if (place && !at) scrollTo({ top: place.y, behavior: "instant" });
}

if (list) {
  let resting = 0;
  const came = history.state?.gallery;
  const rest = () => {
    resting = 0;
    keepPlace();
  };
  returnToPlace(came);
  // What other scripts and late styles add above the list must not shift it.
  addEventListener("load", () => held || returnToPlace(came));
  new MutationObserver(onChange).observe(list, { childList: true });
  document.addEventListener("htmx:beforeSwap", onBeforeSwap);
  for (const [name, sign] of Object.entries({ "pictures:gone": -1, "pictures:back": 1 })) {
    document.addEventListener(name, (event) => {
      recount(sign * /** @type {CustomEvent} */ (event).detail.ids.length);
    });
  }
  addEventListener("scroll", () => {
    clearTimeout(resting);
    resting = setTimeout(rest, REST_MS);
  }, { passive: true });
  addEventListener("pagehide", () => {
    if (!resting) return;
    clearTimeout(resting);
    rest();
  });
  // htmx must have seen the links before they can be triggered.
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", watchEnds);
  else watchEnds();
}
