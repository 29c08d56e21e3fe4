// The contact sheet: photos may be picked, dropped or taken at any time. They wait until name
// and consent are there, are then sent two at a time, and each frame says what became of it.

/**
 * @typedef {{file: File, frame: HTMLElement, request?: XMLHttpRequest}} Upload
 */

const AT_ONCE = 2;
const MIB = 2 ** 20;

const sheet = /** @type {HTMLElement} */ (document.querySelector("[data-sheet]"));
const form = /** @type {HTMLFormElement | null} */ (document.querySelector("[data-new-person]"));
const trainForm = /** @type {HTMLFormElement} */ (document.getElementById("train-form"));
const addTile = /** @type {HTMLElement} */ (sheet.querySelector("[data-add]"));
const veil = /** @type {HTMLElement} */ (document.querySelector("[data-drop-veil]"));
const max = Number(sheet.dataset.max);
const maxBytes = Number(sheet.dataset.maxMb) * MIB;
const token = JSON.parse(document.body.getAttribute("hx-headers"))["X-CSRFToken"];

/** @type {Upload[]} */
const waiting = [];
/** @type {Set<Upload>} */
const active = new Set();
let uploadUrl = sheet.dataset.uploadUrl ?? "";
let editUrl = "";
let isCreating = false;

// --- Frames --------------------------------------------------------------------------------

const frames = () => sheet.querySelectorAll("[data-slot]");

const make = (/** @type {string} */ tag, /** @type {object} */ properties) =>
  Object.assign(document.createElement(tag), properties);

/** As many numbered frames as a person may have photos, and the tile while one is free. */
function fillUp() {
  const used = frames().length;
  const empty = [...sheet.querySelectorAll(".slot.empty")];
  for (let free = empty.length; free > Math.max(0, max - used); free -= 1) empty[free - 1].remove();
  for (let free = empty.length; free < max - used; free += 1) {
    sheet.append(make("li", { className: "slot empty", ariaHidden: "true" }));
  }
  addTile.hidden = used >= max;
}

/** @returns {HTMLElement} a frame with the local picture, if the browser can show it */
function newFrame(/** @type {File} */ file) {
  const frame = make("li", { className: "slot uploading" });
  frame.dataset.slot = "";
  const src = URL.createObjectURL(file);
  const image = make("img", { alt: file.name, src });
  image.addEventListener("load", () => URL.revokeObjectURL(src));
  image.addEventListener("error", () => image.remove());
  frame.append(image);
  addTile.before(frame);
  fillUp();
  return frame;
}

/** Words over a frame, a bar if there is progress, and buttons. */
function say(
  /** @type {HTMLElement} */ frame,
  /** @type {string} */ words,
  /** @type {{progress?: number, actions?: [string, () => void][], bad?: boolean}} */ options = {},
) {
  frame.querySelector(".slot-progress, .slot-note")?.remove();
  frame.classList.toggle("error", Boolean(options.bad));
  const note = make("div", { className: options.bad ? "slot-note" : "slot-progress" });
  note.append(words);
  if (options.progress !== undefined) note.append(make("progress", { max: 1, value: options.progress }));
  for (const [textContent, onclick] of options.actions ?? []) {
    note.append(make("button", { type: "button", className: "button small", textContent, onclick }));
  }
  if (options.bad) frame.querySelector("img")?.remove();
  frame.append(note);
}

function dismiss(/** @type {HTMLElement} */ frame) {
  frame.remove();
  fillUp();
  reflect();
}

// --- Taking photos in ----------------------------------------------------------------------

function take(/** @type {Iterable<File>} */ files) {
  for (const file of files) {
    if (frames().length >= max) {
      toast(`${max} photos are the most a person can have. The others were left out.`);
      break;
    }
    const frame = newFrame(file);
    if (file.size > maxBytes) {
      refuse(frame, `${file.name} is larger than ${sheet.dataset.maxMb} MB.`);
      continue;
    }
    queue({ file, frame });
  }
  proceed();
}

function queue(/** @type {Upload} */ upload) {
  waiting.push(upload);
  sayWaiting(upload);
}

function sayWaiting(/** @type {Upload} */ upload) {
  const leave = () => {
    waiting.splice(waiting.indexOf(upload), 1);
    dismiss(upload.frame);
  };
  const words = uploadUrl ? "Waiting" : "Waits for name and consent";
  say(upload.frame, words, { actions: [["Remove", leave]] });
}

function refuse(/** @type {HTMLElement} */ frame, /** @type {string} */ words) {
  say(frame, words, { bad: true, actions: [["Remove", () => dismiss(frame)]] });
}

function toast(/** @type {string} */ text) {
  document.dispatchEvent(new CustomEvent("toast", { detail: { text, level: "error" } }));
}

async function proceed() {
  if (!uploadUrl && waiting.length) await createDraft();
  if (!uploadUrl) return reflect();
  while (active.size < AT_ONCE && waiting.length) send(waiting.shift());
  reflect();
}

// --- Uploading -----------------------------------------------------------------------------

function send(/** @type {Upload} */ upload) {
  const { file, frame } = upload;
  const request = new XMLHttpRequest();
  upload.request = request;
  active.add(upload);
  request.open("POST", uploadUrl);
  request.setRequestHeader("X-CSRFToken", token);
  request.setRequestHeader("HX-Request", "true");
  request.upload.addEventListener("progress", (event) => {
    const part = event.lengthComputable ? event.loaded / event.total : 0;
    say(frame, part < 1 ? "Uploading" : "Looking at it", { progress: part });
  });
  request.addEventListener("loadend", () => {
    active.delete(upload);
    receive(upload, request);
    proceed();
  });
  const body = new FormData();
  body.append("photo", file);
  say(frame, "Uploading", { progress: 0 });
  request.send(body);
}

