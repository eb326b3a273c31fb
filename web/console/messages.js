// Toasts: short messages at the foot of the page, announced to screen readers.

import { SignedOut } from "./server.js";
import { clock } from "./times.js";
import { t } from "./words.js";

const box = document.createElement("div");
box.className = "messages";
box.setAttribute("role", "status");
document.body.append(box);

// How long messages stay, in ms. One with an action must be reached in time.
const PLAIN = 5000;
const WITH_ACTION = 12000;

/**
 * Shows a message. An action is {label, run}; a bad message stays until it is closed, and one that `stays` until it is
 * removed. Returns a function that removes it.
 */
export function say(text, { action, bad = false, stays = false } = {}) {
  const message = document.createElement("div");
  message.className = bad ? "message bad" : "message";
  message.append(Object.assign(document.createElement("span"), { textContent: text }));
  const leave = () => message.remove();
  if (action) {
    const button = Object.assign(document.createElement("button"), { type: "button", className: "plain", textContent: action.label });
    button.addEventListener("click", () => {
      leave();
      action.run();
    });
    message.append(button);
  }
  if (bad) {
    const close = Object.assign(document.createElement("button"), { type: "button", className: "plain", textContent: t("Close") });
    close.addEventListener("click", leave);
    message.append(close);
  } else if (!stays) {
    setTimeout(leave, action ? WITH_ACTION : PLAIN);
  }
  box.append(message);
  while (box.children.length > 3) box.firstElementChild.remove();
  return leave;
}

/**
 * Shows why something failed. `action` is as for say. If the session has ended, it offers to sign in in another
 * tab, so that nothing on this page is lost. `undoing` means that the failed action was an undo,
 * `reading` that it only read a page.
 */
export function sayWhy(error, { action, undoing = false, reading = false } = {}) {
  if (error instanceof SignedOut) {
    askToSignIn();
    return;
  }
  const why = undoing ? whyNotUndone : whoDecided;
  const lost = t("The server can’t be reached.") + " " + (reading ? t("This page may be out of date.") : t("Nothing was changed."));
  say(error.problem ? why(error) : lost, { action, bad: true });
}

// Moderators undo only their own decisions, so a newer decision is someone else's.
function whyNotUndone(error) {
  const { decision: since, type } = error.problem;
  if (type === "urn:rejoinder:problem:undo") return t("Too late to undo: it’s been more than ten minutes, or the comment’s text is gone.");
  if (!since) return whoDecided(error);
  const after = " " + t("The comment is %s now.", t(since.to));
  const self = since.moderator && since.moderator === document.querySelector(".me a")?.textContent;
  return self ? t("You already undid this, or decided again.") + after : t("Nothing was changed: %s decided after you.", whoOf(since)) + after;
}

function whoDecided(error) {
  const { decision: taken, claim } = error.problem;
  const faults = (error.problem.errors || []).map((fault) => fault.detail);
  if (claim) return t("Nothing was changed: %s has claimed this comment until %s.", claim.moderator, clock(claim.expires_at));
  if (!taken) return [error.message, ...faults].map((text) => t(text)).join(" ");
  return t("Nothing was changed: %s decided before you.", whoOf(taken)) + " " + t("The comment is %s now.", t(taken.to));
}

function whoOf(decision) {
  const others = { ruleset: t("the ruleset"), commenter: t("the commenter"), readers: t("readers’ reports") };
  return decision.moderator || others[decision.actor] || t("another moderator");
}

function askToSignIn() {
  if (document.querySelector("dialog.signed-out")) return;
  const dialog = document.createElement("dialog");
  dialog.className = "signed-out";
  dialog.setAttribute("aria-labelledby", "signed-out");
  dialog.append(
    Object.assign(document.createElement("h2"), { id: "signed-out", textContent: t("You are signed out") }),
    Object.assign(document.createElement("p"), { textContent: t("Nothing was changed, and what you typed is still here. Sign in in another tab, then continue.") }),
    Object.assign(document.createElement("a"), { href: "/console/sign-in", target: "_blank", rel: "opener", textContent: t("Sign in") }),
    Object.assign(document.createElement("button"), { type: "button", className: "plain", textContent: t("Continue") }),
  );
  dialog.querySelector("button").addEventListener("click", () => dialog.close());
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
}
