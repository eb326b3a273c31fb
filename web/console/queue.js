// The queue: the pane beside the list shows the chosen comment. A decision removes it from the list at once; if the server
// refuses, the comment comes back with what was typed.

import "./copy.js";
import { comments, DONE, decideSeveral, deselect, pick, pickEvery, picked, pickUpTo, several, watch } from "./bulk.js";
import { done as settle, heldByOther, hear, look, settled, showHeld } from "./claims.js";
import { during, hearCounts, readCounts } from "./counts.js";
import { key, typing } from "./keys.js";
import { say, sayWhy } from "./messages.js";
import { closeDrawer, toggleDrawer, watchDrawer } from "./drawer.js";
import { buttonOf, choosesReason, closeMenus, menu, openMenu, unfilled } from "./reasons.js";
import { page, Refused, send, submitted, swap } from "./server.js";
import { remember, undoLast } from "./undo.js";
import { t, tn } from "./words.js";

const desk = document.querySelector(".desk");
const wide = matchMedia("(min-width: 62.5rem)");
const cases = new Map(); // promises of the elements of cases, by the comment's id
const decided = new Set(); // ids that must not come back with the next page

const items = () => [...document.querySelectorAll("#queue .item")];
const chosen = () => document.querySelector("#queue .item.chosen");
const pane = () => document.getElementById("pane");

function caseOf(item) {
  const id = item.dataset.id;
  if (!cases.has(id)) {
    const read = page(item.dataset.case).then((fresh) => fresh.querySelector("#pane"));
    read.catch(() => cases.delete(id));
    cases.set(id, read);
  }
  return cases.get(id);
}

async function choose(item, { focus = true } = {}) {
  if (!item) return;
  if (item !== chosen()) {
    rejecting = undefined;
    closeMenus();
    closeDrawer();
  }
  chosen()?.classList.remove("chosen");
  item.classList.add("chosen");
  if (focus) {
    item.querySelector("h2 a").focus({ preventScroll: true });
    item.scrollIntoView({ block: "nearest" });
  }
  const list = items();
  const next = list[list.indexOf(item) + 1];
  if (!wide.matches || !desk) return;
  look(item.dataset.id, heldByOther(item) ? undefined : () => late(item));
  if (next) caseOf(next).catch(() => {}); // it is requested again, which reports the error
  if (pane()?.querySelector(".case").dataset.id === item.dataset.id) return;
  try {
    const fresh = await caseOf(item);
    if (chosen() === item) show(fresh);
  } catch (error) {
    sayWhy(error);
  }
}

function show(fresh) {
  if (pane()) swap(pane(), fresh);
  else desk.append(document.importNode(fresh, true));
  ready();
}

// Skipping needs a list.
function ready() {
  const skip = document.querySelector(".desk #pane [data-skip]");
  if (skip) skip.hidden = false;
}

// If someone else was faster to claim a comment, the moderator moves on to the next, unless they have typed something.
function late(item) {
  const next = free(item, 1) || free(item, -1);
  const typed = [...(formOf(item)?.elements ?? [])].some((field) => field.matches("textarea") && field.value);
  if (chosen() !== item || typed || !next) return;
  say(item.querySelector(".claim").textContent + ". Here is the next comment.");
  choose(next, { focus: document.activeElement !== document.body });
}

// Skips comments that others have claimed.
function move(by) {
  choose(free(chosen(), by));
}

function free(from, by) {
  const list = items();
  let at = list.indexOf(from) + by;
  while (list[at] && heldByOther(list[at])) at += by;
  return list[at];
}

// The form in the pane has the reason and the note, so it is the one that is sent if it is shown.
function formOf(item) {
  const beside = pane()?.querySelector(".case");
  const shown = wide.matches && beside?.dataset.id === item.dataset.id;
  return (shown && beside.querySelector("form.decision")) || undefined;
}

// Keys may be faster than the pane. Until it shows the comment, the row says what can be decided.
function mayDecide(item, action, form) {
  if (item.classList.contains("busy")) return false;
  if (form && action === "reject") return Boolean(form.querySelector(".reasons"));
  if (form) return action === "delete" || Boolean(form.querySelector(`button[value="${action}"]`));
  return item.dataset.actions.split(" ").includes(action);
}

