// Keyboard shortcuts. They are off in text fields, and can be switched off altogether.

import { t } from "./words.js";

const OFF = "rejoinder-keys-off";
const known = new Map();

/** Whether shortcuts are on. */
export function keysOn() {
  try {
    return localStorage.getItem(OFF) === null;
  } catch {
    return true; // storage is blocked
  }
}

function switchKeys(on) {
  try {
    if (on) localStorage.removeItem(OFF);
    else localStorage.setItem(OFF, "1");
  } catch {
    // Storage is blocked: they are on again on the next page.
  }
}

/** Adds a shortcut with its description. */
export function key(letter, help, run) {
  known.set(letter, { help, run });
}

/** The field in which the target is being typed, if it is one. */
export function typing(target) {
  return target.closest("input:not([type=checkbox]):not([type=radio]), textarea, select, [contenteditable]");
}

document.addEventListener("keydown", (event) => {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  if (event.key === "Escape" && typing(event.target)) {
    event.target.blur();
    return;
  }
  if (typing(event.target) || document.querySelector("dialog[open]")) return;
  if (event.key === "Enter" && event.target.closest("a, button, summary, input")) return; // it presses what has the focus
  const found = known.get(event.key);
  if (!found || (event.key !== "?" && !keysOn())) return;
  event.preventDefault();
  found.run();
});

function help() {
  const dialog = document.createElement("dialog");
  dialog.className = "help";
  dialog.setAttribute("aria-labelledby", "keys-help");
  const list = document.createElement("dl");
  for (const [letter, { help }] of known) {
    const term = document.createElement("dt");
    term.append(Object.assign(document.createElement("kbd"), { textContent: letter }));
    list.append(term, Object.assign(document.createElement("dd"), { textContent: help }));
  }
  const choice = document.createElement("label");
  const box = Object.assign(document.createElement("input"), { type: "checkbox", checked: keysOn() });
  box.addEventListener("change", () => switchKeys(box.checked));
  choice.append(box, " " + t("Shortcuts are on"));
  const close = Object.assign(document.createElement("button"), { type: "button", className: "plain", textContent: t("Close") });
  close.addEventListener("click", () => dialog.close());
  dialog.append(Object.assign(document.createElement("h2"), { id: "keys-help", textContent: t("Keyboard shortcuts") }), list, choice, close);
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
}

key("?", t("show this help"), help);
