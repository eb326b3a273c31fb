// <rejoinder-thread site="gazette"></rejoinder-thread> shows the thread of its page, and <a
// data-rejoinder-count="key"> shows an article's number of comments. docs/embedding.md lists the attributes.
//
// All HTML comes from the server and is parsed by XMLHttpRequest: no script in it runs, and Trusted Types
// allow it. The server removes comments like this one and inserts the style sheet where its name stands
// below.

const home = new URL("./", import.meta.url);
const sheet = new CSSStyleSheet();
sheet.replaceSync("embed.css");

// The message and button shown when not even the translations could be loaded.
const troubles = {
  en: ["Comments could not be loaded.", "Try again"],
  de: ["Die Kommentare konnten nicht geladen werden.", "Erneut versuchen"],
  fr: ["Impossible de charger les commentaires.", "Réessayer"],
  es: ["No se han podido cargar los comentarios.", "Reintentar"],
  it: ["Impossibile caricare i commenti.", "Riprova"],
  pl: ["Nie udało się wczytać komentarzy.", "Spróbuj ponownie"],
  uk: ["Не вдалося завантажити коментарі.", "Спробувати ще раз"],
  ar: ["تعذّر تحميل التعليقات.", "إعادة المحاولة"],
  ja: ["コメントを読み込めませんでした。", "再試行"],
};

// blame tells the page's developer, in the console, why a request failed with that status. Without a status,
// the site's name is missing and nothing was requested. No commas in these texts: the server removes the
// space after a comma.
const blame = (site, status) => console.error("[rejoinder] " + ({
  undefined: "The attribute site is missing (embed.js?site=… for counts).",
  0: `${home.origin} can't be reached. Does the page's CSP (connect-src) allow it?`,
  403: `${location.origin} is not an origin of site ${site}.`,
  404: `${home.origin} has no site ${site}.`,
}[status] ?? `${home.origin} answered with status ${status}.`));

// The browser's storage. If it is blocked or full, values last as long as the page.
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

// load imports another module of the widget.
const load = (name) => import(new URL(name + ".js?v=modules' version", home));

// address is a URL of the server; empty parameters are left out.
const address = (path, query = {}) => {
  const url = new URL(path, home);
  for (const [name, value] of Object.entries(query)) if (value) url.searchParams.set(name, value);
  return url;
};

const one = (root, selector) => root?.querySelector(selector);
const all = (root, selector) => [...root?.querySelectorAll(selector) ?? []];

// ask sends a form, or gets a URL, and never throws: without a response the status is 0. Links in the
// response become absolute.
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

// keyOf returns the article key of a URL: without fragment and tracking parameters. weburl.Key does the same
// on the server.
const tracking = /^(?:tracking parameters)$/i;
const keyOf = (href) => {
  const url = new URL(href, document.baseURI);
  const query = url.search.slice(1).split("&").filter((pair) => !tracking.test(pair.split("=")[0])).join("&");
  url.hash = "";
  url.search = query && "?" + query;
  return url.href;
};

// pageKey returns the page's current key: its canonical link or else its URL. Pages that change without a
// reload may leave another article's link in place, so the link is used only at the path where it was first
// seen.
let canonical = {};
const pageKey = () => {
  const href = one(document, "link[rel=canonical]")?.href;
  const path = location.pathname;
  if (href !== canonical.href) canonical = { href, path };
  return keyOf(href && path === canonical.path ? href : location.href);
};

const languageOf = (element) => element.lang || element.closest("[lang]")?.lang || "";
const idsIn = (root) => all(root, ".rj-item").map((item) => item.dataset.id);
const randomKey = () => crypto.getRandomValues(new Uint32Array(4)).join("-");
const idIn = (hash) => /^#comment-(.+)/.exec(hash)?.[1];
const units = [["year", 31536e3], ["month", 2592e3], ["day", 86400], ["hour", 3600], ["minute", 60]];
const details = ["author_name", "author_email", "author_url"];
