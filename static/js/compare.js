// Comparing: keys. Zoom and pan together are those of zoom.js, likes and final those of pictures.js.

const STEP = 1.4;
const grid = /** @type {HTMLElement} */ (document.querySelector("[data-compare]"));

const zoom = (/** @type {number} */ factor) =>
  grid.querySelector("[data-zoom]").dispatchEvent(new CustomEvent("zoom", { detail: factor, bubbles: true }));

document.addEventListener("keydown", (event) => {
  const target = /** @type {HTMLElement} */ (event.target);
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (target.closest("input, textarea, select, dialog[open]")) return;
  // With shift the digits are other characters, on every keyboard different ones.
  const [, digit] = /^(?:Digit|Numpad)([1-4])$/.exec(event.code) ?? [];
  const column = digit && document.getElementById(`compared-${digit}`);
  if (column) {
    const button = column.querySelector(event.shiftKey ? "[data-final]" : "[data-like]");
    /** @type {HTMLElement | null} */ (button)?.click();
  } else if (event.key === "+" || event.key === "=") zoom(STEP);
  else if (event.key === "-") zoom(1 / STEP);
  else if (event.key === "0") zoom(0);
  else if (event.key === "Escape") leave();
  else return;
  event.preventDefault();
});

/** Back to where the pictures were chosen, with its place. */
function leave() {
  const came = document.referrer && new URL(document.referrer);
  const isOurs = came && came.origin === location.origin && came.pathname !== location.pathname;
  if (isOurs && history.length > 1) history.back();
  else location.assign(document.querySelector("[data-compare-back]").getAttribute("href"));
}

document.querySelector("[data-compare-back]").addEventListener("click", (event) => {
  event.preventDefault();
  leave();
});
