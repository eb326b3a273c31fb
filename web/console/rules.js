// The ruleset editor: it checks the draft while the moderator types, keeps it in the browser, and shows trials and
// backtests next to it.

import { layer } from "./editor.js";
import { sayWhy } from "./messages.js";
import { lines, send } from "./server.js";
import { t } from "./words.js";

const form = document.getElementById("editor");
const source = document.getElementById("source");

const draftName = (site) => "rejoinder-draft " + site;

function kept(site) {
  try {
    return JSON.parse(localStorage.getItem(draftName(site)));
  } catch {
    return null; // storage is blocked, or its content is invalid
  }
}

function keep(site, draft) {
  try {
    if (draft) localStorage.setItem(draftName(site), JSON.stringify(draft));
    else localStorage.removeItem(draftName(site));
  } catch {
    // Storage is blocked: the field still has the text.
  }
}

// Forget a draft that was saved as a version.
const saved = document.getElementById("saved");
if (saved && kept(saved.dataset.site)?.source === saved.textContent) keep(saved.dataset.site, null);

let mark = () => {}; // shows which lines have faults

function edit(site) {
  const numbers = document.createElement("pre");
  numbers.className = "numbers";
  numbers.setAttribute("aria-hidden", "true");
  source.before(numbers);
  mark = layer(source);
  const first = source.value;
  showsResultOf("trial", first);
  showsResultOf("backtest", first);
  bringBack(site, first);
  number(numbers);
  source.addEventListener("scroll", () => { numbers.scrollTop = source.scrollTop; });
  source.addEventListener("input", () => {
    keep(site, source.value === first && !("typed" in form.dataset) ? null : { source: source.value, note: form.elements.note.value, at: Date.now() });
    number(numbers);
    checkSoon(numbers);
    markStale();
  });
  form.elements.note.addEventListener("input", () => {
    if (source.value !== first) keep(site, { source: source.value, note: form.elements.note.value, at: Date.now() });
  });
  form.addEventListener("submit", (event) => {
    const value = event.submitter?.value ?? "";
    const job = value.startsWith("keep:") ? () => keepTest(event.submitter, numbers) : { try: attempt, backtest }[value];
    if (event.submitter?.value === "check") check(numbers);
    else if (job) job();
    else return;
    event.preventDefault();
  });
  form.addEventListener("click", (event) => {
    const fault = event.target.closest("[data-line]");
    if (!fault) return;
    event.preventDefault();
    goTo(+fault.dataset.line, +fault.dataset.column);
  });
  check(numbers);
}

// After an error, the server shows the newest draft. Otherwise an earlier draft is restored; if another version was
// requested, it is offered.
function bringBack(site, first) {
  const draft = kept(site);
  if (!draft || draft.source === first) return;
  const box = document.getElementById("draft-note");
  const when = new Date(draft.at).toLocaleString();
  const change = (text, label, run) => {
    const button = Object.assign(document.createElement("button"), { type: "button", className: "plain", textContent: label });
    button.addEventListener("click", () => {
      box.replaceChildren();
      run();
    });
    box.replaceChildren(text, button);
  };
  const put = (text) => {
    source.value = text;
    source.dispatchEvent(new Event("input"));
    source.focus();
  };
  if ("typed" in form.dataset) {
    change(t("You have an unsaved draft from %s.", when), t("Show draft"), () => put(draft.source));
    return;
  }
  source.value = draft.source;
  form.elements.note.value ||= draft.note;
  change(t("This is your unsaved draft from %s.", when), t("Discard draft"), () => {
    keep(site, null);
    put(first);
  });
}

// Numbers the lines. Faults are [line, text].
function number(numbers, faults = []) {
  const bad = new Map(faults);
  mark(faults);
  const count = source.value.split("\n").length;
  if (+numbers.dataset.count === count && !bad.size && !numbers.querySelector("b")) return;
  numbers.dataset.count = count;
  const parts = [];
  let plain = "";
  for (let n = 1; n <= count; n++) {
    if (bad.has(n)) {
      parts.push(plain, Object.assign(document.createElement("b"), { textContent: n, title: bad.get(n) }));
      plain = "\n";
    } else plain += n + "\n";
  }
  numbers.replaceChildren(...parts, plain);
  numbers.scrollTop = source.scrollTop;
}

