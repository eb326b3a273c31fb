// The writing tools: Markdown, shortcuts, a preview and a count of the remaining characters. embed.js loads them
// when somebody begins to write; the form works without them.

const sheet = new CSSStyleSheet();
sheet.replaceSync("compose.css");

const make = (tag, props, ...children) => {
  const element = Object.assign(document.createElement(tag), props);
  element.append(...children);
  return element;
};

// selected returns the text before, in and after the selection of a field, and where the selection begins.
const selected = ({ value, selectionStart: from, selectionEnd: to }) =>
  ({ before: value.slice(0, from), inner: value.slice(from, to), after: value.slice(to), from, to });

// replace puts text in place of a part of the field, so that the browser's undo knows it, and selects a part of
// the result.
const replace = (field, [from, to], text, [first, last]) => {
  field.focus();
  field.setSelectionRange(from, to);
  if (!document.execCommand("insertText", false, text)) {
    field.setRangeText(text, from, to, "end");
    field.dispatchEvent(new Event("input", { bubbles: true }));
  }
  field.setSelectionRange(first, last);
};

// wrap puts a mark on both sides of the selection, or removes it. Stars are counted, since "**" begins with "*".
const wrap = (mark) => (field) => {
  const { before, inner, after, from, to } = selected(field);
  const n = mark.length;
  const stars = /\**$/.exec(before)[0].length;
  const has = mark === "*" ? stars % 2 === 1 : before.endsWith(mark);
  if (has && after.startsWith(mark)) replace(field, [from - n, to + n], inner, [from - n, to - n]);
  else replace(field, [from, to], mark + inner + mark, [from + n, to + n]);
};

// prefix puts a mark before every line of the selection, or removes it.
const prefix = (mark) => (field) => {
  const { before, after, from, to } = selected(field);
  const first = before.lastIndexOf("\n") + 1;
  const last = to + (after + "\n").indexOf("\n");
  const lines = field.value.slice(first, last).split("\n");
  const has = lines.every((line) => line.startsWith(mark));
  const text = lines.map((line) => has ? line.slice(mark.length) : mark + line).join("\n");
  const end = first + text.length;
  replace(field, [first, last], text, from === to ? [end, end] : [first, end]);
};

// link makes a link of the selection and selects what is still to be written: the address, or the text if an
// address was selected.
const link = (field) => {
  const { inner, from, to } = selected(field);
  if (/^https?:\S+$/.test(inner)) return replace(field, [from, to], `[](${inner})`, [from + 1, from + 1]);
  const at = from + inner.length + 3;
  replace(field, [from, to], `[${inner}](https://)`, inner ? [at, at + 8] : [from + 1, from + 1]);
};

const code = (field) => {
  const { inner, from, to } = selected(field);
  if (!inner.includes("\n")) return wrap("`")(field);
  replace(field, [from, to], "```\n" + inner + "\n```", [from + 4, to + 4]);
};

// The tools: name of the word that labels each, sign, action, key with Ctrl or ⌘.
const tools = [
  ["bold", "B", wrap("**"), "b"],
  ["italic", "I", wrap("*"), "i"],
  ["link", "↗", link, "k"],
  ["quote", "❞", prefix("> ")],
  ["code", "‹›", code],
  ["list", "•", prefix("- ")],
];

const apple = /Mac|iP/.test(navigator.platform);

// toolbar is one tab stop; arrows move in it.
const toolbar = (field, say) => {
  const bar = make("div", { className: "rj-tools", role: "toolbar", ariaLabel: say("tools") });
  tools.forEach(([name, sign, use, key], i) => {
    const title = say(name) + (key ? ` (${apple ? "⌘" : "Ctrl+"}${key.toUpperCase()})` : "");
    bar.append(make("button", { type: "button", className: `rj-quiet rj-${name}`, title, ariaLabel: title, tabIndex: i ? -1 : 0,
      textContent: sign, onclick: () => use(field) }));
  });
  bar.onkeydown = (event) => {
    const buttons = [...bar.children];
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key] * (getComputedStyle(bar).direction === "rtl" ? -1 : 1);
    const next = buttons.at((buttons.indexOf(event.target) + step) % buttons.length);
    if (!step || !next) return;
    event.preventDefault();
    for (const button of buttons) button.tabIndex = button === next ? 0 : -1;
    next.focus();
  };
  return bar;
};

