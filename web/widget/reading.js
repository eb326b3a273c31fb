// Reading shows a thread, follows its links and receives live events.
class Reading extends HTMLElement {
  static observedAttributes = ["site", "article", "lang", "sort", "identity"];

  _root = this.attachShadow({ mode: "open" });
  _status = make("p", { className: "rj-beside", role: "status" });
  _news = make("div", { className: "rj-new" });
  _view; // the server's section.rj
  _respond; // the section of the only form; it moves below the comment replied to
  _turn = 0; // number of the newest load; older ones are dropped
  _query = {}; // query of the list
  _ids = []; // of the comments loaded with the list
  _words = {};
  _fresh = new Set(); // comments that arrived since
  _source; // of events
  _mine = new Map(); // this browser's public comments, as their writer sees them
  _watching; // timer of the next check for changes
  _pauses; // milliseconds between checks
  _clock;
  _article; // the key of the article shown
  _title; // title of the article, if the page set it
  _heads = new MutationObserver(() => this._look()); // on the head, to see its canonical link change
  _begun; // the form that compose.js was loaded for
  // What compose.js and identity.js know of the thread, and what they tell of it: whether the preview is open, and the
  // token of a reader whom the page signs in.
  _host = {
    say: (word, n) => this._say(word, n),
    ask: (path, data) => ask(address(this._path(path)), new URLSearchParams(data)),
    own: () => this._showOwn(),
    cancel: () => this._parent && this._cancel(),
  };
  _heading; // of the form while it replies to nobody

  constructor() {
    super();
    this._root.adoptedStyleSheets = [sheet];
    this._root.append(make("slot"));
    this._root.addEventListener("click", (event) => this._click(event));
    this._root.addEventListener("submit", (event) => this._submit(event));
    this._root.addEventListener("input", (event) => this._input(event));
    this._root.addEventListener("focusin", ({ target }) => this._begin(target.closest("form")));
    this._root.addEventListener("toggle", ({ target }) => this._folded(target), true);
  }

  connectedCallback() {
    this._hear((target, type, listener) => target.addEventListener(type, listener));
    this._clock = setInterval(() => this._tellTimes(), 30000);
    this._heads.observe(document.head, { subtree: true, childList: true, attributes: true });
    this._start();
  }

  disconnectedCallback() {
    this._hear((target, type, listener) => target.removeEventListener(type, listener));
    clearInterval(this._clock);
    this._heads.disconnect();
    clearTimeout(this._watching);
    this._deaf();
  }

  _hear(each) {
    each(window, "hashchange", this._hashed);
    each(window, "online", this._seen);
    each(document, "visibilitychange", this._seen);
    each(window, "popstate", this._look);
    each(window.navigation ?? window, "currententrychange", this._look);
    each(this, "focusin", this._look);
  }

  attributeChangedCallback(name) {
    if (name === "identity" && this.identity) this._sign();
    else if (this._turn) this._start();
  }

  get identity() { return this.getAttribute("identity"); }
  set identity(token) { this.setAttribute("identity", token); }
  get _site() { return this.getAttribute("site"); }
  get _key() { return this.getAttribute("article") || pageKey(); }
  get _shelf() { return `rejoinder ${home.host} ${this._site}`; }
  get _parent() { return this._form?.elements.parent_id?.value ?? ""; }
  get _form() { return one(this._respond, "form"); }
  get _body() { return this._form?.elements.body; }
  _item(id, root = this._view) { return id ? one(root, `.rj-item[data-id="${CSS.escape(id)}"]`) : null; }
  _comment(id) { return one(this._item(id), "article"); }
  _note(text = "") { this._status.textContent = text; }
  _path(name) { return `sites/${encodeURIComponent(this._site)}/${name}`; }
  _page(query) { return { article: this._article, lang: languageOf(this), ...query }; }
  _say(word, n) {
    const text = this._words[word] ?? "";
    if (n === undefined) return text;
    return (text[new Intl.PluralRules(this._view.lang).select(n)] ?? text.other).replace("#", n.toLocaleString(this._view.lang));
  }
  _tell(name, detail) { this.dispatchEvent(new CustomEvent("rejoinder-" + name, { detail, bubbles: true, composed: true })); }

  // Stored per site: me (name, email, website, token), own (receipts), votes.
  _kept(change) {
    const kept = storage.get(this._shelf) ?? {};
    if (change) storage.set(this._shelf, { ...kept, ...change(kept) });
    return kept;
  }
  _draft(parent, article = this._article) { return `${this._shelf} draft ${article} ${parent}`; }

  // Reading

  async _start() {
    this._deaf();
    if (this._view) this._view.inert = true; // until it is replaced
    this._view = this._respond = this._heading = undefined;
    if (this._key !== this._article) {
      this._article = this._key;
      this._title = this.title;
      this.removeAttribute("title"); // browsers would show it as a tooltip over the whole thread
    }
    this._fresh.clear();
    this._mine.clear();
    if (await this._load({ sort: this.getAttribute("sort"), comment: idIn(location.hash) })) this._listen();
  }

