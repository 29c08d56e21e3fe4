// An album in one's own order: drag with a pointer (after a long press on a touch screen), or press
// the arrows below a picture. Without this script the arrows are plain buttons of a form.

const LONG_PRESS_MS = 350;
const DRAG_PX = 6;
const EDGE_PX = 80;

const list = /** @type {HTMLElement | null} */ (document.querySelector("[data-arrange]"));
const said = document.querySelector("[data-arrange-said]");
const first = Number(list?.dataset.arrangeFirst);
const items = () => /** @type {HTMLElement[]} */ ([...list.querySelectorAll(":scope > [data-image]")]);

/** Saves go one after the other: each names a place in the order that the one before has made. */
let saving = Promise.resolve();

function save(/** @type {HTMLElement} */ item, /** @type {number} */ place) {
  const values = { images: item.dataset.image, place };
  saving = saving
    .then(() => window.htmx.ajax("POST", list.dataset.arrange, { values, swap: "none" }))
    .catch(() => location.reload());
}

/** What stands below the pictures follows their order. */
function renumber() {
  const all = items();
  all.forEach((item, index) => {
    const place = first + index;
    item.querySelector("[data-arrange-place]").textContent = String(place);
    for (const button of item.querySelectorAll("[data-arrange-by]")) {
      const by = Number(button.dataset.arrangeBy);
      button.value = String(place + by);
      button.setAttribute("aria-label", `Move picture ${place} ${by < 0 ? "forward" : "back"}`);
      if (all[index + by]) button.disabled = false;
      else if (first === 1 && by < 0) button.disabled = true;
    }
  });
}

function settle(/** @type {HTMLElement} */ item) {
  const place = first + items().indexOf(item);
  renumber();
  save(item, place);
  said.textContent = `${item.dataset.name} is now picture ${place}.`;
}

/** Others give way softly. */
function swapPlaces(/** @type {() => void} */ change) {
  if (matchMedia("(prefers-reduced-motion: reduce)").matches) return change();
  const before = new Map(items().map((item) => [item, item.getBoundingClientRect()]));
  change();
  for (const [item, was] of before) {
    const is = item.getBoundingClientRect();
    if (was.x === is.x && was.y === is.y) continue;
    const from = `translate(${was.x - is.x}px, ${was.y - is.y}px)`;
    item.animate([{ transform: from }, { transform: "none" }], { duration: 160, easing: "ease-out" });
  }
}

function step(/** @type {HTMLButtonElement} */ button) {
  const item = /** @type {HTMLElement} */ (button.closest("[data-image]"));
  const by = Number(button.dataset.arrangeBy);
  const neighbour = items()[items().indexOf(item) + by];
  // Onto another page: the form itself goes there.
  if (!neighbour) return false;
  swapPlaces(() => (by < 0 ? neighbour.before(item) : neighbour.after(item)));
  settle(item);
  button.focus();
  if (button.disabled) item.querySelector("[data-arrange-by]:not(:disabled)")?.focus();
  return true;
}

// --- Dragging ------------------------------------------------------------------------------

/** @type {{item: HTMLElement, ghost: HTMLElement | null, x: number, y: number, timer: number, from: number} | null} */
let drag = null;

function lift(/** @type {PointerEvent} */ event) {
  const box = drag.item.querySelector(".arrange-picture").getBoundingClientRect();
  const ghost = /** @type {HTMLElement} */ (drag.item.querySelector(".arrange-picture").cloneNode(true));
  ghost.classList.add("arrange-ghost");
  ghost.style.width = `${box.width}px`;
  ghost.style.height = `${box.height}px`;
  ghost.setAttribute("aria-hidden", "true");
  document.body.append(ghost);
  drag.ghost = ghost;
  drag.x -= box.x;
  drag.y -= box.y;
  drag.item.classList.add("held");
  carry(event);
}

function carry(/** @type {PointerEvent} */ event) {
  drag.ghost.style.transform = `translate(${event.clientX - drag.x}px, ${event.clientY - drag.y}px) rotate(1.5deg)`;
  if (event.clientY < EDGE_PX) scrollBy(0, -12);
  else if (event.clientY > innerHeight - EDGE_PX) scrollBy(0, 12);
  const over = document.elementFromPoint(event.clientX, event.clientY)?.closest("[data-arrange] > [data-image]");
  // One that is still giving way is not where the pointer meets it.
  if (!over || over === drag.item || over.getAnimations().length) return;
  const all = items();
  const forward = all.indexOf(/** @type {HTMLElement} */ (over)) < all.indexOf(drag.item);
  swapPlaces(() => (forward ? over.before(drag.item) : over.after(drag.item)));
}

function drop(/** @type {PointerEvent | undefined} */ event) {
  if (!drag) return;
  if (drag.ghost && event?.type === "pointerup") {
    for (const item of items()) for (const animation of item.getAnimations()) animation.finish();
    carry(event);
  }
  const { item, ghost, timer, from } = drag;
  clearTimeout(timer);
  drag = null;
  item.classList.remove("held");
  ghost?.remove();
  if (ghost && items().indexOf(item) !== from) settle(item);
}

list?.addEventListener("pointerdown", (event) => {
  const picture = /** @type {HTMLElement} */ (event.target).closest(".arrange-picture");
  if (!picture || event.button) return;
  const item = /** @type {HTMLElement} */ (picture.closest("[data-image]"));
  drag = { item, ghost: null, x: event.clientX, y: event.clientY, timer: 0, from: items().indexOf(item) };
  if (event.pointerType === "touch") drag.timer = setTimeout(() => drag && lift(event), LONG_PRESS_MS);
});

addEventListener("pointermove", (event) => {
  if (!drag) return;
  if (drag.ghost) return carry(event);
  const far = Math.hypot(event.clientX - drag.x, event.clientY - drag.y) > DRAG_PX;
  if (!far) return;
  if (event.pointerType === "touch") drop();
  else lift(event);
});
addEventListener("pointerup", drop);
addEventListener("pointercancel", drop);
// While a finger carries a picture, the page must not scroll along.
list?.addEventListener("touchmove", (event) => drag?.ghost && event.preventDefault(), { passive: false });
list?.addEventListener("contextmenu", (event) => drag && event.preventDefault());
list?.addEventListener("dragstart", (event) => event.preventDefault());

list?.addEventListener("click", (event) => {
  const button = /** @type {HTMLElement} */ (event.target).closest("[data-arrange-by]");
  if (button && step(/** @type {HTMLButtonElement} */ (button))) event.preventDefault();
});
