// Choosing pictures: the boxes of tiles by click, shift, drag, long press and key, and the bar that
// does something with the chosen ones. A box is the truth; the bar's form sends those of the page.

const LONG_PRESS_MS = 450;
const SLACK_PX = 10;
const EDGE_PX = 72;
const MOST_COMPARED = 4;
/** As many a form may name. */
const MOST_CHOSEN = 1_000;

const form = /** @type {HTMLFormElement} */ (document.querySelector("[data-selection]"));
const counter = form.querySelector("[data-selection-count]");
/** Where a range begins: the box last chosen by itself. */
let anchor = /** @type {HTMLInputElement | null} */ (null);
/** A drag over tiles: from where and how far, to which state, and what was chosen before it. */
let drag = /** @type {{from: HTMLInputElement, on: boolean, before: Set<string>, to: HTMLInputElement | null} | null} */ (null);
let pressTimer = 0;
let pressX = 0;
let pressY = 0;
let pointerX = 0;
let pointerY = 0;
/** What was chosen when last shown: a part of the page that is fetched anew comes without ticks. */
let remembered = /** @type {Set<string>} */ (new Set());
/** The click that ends a long press or a drag opens nothing. */
let swallow = false;

const boxes = () =>
  /** @type {HTMLInputElement[]} */ ([...document.querySelectorAll("[data-choose]")]).filter(
    (box) => !box.closest("[hidden]"),
  );
const chosen = () => boxes().filter((box) => box.checked);
const ids = () => [...new Set(chosen().map((box) => box.value))];
const cellOf = (/** @type {EventTarget | null} */ target) =>
  target instanceof Element ? target.closest("li:has([data-choose])") : null;
const boxOf = (/** @type {EventTarget | null} */ target) =>
  /** @type {HTMLInputElement | null} */ (cellOf(target)?.querySelector("[data-choose]") ?? null);

function set(/** @type {HTMLInputElement} */ box, /** @type {boolean} */ on) {
  box.checked = on;
  cellOf(box)?.toggleAttribute("data-chosen", on);
}

function show() {
  for (const box of boxes()) set(box, box.checked);
  remembered = new Set(ids());
  const number = remembered.size;
  const root = document.documentElement;
  if (root.hasAttribute("data-choosing") !== number > 0) root.toggleAttribute("data-choosing");
  counter.textContent = number ? `${number} chosen` : "";
  form.inert = !number;
  for (const [name, fits] of Object.entries({
    final: number === 1,
    compare: number > 1 && number <= MOST_COMPARED,
  })) {
    const button = form.querySelector(`[data-do="${name}"]`);
    if (button) /** @type {HTMLElement} */ (button).hidden = !fits;
  }
}

function chooseRange(/** @type {HTMLInputElement} */ from, /** @type {HTMLInputElement} */ to, on) {
  const all = boxes();
  const [first, last] = [all.indexOf(from), all.indexOf(to)].sort((a, b) => a - b);
  for (const box of all.slice(Math.max(first, 0), last + 1)) set(box, on);
}

function choose(/** @type {HTMLInputElement} */ box, /** @type {boolean} */ on, ranged = false) {
  if (ranged && anchor?.isConnected) chooseRange(anchor, box, on);
  else set(box, on);
  anchor = box;
  show();
}

function chooseNone() {
  for (const box of chosen()) set(box, false);
  anchor = null;
  show();
}

// --- Click, shift, drag, long press -----------------------------------------------------------

document.addEventListener("click", (event) => {
  const box = boxOf(event.target);
  if (swallow) {
    swallow = false;
    if (box) event.preventDefault();
    if (box) event.stopPropagation();
    return;
  }
  if (!box || /** @type {Element} */ (event.target).closest("[data-like]")) return;
  if (event.target === box) choose(box, box.checked, event.shiftKey);
  else if (chosen().length || event.shiftKey) {
    if (event.ctrlKey || event.metaKey) return;
    // While one is choosing, the whole tile is the box.
    event.preventDefault();
    event.stopPropagation();
    choose(box, event.shiftKey || !box.checked, event.shiftKey);
  }
}, true);

document.addEventListener("pointerdown", (event) => {
  swallow = false;
  const box = boxOf(event.target);
  if (!box || event.button) return;
  [pressX, pressY] = [event.clientX, event.clientY];
  if (event.pointerType === "touch") {
    pressTimer = setTimeout(() => {
      begin(box, !box.checked);
      move(box);
      swallow = true;
      navigator.vibrate?.(10);
    }, LONG_PRESS_MS);
  } else if (event.target === box) begin(box, !box.checked);
});

function begin(/** @type {HTMLInputElement} */ from, /** @type {boolean} */ on) {
  drag = { from, on, before: new Set(ids()), to: null };
  [pointerX, pointerY] = [pressX, pressY];
  requestAnimationFrame(creep);
}

