// The frame of every page: theme, menus, keys, toasts, confirmation, relative times, colours.

const TOAST_SECONDS = 6;
const KEY_PAUSE_MS = 1200;
const $ = (/** @type {string} */ selector, root = document) => root.querySelector(selector);

// --- Theme ---------------------------------------------------------------------------------

function toggleTheme() {
  const root = document.documentElement;
  const dark = root.dataset.theme
    ? root.dataset.theme === "dark"
    : matchMedia("(prefers-color-scheme: dark)").matches;
  root.dataset.theme = dark ? "light" : "dark";
  try {
    localStorage.setItem("theme", root.dataset.theme);
  } catch {
    // Then it holds for this page only.
  }
}

// --- Toasts --------------------------------------------------------------------------------

/**
 * @typedef {{url?: string, act?: () => void, label?: string}} Undo an address to POST to, or what to do
 * @typedef {{text: string, level?: string, undo?: Undo}} Toast
 * @param {Toast} toast
 */
function showToast({ text, level = "info", undo }) {
  const toast = document.createElement("div");
  toast.className = "toast";
  toast.dataset.level = level;
  toast.append(text);
  if (undo) {
    const button = document.createElement("button");
    button.textContent = undo.label ?? "Undo";
    button.addEventListener("click", () => {
      toast.remove();
      if (undo.act) undo.act();
      else window.htmx.ajax("POST", undo.url, { swap: "none" });
    });
    toast.append(button);
  }
  $("#toasts").append(toast);
  keepToast(toast);
}

/** Errors stay until they are closed; the rest goes by itself, but not from under the pointer. */
function keepToast(/** @type {HTMLElement} */ toast) {
  const close = document.createElement("button");
  close.textContent = "Close";
  close.addEventListener("click", () => toast.remove());
  toast.append(close);
  if (toast.dataset.level === "error") return;
  const leave = () => {
    if (toast.matches(":hover, :focus-within")) setTimeout(leave, 1000);
    else toast.remove();
  };
  setTimeout(leave, TOAST_SECONDS * 1000);
}

document.addEventListener("toast", (event) => {
  const detail = /** @type {CustomEvent} */ (event).detail;
  showToast(typeof detail.value === "string" ? { text: detail.value } : detail);
});

// --- Confirmation --------------------------------------------------------------------------

/** Asks before a form with data-confirm is sent, naming what will be gone. */
function confirmSubmit(/** @type {SubmitEvent} */ event) {
  const form = /** @type {HTMLFormElement} */ (event.target);
  const submitter = /** @type {HTMLElement | null} */ (event.submitter);
  // A form of several buttons may ask before one of them.
  const asks = submitter?.dataset.confirm ? submitter : form;
  if (!asks.dataset.confirm || form.dataset.confirmed) {
    delete form.dataset.confirmed;
    return;
  }
  event.preventDefault();
  event.stopImmediatePropagation();
  const dialog = /** @type {HTMLDialogElement} */ ($("#confirm"));
  $("#confirm-title").textContent = asks.dataset.confirmTitle ?? "Are you sure?";
  $("#confirm-text").textContent = asks.dataset.confirm;
  $("#confirm-yes").textContent = asks.dataset.confirmYes ?? "Delete";
  dialog.returnValue = "";
  dialog.onclose = () => {
    if (dialog.returnValue !== "yes") return;
    // A live update may have put a fresh copy in the form's place meanwhile.
    const current = form.isConnected
      ? form
      : [...document.forms].find((other) => other.dataset.confirm && other.action === form.action);
    if (!current) return;
    current.dataset.confirmed = "yes";
    current.requestSubmit(submitter?.isConnected ? submitter : undefined);
  };
  dialog.showModal();
}

// --- Keys ----------------------------------------------------------------------------------

const PAGES = { h: "/", p: "/tunes/", g: "/gallery/" };
let lastKey = "";

function onKey(/** @type {KeyboardEvent} */ event) {
  const target = /** @type {HTMLElement} */ (event.target);
  if (event.key === "Escape") closeMenus();
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (target.closest("input, textarea, select, dialog[open]") || !document.body.dataset.liveUrl) {
    return;
  }
  const isSecond = lastKey === "g";
  lastKey = event.key;
  setTimeout(() => (lastKey = ""), KEY_PAUSE_MS);
  if (isSecond && event.key in PAGES) {
    lastKey = "";
    location.assign(PAGES[event.key]);
  } else if (event.key === "n") {
    location.assign("/tunes/new/");
  } else if (event.key === "?") {
    /** @type {HTMLDialogElement} */ ($("#keys")).showModal();
  } else if (event.key === "/") {
    const field = $("[data-search]") ?? $("[data-composer] textarea");
    if (!field) return;
    event.preventDefault();
    field.focus();
  }
}

