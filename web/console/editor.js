// A layer over the ruleset's text field: colours behind the text, faults in the margin, and completion of facts,
// functions and lists. The field itself stays a plain text field.

import { t } from "./words.js";

const MOST = 200_000; // characters; longer documents have no colours

const TOKENS = [
  ["note", /(?:^|(?<=\s))#.*/y],
  ["key", /(?:(?<=^\s*(?:- )?)|(?<=[{,]\s*))[\w-]+(?=:(?:\s|$))/y],
  ["text", /"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.|'')*'/y],
  ["fact", /\b(?:text|links|author|network|form|velocity|similarity|article|reply|edit|blocks)\.\w+/y],
  ["call", /\b(?:listed(?:_count|_share)?|in_network|near|addressed|quoted|by_author|harmless|exists|all|contains|startsWith|endsWith|matches|size)(?=\()/y],
  ["word", /\b(?:approve|hold|reject|spam|enforce|shadow|off|true|false)\b(?=\s*(?:$|[,}#]))/y],
  ["number", /\b\d[\d.]*\b/y],
  ["sign", /&&|\|\||[<>=!]=?|\{\{|\}\}/y],
];

const STOP = /[#"'\w&|<>=!{}]/;

// Splits a line into coloured pieces.
function pieces(line) {
  const found = [];
  let plain = "";
  const flush = () => {
    if (plain) found.push(plain);
    plain = "";
  };
  for (let at = 0; at < line.length;) {
    let hit;
    if (STOP.test(line[at])) {
      for (const [name, pattern] of TOKENS) {
        pattern.lastIndex = at;
        const match = pattern.exec(line);
        if (match) {
          hit = [name, match[0]];
          break;
        }
      }
    }
    if (hit) {
      flush();
      found.push(hit);
      at += hit[1].length;
    } else {
      const word = /\w+/y;
      word.lastIndex = at;
      const rest = word.exec(line)?.[0] ?? line[at];
      plain += rest;
      at += rest.length;
    }
  }
  flush();
  return found;
}

function drawn(line) {
  const element = document.createElement("span");
  for (const piece of pieces(line)) {
    if (typeof piece === "string") element.append(piece);
    else element.append(Object.assign(document.createElement("span"), { className: "t-" + piece[0], textContent: piece[1] }));
  }
  element.append("\n");
  return element;
}

/** Lays colours and completion over the field. Returns a function that marks lines with faults: [[line, text], …]. */
export function layer(field) {
  const frame = document.createElement("div");
  frame.className = "layers";
  const colours = document.createElement("pre");
  colours.className = "colours";
  colours.setAttribute("aria-hidden", "true");
  field.replaceWith(frame);
  frame.append(colours, field);
  let shown = [];
  const draw = () => {
    const plain = field.value.length > MOST;
    field.classList.toggle("over", !plain);
    const lines = plain ? [] : field.value.split("\n");
    let head = 0;
    while (head < lines.length && head < shown.length && lines[head] === shown[head]) head++;
    let tail = 0;
    while (tail < lines.length - head && tail < shown.length - head && lines.at(-1 - tail) === shown.at(-1 - tail)) tail++;
    const old = [...colours.children].slice(head, shown.length - tail);
    const next = colours.children[shown.length - tail] ?? null;
    for (const line of old) line.remove();
    for (const line of lines.slice(head, lines.length - tail)) colours.insertBefore(drawn(line), next);
    shown = lines;
  };
  const scroll = () => {
    colours.scrollTop = field.scrollTop;
    colours.scrollLeft = field.scrollLeft;
  };
  field.addEventListener("input", draw);
  field.addEventListener("scroll", scroll);
  draw();
  complete(field, frame);
  return (faults) => {
    for (const line of colours.querySelectorAll(".bad")) line.classList.remove("bad");
    for (const [line] of faults) colours.children[line - 1]?.classList.add("bad");
  };
}

// What can be completed: facts and functions from the page, lists from the text.
function words() {
  return [...(document.getElementById("vocabulary")?.options ?? [])].map((one) => ({ name: one.value, about: one.label }));
}

function lists(source) {
  const section = /^lists:[^\n]*\n((?:[ #][^\n]*\n|\n)*)/m.exec(source)?.[1] ?? "";
  const indent = /^( +)[\w-]+:/m.exec(section)?.[1];
  if (!indent) return [];
  return [...section.matchAll(new RegExp("^" + indent + "([\\w-]+):", "gm"))].map((match) => ({ name: match[1], about: "list" }));
}

const SHOWN = 8;

function complete(field, frame) {
  const box = document.createElement("ul");
  box.id = "completions";
  box.setAttribute("role", "listbox");
  box.setAttribute("aria-label", t("Completions"));
  box.hidden = true;
  frame.append(box);
  field.setAttribute("aria-autocomplete", "list");
  field.setAttribute("aria-controls", box.id);
  const all = words();
  let options = [];
  let chosen = 0;
  let from = 0;

  const close = () => {
    box.hidden = true;
    field.removeAttribute("aria-activedescendant");
  };
  const choose = (n) => {
    chosen = (n + options.length) % options.length;
    [...box.children].forEach((one, i) => one.setAttribute("aria-selected", String(i === chosen)));
    field.setAttribute("aria-activedescendant", box.children[chosen].id);
  };
  const accept = () => {
    field.setRangeText(options[chosen].name, from, field.selectionStart, "end");
    close();
    field.dispatchEvent(new Event("input", { bubbles: true }));
    close();
  };
  const place = (before) => {
    const style = getComputedStyle(field);
    const row = before.split("\n").length - 1;
    const column = before.length - before.lastIndexOf("\n") - 1;
    const high = parseFloat(style.lineHeight);
    const wide = textWidth(style.font);
    const top = parseFloat(style.paddingTop) + (row + 1) * high - field.scrollTop;
    const left = parseFloat(style.paddingLeft) + column * wide - field.scrollLeft;
    const room = field.clientHeight - top;
    box.style.setProperty("top", (room < 160 && top > 200 ? top - high - options.length * 30 - 8 : top) + "px");
    box.style.setProperty("left", Math.max(0, Math.min(left, field.clientWidth - box.offsetWidth)) + "px");
  };
  const open = (asked) => {
    const before = field.value.slice(0, field.selectionStart);
    const line = before.slice(before.lastIndexOf("\n") + 1);
    const inList = /(?:listed(?:_count|_share)?|near|addressed|quoted|by_author|harmless|in_network)\((?:"[\w-]*",\s*)?"([\w-]*)$/.exec(line);
    const typed = inList ? inList[1] : /[A-Za-z_][\w.]*$/.exec(line)?.[0] ?? "";
    if (!asked && (!inList && typed.length < 2 || line.trimStart().startsWith("#"))) return close();
    const pool = inList ? lists(field.value) : all;
    options = pool.filter((one) => one.name.startsWith(typed) && one.name !== typed);
    if (!options.length && typed.length > 2) options = pool.filter((one) => one.name.includes(typed) && one.name !== typed);
    if (!options.length) return close();
    options = options.slice(0, SHOWN);
    from = field.selectionStart - typed.length;
    box.replaceChildren(...options.map((one, i) => {
      const option = Object.assign(document.createElement("li"), { id: "completion-" + i, textContent: one.name });
      option.setAttribute("role", "option");
      if (one.about) option.append(Object.assign(document.createElement("small"), { textContent: one.about }));
      option.addEventListener("mousedown", (event) => {
        event.preventDefault();
        choose(i);
        accept();
      });
      return option;
    }));
    box.hidden = false;
    choose(0);
    place(field.value.slice(0, from));
  };

  field.addEventListener("input", (event) => {
    if (event.inputType?.startsWith("insert") || event.inputType === "deleteContentBackward" && !box.hidden) open(false);
    else close();
  });
  field.addEventListener("keydown", (event) => {
    if (event.key === " " && event.ctrlKey) {
      event.preventDefault();
      open(true);
      return;
    }
    if (box.hidden) return;
    const act = { ArrowDown: () => choose(chosen + 1), ArrowUp: () => choose(chosen - 1), Enter: accept, Tab: accept, Escape: close }[event.key];
    if (!act || event.shiftKey) return;
    event.preventDefault();
    act();
  });
  field.addEventListener("blur", close);
  field.addEventListener("scroll", close);
}

let width;

// How wide a character is: all are, in this font.
function textWidth(font) {
  if (!width) {
    const canvas = document.createElement("canvas").getContext("2d");
    canvas.font = font;
    width = canvas.measureText("0".repeat(100)).width / 100;
  }
  return width;
}
