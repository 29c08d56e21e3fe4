// Zoom and pan of the picture in [data-zoom]: wheel, double click or tap, pinch, drag. Those within
// one [data-zoom-group] move together. An event "zoom" with a factor as detail zooms by key; "0"
// resets. While it is zoomed the element carries data-zoomed.

const MOST = 8;
const TAP_SCALE = 2.5;
const TAP_MS = 300;
const TAP_PX = 12;
const STEP = 1.0015;

/** @typedef {{scale: number, x: number, y: number}} View x and y are shares of the frame's size */
const views = /** @type {WeakMap<Element, View>} */ (new WeakMap());
const fingers = /** @type {Map<number, PointerEvent>} */ (new Map());
let lastTap = 0;
let lastPointer = "";
/** Where the first finger came down, until it has moved: then it is no tap. */
let tapX = NaN;
let tapY = NaN;
/** @type {HTMLElement | null} */
let held = null;

const frameOf = (/** @type {EventTarget | null} */ target) =>
  /** @type {HTMLElement | null} */ (
    target instanceof Element ? target.closest("[data-zoom]") : null
  );
const ownerOf = (/** @type {HTMLElement} */ frame) => frame.closest("[data-zoom-group]") ?? frame;
const viewOf = (/** @type {HTMLElement} */ frame) =>
  views.get(ownerOf(frame)) ?? { scale: 1, x: 0, y: 0 };

function show(/** @type {HTMLElement} */ frame, /** @type {View} */ view) {
  const scale = Math.min(MOST, Math.max(1, view.scale));
  const limit = (scale - 1) / 2;
  const within = (/** @type {number} */ n) => Math.min(limit, Math.max(-limit, n));
  const kept = { scale, x: within(view.x), y: within(view.y) };
  const owner = ownerOf(frame);
  views.set(owner, kept);
  const frames = owner === frame ? [frame] : owner.querySelectorAll("[data-zoom]");
  for (const one of /** @type {Iterable<HTMLElement>} */ (frames)) apply(one, kept);
}

function apply(/** @type {HTMLElement} */ frame, /** @type {View} */ { scale, x, y }) {
  const picture = frame.querySelector("img");
  if (!picture) return;
  const { clientWidth: width, clientHeight: height } = frame;
  picture.style.transform =
    scale === 1 ? "" : `translate(${x * width}px, ${y * height}px) scale(${scale})`;
  frame.toggleAttribute("data-zoomed", scale > 1);
  if (scale > 1) sharpen(frame, picture);
}

/** Enlarged, the thumbnail gives way to the picture itself once that is there. */
function sharpen(/** @type {HTMLElement} */ frame, /** @type {HTMLImageElement} */ picture) {
  const { original } = frame.dataset;
  if (!original || picture.dataset.sharp) return;
  picture.dataset.sharp = "true";
  const full = new Image();
  full.addEventListener("load", () => {
    picture.removeAttribute("srcset");
    picture.src = original;
  });
  full.src = original;
}

/** Scales by `factor` so that what lies under the point stays there. */
function zoomAt(/** @type {HTMLElement} */ frame, factor, clientX, clientY) {
  const view = viewOf(frame);
  const box = frame.getBoundingClientRect();
  const picture = frame.querySelector("img");
  if (!picture) return;
  const px = (clientX - box.left - picture.offsetLeft - picture.offsetWidth / 2) / box.width;
  const py = (clientY - box.top - picture.offsetTop - picture.offsetHeight / 2) / box.height;
  const scale = Math.min(MOST, Math.max(1, view.scale * factor));
  const grown = scale / view.scale;
  show(frame, { scale, x: px - (px - view.x) * grown, y: py - (py - view.y) * grown });
}

function toggleAt(/** @type {HTMLElement} */ frame, x, y) {
  if (viewOf(frame).scale > 1) show(frame, { scale: 1, x: 0, y: 0 });
  else zoomAt(frame, TAP_SCALE, x, y);
}

// --- Hands ---------------------------------------------------------------------------------

document.addEventListener(
  "wheel",
  (event) => {
    const frame = frameOf(event.target);
    if (!frame) return;
    event.preventDefault();
    zoomAt(frame, STEP ** -event.deltaY, event.clientX, event.clientY);
  },
  { passive: false },
);

document.addEventListener("dblclick", (event) => {
  const frame = frameOf(event.target);
  if (!frame || lastPointer === "touch") return;
  if (event.target instanceof HTMLImageElement) toggleAt(frame, event.clientX, event.clientY);
});

document.addEventListener("pointerdown", (event) => {
  const frame = frameOf(event.target);
  if (!frame || event.button) return;
  held = frame;
  lastPointer = event.pointerType;
  tapX = fingers.size ? NaN : event.clientX;
  tapY = event.clientY;
  fingers.set(event.pointerId, event);
});

document.addEventListener("pointermove", (event) => {
  const before = fingers.get(event.pointerId);
  if (!before || !held) return;
  const others = [...fingers.values()].filter((finger) => finger.pointerId !== event.pointerId);
  fingers.set(event.pointerId, event);
  const view = viewOf(held);
  if (others.length === 1) {
    const [other] = others;
    const apart = (/** @type {PointerEvent} */ a) =>
      Math.hypot(a.clientX - other.clientX, a.clientY - other.clientY) || 1;
    const x = (event.clientX + other.clientX) / 2;
    const y = (event.clientY + other.clientY) / 2;
    zoomAt(held, apart(event) / apart(before), x, y);
  } else if (view.scale > 1) {
    const x = view.x + (event.clientX - before.clientX) / held.clientWidth;
    const y = view.y + (event.clientY - before.clientY) / held.clientHeight;
    show(held, { ...view, x, y });
  }
});

function release(/** @type {PointerEvent} */ event) {
  const began = fingers.delete(event.pointerId);
  if (!began || fingers.size) return;
  const frame = held;
  held = null;
  if (event.type !== "pointerup" || event.pointerType !== "touch" || !frame) return;
  const isTap = Math.hypot(event.clientX - tapX, event.clientY - tapY) < TAP_PX;
  if (!isTap) return;
  // Browsers tell of a double tap in different ways, or zoom the page: two taps are counted here.
  if (event.timeStamp - lastTap < TAP_MS) toggleAt(frame, event.clientX, event.clientY);
  lastTap = event.timeStamp;
}
document.addEventListener("pointerup", release);
document.addEventListener("pointercancel", release);

// A drag moves the picture, not a copy of its file.
document.addEventListener("dragstart", (event) => {
  if (frameOf(event.target)) event.preventDefault();
});

document.addEventListener("zoom", (event) => {
  const frame = frameOf(event.target);
  if (!frame) return;
  const factor = /** @type {CustomEvent} */ (event).detail;
  const box = frame.getBoundingClientRect();
  if (!factor) show(frame, { scale: 1, x: 0, y: 0 });
  else zoomAt(frame, factor, box.left + box.width / 2, box.top + box.height / 2);
});