  // look detects that the page changed to another article without a reload, follows it, and reports whether
  // it did.
  _look = () => {
    const moved = this._key !== this._article;
    if (moved) this._start();
    return moved;
  };

  // load shows another page of the thread. It returns false if that failed or a newer load replaced it.
  async _load(query, show = (next, token) => this._show(next, token)) {
    const turn = ++this._turn;
    const { status, doc, header } = this._site ? await ask(address(this._path("thread"), this._page(query))) : {};
    const next = status < 400 && one(doc, ".rj");
    if (turn !== this._turn) return false;
    if (!next) {
      this._missing(status);
      return false;
    }
    this._words = JSON.parse(next.dataset.words ?? "{}");
    show(next, header("X-Form-Token"));
    this._query = query;
    if (query.comment) this._focus(query.comment) ?? one(next, ".rj-lost")?.focus();
    return true;
  }

  _missing(status) {
    blame(this._site, status);
    if (this._view) return this._float(this._trouble(status), () => this._float());
    const [textContent, label] = troubles[(languageOf(this) || navigator.language).slice(0, 2)] ?? troubles.en;
    const again = make("button", { textContent: label, onclick: () => this._start() });
    this._root.replaceChildren(make("slot"), make("div", { className: "rj", dir: "auto" }, make("p", { textContent, role: "alert" }), again));
  }

  // show inserts the server's section. A form that is not empty is kept.
  _show(next, token) {
    const parent = this._parent;
    this._ids = idsIn(next);
    if (!this._view) {
      this._view = document.adoptNode(next);
      this._respond = one(next, ".rj-respond");
      this._root.replaceChildren(next);
      this._respond.before(this._news);
      next.append(this._status);
      this._dress();
    } else {
      const respond = one(next, ".rj-respond");
      this._dock();
      if (one(respond, "form") || this._body?.value) respond.remove();
      else this._replaceRespond(respond);
      for (const child of [...this._view.children]) if (![this._respond, this._status, this._news].includes(child)) child.remove();
      this._news.before(...next.children);
      Object.assign(this._view.dataset, next.dataset);
      if (this._item(parent)) this._reply(parent);
    }
    if (token && this._form) this._form.elements.form_token.value = token;
    for (const id of this._ids) this._fresh.delete(id);
    this._settle();
    this._showOwn();
    this._tell("load", { count: +this._view.dataset.count });
  }

  // settle prepares newly inserted HTML.
  _settle() {
    const here = keyOf(location.href);
    for (const e of all(this._view, "[class^=rj-]")) e.setAttribute("part", e.className.replaceAll("rj-", ""));
    for (const link of all(this._view, ".rj-permalink")) link.href = here + "#" + link.closest("article").id;
    for (const [id, own] of this._mine) this._claim(id, own);
    for (const id in this._kept().folded) one(this._item(id), ".rj-branch")?.removeAttribute("open");
    if (this._item(this._query.comment)) one(this._view, ".rj-lost")?.remove();
    for (const [id, value] of Object.entries(this._kept().votes ?? {})) {
      if (this._item(id)) for (const button of all(this._comment(id), ".rj-vote")) button.ariaPressed = button.value == value;
    }
    this._tellTimes();
    this._tellNews();
  }

  // folded remembers whether the reader folded a branch.
  _folded(branch) {
    if (!branch.matches(".rj-branch")) return;
    const { id } = branch.closest(".rj-item").dataset;
    this._kept(({ folded }) => ({ folded: { ...folded, [id]: !branch.open || undefined } }));
  }

  _tellTimes() {
    const language = this._view?.lang;
    if (!language) return;
    const relative = new Intl.RelativeTimeFormat(language, { numeric: "auto" });
    for (const time of all(this._view, "time")) {
      const then = new Date(time.dateTime);
      if (time.matches(".rj-clock")) {
        const today = then.toDateString() === new Date().toDateString();
        time.textContent = then.toLocaleString(language, { dateStyle: today ? undefined : "medium", timeStyle: "short" });
        if (then < Date.now()) time.closest(".rj-manage")?.remove();
        continue;
      }
      const age = Math.max(0, Date.now() - then) / 1000;
      const [unit, size] = units.find(([, size]) => age >= size) ?? ["second", 60];
      time.textContent = relative.format(-Math.floor(age / size), unit);
      time.title = then.toLocaleString(language, { dateStyle: "full", timeStyle: "short" });
    }
  }

  _focus(id) {
    const comment = this._comment(id);
    for (const other of all(this._view, ".rj-target")) other.classList.remove("rj-target");
    comment?.classList.add("rj-target");
    for (const branch of all(this._view, ".rj-branch")) branch.open ||= branch.contains(comment);
    comment?.focus();
    return comment;
  }

  _hashed = () => {
    const id = idIn(location.hash);
    if (id && this._view && !this._focus(id)) this._load({ sort: this._query.sort, comment: id });
  };

  // follow opens a link of the thread without leaving the page. Links to further comments append to the list.
  _follow(link) {
    const { sort, cursor, root, comment } = Object.fromEntries(new URL(link.href).searchParams);
    const more = link.closest(".rj-more") ?? (link.rel === "next" && link.closest(".rj-pages"));
    this._load({ sort, cursor, root, comment }, more ? (next) => this._append(next, more) : undefined);
  }

