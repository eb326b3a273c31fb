// <rejoinder-thread site="gazette"></rejoinder-thread> shows the thread of the page it stands in, and
// <a data-rejoinder-count="key"> says how many comments an article has. docs/embedding.md has the attributes.
//
// All HTML comes from the server, parsed by XMLHttpRequest, which scripts can't run in and Trusted Types don't forbid.
// The server leaves out lines like these and writes the style sheet's text in place of its name below.

const home = new URL("./", import.meta.url);
const sheet = new CSSStyleSheet();
sheet.replaceSync("embed.css");

// What shows, with a sign for "again", when not even the words could be fetched.
const titles = { en: "Comments", de: "Kommentare", fr: "Commentaires", es: "Comentarios", it: "Commenti", pl: "Komentarze", uk: "Коментарі",
  ar: "التعليقات", ja: "コメント" };

// The browser's storage and, as long as the page lives where that is blocked or full.
const memory = {};
const storage = {
  get(key) {
    try { return JSON.parse(localStorage.getItem(key)) ?? memory[key]; } catch { return memory[key]; }
  },
  set(key, value) {
    memory[key] = value;
    try {
      value ? localStorage.setItem(key, JSON.stringify(value)) : localStorage.removeItem(key);
    } catch {}
  },
};

// address is a URL of the server; empty parameters are left out.
const address = (path, query = {}) => {
  const url = new URL(path, home);
  for (const [name, value] of Object.entries(query)) if (value) url.searchParams.set(name, value);
  return url;
};

const one = (root, selector) => root?.querySelector(selector);
const all = (root, selector) => [...root.querySelectorAll(selector)];

// ask sends a form (or gets) and never fails: without an answer the status is 0. Links of the answer become absolute.
const ask = (url, form) => new Promise((done) => {
  const xhr = new XMLHttpRequest();
  xhr.open(form ? "POST" : "GET", url);
  xhr.responseType = "document";
  xhr.timeout = 30000;
  xhr.onloadend = () => {
    const doc = xhr.response;
    for (const name of ["href", "action", "formaction"]) {
      for (const e of doc ? all(doc, `[${name}]`) : []) e.setAttribute(name, new URL(e.getAttribute(name), xhr.responseURL));
    }
    done({ status: xhr.status, doc, header: (name) => xhr.getResponseHeader(name) });
  };
  xhr.send(form);
});

const make = (tag, props, ...children) => {
  const element = Object.assign(document.createElement(tag), props);
  element.append(...children);
  return element;
};

// pageKey names a page as its site does: by its canonical address, or its own without what only tracks.
const tracking = /^(utm_|mc_[ce]id|igsh|[_]hs|gbraid|wbraid)|cl(k)?id$/;
const pageKey = (href = one(document, "link[rel=canonical]")?.href || location.href) => {
  const url = new URL(href, document.baseURI);
  url.hash = "";
  for (const name of [...url.searchParams.keys()]) if (tracking.test(name)) url.searchParams.delete(name);
  return url.href;
};

const languageOf = (element) => element.lang || element.closest("[lang]")?.lang || "";
const idsIn = (root) => all(root, ".rj-item").map((item) => item.dataset.id);
const randomKey = () => crypto.getRandomValues(new Uint32Array(4)).join("-");
const idIn = (hash) => /^#comment-(.+)/.exec(hash)?.[1];
const units = [["year", 31536e3], ["month", 2592e3], ["day", 86400], ["hour", 3600], ["minute", 60]];
const details = ["author_name", "author_email", "author_url"];
