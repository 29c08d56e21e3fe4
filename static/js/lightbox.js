// Pictures full screen: links to a picture's own page open it here instead. Back closes it,
// arrows and swipes move on, and without this script the links simply work.

const IDLE_MS = 2_000;
const SWIPE_PX = 50;

const dialog = document.createElement("dialog");
dialog.className = "lightbox";
dialog.setAttribute("aria-label", "Picture");
document.body.append(dialog);

/** Fragments by address: the neighbours are fetched ahead. */
const fragments = /** @type {Map<string, Promise<string>>} */ (new Map());
const pageTitle = document.title;
const pageUrl = location.href;
let idleTimer = 0;
/** @type {HTMLElement | null} */
let opener = null;
let shown = "";

const view = () => /** @type {HTMLElement | null} */ (dialog.querySelector("[data-lightbox-view]"));
const pathOf = (/** @type {string} */ url) => new URL(url, location.href).pathname;

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
  const hadFocus = dialog.contains(document.activeElement)
    ? document.activeElement.className
    : "";
  dialog.innerHTML = html;
  if (!dialog.open) dialog.showModal();
  document.title = view().dataset.title;
  reflectInfo();
  const again = hadFocus && dialog.querySelector(`[class="${CSS.escape(hadFocus)}"]`);
  (again || dialog.querySelector("[data-lightbox-close]")).focus({ preventScroll: true });
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

function open(/** @type {HTMLAnchorElement} */ link) {
  opener = link;
  history.pushState({ lightbox: true }, "", link.href);
  show(pathOf(link.href));
}

function hide() {
  shown = "";
  if (!dialog.open) return;
  const last = view()?.dataset.url;
  dialog.close();
  dialog.replaceChildren();
  dialog.classList.remove("with-info", "idle");
  document.title = pageTitle;
  // The focus returns to the picture one has moved to, if the page shows it.
  const target = document.querySelector(`a[data-lightbox][href="${last}"]`) ?? opener;
  target?.focus({ preventScroll: true });
  target?.scrollIntoView({ block: "nearest" });
}

// --- The recipe ----------------------------------------------------------------------------

function toggleInfo() {
  dialog.classList.toggle("with-info");
  reflectInfo();
}

function reflectInfo() {
  const isOpen = dialog.classList.contains("with-info");
  dialog.querySelector("[data-lightbox-info]")?.setAttribute("aria-expanded", String(isOpen));
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
  const link = /** @type {HTMLAnchorElement | null} */ (target.closest("[data-lightbox-go]"));
  if (link) {
    event.preventDefault();
    go(link.href);
  } else if (target.closest("[data-lightbox-info]")) toggleInfo();
  else if (target.closest("[data-lightbox-close]") || target.matches(".lightbox-stage")) {
    history.back();
  }
});

dialog.addEventListener("keydown", (event) => {
  const data = view()?.dataset;
  if (!data || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === "ArrowRight") go(data.next);
  else if (event.key === "ArrowLeft") go(data.previous);
  else if (event.key === "i") toggleInfo();
  else if (event.key === "d") dialog.querySelector("[data-lightbox-download]").click();
  stir();
});

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
  if (Math.abs(x) > SWIPE_PX && Math.abs(x) > 2 * Math.abs(y)) {
    go(x < 0 ? view()?.dataset.next : view()?.dataset.previous);
  } else if (y > 2 * SWIPE_PX && y > 2 * Math.abs(x)) history.back();
});
dialog.addEventListener("pointermove", stir);

addEventListener("popstate", () => {
  if (history.state?.lightbox) show(location.pathname);
  else hide();
});

// A reload while a picture is open lands on the picture's own page; going on from there is
// ordinary browsing, and the page below is the one this script was loaded with.
if (history.state?.lightbox) history.replaceState(null, "", pageUrl);
