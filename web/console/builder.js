// The rule builder: the form's own buttons, without leaving the page, and the effect after each change.

import { sayWhy } from "./messages.js";
import { send } from "./server.js";

const QUIET = 300;
let asked = 0;
let waiting;

const form = () => document.getElementById("builder");

// Buttons that lead to another page.
const LEAVING = ["save", "watch", "activate", "keep"];

function fields(what) {
  const data = new FormData(form());
  data.set("do", what);
  return data;
}

// Where the focus was, to put it there again.
function focused() {
  const at = document.activeElement;
  if (!at || !form().contains(at)) return null;
  return { name: at.name, value: at.tagName === "BUTTON" ? at.value : null, label: at.getAttribute("aria-label"),
    range: "selectionStart" in at ? [at.selectionStart, at.selectionEnd] : null };
}

function refocus(was) {
  if (!was?.name) return;
  const alike = [...form().querySelectorAll("[name]")].filter((one) => one.name === was.name);
  const again = was.value === null ? alike[0] : alike.find((one) => one.value === was.value);
  if (!again) return;
  again.focus();
  if (was.range && again.type !== "radio") again.setSelectionRange?.(...was.range);
}

// Asks for the form as it is after a button; `part` limits what is replaced.
async function ask(what, part) {
  const question = ++asked;
  clearTimeout(waiting);
  try {
    const answer = await send(form().getAttribute("action"), fields(what));
    if (question !== asked) return; // something else changed since
    const fresh = new DOMParser().parseFromString(answer.part, "text/html").getElementById("builder");
    const was = focused();
    if (part) {
      for (const selector of part) {
        const old = form().querySelector(selector);
        const now = fresh.querySelector(selector);
        if (old && now) old.replaceWith(document.importNode(now, true));
      }
      for (const now of fresh.querySelectorAll(".number, #score")) markNumber(now);
      for (const now of fresh.querySelectorAll(".chips")) { // terms that hit approved comments
        const old = document.getElementById(now.id);
        if (old && !old.contains(document.activeElement)) old.replaceWith(document.importNode(now, true));
      }
    } else {
      form().replaceWith(document.importNode(fresh, true));
    }
    refocus(was);
  } catch (error) {
    if (question === asked) sayWhy(error, { reading: true });
  }
}

// Marks a number as the new form has it, without touching what is typed.
function markNumber(now) {
  const old = form().elements[now.name];
  if (!old) return;
  for (const name of ["aria-invalid", "aria-describedby"]) {
    if (now.hasAttribute(name)) old.setAttribute(name, now.getAttribute(name));
    else old.removeAttribute(name);
  }
  document.getElementById(now.name + "-fault")?.remove();
  const fault = now.parentElement.querySelector(`[id="${now.name}-fault"]`);
  if (fault) old.after(document.importNode(fault, true));
}

// The effect arrives with the sentence, so that neither says more than the other.
function measureSoon(wait = QUIET) {
  clearTimeout(waiting);
  waiting = setTimeout(() => ask("effect", ["#effect", "#sentence"]), wait);
}

document.addEventListener("submit", async (event) => {
  const what = event.submitter?.value ?? "refresh";
  if (event.target !== form() || LEAVING.includes(what.split(":")[0])) return;
  event.preventDefault();
  if (what === "effect") {
    await ask("effect");
    return;
  }
  if (what === "try") {
    await ask("try", ["#trial"]);
    return;
  }
  await ask(what);
  if (what.startsWith("remove:")) form().querySelector(".adders button")?.focus();
  if (what.startsWith("add:")) [...form().querySelectorAll(".fact")].at(-1)?.focus();
  measureSoon(0);
});

document.addEventListener("change", async (event) => {
  if (!form()?.contains(event.target) || !event.target.name) return;
  if (event.target.matches(".fact, .op, .how select, .line select")) {
    await ask("refresh");
    measureSoon(0);
  } else if (event.target.matches('[name="then"]')) {
    measureSoon(0);
  }
});

document.addEventListener("input", (event) => {
  if (form()?.contains(event.target) && event.target.matches(".line input, .hand textarea, #score")) measureSoon();
});

// A pasted list is added at once; Enter adds what was typed.
function addTerms(field) {
  const button = field.parentElement.querySelector("button");
  if (field.value.trim()) field.form.requestSubmit(button);
}

document.addEventListener("paste", (event) => {
  const field = event.target;
  if (!field.matches?.(".terms textarea")) return;
  if (/[\n,;]/.test(event.clipboardData.getData("text"))) setTimeout(() => addTerms(field));
});

document.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && !event.shiftKey && event.target.matches?.(".terms textarea")) {
    event.preventDefault();
    addTerms(event.target);
  }
});

if (form()) {
  document.getElementById("problem")?.focus();
  measureSoon(0);
}
