// <rejoinder-thread site="gazette"></rejoinder-thread> shows the thread of the page it stands in, and
// <a data-rejoinder-count="key"> says how many comments an article has. docs/embedding.md has the attributes.
//
// All HTML comes from the server, parsed by XMLHttpRequest, which scripts can't run in and Trusted Types don't forbid.
// The server leaves out lines like these and writes the style sheet's text in place of its name below.

const home = new URL("./", import.meta.url);
const sheet = new CSSStyleSheet();
sheet.replaceSync("embed.css");

// What shows when not even the words could be fetched.
const loadWords = {
  en: "Load comments", de: "Kommentare laden", fr: "Charger les commentaires", es: "Cargar comentarios", it: "Carica i commenti",
  pl: "Wczytaj komentarze", uk: "Завантажити коментарі", ar: "تحميل التعليقات", ja: "コメントを読み込む",
};

// The browser's storage, or as long as the page lives where that is blocked or full.
const memory = {};
const storage = {
  get(key) {
    try { return JSON.parse(localStorage.getItem(key)) ?? memory[key]; } catch { return memory[key]; }
  },
  set(key, value) {
    memory[key] = value;
    try {
      value ? localStorage.setItem(key, JSON.stringify(value)) : localStorage.removeItem(key);
    } catch { /* memory has it */ }
  },
};

// address is a URL of the server; empty parameters are left out.
const address = (path, query = {}) => {
  const url = new URL(path, home);
  for (const [name, value] of Object.entries(query)) if (value) url.searchParams.set(name, value);
  return url;
};

// ask sends a form (or gets) and never fails: without an answer the status is 0. Links of the answer become absolute.
const ask = (url, form) => new Promise((done) => {
  const xhr = new XMLHttpRequest();
  xhr.open(form ? "POST" : "GET", url);
  xhr.responseType = "document";
  xhr.timeout = 30000;
  xhr.onloadend = () => {
    const doc = xhr.response;
    for (const a of doc?.querySelectorAll("a[href]") ?? []) a.href = a.href;
    for (const f of doc?.forms ?? []) f.setAttribute("action", new URL(f.getAttribute("action"), xhr.responseURL));
    for (const b of doc?.querySelectorAll("[formaction]") ?? []) b.formAction = b.formAction;
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
const tracking = /^(utm_.*|fbclid|gclid|dclid|gbraid|wbraid|msclkid|yclid|igshid|mc_cid|mc_eid|_hsenc|_hsmi)$/;
const pageKey = (href = document.querySelector("link[rel=canonical]")?.href || location.href) => {
  const url = new URL(href, document.baseURI);
  url.hash = "";
  for (const name of [...url.searchParams.keys()]) if (tracking.test(name)) url.searchParams.delete(name);
  return url.href;
};

const languageOf = (element) => element.lang || element.closest("[lang]")?.lang || "";
const idsIn = (root) => [...root.querySelectorAll(".rj-item")].map((item) => item.dataset.id);
const randomKey = () => crypto.getRandomValues(new Uint32Array(4)).join("-");
