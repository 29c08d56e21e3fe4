// Copies the text that a button with data-copy names, and says so on the button.

const SAID_MS = 2000;

document.addEventListener("click", async (event) => {
  const button = /** @type {HTMLElement} */ (event.target).closest("[data-copy]");
  if (!(button instanceof HTMLElement)) return;
  const source = document.querySelector(button.dataset.copy ?? "");
  if (!source) return;
  const words = button.querySelector("[data-copy-words]") ?? button;
  const before = (button.dataset.copyBefore ??= words.textContent ?? "");
  try {
    await navigator.clipboard.writeText(source.textContent ?? "");
    words.textContent = "Copied";
  } catch {
    // Without https there is no clipboard: then the text is at least selected.
    getSelection()?.selectAllChildren(source);
    words.textContent = "Selected: press Ctrl+C";
  }
  setTimeout(() => (words.textContent = before), SAID_MS);
});
