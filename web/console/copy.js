// Buttons that copy the text of an element: <button data-copy="ID" hidden>. Without the clipboard, which browsers
// withhold on pages without TLS, the text is selected instead.

import { say } from "./messages.js";
import { t } from "./words.js";

/** Makes the buttons below an element work. */
export function offerCopy(root) {
  for (const button of root.querySelectorAll("[data-copy]")) {
    button.hidden = false;
    button.addEventListener("click", () => copy(document.getElementById(button.dataset.copy)));
  }
}

offerCopy(document);

// Buttons that copy an address: <button data-link="ADDRESS">.
document.addEventListener("click", async (event) => {
  const button = event.target.closest?.("[data-link]");
  if (!button) return;
  const address = new URL(button.dataset.link, location.href).href;
  try {
    await navigator.clipboard.writeText(address);
    say(t("Copied."));
  } catch {
    say(t("The browser refused to copy. The address is %s", address));
  }
});

async function copy(element) {
  try {
    await navigator.clipboard.writeText(element.textContent);
    say(t("Copied."));
  } catch {
    getSelection().selectAllChildren(element);
    say(t("The browser refused to copy. The code is selected: press Ctrl+C or ⌘C."));
  }
}
