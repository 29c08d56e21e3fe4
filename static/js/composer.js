// The prompt form: kind tabs, the trigger words in the text, count, what is folded, what the
// engine leaves out, and the card that a press of Generate brings.

/** @typedef {HTMLInputElement | HTMLSelectElement | HTMLTextAreaElement} Control */

const isFilled = (/** @type {Control} */ control) =>
  control.type === "checkbox" || control.type === "radio" ? control.checked : control.value !== "";

/** @returns {string} the label of a parameter's field */
const labelOf = (/** @type {Control} */ control) => {
  const label = control.labels?.[0] ?? control.closest(".field")?.querySelector("label");
  return label?.textContent.trim() ?? control.name;
};

const escaped = (/** @type {string} */ text) => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");

/** Wires one composer; it is replaced as a whole when a preset is chosen or a field refused. */
function enhance(/** @type {HTMLElement} */ composer) {
  if (composer.dataset.ready) return;
  composer.dataset.ready = "yes";
  const form = /** @type {HTMLFormElement} */ (composer.querySelector("form"));
  wireTabs(composer);
  const showTrigger = wireTrigger(composer, form);
  wireStepper(form);
  const expectedFor = form.elements.num_images.value;

  const update = () => {
    showTrigger();
    showCount(form, expectedFor);
    form.querySelectorAll("[data-topic]").forEach(summarise);
    showDeaf(form);
  };
  form.addEventListener("input", update);
  form.addEventListener("change", update);
  update();
  focusProblem(composer);
}

// --- Tabs ----------------------------------------------------------------------------------

function wireTabs(/** @type {HTMLElement} */ composer) {
  const tabs = [...composer.querySelectorAll("[data-tab]")];
  const show = (/** @type {HTMLElement} */ chosen) => {
    for (const tab of tabs) {
      const isChosen = tab === chosen;
      tab.setAttribute("aria-selected", String(isChosen));
      tab.tabIndex = isChosen ? 0 : -1;
      const panel = composer.querySelector(`[data-panel="${tab.dataset.tab}"]`);
      panel.toggleAttribute("data-open", isChosen);
    }
  };
  for (const [index, tab] of tabs.entries()) {
    tab.addEventListener("click", () => show(tab));
    tab.addEventListener("keydown", (event) => {
      const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
      if (!step) return;
      event.preventDefault();
      const next = tabs[(index + step + tabs.length) % tabs.length];
      show(next);
      next.focus();
    });
  }
  const open = composer.querySelector("[data-panel][data-open]");
  show(tabs.find((tab) => tab.dataset.tab === open?.dataset.panel) ?? tabs[0]);
  const chosen = composer.querySelector(".preset[aria-current]");
  const grid = chosen?.closest("ul");
  if (grid) grid.scrollLeft = chosen.offsetLeft - grid.clientWidth / 3;
}

// --- The trigger words ---------------------------------------------------------------------

/** Marks the trigger words inside the text, and offers to put them back when they are gone. */
function wireTrigger(/** @type {HTMLElement} */ composer, /** @type {HTMLFormElement} */ form) {
  const text = /** @type {HTMLTextAreaElement} */ (form.elements.text);
  const mirror = composer.querySelector("[data-mirror]");
  const chip = composer.querySelector("[data-trigger-chip]");
  const add = /** @type {HTMLButtonElement} */ (composer.querySelector("[data-trigger-add]"));
  const { trigger, token } = composer.dataset;
  const words = new RegExp(`(?<![\\w-])(?:${escaped(trigger)}|${escaped(token)})(?![\\w-])`, "gi");

  const show = () => {
    const parts = [];
    let end = 0;
    for (const match of text.value.matchAll(words)) {
      const mark = document.createElement("mark");
      mark.textContent = match[0];
      parts.push(text.value.slice(end, match.index), mark);
      end = match.index + match[0].length;
    }
    // A trailing newline needs something after it to take up its line.
    mirror.replaceChildren(...parts, text.value.slice(end) + "\u200b");
    mirror.scrollTop = text.scrollTop;
    const isLost = end === 0;
    chip.classList.toggle("lost", isLost);
    add.hidden = !isLost;
  };
  text.addEventListener("scroll", () => {
    mirror.style.translate = `0 ${-text.scrollTop}px`;
  });
  const putBack = () => {
    const rest = text.value.trim();
    text.value = rest ? `${trigger}, ${rest}` : `${trigger} `;
    text.dispatchEvent(new Event("input", { bubbles: true }));
  };
  add.addEventListener("click", () => {
    putBack();
    text.focus();
    text.setSelectionRange(text.value.length, text.value.length);
  });
  composer.querySelector("[name='add_trigger']")?.addEventListener("click", putBack);
  return show;
}

