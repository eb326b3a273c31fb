// The reason menu: keys, the preview of what the writer will read, and placeholders that are left in a message.

import { keysOn, typing } from "./keys.js";
import { t } from "./words.js";

const PLACEHOLDER = /\{(?:name|article|quote|guidelines)\}/g;
const DIGITS = "1234567890";

/** The menu of the comment in the pane. */
export const menu = () => document.querySelector("#pane details.reasons");

const buttons = (of) => [...of.querySelectorAll(".pick-reason button")];

/** The button that a key presses, in the menu of a comment; undefined if it presses none. */
export function buttonOf(pressed, of) {
  if (pressed === "r") return buttons(of).at(-1);
  const at = DIGITS.indexOf(pressed);
  return at < 0 ? undefined : buttons(of).slice(0, -1)[at];
}

/** Whether a key chooses a reason. */
export const choosesReason = (pressed) => pressed === "r" || (pressed.length === 1 && DIGITS.includes(pressed));

let opener; // what had the focus before

/** Opens the menu with the focus on its first reason. */
export function openMenu() {
  opener = document.activeElement;
  menu().open = true;
  buttons(menu())[0].focus({ preventScroll: true });
}

/** Closes every menu. */
export function closeMenus({ refocus = false } = {}) {
  for (const open of document.querySelectorAll("details.menu[open]")) {
    const inside = open.contains(document.activeElement);
    open.open = false;
    if (refocus && inside) (open.matches(".reasons") && opener?.isConnected && opener !== document.body ? opener : open.querySelector("summary")).focus({ preventScroll: true });
  }
}

/** Whether a message still has placeholders. If so, the menu says which. */
export function unfilled(form) {
  const field = form?.elements.reason;
  const left = new Set(field?.value.match(PLACEHOLDER));
  field?.parentElement.querySelector(".fault")?.remove();
  if (left.size === 0) return false;
  const words = t("Replace %s in the message before you send it.", [...left].join(" " + t("and") + " "));
  const why = Object.assign(document.createElement("span"), { className: "fault", textContent: words });
  why.setAttribute("role", "alert");
  field.after(why);
  menu().open = true;
  field.focus();
  const at = field.value.search(PLACEHOLDER);
  field.setSelectionRange(at, at + field.value.slice(at).indexOf("}") + 1);
  return true;
}

// What the writer will read: the message, or the text of the reason that is being looked at.
function preview(of, button) {
  const told = of.querySelector(".told");
  const form = of.closest("form");
  const words = form.elements.reason.value.trim() || button?.dataset.words || "";
  told.querySelector("b").textContent = words;
  told.hidden = words === "";
}

function step(of, pressed) {
  const all = buttons(of);
  const at = all.indexOf(document.activeElement);
  if (at < 0) return false;
  const column = Math.ceil(all.length / 2);
  const by = { ArrowDown: 1, ArrowUp: -1, ArrowRight: column, ArrowLeft: -column }[pressed];
  const to = all[at + by];
  to?.focus();
  return true;
}

document.addEventListener("keydown", (event) => {
  const open = document.querySelector("details.menu[open]");
  if (!open || event.ctrlKey || event.metaKey || event.altKey || event.isComposing || document.querySelector("dialog[open]")) return;
  const take = () => {
    event.preventDefault();
    event.stopImmediatePropagation();
  };
  if (event.key === "Escape" && (!typing(event.target) || open.matches(".filters"))) {
    take();
    closeMenus({ refocus: true });
  }
  if (!open.matches(".reasons") || typing(event.target)) return;
  if (event.key.startsWith("Arrow") && step(open, event.key)) take();
  if (!keysOn()) return;
  const button = buttonOf(event.key, open);
  if (event.key === "m") {
    take();
    open.closest("form").elements.reason.focus();
  } else if (button) {
    take();
    button.click();
  }
}, true);

for (const kind of ["focusin", "pointerover"]) {
  document.addEventListener(kind, (event) => {
    const button = event.target.closest?.(".pick-reason button");
    if (button) preview(button.closest("details.reasons"), button);
  });
}

document.addEventListener("input", (event) => {
  const of = event.target.closest("details.reasons");
  if (!of) return;
  const { reply, reason } = of.closest("form").elements;
  if (event.target === reply) {
    const { text = "", code } = reply.selectedOptions[0].dataset;
    reason.value = text;
    for (const button of buttons(of)) button.classList.toggle("suits", Boolean(code) && button.value === code);
  }
  preview(of);
});

document.addEventListener("click", (event) => {
  for (const open of document.querySelectorAll("details.menu[open]")) if (!open.contains(event.target)) open.open = false;
});