function receive(/** @type {Upload} */ upload, /** @type {XMLHttpRequest} */ request) {
  const { frame } = upload;
  const isFragment = /^\s*<li/.test(request.responseText);
  if ([201, 409, 422].includes(request.status) && isFragment) {
    window.htmx.swap(frame, request.responseText, { swapStyle: "outerHTML" });
    fillUp();
    return;
  }
  const words = request.status
    ? `The server could not take it (${request.status}).`
    : "The connection broke.";
  const retry = () => {
    queue(upload);
    proceed();
  };
  say(frame, `${upload.file.name}: ${words}`, {
    bad: true,
    actions: [
      ["Try again", retry],
      ["Remove", () => dismiss(frame)],
    ],
  });
}

/** The start button waits for what is under way, and says so. */
function reflect() {
  const button = /** @type {HTMLButtonElement | null} */ (document.querySelector("[data-start]"));
  if (!button) return;
  const open = active.size + (uploadUrl ? waiting.length : 0);
  button.dataset.wasDisabled ??= String(button.disabled);
  button.disabled = open > 0 || button.dataset.wasDisabled === "true";
  button.textContent = open ? `Uploading ${open}…` : "Start training";
}

// --- The draft -----------------------------------------------------------------------------

const isComplete = () =>
  Boolean(form && form.elements.title.value.trim() && form.elements.consent.checked);

/** Name and consent are there: asks for a draft, to which the photos then go. */
async function createDraft() {
  if (!form || isCreating || !isComplete()) return;
  isCreating = true;
  try {
    const body = new FormData(form);
    body.delete("photos");
    const response = await fetch(form.action, {
      method: "POST",
      body,
      headers: { "X-Draft": "1", "X-CSRFToken": token },
    });
    const answer = await response.json();
    if (response.status === 422) showErrors(answer.errors);
    else if (response.ok) adopt(answer);
    else throw new Error(String(response.status));
  } catch {
    toast("The person could not be saved. Check the connection, then change a field to try again.");
  } finally {
    isCreating = false;
  }
}

function adopt(/** @type {{url: string, edit_url: string, upload_url: string}} */ draft) {
  uploadUrl = draft.upload_url;
  editUrl = draft.edit_url;
  trainForm.action = `${draft.url}train/`;
  showErrors({});
  history.replaceState(null, "", editUrl);
  waiting.forEach(sayWaiting);
  // What was agreed to is recorded; who it is may still be corrected.
  for (const control of form.querySelectorAll("[data-consent] input")) control.disabled = true;
}

function showErrors(/** @type {Record<string, string[]>} */ errors) {
  for (const old of form.querySelectorAll(".errorlist")) old.remove();
  for (const field of form.querySelectorAll("[aria-invalid]")) field.removeAttribute("aria-invalid");
  for (const [name, messages] of Object.entries(errors)) {
    const control = form.elements[name]?.[0] ?? form.elements[name];
    const list = make("ul", { className: "errorlist", id: `id_${name}_error` });
    list.append(...messages.map((textContent) => make("li", { textContent })));
    control?.setAttribute("aria-invalid", "true");
    control?.setAttribute("aria-describedby", list.id);
    control?.closest("details")?.setAttribute("open", "");
    (control?.closest(".field") ?? form).append(list);
  }
}

/** After the draft exists, corrections of who it is are saved as they are made. */
async function saveWho() {
  const body = new FormData();
  for (const name of ["csrfmiddlewaretoken", "title", "name", "token", "visibility"]) {
    body.append(name, form.elements[name].value);
  }
  const response = await fetch(editUrl, { method: "POST", body }).catch(() => null);
  if (!response?.ok) toast("That change could not be saved. Check the fields above.");
}

// --- Hands ---------------------------------------------------------------------------------

document.addEventListener("change", (event) => {
  const target = /** @type {HTMLInputElement} */ (event.target);
  if (target.matches("[data-pick]")) {
    take([...target.files]);
    target.value = "";
  } else if (form?.contains(target)) {
    if (uploadUrl) saveWho();
    else proceed();
  }
});

sheet.addEventListener("click", (event) => {
  const button = /** @type {HTMLElement} */ (event.target).closest("[data-dismiss-slot]");
  if (button) dismiss(button.closest("[data-slot]"));
});

// With a script the photos go one by one: Enter in a field must not send the plain form.
form?.addEventListener("submit", (event) => {
  event.preventDefault();
  if (!form.reportValidity()) return;
  proceed();
});

trainForm.addEventListener("submit", (event) => {
  if (active.size || (uploadUrl && waiting.length)) event.preventDefault();
});

let dragDepth = 0;
const hasFiles = (/** @type {DragEvent} */ event) => event.dataTransfer?.types.includes("Files");
document.addEventListener("dragenter", (event) => {
  if (!hasFiles(event)) return;
  dragDepth += 1;
  veil.hidden = false;
});
document.addEventListener("dragleave", (event) => {
  if (!hasFiles(event)) return;
  dragDepth -= 1;
  veil.hidden = dragDepth > 0;
});
document.addEventListener("dragover", (event) => hasFiles(event) && event.preventDefault());
document.addEventListener("drop", (event) => {
  dragDepth = 0;
  veil.hidden = true;
  if (!hasFiles(event)) return;
  event.preventDefault();
  take([...event.dataTransfer.files].filter((file) => file.size || file.type));
});

addEventListener("beforeunload", (event) => {
  if (active.size || waiting.length) event.preventDefault();
});

document.addEventListener("htmx:afterSwap", () => {
  fillUp();
  reflect();
});
document.addEventListener("htmx:oobAfterSwap", reflect);
fillUp();
reflect();
