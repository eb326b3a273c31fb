// Decisions on several comments: the selection, the bar below the list, and the confirmation.

import { during } from "./counts.js";
import { say, sayWhy } from "./messages.js";
import { Refused, send, submitted } from "./server.js";
import { remember } from "./undo.js";
import { t, tn } from "./words.js";

const bar = () => document.getElementById("bulk");
const all = () => bar()?.elements.scope.value === "all";

/** The items whose boxes are ticked. */
export const picked = () => [...document.querySelectorAll("#queue .pick:checked")].map((box) => box.closest(".item"));

const boxes = () => [...document.querySelectorAll("#queue .pick")];

/** Whether decisions apply to several comments. */
export const several = () => all() || picked().length > 1;

// Enable the buttons while there is something to decide on. Without, the bar makes room for the claims.
function ready() {
  if (!bar()) return;
  const n = picked().length;
  const strip = bar().closest(".strip");
  strip.classList.toggle("selecting", all() || n > 0);
  const every = strip.querySelector(".every");
  every.hidden = false;
  every.checked = n > 0 && n === boxes().length;
  every.indeterminate = n > 0 && !every.checked;
  for (const button of bar().querySelectorAll("button")) button.disabled = !all() && n === 0;
  const whole = bar().querySelector(".every-match");
  bar().querySelector(".selected").dataset.n = all() ? whole.dataset.total : n;
  put(bar().querySelector(".selected"), all() ? t("All %s selected", whole.dataset.total) : t("%d selected", n));
  whole.hidden = all() || n < boxes().length || whole.dataset.total === String(n);
  bar().querySelector(".deselect").hidden = false;
}

// Text that is the same must not change: the list is observed.
function put(element, words) {
  element.hidden = false;
  if (element.textContent !== words) element.textContent = words;
}

let anchor; // the box from which Shift selects

/** Selects a comment, or deselects it. */
export function pick(item) {
  const box = item?.querySelector(".pick");
  if (!box) return;
  box.checked = !box.checked;
  anchor = box;
  ready();
}

/** Selects every comment from the one that was selected last to this one. */
export function pickUpTo(item) {
  const list = boxes();
  const to = list.indexOf(item?.querySelector(".pick"));
  const from = Math.max(list.indexOf(anchor), 0);
  if (to < 0) return;
  for (const box of list.slice(Math.min(from, to), Math.max(from, to) + 1)) box.checked = true;
  ready();
}

/** Selects every comment of the page, or none if all are selected. */
export function pickEvery() {
  if (!bar()) return;
  selectEvery(picked().length < boxes().length);
  ready();
}

/** Ends the selection; whether there was one. */
export function deselect() {
  if (!bar() || (!all() && picked().length === 0)) return false;
  selectEvery(false);
  ready();
  return true;
}

// Deselecting also ends a selection of the whole list, which reaches beyond this page.
function selectEvery(on) {
  for (const box of boxes()) box.checked = on;
  if (!on) bar().elements.scope.value = "selected";
}

let renew; // reloads the list
let asking = false; // whether a confirmation is being requested

/** Sets up the bar. `decideOne` decides on a single item, `renewList` reloads the list. */
export function watch(decideOne, renewList) {
  renew = renewList;
  document.addEventListener("change", (event) => {
    if (event.target.matches(".every")) selectEvery(event.target.checked);
    if (event.target.matches(".every, .pick, #scope")) ready();
  });
  document.addEventListener("click", (event) => {
    const box = event.target.closest(".pick");
    if (box && event.shiftKey) pickUpTo(box.closest(".item"));
    else if (box) anchor = box;
    if (event.target.closest(".deselect")) deselect();
    if (event.target.closest(".every-match")) {
      bar().elements.scope.value = "all";
      ready();
      bar().querySelector(".deselect").focus();
    }
  });
  new MutationObserver(ready).observe(document.querySelector(".desk"), { childList: true, subtree: true });
  document.addEventListener("submit", (event) => {
    if (event.target !== bar() || !event.submitter) return;
    event.preventDefault();
    if (several()) decideSeveral(event.submitter.value);
    else decideOne(picked()[0], event.submitter.value);
  });
  ready();
}