/** The range reaches to this box; what it left again is as it was. */
function move(/** @type {HTMLInputElement} */ to) {
  for (const box of boxes()) set(box, drag.before.has(box.value));
  chooseRange(drag.from, to, drag.on);
  anchor = drag.to = to;
  show();
}

/** Scrolls on while a drag is held at the window's upper or lower edge. */
function creep() {
  if (!drag) return;
  const below = pointerY - (innerHeight - EDGE_PX);
  const above = EDGE_PX - pointerY;
  const step = Math.max(below, 0) - Math.max(above, 0);
  if (swallow && step) {
    scrollBy({ top: step / 4, behavior: "instant" });
    reach();
  }
  requestAnimationFrame(creep);
}

/** The range goes to the box under the pointer. */
function reach() {
  // Bars lie over the edges: there the picture beside them counts.
  const inside = Math.min(Math.max(pointerY, EDGE_PX), innerHeight - 2 * EDGE_PX);
  const box =
    boxOf(document.elementFromPoint(pointerX, pointerY)) ??
    boxOf(document.elementFromPoint(pointerX, inside));
  if (!box || box === drag.to || (box === drag.from && !swallow)) return;
  swallow = true;
  move(box);
}

document.addEventListener("pointermove", (event) => {
  [pointerX, pointerY] = [event.clientX, event.clientY];
  const far = Math.hypot(event.clientX - pressX, event.clientY - pressY) > SLACK_PX;
  if (far && !drag) clearTimeout(pressTimer);
  if (drag && far) reach();
});

for (const name of ["pointerup", "pointercancel"]) {
  document.addEventListener(name, () => {
    clearTimeout(pressTimer);
    drag = null;
  });
}
// After a long press the finger draws instead of scrolling, and no menu opens.
document.addEventListener("touchmove", (event) => drag && event.preventDefault(), { passive: false });
document.addEventListener("contextmenu", (event) => drag && event.preventDefault());
document.addEventListener("dragstart", (event) => boxOf(event.target) && drag && event.preventDefault());

// --- Keys ----------------------------------------------------------------------------------

document.addEventListener("keydown", (event) => {
  const target = /** @type {HTMLElement} */ (event.target);
  if (target.closest("input:not([data-choose]), textarea, select, dialog[open]")) return;
  const box = boxOf(target);
  if (event.key === " " && box && target.matches("a[data-image]")) {
    event.preventDefault();
    choose(box, event.shiftKey || !box.checked, event.shiftKey);
  } else if (event.key === "l" && box && !chosen().length) {
    cellOf(box).querySelector("[data-like]")?.click();
  } else if (event.key === "a" && (event.ctrlKey || event.metaKey) && boxes().length) {
    event.preventDefault();
    for (const one of boxes()) set(one, true);
    show();
  } else if (!chosen().length) return;
  else if (event.key === "Escape" && !document.querySelector("dialog[open]")) chooseNone();
  else if (event.key === "Delete") act("trash");
  else if (event.key === "l") act("like");
});

// --- The bar -------------------------------------------------------------------------------

/** @type {Record<string, (ids: string[]) => void>} */
const ACTS = {
  like: (chosenIds) => ask("pictures:like", chosenIds),
  trash: (chosenIds) => ask("pictures:trash", chosenIds),
  final: ([id]) => ask("pictures:final", [id]),
  share: (chosenIds) => {
    const query = new URLSearchParams(chosenIds.map((id) => ["images", id]));
    const { url } = /** @type {HTMLElement} */ (form.querySelector("[data-do=share]")).dataset;
    location.assign(`${url}?${query}`);
  },
};

function ask(/** @type {string} */ name, /** @type {string[]} */ chosenIds) {
  document.dispatchEvent(new CustomEvent(name, { detail: { ids: chosenIds } }));
}

function act(/** @type {string} */ name) {
  const button = form.querySelector(`[data-do="${name}"]`);
  if (button && name in ACTS) ACTS[name](ids());
}

form.addEventListener("click", (event) => {
  const target = /** @type {HTMLElement} */ (event.target);
  if (target.closest("[data-choose-none]")) return chooseNone();
  if (ids().length > MOST_CHOSEN) {
    event.preventDefault();
    const detail = { text: "Choose at most 1\u202f000 pictures at once.", level: "error" };
    return document.dispatchEvent(new CustomEvent("toast", { detail }));
  }
  const name = /** @type {HTMLElement | null} */ (target.closest("[data-do]"))?.dataset.do;
  if (!name || !(name in ACTS)) return;
  event.preventDefault();
  act(name);
});

document.addEventListener("pictures:gone", () => {
  for (const box of document.querySelectorAll("[hidden] [data-choose]:checked")) {
    set(/** @type {HTMLInputElement} */ (box), false);
  }
  show();
});
// Pictures that come later, and boxes a browser keeps ticked over Back.
document.addEventListener("htmx:afterSettle", () => {
  for (const box of boxes()) if (remembered.has(box.value)) set(box, true);
  show();
});
addEventListener("pageshow", show);
show();