// --- Menus ---------------------------------------------------------------------------------

/** Menus close on Escape and on a click elsewhere; focus goes back to what opened them. */
function closeMenus(/** @type {Node | null} */ except = null) {
  for (const menu of document.querySelectorAll("[data-menu][open]")) {
    if (except && menu.contains(except)) continue;
    if (menu.contains(document.activeElement)) $("summary", menu).focus();
    menu.removeAttribute("open");
  }
}

function onClick(/** @type {MouseEvent} */ event) {
  const target = /** @type {HTMLElement} */ (event.target);
  closeMenus(target);
  if (target.closest("[data-theme-toggle]")) toggleTheme();
  const opener = /** @type {HTMLElement | null} */ (target.closest("[data-open-dialog]"));
  if (opener) {
    closeMenus();
    /** @type {HTMLDialogElement} */ ($(`#${opener.dataset.openDialog}`)).showModal();
  }
  // A click on the veil around a dialog closes it.
  if (target instanceof HTMLDialogElement && target.matches(".dialog")) target.close();
}

// --- Times and colours ---------------------------------------------------------------------

/** Keep in step with time_words in prompts/templatetags/words.py. */
function timeWords(/** @type {number} */ seconds) {
  if (seconds < 60) return "just now";
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ago`;
  if (seconds < 86400) return `${Math.floor(seconds / 3600)} h ago`;
  return null;
}

function refreshTimes() {
  for (const time of document.querySelectorAll("time[data-relative]")) {
    const words = timeWords((Date.now() - Date.parse(time.getAttribute("datetime"))) / 1000);
    if (words && time.textContent !== words) time.textContent = words;
  }
}

/** Gives each picture its mean colour until it is there. */
function colour(/** @type {ParentNode} */ root) {
  for (const element of root.querySelectorAll("[data-color]")) {
    element.style.backgroundColor = element.dataset.color;
  }
}

// --- Answers -------------------------------------------------------------------------------

/** Sent elsewhere instead of a fragment: the session has ended, say. */
function onBeforeSwap(/** @type {CustomEvent} */ event) {
  const { xhr, pathInfo, elt } = event.detail;
  if (!/^\s*<!doctype/i.test(xhr.responseText)) return;
  const path = (/** @type {string} */ url) => new URL(url, location.href).pathname;
  const isPart = elt.hasAttribute("hx-select");
  if (isPart && path(xhr.responseURL) === path(pathInfo.requestPath)) return;
  event.detail.shouldSwap = false;
  if (xhr.status < 400) location.assign(xhr.responseURL);
}

function onFailure(/** @type {CustomEvent} */ event) {
  const { elt, verb } = event.detail.requestConfig;
  // Live elements ask again by themselves.
  if (verb === "get" && elt.matches("[data-live]")) return;
  const status = event.detail.xhr?.status;
  let text = "The server cannot be reached. Try again in a moment.";
  if (status === 403) text = "You may not do that here. Reload the page and try again.";
  else if (status === 404) text = "That is no longer there.";
  else if (status >= 400) text = "That did not work. Try again in a moment.";
  showToast({ text, level: "error" });
}

/** The server greets by its own clock; the visitor's may differ. */
function greet() {
  const greeting = $("[data-greeting]");
  if (!greeting) return;
  const hour = new Date().getHours();
  const words = hour >= 4 && hour < 12 ? "Good morning" : hour >= 12 && hour < 18 ? "Good afternoon" : "Good evening";
  if (greeting.textContent !== words) greeting.textContent = words;
}

document.addEventListener("submit", confirmSubmit, true);
document.addEventListener("keydown", onKey);
document.addEventListener("click", onClick);
document.addEventListener("htmx:load", (event) => colour(event.detail.elt.parentNode ?? document));
document.addEventListener("htmx:beforeSwap", onBeforeSwap);
document.addEventListener("htmx:responseError", onFailure);
document.addEventListener("htmx:sendError", onFailure);
document.querySelectorAll("[data-toast]").forEach(keepToast);
colour(document);
greet();
setInterval(refreshTimes, 20_000);