// The reason is a button of the menu, or undefined; it may be a promise, if keys were faster than the pane.
async function decide(item, action, { form = formOf(item), anyway = false, reason } = {}) {
  if (!mayDecide(item, action, form) || (action !== "approve" && unfilled(form))) return;
  const fields = form ? new FormData(form) : new URLSearchParams({ version: item.dataset.version });
  fields.set(anyway ? "anyway" : "action", action);
  rejecting = undefined;
  closeMenus();
  const row = item.closest("li");
  const place = { parent: row.parentElement, next: row.nextElementSibling };
  const after = free(item, 1) || free(item, -1);
  const name = item.querySelector("h2").textContent;
  item.classList.add("busy");
  decided.add(item.dataset.id);
  item.querySelector(".pick").checked = false;
  item.classList.remove("chosen"); // it may come back beside the one that is chosen then
  row.remove();
  const sent = during(-1, async () => {
    await settled();
    const code = (await reason)?.value;
    if (code) fields.set(anyway ? "reason_code" : "reject", code);
    return send("/console/comments/" + item.dataset.id + "/decisions", fields, { keepalive: true });
  });
  if (!chosen()) choose(after);
  more();
  try {
    const answer = await sent;
    settle(item.dataset.id);
    cases.delete(item.dataset.id);
    item.classList.remove("busy");
    const { decision_id: decision } = answer;
    const why = (await reason)?.value && (await reason).lastChild.textContent.toLowerCase();
    remember(DONE[action] + ": " + name + (why ? ", " + why : ""), decision && (() => undo({ item, row, place, name, decision })));
    more();
  } catch (error) {
    const held = error instanceof Refused && error.problem.claim;
    await comeBack({ item, row, place });
    const fresh = error instanceof Refused && error.status === 409 && !held && (await refresh(item));
    typeAgain(item, fields);
    sayWhy(error, { action: held ? { label: t("Decide anyway"), run: () => decide(item, action, { anyway: true, reason }) } : change(fresh) });
  }

  // What the moderator wanted, as another decision after the one that was faster.
  function change(fresh) {
    const form = fresh && fresh.querySelector("form.decision");
    return form && mayDecide(item, action, form) && { label: t("Change it"), run: () => decide(item, action, { form, reason }) };
  }
}

function comeBack({ item, row, place }) {
  item.classList.remove("busy");
  decided.delete(item.dataset.id);
  const shown = document.getElementById(item.id);
  if (shown) return choose(shown); // the list was reloaded meanwhile
  const list = place.parent.isConnected ? place.parent : document.getElementById("queue");
  if (!list) return arrive();
  document.querySelector(".list > .empty")?.remove();
  if (place.next?.isConnected) place.next.before(row);
  else list.append(row);
  return choose(item);
}

// Restores what was typed, in the comment's current form.
function typeAgain(item, fields) {
  const form = formOf(item);
  for (const name of ["reason", "note"]) {
    const field = form?.elements[name];
    if (!field || !fields.get(name)) continue;
    field.value = fields.get(name);
    const folded = field.closest("details");
    if (folded) folded.open = true;
  }
}

// Shows the comment as it is after someone else's decision, and returns it.
async function refresh(item) {
  cases.delete(item.dataset.id);
  try {
    const fresh = await caseOf(item);
    if (chosen() === item && wide.matches) show(fresh);
    item.dataset.actions = "";
    return fresh;
  } catch (error) {
    sayWhy(error);
  }
}

async function undo(done) {
  const { item, name } = done;
  await during(1, () => send("/console/decisions/" + done.decision + "/undo", {}, { keepalive: true }));
  cases.delete(item.dataset.id);
  try {
    const fresh = await caseOf(item);
    const version = fresh.querySelector("form.decision input[name=version]")?.value;
    if (version) item.dataset.version = version;
    if (version) item.querySelector(".pick").value = item.dataset.id + "@" + version;
  } catch (error) {
    sayWhy(error); // the undo itself succeeded
  }
  comeBack(done);
  more(); // a response in flight may still count without it
  return t("Undone: %s", name);
}

// The list is refilled from the server before it is empty.
let filling = false;
const LOW = 6;

let again = false;

async function more() {
  if (items().length >= LOW || !desk) return;
  if (filling) {
    again = true; // the response in flight may be out of date
    return;
  }
  filling = true;
  again = false;
  try {
    const fresh = await page(desk.dataset.desk);
    const queue = document.getElementById("queue");
    const here = new Set(items().map((item) => item.dataset.id));
    for (const item of fresh.querySelectorAll("#queue .item")) {
      if (!here.has(item.dataset.id) && !decided.has(item.dataset.id)) queue.append(document.importNode(item.closest("li"), true));
    }
    if (!chosen()) choose(free(null, 1) || items()[0]);
    readCounts(fresh);
    if (items().length === 0) nothingLeft(fresh);
  } catch (error) {
    sayWhy(error);
  } finally {
    filling = false;
    if (again) more();
  }
}

function nothingLeft(fresh) {
  const empty = fresh.querySelector(".list > .empty");
  if (!empty) return; // decisions are in flight
  if (!document.querySelector(".list > .empty")) document.querySelector(".strip").after(document.importNode(empty, true));
  pane()?.remove();
}

// Changes are shown at once; new comments are only announced, so that the list does not move.
let stream;