// --- Count, summaries, the engine ----------------------------------------------------------

function wireStepper(/** @type {HTMLFormElement} */ form) {
  const input = /** @type {HTMLInputElement} */ (form.elements.num_images);
  for (const button of form.querySelectorAll("[data-step]")) {
    button.addEventListener("click", () => {
      if (input.value === "") input.value = input.min;
      else if (button.dataset.step === "1") input.stepUp();
      else input.stepDown();
      input.dispatchEvent(new Event("input", { bubbles: true }));
    });
  }
}

function showCount(/** @type {HTMLFormElement} */ form, /** @type {string} */ expectedFor) {
  const count = form.elements.num_images.value;
  form.querySelector("[data-count]").textContent = count ? ` ${count}` : "";
  const expected = /** @type {HTMLElement | null} */ (form.querySelector("[data-expected]"));
  if (expected) expected.hidden = count !== expectedFor;
}

function summarise(/** @type {HTMLElement} */ topic) {
  const words = [...topic.querySelectorAll("input, select, textarea")]
    .filter(isFilled)
    .map((control) => {
      if (control.type === "checkbox") return labelOf(control);
      const value = control.type === "file" ? control.files[0].name : control.value;
      return `${labelOf(control)} ${value}`;
    });
  topic.querySelector("[data-summary]").textContent = words.join(", ");
}

/** Names what is filled in and the engine does not follow. */
function showDeaf(/** @type {HTMLFormElement} */ form) {
  const deaf = [...form.querySelectorAll("[data-support]:not([data-support='honoured'])")]
    .filter((field) => [...field.querySelectorAll("input, select, textarea")].some(isFilled))
    .map((field) => field.dataset.parameter);
  form.querySelector("[data-deaf]").hidden = deaf.length === 0;
  form.querySelector("[data-deaf-names]").textContent = deaf.join(", ");
}

// --- After an answer -----------------------------------------------------------------------

/** Refused: the first field that is wrong gets the focus, and its fold is open already. */
function focusProblem(/** @type {HTMLElement} */ composer) {
  if (!composer.querySelector("[data-problems]")) return;
  const first = composer.querySelector("[aria-invalid='true'], [name='add_trigger']");
  first?.focus({ preventScroll: true });
  first?.scrollIntoView({ block: "center" });
}

function clearProblems() {
  for (const old of document.querySelectorAll("#composer :is([data-problems], .errorlist)")) {
    old.remove();
  }
  for (const control of document.querySelectorAll("#composer [aria-invalid]")) {
    control.removeAttribute("aria-invalid");
  }
}

/** The new card may be there already, by way of the live list. */
function showNewCard(/** @type {HTMLElement} */ place) {
  for (const card of place.children) {
    if (document.querySelectorAll(`[id="${card.id}"]`).length > 1) card.remove();
  }
  const card = document.querySelector("#prompts .prompt");
  const box = card?.getBoundingClientRect();
  if (box && (box.top < 0 || box.top > innerHeight * 0.6)) {
    card.scrollIntoView({ behavior: "smooth", block: "start" });
  }
}

document.addEventListener("prompt-created", clearProblems);
document.addEventListener("htmx:afterSwap", (event) => {
  if (event.detail.target.id === "prompts-new") showNewCard(event.detail.target);
});
document.addEventListener("htmx:load", () => document.querySelectorAll("[data-composer]").forEach(enhance));
document.querySelectorAll("[data-composer]").forEach(enhance);
