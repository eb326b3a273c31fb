// Buttons that copy the text of an element: <button data-copy="ID" hidden>. Without the clipboard, which browsers
// withhold on pages without TLS, the text is selected instead.

import { say } from "./messages.js";

/** Makes the buttons below an element work. */
export function offerCopy(root) {
  for (const button of root.querySelectorAll("[data-copy]")) {
    button.hidden = false;
    button.addEventListener("click", () => copy(document.getElementById(button.dataset.copy)));
  }
}

offerCopy(document);

async function copy(element) {
  try {
    await navigator.clipboard.writeText(element.textContent);
    say("Copied.");
  } catch {
    getSelection().selectAllChildren(element);
    say("The browser refused to copy. The code is selected: press Ctrl+C or ⌘C.");
  }
}
