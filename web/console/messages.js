// Toasts: short messages at the foot of the page, announced to screen readers.

import { SignedOut } from "./server.js";
import { clock } from "./times.js";

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
    const close = Object.assign(document.createElement("button"), { type: "button", className: "plain", textContent: "Close" });
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
  const lost = "The server can’t be reached. " + (reading ? "What is shown may be out of date." : "Nothing was changed.");
  say(error.problem ? why(error) : lost, { action, bad: true });
}

// Moderators undo only their own decisions, so a newer decision is someone else's.
function whyNotUndone(error) {
  const { decision: since, type } = error.problem;
  if (type === "urn:rejoinder:problem:undo") return "Too late to undo: it’s been more than ten minutes, or the comment’s text is gone.";
  if (!since) return whoDecided(error);
  const after = " The comment is " + since.to + " now.";
  const self = since.moderator && since.moderator === document.querySelector(".me a")?.textContent;
  return self ? "You already undid this, or decided again." + after : whoDecided(error).replace("decided before you", "decided after you");
}

function whoDecided(error) {
  const { decision: taken, claim } = error.problem;
  const faults = (error.problem.errors || []).map((fault) => fault.detail);
  if (claim) return "Nothing was changed: " + claim.moderator + " has claimed this comment until " + clock(claim.expires_at) + ".";
  if (!taken) return [error.message, ...faults].join(" ");
  const who = taken.moderator || { ruleset: "the ruleset", commenter: "the commenter", readers: "readers’ reports" }[taken.actor] || "another moderator";
  return "Nothing was changed: " + who + " decided before you. The comment is " + taken.to + " now.";
}

function askToSignIn() {
  if (document.querySelector("dialog.signed-out")) return;
  const dialog = document.createElement("dialog");
  dialog.className = "signed-out";
  dialog.setAttribute("aria-labelledby", "signed-out");
  dialog.append(
    Object.assign(document.createElement("h2"), { id: "signed-out", textContent: "You are signed out" }),
    Object.assign(document.createElement("p"), { textContent: "Nothing was changed, and what you typed is still here. Sign in in another tab, then continue." }),
    Object.assign(document.createElement("a"), { href: "/console/sign-in", target: "_blank", rel: "opener", textContent: "Sign in" }),
    Object.assign(document.createElement("button"), { type: "button", className: "plain", textContent: "Continue" }),
  );
  dialog.querySelector("button").addEventListener("click", () => dialog.close());
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
}