// pause counts down the seconds until the form may be sent again.
const pause = (form, seconds, say) => {
  const button = form?.querySelector("[type=submit]");
  if (!button) return;
  const until = Date.now() + seconds * 1000;
  const line = make("p", { className: "rj-fine", role: "timer" });
  button.after(line);
  const tick = () => {
    const left = Math.ceil((until - Date.now()) / 1000);
    button.disabled = left > 0 && button.isConnected;
    if (!button.disabled) return line.remove();
    line.textContent = say("wait", left);
    setTimeout(tick, 250);
  };
  tick();
};

// mended removes the error of a field once its value is valid.
const mended = (field) => {
  const { value, validity, dataset, id } = field;
  if (!field.ariaInvalid || !validity.valid || (field.required && !value.trim()) || [...value].length > (dataset.max ?? 1e4)) return;
  field.ariaInvalid = null;
  field.parentNode.querySelector(".rj-fault")?.remove();
  const form = field.form.parentNode;
  form.querySelector(`.rj-summary [href$="#${id}"]`)?.parentNode.remove();
  if (!form.querySelector("[aria-invalid]")) form.querySelector(".rj-summary")?.remove();
};

// introduce fills in who writes here, and says it in a line instead of the fields.
const introduce = (form, me, say) => {
  const { elements } = form;
  for (const field in me) if (elements[field]) elements[field].value ||= me[field]; // a site may not ask for all
  elements.remember.checked = true;
  const who = form.querySelector(".rj-who");
  who.hidden = !who.querySelector("[aria-invalid]");
  if (!who.hidden) return;
  const [before, after] = say("as").split("#");
  const line = make("p", { className: "rj-as" }, before, make("b", { textContent: me.author_name, dir: "auto" }), after, ` (${me.author_email.replace(/^(.).*@/, "$1…@")}) `,
    make("button", { type: "button", className: "rj-quiet", textContent: say("change"), onclick: () => {
      line.remove();
      who.hidden = false;
      elements.author_name.focus();
    } }));
  who.before(line);
};

// The number of remaining characters from which their count is shown.
const few = 500;

// compose adds the writing tools to a form. host.say returns one of the thread's words, host.ask posts to the site,
// host.cancel closes a reply, and host.me is the remembered writer; host.previewed says whether the preview is open,
// over several forms. compose adds host.pause and host.mended, and counts the characters pasted in host.pasted.
export const compose = (form, host) => {
  const { say } = host;
  host.pause = (form, seconds) => pause(form, seconds, say);
  host.mended = mended;
  const { elements } = form;
  const field = elements.body;
  if (!field || form.querySelector(".rj-tools")) return;
  const root = form.getRootNode();
  if (host.me && elements.author_name) introduce(form, host.me, say);
  if (!root.adoptedStyleSheets.includes(sheet)) root.adoptedStyleSheets = [...root.adoptedStyleSheets, sheet];
  const count = make("span", { className: "rj-count" });
  const shown = make("div", { className: "rj-text", dir: "auto" });
  const preview = make("details", { className: "rj-preview", open: host.previewed }, make("summary", { textContent: say("preview") }), shown);
  let timer;
  const render = () => {
    clearTimeout(timer);
    if (!preview.open) return;
    timer = setTimeout(async () => {
      const body = field.value;
      if (!form.isConnected) return;
      const { status, doc } = await host.ask("preview", { body });
      if (status === 200 && body === field.value) shown.replaceChildren(...doc.body.childNodes);
    }, 300);
  };
  const changed = () => {
    const left = (field.dataset.max || 10000) - [...field.value].length;
    count.textContent = left <= few ? say("left", left) : "";
    render();
  };
  preview.ontoggle = () => {
    host.previewed = preview.open;
    render();
  };
  field.before(toolbar(field, say));
  field.after(make("span", { className: "rj-fine rj-hint", textContent: say("hint") }), count);
  field.parentNode.after(preview);
  field.addEventListener("input", changed);
  field.addEventListener("paste", ({ clipboardData }) => host.pasted = (host.pasted ?? 0) + clipboardData.getData("text").length);
  form.addEventListener("keydown", (event) => {
    const { key, ctrlKey, metaKey, altKey, shiftKey } = event;
    const tool = field === event.target && !altKey && !shiftKey && tools.find((tool) => tool[3] === key);
    const command = ctrlKey || metaKey;
    if (command && key === "Enter") form.requestSubmit(form.querySelector("[type=submit]"));
    else if (command && tool) tool[2](field);
    else if (key === "Escape" && !field.value) host.cancel();
    else return;
    event.preventDefault();
  });
  changed();
};
