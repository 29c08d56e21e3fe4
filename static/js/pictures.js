// Like, final pick and trash, wherever a page shows a picture: what the plain forms do, at once
// and with an undo. Other scripts ask by the events pictures:like, pictures:trash.

const body = document.body;

/** As the form would send it; answers the response if it was done. */
async function send(/** @type {string} */ url, /** @type {[string, string][]} */ values) {
  const headers = { "HX-Request": "true", ...JSON.parse(body.getAttribute("hx-headers")) };
  const request = { method: "POST", headers, body: new URLSearchParams(values) };
  const response = await fetch(url, request).catch(() => null);
  const status = response?.redirected ? 401 : (response?.status ?? 0);
  if (status === 204) return response;
  if (status === 401) location.reload();
  const words = {
    0: "The server cannot be reached. Try again in a moment.",
    403: "Some of these pictures belong to somebody else in your team.",
    404: "Some of these pictures are no longer there. Reload the page.",
  };
  toast({ text: words[status] ?? "That did not work. Try again in a moment.", level: "error" });
  return null;
}

const toast = (/** @type {object} */ detail) =>
  document.dispatchEvent(new CustomEvent("toast", { detail }));
const named = (/** @type {string[]} */ ids) =>
  /** @type {[string, string][]} */ (ids.map((id) => ["images", id]));
const count = (/** @type {number} */ n) => (n === 1 ? "1 picture" : `${n} pictures`);

/** The cells in which the page shows a picture. */
function cells(/** @type {string} */ id) {
  const tiles = document.querySelectorAll(`a[data-image="${CSS.escape(id)}"]`);
  return [...tiles].map((tile) => /** @type {HTMLElement} */ (tile.closest("li") ?? tile));
}

// --- Like ----------------------------------------------------------------------------------

function markLiked(/** @type {string} */ id, /** @type {boolean} */ liked) {
  for (const heart of document.querySelectorAll(`[data-like="${CSS.escape(id)}"]`)) {
    heart.setAttribute("aria-pressed", String(liked));
    /** @type {HTMLButtonElement} */ (heart).value = liked ? "0" : "1";
  }
}

/** Answers the pictures that were not so before, null if it failed. */
async function like(/** @type {string[]} */ ids, /** @type {boolean} */ liked) {
  const changed = ids.filter(
    (id) => !document.querySelector(`[data-like="${CSS.escape(id)}"][aria-pressed="${liked}"]`),
  );
  for (const id of changed) markLiked(id, liked);
  if (await send("/images/like/", [...named(ids), ["liked", liked ? "1" : "0"]])) return changed;
  for (const id of changed) markLiked(id, !liked);
  return null;
}

// --- Final pick ----------------------------------------------------------------------------

function markFinal(/** @type {string} */ id, /** @type {boolean} */ isFinal) {
  for (const button of document.querySelectorAll(`[data-final="${CSS.escape(id)}"]`)) {
    button.setAttribute("aria-pressed", String(isFinal));
    /** @type {HTMLButtonElement} */ (button).value = isFinal ? "0" : "1";
  }
  for (const badge of document.querySelectorAll(`[data-final-badge="${CSS.escape(id)}"]`)) {
    /** @type {HTMLElement} */ (badge).hidden = !isFinal;
  }
}

/** Makes a picture final, or no longer so; the undo brings back the one that was it before. */
async function chooseFinal(/** @type {string} */ id, chosen = true, person = "the person") {
  const ask = (/** @type {string} */ of, isFinal = true) =>
    send(`/images/${of}/final/`, [["final", isFinal ? "1" : "0"]]);
  const answer = await ask(id, chosen);
  if (!answer) return;
  const before = answer.headers.get("Final-Before");
  if (before) markFinal(before, false);
  markFinal(id, chosen);
  const undo = async () => {
    if (!(await (before ? ask(before) : ask(id, !chosen)))) return;
    markFinal(id, !chosen);
    if (before) markFinal(before, true);
  };
  const text = chosen ? `This is now ${person}’s final picture.` : `${person} has no final picture now.`;
  toast({ text, undo: { act: undo } });
}

// --- Trash ---------------------------------------------------------------------------------

async function trash(/** @type {string[]} */ ids) {
  if (!ids.length || !(await send("/images/trash/", named(ids)))) return;
  const gone = ids.flatMap(cells);
  for (const cell of gone) cell.hidden = true;
  document.dispatchEvent(new CustomEvent("pictures:gone", { detail: { ids } }));
  const restore = async () => {
    if (!(await send("/images/restore/", named(ids)))) return;
    for (const cell of gone) cell.hidden = false;
    document.dispatchEvent(new CustomEvent("pictures:back", { detail: { ids } }));
  };
  toast({ text: `${count(ids.length)} moved to the trash.`, undo: { act: restore } });
}

// --- Hands ---------------------------------------------------------------------------------

document.addEventListener("click", (event) => {
  const button = /** @type {HTMLElement} */ (event.target).closest(
    "[data-like], [data-final], [data-trash]",
  );
  if (!(button instanceof HTMLButtonElement)) return;
  // A picture's own page has no tile to mark: there the form does it all.
  if (button.dataset.trash && button.closest("[data-picture-page]")) return;
  event.preventDefault();
  event.stopPropagation();
  const { like: liked, final, trash: gone, person } = button.dataset;
  const turnsOn = button.getAttribute("aria-pressed") !== "true";
  if (liked) like([liked], turnsOn);
  else if (final) chooseFinal(final, turnsOn, person);
  else if (gone) trash([gone]);
});

document.addEventListener("pictures:like", async (event) => {
  const { ids } = /** @type {CustomEvent} */ (event).detail;
  const changed = await like(ids, true);
  const undo = changed?.length ? { act: () => like(changed, false) } : undefined;
  if (changed) toast({ text: `You like ${count(ids.length)}.`, undo });
});
document.addEventListener("pictures:final", (event) => {
  const [id] = /** @type {CustomEvent} */ (event).detail.ids;
  chooseFinal(id);
});
document.addEventListener("pictures:trash", (event) =>
  trash(/** @type {CustomEvent} */ (event).detail.ids),
);
