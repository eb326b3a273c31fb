// Counts: heading, title and tabs agree, and change together with each decision. Counts from the server wait
// until no decision is in flight, since they may or may not include it.

const heading = () => document.getElementById("heading");
const number = (text) => Number(text.replaceAll(",", ""));
const digits = (n) => (n > 0 ? n.toLocaleString("en") : "");

let underWay = 0;
let later; // counts that the server sent meanwhile

function sayTotal(total) {
  const { single, many, none } = heading().dataset;
  heading().dataset.total = total;
  const all = document.querySelector('#scope [value="all"]');
  if (all) all.text = "All " + digits(total) + " in this list";
  const every = document.querySelector(".every-match");
  if (every) every.dataset.total = digits(total);
  if (every) every.textContent = "Select all " + digits(total) + " that match";
  sayHeading(total === 0 ? none : total === 1 ? single : digits(total) + " " + many);
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