/** Asks to confirm an action on the selection, as the bar does. */
export async function decideSeveral(action) {
  const button = bar()?.querySelector(`button[value="${action}"]`);
  if (!button || asking || document.querySelector("dialog.confirm")) return;
  asking = true;
  try {
    const page = await submitted("/console/bulk", new FormData(bar(), button));
    if (page.getElementById("confirm")) question(page.getElementById("confirm"));
    else say(t("The selected comments are gone."), { bad: true });
  } catch (error) {
    sayWhy(error);
  } finally {
    asking = false;
  }
}

function question(asked) {
  const dialog = document.createElement("dialog");
  dialog.className = "confirm";
  dialog.setAttribute("aria-labelledby", "bulk-question");
  const title = Object.assign(document.createElement("h2"), { id: "bulk-question", textContent: asked.querySelector("h1").textContent });
  asked.querySelector("h1").remove();
  asked.querySelector(".pages").remove();
  dialog.append(title, ...document.importNode(asked, true).children);
  const form = dialog.querySelector("form");
  const go = form.querySelector("button");
  const cancel = Object.assign(document.createElement("button"), { type: "button", className: "plain", textContent: t("Cancel") });
  cancel.addEventListener("click", () => dialog.close());
  go.autofocus = true;
  go.after(" ", cancel);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    event.stopPropagation();
    carryOut(dialog, form, go);
  });
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
}

async function carryOut(dialog, form, go) {
  const fields = new FormData(form, go);
  fields.set("part", PART);
  go.disabled = true;
  let result;
  try {
    result = await during(0, () => send("/console/bulk", fields));
  } catch (error) {
    go.disabled = false;
    refuse(dialog, form, error);
    return;
  }
  dialog.close();
  if (bar()) bar().elements.scope.value = "selected";
  const stopped = await carryOn(fields, result);
  remember(words(DONE[go.value], result) + (stopped ? " " + t("Stopped.") : ""), result.decided > 0 && (() => undo(result.bulk_id)));
  if (!result.complete) say(t("This stopped early. Decisions made so far stay in effect."), { bad: true });
  await renew().catch((error) => sayWhy(error, { reading: true }));
}

// After how many comments a request ends. The server goes on to the end of a transaction, which takes about 200.
const PART = 100;

// Carries out the rest of a bulk, part by part, and adds it to the result. Returns whether the moderator stopped it before its end.
async function carryOn(fields, result) {
  let stopped = false;
  const all = comments(Number(fields.get("expected")));
  while (result.next_cursor && !stopped) {
    const done = result.decided + result.skipped.length;
    const text = t("%s: %d of %s", DOING[fields.get("action")], done, all);
    const leave = say(text, { action: { label: t("Stop"), run: () => (stopped = true) }, stays: true });
    fields.set("next", result.next_cursor);
    try {
      const part = await during(0, () => send("/console/bulk", fields));
      result.bulk_id ||= part.bulk_id;
      result.decided += part.decided;
      result.skipped.push(...part.skipped);
      result.complete = part.complete;
      result.next_cursor = part.next_cursor;
    } catch (error) {
      result.complete = false;
      result.next_cursor = "";
      sayWhy(error);
    }
    leave();
  }
  return Boolean(result.next_cursor);
}

const DOING = {
  approve: t("Approving"), hold: t("Holding"), reject: t("Rejecting"), spam: t("Marking as spam"), delete: t("Deleting"),
};

// Shows a refusal in the dialog, so that what was typed can be corrected.
function refuse(dialog, form, error) {
  if (!(error instanceof Refused)) {
    dialog.close();
    sayWhy(error);
    return;
  }
  dialog.querySelector(".fault")?.remove();
  const faults = (error.problem.errors || []).map((fault) => fault.detail);
  const why = Object.assign(document.createElement("p"), { className: "fault", textContent: [error.message, ...faults].join(" ") });
  why.setAttribute("role", "alert");
  form.before(why);
}

/** What a decision did, by its action. */
export const DONE = {
  approve: t("Approved"), hold: t("Held"), reject: t("Rejected"), spam: t("Marked as spam"), delete: t("Deleted"),
};

function words(did, { decided, skipped }) {
  const left = skipped.length > 0 ? " " + t("Skipped, because someone else was faster or the action does not apply: %d.", skipped.length) : "";
  return did + ": " + comments(decided) + "." + left;
}

/** A number of comments in words. */
export const comments = (n) => tn("%d comment", "%d comments", n);

async function undo(bulk) {
  const result = await during(0, () => send("/console/bulk/" + bulk + "/undo", {}));
  await renew().catch((error) => sayWhy(error, { reading: true }));
  return words(t("Undone"), result);
}