function listen() {
  stream?.close();
  stream = new EventSource(desk.dataset.events);
  stream.addEventListener("queue", (event) => {
    const news = JSON.parse(event.data);
    hearCounts(news.counts);
    showHeld(news.held);
    announce(news);
  });
  for (const name of ["claims", "all-claims"]) {
    stream.addEventListener(name, (event) => hear(JSON.parse(event.data), name === "all-claims"));
  }
}

function announce(news) {
  const since = new URL(desk.dataset.events, location.href).searchParams.get("since");
  const here = items().filter((item) => item.querySelector("time").dateTime >= since).length;
  const n = news.arrived - here;
  document.querySelector(".arrivals")?.remove();
  if (n < 1) return;
  const button = Object.assign(document.createElement("button"), {
    type: "button", className: "arrivals plain", textContent: news.more ? t("%s+ new comments", n) : tn("%d new comment", "%d new comments", n),
  });
  button.addEventListener("click", () => arrive().catch(sayWhy));
  document.querySelector(".strip").after(button);
}

// Reloads the list; keeps the chosen comment and the selection.
async function arrive() {
  renew(await page(desk.dataset.desk));
}

function renew(fresh) {
  const kept = chosen()?.dataset.id;
  const selected = new Set(picked().map((item) => item.dataset.id));
  const scope = document.getElementById("scope")?.value;
  for (const item of fresh.querySelectorAll("#queue .item")) if (decided.has(item.dataset.id)) item.closest("li").remove();
  swap(document.querySelector(".list"), fresh.querySelector(".list"));
  for (const item of items()) item.querySelector(".pick").checked = selected.has(item.dataset.id);
  if (scope && document.getElementById("scope")) document.getElementById("scope").value = scope;
  readCounts(fresh);
  desk.dataset.events = fresh.querySelector(".desk").dataset.events;
  if (items().length === 0) pane()?.remove();
  else choose(document.getElementById("item-" + kept) || free(null, 1) || items()[0]);
  listen();
}

// A form in the pane that decides nothing is submitted without leaving the list, and the comment is shown
// again.
async function carryOut(form, submitter) {
  const { id } = form.closest("[data-id]").dataset;
  const fresh = await submitted(form.getAttribute("action"), new FormData(form, submitter));
  const now = fresh.getElementById("pane");
  cases.delete(id);
  if (fresh.querySelector(".desk")) renew(fresh);
  if (now && chosen()?.dataset.id === id) {
    show(now);
    pane().focus({ preventScroll: true });
  }
  tell(fresh);
  const why = fresh.querySelector(".summary p");
  if (why) say(why.textContent, { bad: true });
}

// Repeats what the page says that a form led to.
function tell(fresh) {
  const said = fresh.querySelector("#notices .notice");
  const undoing = fresh.querySelector("#notices .undo")?.getAttribute("action");
  if (said) remember(said.textContent, undoing && (() => undoForm(undoing)));
}

// A block or a note in the drawer may have decided on comments of the list, and changes what the pane shows.
watchDrawer(async (fresh) => {
  tell(fresh);
  cases.clear();
  await arrive();
});

// Reloads the list after an undo, since only the server knows what else the form decided on.
async function undoForm(action) {
  const { decided: n } = await during(0, () => send(action, {}));
  await arrive().catch((error) => sayWhy(error, { reading: true }));
  return t("Undone: %s", comments(n)) + ".";
}

document.addEventListener("submit", (event) => {
  if (!desk || !event.target.matches("#pane form:not(.decision)")) return;
  event.preventDefault();
  carryOut(event.target, event.submitter).catch(sayWhy);
});

document.addEventListener("submit", (event) => {
  const form = event.target.closest("form.decision");
  const item = form && document.getElementById("item-" + form.closest("[data-id]").dataset.id);
  if (!item || !event.submitter) return;
  event.preventDefault();
  const reason = event.submitter.name === "reject" ? event.submitter : undefined;
  decide(item, reason ? "reject" : event.submitter.value, { form, reason });
});

document.addEventListener("click", (event) => {
  const item = event.target.closest("#queue .item");
  if (!item || event.target.closest("button, input, label") || event.ctrlKey || event.metaKey || event.shiftKey) return;
  if (!wide.matches) return;
  if (event.target.closest("a")) event.preventDefault();
  choose(item);
});

document.addEventListener("focusin", (event) => {
  const item = event.target.closest("#queue .item");
  if (item && item !== chosen()) choose(item, { focus: false });
});

// Keys act on the selection, or on the chosen comment if there is none.
const onChosen = (action) => () => {
  if (!desk) alone(action);
  else if (several()) decideSeveral(action);
  else if (picked()[0] || chosen()) decide(picked()[0] || chosen(), action);
};

let rejecting; // the comment that keys reject, until they say why

