// Pictures under a link: large with keys and swipes, and hearts without leaving one's place.

const SWIPE_PX = 50;
const box = /** @type {HTMLDialogElement} */ (document.querySelector("[data-shared-box]"));
const large = /** @type {HTMLImageElement} */ (box.querySelector("[data-shared-large]"));
const said = box.querySelector("[data-shared-said]");
/** @type {HTMLAnchorElement[]} */
let links = [];
let at = 0;
let touchX = 0;

/** Takes in what is on the page now; more pictures come on demand. */
function collect() {
  links = [...document.querySelectorAll("[data-shared]")];
}

function show(/** @type {number} */ number) {
  at = Math.min(Math.max(number, 0), links.length - 1);
  large.src = links[at].href;
  large.width = Number(links[at].dataset.width);
  large.height = Number(links[at].dataset.height);
  large.alt = `Picture ${links[at].dataset.shared}`;
  if (said) said.textContent = large.alt;
  for (const by of [-1, 1]) {
    const arrow = /** @type {HTMLButtonElement} */ (box.querySelector(`[data-shared-by="${by}"]`));
    arrow.disabled = !links[at + by];
    if (links[at + by]) new Image().src = links[at + by].href;
  }
}

document.addEventListener("click", (event) => {
  const link = /** @type {Element} */ (event.target).closest("[data-shared]");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  show(links.indexOf(/** @type {HTMLAnchorElement} */ (link)));
  box.showModal();
  history.pushState({ open: true }, "");
});

collect();
document.addEventListener("htmx:afterSettle", () => {
  const before = links.length;
  collect();
  links[before]?.focus({ preventScroll: true });
});

addEventListener("popstate", () => box.open && box.close());
box.addEventListener("close", () => {
  if (history.state?.open) history.back();
  links[at].focus();
});
box.addEventListener("click", (event) => {
  const target = /** @type {Element} */ (event.target);
  const arrow = /** @type {HTMLElement | null} */ (target.closest("[data-shared-by]"));
  if (arrow) show(at + Number(arrow.dataset.sharedBy));
  else if (target === box || target.closest("[data-shared-close]")) box.close();
});
box.addEventListener("keydown", (event) => {
  const by = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
  if (by) show(at + by);
  if (event.key === "Home") show(0);
  if (event.key === "End") show(links.length - 1);
});
box.addEventListener("touchstart", (event) => (touchX = event.changedTouches[0].clientX), {
  passive: true,
});
box.addEventListener("touchend", (event) => {
  const moved = event.changedTouches[0].clientX - touchX;
  if (Math.abs(moved) > SWIPE_PX) show(at + (moved < 0 ? 1 : -1));
});

document.addEventListener("submit", async (event) => {
  const form = /** @type {HTMLFormElement} */ (event.target);
  if (!form.matches("[data-pick]")) return;
  event.preventDefault();
  const button = /** @type {HTMLButtonElement} */ (form.querySelector("button"));
  const body = new FormData(form);
  body.set("picked", button.value);
  const request = { method: "POST", body, headers: { "HX-Request": "true" } };
  const answer = await fetch(form.action, request).catch(() => null);
  if (!answer || answer.status === 429) {
    const text = `${answer ? "Too many hearts at once" : "No connection"}. Try again in some minutes.`;
    return document.dispatchEvent(new CustomEvent("toast", { detail: { text, level: "error" } }));
  }
  if (!answer.ok) return location.reload();
  button.setAttribute("aria-pressed", String(button.value === "1"));
  button.value = button.value === "1" ? "0" : "1";
  const before = document.querySelector("[data-picks]");
  before?.insertAdjacentHTML("afterend", await answer.text());
  const words = /** @type {NodeListOf<HTMLInputElement>} */ (before?.querySelectorAll("[id][name]"));
  for (const { id, value } of words) {
    const field = /** @type {HTMLInputElement | null} */ (before?.nextElementSibling?.querySelector(`#${id}`));
    if (field) field.value = value;
  }
  before?.remove();
});
