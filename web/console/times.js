// Local times. The server writes them in the account's time zone, which stays as the title, and without scripts.

import { lang } from "./words.js";

const locale = lang === "en" ? "en-GB" : lang;
const whole = new Intl.DateTimeFormat(locale, {
  day: "numeric", month: "long", year: "numeric", hour: "2-digit", minute: "2-digit", timeZoneName: "short",
});
const short = new Intl.DateTimeFormat(locale, { hour: "2-digit", minute: "2-digit" });
const zoned = /\d\d:\d\d (Uhr \()?[A-Z]+([+-]\d+)?\)?$/;

/** The time of day, such as 21:14. */
export const clock = (time) => short.format(new Date(time));

/** Replaces the time of day at the end of a text by the local one. */
export const here = (words, time) => (time ? words.replace(zoned, clock(time)) : words);

const told = new WeakSet(); // what was inserted before, as when the list is sorted again

function tell(element) {
  if (told.has(element)) return;
  told.add(element);
  const time = element.getAttribute("datetime");
  if (zoned.test(element.title)) element.title = whole.format(new Date(time));
  if (!zoned.test(element.textContent)) return; // a date, or a relative time
  element.title = element.textContent;
  element.textContent = whole.format(new Date(time));
}

function within(node) {
  if (node.nodeType !== Node.ELEMENT_NODE) return;
  for (const element of [node, ...node.querySelectorAll("*")]) {
    if (element.matches("time[datetime]")) tell(element);
    if (element.matches("[data-until]")) element.textContent = here(element.textContent, element.dataset.until);
  }
}

within(document.body);
new MutationObserver((changes) => changes.forEach((change) => change.addedNodes.forEach(within))).observe(document.body, { childList: true, subtree: true });