function goTo(line, column) {
  const all = source.value.split("\n");
  const before = all.slice(0, line - 1).join("\n").length + (line > 1 ? 1 : 0);
  const at = before + [...(all[line - 1] ?? "")].slice(0, column - 1).join("").length;
  source.focus();
  source.setSelectionRange(at, at);
  source.scrollTop = (line - 5) * (source.scrollHeight / all.length);
}

// Replaces a part of the page by the one in the response.
function show(part) {
  const fresh = document.adoptNode(new DOMParser().parseFromString(part, "text/html").body.firstElementChild);
  document.getElementById(fresh.id).replaceChildren(...fresh.childNodes);
}

// The draft that each result on the page belongs to. Results of earlier drafts are marked.
const judged = new Map();

function showsResultOf(id, draft) {
  judged.set(id, draft);
  markStale();
}

function markStale() {
  for (const [id, draft] of judged) {
    const note = document.querySelector("#" + id + " .stale");
    if (note) note.hidden = draft === source.value;
  }
}

function fields(what) {
  const data = new FormData(form);
  data.set("do", what);
  return data;
}

const QUIET = 400;
let waiting;
let asked = 0;

function checkSoon(numbers) {
  clearTimeout(waiting);
  waiting = setTimeout(() => check(numbers), QUIET);
}

async function check(numbers) {
  clearTimeout(waiting);
  const question = ++asked;
  try {
    const answer = await send(form.getAttribute("action"), fields("check"));
    if (question !== asked) return; // something else was typed since
    show(answer.part);
    const places = [...document.querySelectorAll("#check [data-line]")];
    number(numbers, answer.faults ? places.map((place) => [+place.dataset.line, place.closest("li").textContent]) : []);
    source.setAttribute("aria-invalid", String(answer.faults > 0));
  } catch (error) {
    if (question === asked) sayWhy(error);
  }
}

async function attempt() {
  const draft = source.value;
  try {
    show((await send(form.getAttribute("action"), fields("try"))).part);
    showsResultOf("trial", draft);
  } catch (error) {
    sayWhy(error);
  }
}

// Keeps a changed outcome as a test, without leaving the report.
async function keepTest(button, numbers) {
  try {
    const answer = await send(form.getAttribute("action"), fields(button.value));
    source.value = answer.source;
    for (const id of judged.keys()) judged.set(id, source.value); // a test changes no verdict
    source.dispatchEvent(new Event("input"));
    number(numbers);
    show(answer.part);
    const said = Object.assign(document.createElement("span"), { className: "fine", textContent: answer.said, tabIndex: -1 });
    said.setAttribute("role", "status");
    button.replaceWith(said);
    said.focus();
  } catch (error) {
    sayWhy(error);
  }
}

async function backtest() {
  const button = form.querySelector('button[value="backtest"]');
  if (button.disabled) return;
  button.disabled = true;
  const progress = document.getElementById("progress");
  const bar = document.createElement("progress");
  bar.setAttribute("aria-label", t("Backtest"));
  const words = document.createElement("span");
  words.textContent = t("Loading past comments…");
  progress.replaceChildren(words, bar);
  const draft = source.value;
  try {
    await lines(form.getAttribute("action"), fields("backtest"), (line) => {
      if (line.event === "progress") {
        bar.max = line.total;
        bar.value = line.done;
        words.textContent = t("%d of %d", line.done, line.total);
      } else show(line.part);
    });
    showsResultOf("backtest", draft);
    progress.replaceChildren(t("Done."));
    document.getElementById("backtest").focus();
  } catch (error) {
    progress.replaceChildren();
    sayWhy(error);
  } finally {
    button.disabled = false;
  }
}

if (form) edit(form.dataset.site);
