// Counts: heading, title and tabs agree, and change together with each decision. Counts from the server wait
// until no decision is in flight, since they may or may not include it.

import { formOf, lang, t } from "./words.js";

const heading = () => document.getElementById("heading");
const number = (text) => Number(text.replace(/\D/g, ""));
const digits = (n) => (n > 0 ? n.toLocaleString(lang) : "");

let underWay = 0;
let later; // counts that the server sent meanwhile

function sayTotal(total) {
  const { forms, none } = heading().dataset;
  heading().dataset.total = total;
  const all = document.querySelector('#scope [value="all"]');
  if (all) all.text = t("All %s in this list", digits(total));
  const every = document.querySelector(".every-match");
  if (every) every.dataset.total = digits(total);
  if (every) Object.assign(every, { textContent: t("All %s", digits(total)), ariaLabel: t("Select all %s that match", digits(total)) });
  sayHeading(total === 0 ? none : formOf(JSON.parse(forms), total));
}

function sayHeading(words) {
  heading().textContent = words;
  document.title = words + document.title.slice(document.title.lastIndexOf(" – "));
}

function shift(by) {
  const { tab, total } = heading().dataset;
  for (const count of document.querySelectorAll(`[data-count="${tab}"]`)) count.textContent = digits(number(count.textContent) + by);
  if (total) sayTotal(Math.max(0, Number(total) + by));
}

/** Changes this list's count by `by` while `run` is in flight, and keeps the change unless that fails. */
export async function during(by, run) {
  underWay++;
  shift(by);
  try {
    return await run();
  } catch (error) {
    shift(-by);
    throw error;
  } finally {
    underWay--;
    if (underWay === 0 && later) hearCounts(later);
  }
}

/** Applies the server's counts. */
export function hearCounts(counts) {
  later = underWay > 0 ? counts : undefined;
  if (later) return;
  for (const count of document.querySelectorAll("[data-count]")) {
    if (count.dataset.count in counts) count.textContent = counts[count.dataset.count];
  }
  const { whole, tab, total } = heading().dataset;
  if (whole !== undefined && total && tab in counts) sayTotal(number(counts[tab]));
}

/** Applies the counts of a reloaded page. */
export function readCounts(fresh) {
  if (underWay > 0) return; // the last one to finish reloads
  const { dataset, textContent } = fresh.getElementById("heading");
  Object.assign(heading().dataset, dataset);
  sayHeading(textContent);
  for (const count of document.querySelectorAll("[data-count]")) {
    const now = fresh.querySelector(`[data-count="${count.dataset.count}"]`);
    if (now) count.textContent = now.textContent;
  }
}
