// Undo: one stack of actions, the newest last. A toast's button undoes that toast's action, a key undoes the
// newest; an undone action leaves both.

import { say, sayWhy } from "./messages.js";
import { Refused } from "./server.js";
import { t } from "./words.js";

const done = [];

/** Announces an action. `undo` reverts it and returns a message; without it, the action can't be undone. */
export function remember(words, undo) {
  if (!undo) {
    say(words);
    return;
  }
  const entry = { undo, number: done.length === 0 ? 1 : done.at(-1).number + 1 };
  entry.leave = offer(words, entry);
  entry.words = words;
  done.push(entry);
}

const offer = (words, entry) => say(words, { action: { label: t("Undo"), run: () => takeBack(entry) } });

async function takeBack(entry) {
  const at = done.indexOf(entry);
  if (at < 0) return; // a key was faster than the button
  done.splice(at, 1);
  entry.leave();
  try {
    say(await entry.undo());
  } catch (error) {
    // Undos that the server did not process can be retried.
    if (!(error instanceof Refused) || error.status >= 500 || error.status === 429) {
      done.push(entry);
      done.sort((a, b) => a.number - b.number);
      entry.leave = offer(entry.words, entry);
    }
    sayWhy(error, { undoing: true });
  }
}

/** Undoes the newest action, or the one that the page itself offers to undo. */
export function undoLast() {
  if (done.length > 0) takeBack(done.at(-1));
  else document.querySelector("#notices .undo button")?.click();
}
