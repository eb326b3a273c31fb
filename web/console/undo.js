// Undo: one stack of what was done here, the newest last. A toast's button undoes what the toast says, a key undoes the newest;
// what is undone leaves both.

import { say, sayWhy } from "./messages.js";
import { Refused } from "./server.js";

const done = [];

/** Says what was done. `undo` takes it back and returns what to say then; without it nothing can be taken back. */
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

const offer = (words, entry) => say(words, { action: { label: "Undo", run: () => takeBack(entry) } });

async function takeBack(entry) {
  const at = done.indexOf(entry);
  if (at < 0) return; // a key was faster than the button
  done.splice(at, 1);
  entry.leave();
  try {
    say(await entry.undo());
  } catch (error) {
    // What the server did not decide on can be tried again.
    if (!(error instanceof Refused) || error.status >= 500 || error.status === 429) {
      done.push(entry);
      done.sort((a, b) => a.number - b.number);
      entry.leave = offer(entry.words, entry);
    }
    sayWhy(error, { undoing: true });
  }
}

/** Takes the newest back, or what the page itself offers to take back. */
export function undoLast() {
  if (done.length > 0) takeBack(done.at(-1));
  else document.querySelector("#notices .undo button")?.click();
}