  _append(next, more) {
    const list = one(more.closest(".rj-item"), ".rj-replies") ?? one(this._view, ".rj-thread");
    const added = all(next, ".rj-thread > .rj-item").filter((item) => !this._item(item.dataset.id));
    const further = one(next, ".rj-pages");
    list.append(...added);
    if (further) more.replaceWith(further);
    else more.remove();
    this._settle();
    one(added[0], "article")?.focus();
  }

  // Live

  _listen() {
    if (this._source || document.hidden || !this.isConnected || !this._view) return;
    const source = this._source = new EventSource(address(`api/v1/sites/${this._site}/events`, { article: this._article }));
    source.addEventListener("change", (event) => this._changed(JSON.parse(event.data)));
    source.addEventListener("reload", () => this._compare());
    source.onerror = () => {
      // The browser reconnects by itself, unless the server refused.
      if (source.readyState !== EventSource.CLOSED || source !== this._source) return;
      this._deaf();
      setTimeout(() => this._listen(), 20000 * (1 + Math.random()));
    };
  }

  _deaf() {
    this._source?.close();
    this._source = undefined;
  }

  // A hidden page closes its connection, since browsers allow few. It catches up when visible or online
  // again.
  _seen = () => {
    this._deaf();
    if (document.hidden) return;
    if (!this._view) return this._start();
    this._compare();
    this._showOwn();
    this._listen();
  };

  _changed({ kind, comment_id: id }) {
    if (kind === "votes") return;
    if (this._item(id) && this._kept().own?.some((own) => own.id === id)) return this._ownChanged(id, kind);
    if (kind === "removed" && id) this._remove(id);
    else if (kind === "published" && id && !this._item(id)) this._fresh.add(id);
    else if (kind === "published" || kind === "edited") return this._renew(id);
    else return this._compare();
    this._tellNews();
  }

  // ownChanged shows one of this browser's comments as everybody sees it or, if it is not public, as its
  // writer does.
  async _ownChanged(id, kind) {
    if (kind !== "removed" && !one(this._comment(id), ".rj-panel")) await this._renew(id);
    this._showOwn();
  }

  // renew reloads one comment.
  async _renew(id) {
    const { status, doc } = await ask(address(this._path("thread"), this._page({ comment: id })));
    if (status !== 200) return;
    const next = this._item(id, doc);
    one(this._view, ".rj-title").textContent = one(doc, ".rj-title").textContent;
    if (next) this._exchange(this._item(id), next);
    else if (!this._item(id)?.matches(".rj-own")) this._remove(id);
  }

  // exchange replaces a comment's HTML and keeps its replies and the focus.
  _exchange(item, next) {
    if (!item) return;
    const comment = one(next, "article");
    const focused = one(item, "article").contains(this._root.activeElement);
    item.className = next.className;
    Object.assign(item.dataset, { state: "" }, next.dataset);
    one(item, "article").replaceWith(comment);
    if (this._parent === item.dataset.id && !one(comment, ".rj-reply")) this._parentGone();
    this._settle();
    if (focused) comment.focus();
  }

  _remove(id) {
    const item = this._item(id);
    this._fresh.delete(id);
    if (!item || one(item, ":scope > article > .rj-ended")) return;
    if (item.contains(this._respond)) this._parentGone();
    if (!one(item, ".rj-item")) return item.remove();
    one(item, "article").replaceChildren(make("p", { className: "rj-tombstone", textContent: this._say("removed") }));
  }

  // compare checks for missed changes. Clients are notified at the same moment, so each waits a random time.
  async _compare() {
    const view = this._view;
    await new Promise((done) => setTimeout(done, Math.random() * 1000));
    const { status, doc } = await ask(address(this._path("thread"), this._page(this._query)));
    const next = one(doc, ".rj");
    if (status !== 200 || !next || view !== this._view || next.dataset.version === this._view.dataset.version) return;
    const ids = idsIn(next);
    for (const id of this._ids) if (!ids.includes(id)) this._renew(id);
    for (const id of ids) {
      const text = (root) => one(this._item(id, root), ".rj-text")?.textContent;
      if (!this._item(id)) this._fresh.add(id);
      else if (text(next) !== text(this._view)) this._exchange(this._item(id), this._item(id, next));
    }
    this._ids = ids;
    Object.assign(this._view.dataset, next.dataset);
    this._tellNews();
  }

  _tellNews() {
    const n = this._fresh.size;
    const text = n ? this._say("new", n) : "";
    if (this._news.textContent === text) return;
    this._float(text, async () => {
      const fresh = [...this._fresh];
      this._fresh.clear();
      await this._load({ sort: this._query.sort, comment: fresh[0] });
      for (const id of fresh) this._comment(id)?.classList.add("rj-target");
    });
    this._note(text);
  }

  // float shows a button over the thread, so that no content moves; without a text it hides it.
  _float(text, onclick) {
    this._news.replaceChildren(...text ? [make("button", { type: "button", textContent: text, onclick })] : []);
  }
}