// The menu opens once the pane shows the comment. A key that says why may come before.
async function reject() {
  if (!desk) return menu() && openMenu();
  if (several()) return decideSeveral("reject");
  const item = picked()[0] || chosen();
  if (!item || !mayDecide(item, "reject", formOf(item))) return;
  choose(item);
  rejecting = item;
  if (!wide.matches) say(t("Press a digit to reject for a reason, or r again to reject without one."));
  try {
    await caseOf(item);
  } catch {
    return; // choosing it reports the error
  }
  await Promise.resolve();
  if (rejecting === item && chosen() === item && formOf(item) && menu()) openMenu();
}

document.addEventListener("keydown", (event) => {
  const item = rejecting;
  if (event.key === "Escape" && !menu()?.open && !typing(event.target) && !document.querySelector("dialog[open]") && (closeDrawer() || (!rejecting && deselect()))) event.preventDefault();
  if (!item || menu()?.open || event.ctrlKey || event.metaKey || event.altKey) return;
  if (choosesReason(event.key)) {
    event.preventDefault();
    event.stopImmediatePropagation();
    decide(item, "reject", { reason: event.key === "r" ? undefined : caseOf(item).then((of) => buttonOf(event.key, of)) });
  } else if (event.key === "Escape") rejecting = undefined;
}, true);

// On the page of one comment, the form is submitted as without a script.
function alone(action) {
  document.querySelector(`.alone form.decision button[value="${action}"]`)?.click();
}

key("j", t("next comment"), () => (desk ? move(1) : document.querySelector(".alone a[rel=next]")?.click()));
key("k", t("previous comment"), () => move(-1));
key("a", t("approve the selected comments, or the current one"), onChosen("approve"));
key("r", t("reject: then 1 to 0 for a reason, r for none, m for a message"), reject);
key("s", t("spam"), onChosen("spam"));
key("h", t("hold"), onChosen("hold"));
key("d", t("delete (asks first)"), () => {
  const question = document.querySelector(".pane details.delete");
  if (!question) return;
  question.closest(".menu").open = true;
  question.open = true;
  question.querySelector("button").focus();
});
key("u", t("undo the last decision"), undoLast);
key("z", t("undo the last decision"), undoLast);
key("Enter", t("open the comment"), () => chosen()?.querySelector("h2 a").click());
key("/", t("search"), () => document.getElementById("q")?.select());
key("f", t("filter"), () => {
  const filters = document.querySelector(".filters");
  if (!filters) return;
  filters.open = !filters.open;
  (filters.open ? filters.querySelector("select") : filters.querySelector("summary")).focus();
});
key("v", t("show or hide the source"), () => document.querySelector(".pane .markdown summary")?.click());
key("n", t("add a note"), () => unfold("notes"));
key("p", t("reply publicly"), () => unfold("answers"));
key("b", t("block"), () => unfold("blocking"));
key("o", t("open the comment on its page"), () => document.querySelector("#pane .further a[href^='/']")?.click());
key("c", t("show the commenter"), () => (desk ? toggleDrawer() : document.querySelector("#pane .person")?.click()));
key(".", t("more actions"), () => document.querySelector("#pane .further summary")?.click());
key("x", t("select"), () => pick(chosen()));
key("X", t("select up to here"), () => pickUpTo(chosen()));
key("*", t("select all on this page, or none"), pickEvery);

// Opens a part of the pane that is folded, with the focus on its first field.
function unfold(part) {
  const folded = document.querySelector(`#pane details[id^="${part}-"]`);
  if (!folded) return;
  closeMenus();
  folded.open = true;
  folded.scrollIntoView({ block: "center" });
  folded.querySelector("textarea, select, input:not([type=hidden])").focus({ preventScroll: true });
}

document.addEventListener("click", (event) => {
  const link = event.target.closest(".further a[href^='#']");
  if (!link) return;
  event.preventDefault();
  unfold(link.hash.slice(1).split("-")[0]);
});

document.addEventListener("click", (event) => {
  if (event.target.closest("[data-skip]")) move(1);
});

// The order applies as soon as it is chosen; filters apply together.
document.getElementById("sort")?.addEventListener("change", (event) => event.target.form.requestSubmit());

// What is not chosen stays out of the address.
document.querySelector("form.filter")?.addEventListener("formdata", (event) => {
  for (const [name, value] of [...event.formData]) if (value === "" || (name === "sort" && value === "oldest")) event.formData.delete(name);
});

const openAtFirst = pane()?.querySelector(".case")?.dataset.id;
choose(document.getElementById("item-" + openAtFirst) || free(null, 1) || items()[0], { focus: false });
const alonePage = document.querySelector(".alone .case");
if (alonePage?.querySelector(".decision")) look(alonePage.dataset.id); // a deleted one is not claimed
if (desk) {
  ready();
  watch(decide, arrive);
  listen();
}
