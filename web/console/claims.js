// Claims: looking at a comment claims it for a while. A tab renews its claims while the moderator works in
// it, and releases them when the page is left. A request may still be in transit then, so each names the tab
// and a sequence number, and leaving sends the tab and the next number. The server releases the claims of
// lower numbers and rejects later requests with them. A page that was left sends no further ones.

import { key } from "./keys.js";
import { say, sayWhy } from "./messages.js";
import { send } from "./server.js";
import { here } from "./times.js";
import { t } from "./words.js";

const TAKEN = "rejoinder-taken";
const LEFT = "rejoinder-left"; // the claims that the page released as it was left
const TAB = "rejoinder-tab"; // the tab's id and the sequence number of its last request
const REST = 250; // ms after which a comment that is looked at is claimed
const bar = () => document.getElementById("held"); // the list is replaced when it is reloaded
const pace = (document.querySelector("[data-renew]")?.dataset.renew ?? 60) * 1000;

let shown = ""; // the comment that is looked at
let opened = ""; // the comment that is claimed only because it is looked at
let resting;
let working = Promise.resolve();
let renewed = Date.now();
let asked = false; // this page requested a claim
let within = false; // the next page belongs to the queue and keeps the claims
let left = false; // the page was left; it may run for a moment longer, or come back from the back-forward cache
let leave; // resolves leaving
let leaving = new Promise((resolve) => { leave = resolve; });

function stored(under) {
  try {
    return JSON.parse(sessionStorage.getItem(under));
  } catch {
    return null; // storage is blocked
  }
}

function store(under, value) {
  try {
    sessionStorage.setItem(under, JSON.stringify(value));
  } catch {
    // Known only while the page is open.
  }
}

// Comments claimed with "Claim next" belong to the tab: another tab of the same moderator releases its own.
const taken = (under = TAKEN) => stored(under) ?? [];
const keep = (ids, under = TAKEN) => store(under, ids);

const random = () => [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
let tab = stored(TAB) ?? { id: random(), seq: 0 };

// Adds the tab and a sequence number to a form. The clock keeps numbers apart when a tab is duplicated.
function numbered(fields) {
  tab = { id: tab.id, seq: Math.max(tab.seq + 1, Date.now()) };
  store(TAB, tab);
  fields.set("tab", tab.id);
  fields.set("seq", tab.seq);
  return fields;
}

async function ask(action, fields) {
  if (left) throw new Error("The page was left.");
  asked = true;
  return send(action, numbered(fields));
}

/** Claims a comment that is looked at for a while, and releases the previous one. `late` is called if someone else was faster. */
export function look(id, late) {
  clearTimeout(resting);
  shown = id;
  if (id !== opened) resting = setTimeout(() => then(() => claim(id, late)), REST);
}

/**
 * Resolves when no claim is in flight: a claim that arrived after a decision would be on a decided comment. When
 * the page is left, it resolves at once, so that the decision is still sent; the server then rejects the claim.
 */
export function settled() {
  clearTimeout(resting);
  return Promise.race([working, leaving]);
}

/** Forgets a comment that was decided on: its claim has ended. */
export function done(id) {
  if (opened === id) opened = "";
  const held = taken();
  if (held.includes(id)) keep(held.filter((each) => each !== id));
}

function then(job) {
  working = working.then(job).catch(() => {}); // a decision reports it
}

async function claim(id, late) {
  const fields = new URLSearchParams();
  if (opened && opened !== id && !taken().includes(opened)) fields.set("leave", opened);
  opened = "";
  const answer = await ask("/console/comments/" + id + "/claim", fields);
  sign(id, answer);
  if (answer.held === "own") opened = id;
  else late?.();
}

function sign(id, { words, until, held }) {
  for (const part of document.querySelectorAll(`[data-id="${id}"]`)) {
    const line = part.querySelector(".claim");
    if (!line) continue;
    line.textContent = here(words, until);
    line.dataset.held = held;
  }
}

/** Whether someone else has claimed the comment of that item. */
export const heldByOther = (item) => item.querySelector(".claim")?.dataset.held === "other";

/** Shows changed claims; `all` means that there are no others. */
export function hear(claims, all) {
  const parts = [...document.querySelectorAll("[data-id]")].map((part) => part.dataset.id);
  for (const id of new Set(parts)) {
    if (id in claims) sign(id, claims[id]);
    else if (all) sign(id, { words: "", held: "" });
  }
  if (shown && claims[shown]?.held === "" && shown !== opened) look(shown);
}

/** Shows how many comments the moderator has claimed, and until when. */
export function showHeld({ words, until }) {
  if (!bar()) return;
  const held = bar().querySelector(".words");
  held.textContent = here(words, until);
  held.dataset.until = until ?? "";
  bar().querySelector(".back").hidden = !words;
}

async function take() {
  const answer = await ask(bar().getAttribute("action"), new FormData(bar()));
  if (answer.comments.length === 0) {
    say(t("No unclaimed comments are left here."));
    return;
  }
  // The comment on screen stays claimed too: the next page shows it first, and another moderator must not come between.
  keep([...new Set([...taken(), ...(opened ? [opened] : []), ...answer.comments])]);
  within = true;
  location.assign(answer.address);
}

function work() {
  if (Date.now() - renewed < pace) return;
  renewed = Date.now();
  if (taken().length > 0) then(() => send("/console/claims/renew", {}));
  if (shown) then(() => claim(shown));
}

for (const sign of ["keydown", "pointerdown", "input", "scroll"]) document.addEventListener(sign, work, { passive: true, capture: true });

const inQueue = (address) => /^\/console(\/(comments|claims|bulk|decisions)(\/.*)?)?$/.test(new URL(address, location.href).pathname);

// On the window, after all handlers that may prevent the navigation.
addEventListener("click", (event) => {
  const link = event.target.closest?.("a[href]");
  if (link) within = !event.defaultPrevented && !event.ctrlKey && !event.metaKey && !event.shiftKey && !link.target && inQueue(link.href);
});
addEventListener("submit", (event) => {
  within = !event.defaultPrevented && inQueue(event.target.getAttribute("action"));
});

document.addEventListener("submit", (event) => {
  if (event.target !== bar()) return;
  if (event.submitter?.name === "all") {
    keep([]);
    opened = "";
    return;
  }
  event.preventDefault();
  take().catch(sayWhy);
});

addEventListener("pagehide", () => {
  left = true;
  leave();
  clearTimeout(resting);
  const held = taken();
  if (asked || held.length > 0) {
    const release = numbered(new URLSearchParams());
    if (within) for (const id of held) release.append("keep", id);
    navigator.sendBeacon("/console/claims/release", release);
  }
  if (!within) {
    keep(held, LEFT);
    keep([]);
  }
  opened = "";
  asked = false;
});

// A page from the back-forward cache has released its claims.
addEventListener("pageshow", (event) => {
  within = left = false;
  leaving = new Promise((resolve) => { leave = resolve; });
  if (event.persisted && shown) look(shown);
});

// A page that is left does not know that it will be reloaded, so a reloaded page claims its comments again.
async function takeAgain(id) {
  const answer = await ask("/console/comments/" + id + "/claim", new URLSearchParams());
  sign(id, answer);
  if (answer.held === "own") keep([...new Set([...taken(), id])]);
}

if (performance.getEntriesByType("navigation")[0]?.type === "reload") for (const id of taken(LEFT)) then(() => takeAgain(id));
keep([], LEFT);

if (bar()) key("t", t("claim the next comments"), () => bar().querySelector("button").click());
