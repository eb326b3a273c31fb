// Reading is a thread that shows, follows its links and hears what is new.
class Reading extends HTMLElement {
  static observedAttributes = ["site", "article", "lang", "sort"];

  _root = this.attachShadow({ mode: "open" });
  _status = make("p", { className: "rj-beside", role: "status" });
  _news = make("div", { className: "rj-new" });
  _view; // the server's section.rj
  _respond; // the one form's section; it moves below the comment that is answered
  _turn = 0; // loads that were overtaken are dropped
  _query = {}; // what the list shows
  _words = {};
  _fresh = new Set(); // comments that came while the reader reads
  _source; // of events
  _clock;
  _previewing;
  _heading; // of the form, as long as it answers nobody

  connectedCallback() {
    this._root.adoptedStyleSheets = [sheet];
    this._root.append(make("slot"));
    this._root.addEventListener("click", (event) => this._click(event));
    this._root.addEventListener("submit", (event) => this._submit(event));
    this._root.addEventListener("input", (event) => this._input(event));
    this._root.addEventListener("keydown", (event) => this._key(event));
    this._clock = setInterval(() => this._tellTimes(), 30000);
    addEventListener("hashchange", this._hashed);
    addEventListener("online", this._online);
    document.addEventListener("visibilitychange", this._seen);
    this._start();
  }

  disconnectedCallback() {
    this._deaf();
    clearInterval(this._clock);
    removeEventListener("hashchange", this._hashed);
    removeEventListener("online", this._online);
    document.removeEventListener("visibilitychange", this._seen);
  }

  attributeChangedCallback() {
    if (this._turn) this._start();
  }

  get _site() { return this.getAttribute("site"); }
  get _article() { return this.getAttribute("article") || pageKey(); }
  get _shelf() { return `rejoinder ${home.host} ${this._site}`; }
  get _parent() { return this._form?.elements.parent_id?.value ?? ""; }
  get _form() { return this._respond?.querySelector("form"); }

  _item(id) { return id && this._view.querySelector(`.rj-item[data-id="${CSS.escape(id)}"]`); }
  _path(name) { return `sites/${encodeURIComponent(this._site)}/${name}`; }
  _page(query) { return { article: this._article, lang: languageOf(this), ...query }; }
  _say(word, n) {
    const text = this._words[word] ?? "";
    if (n === undefined) return text;
    return (text[new Intl.PluralRules(this._view.lang).select(n)] ?? text.other).replace("#", n.toLocaleString(this._view.lang));
  }
  _tell(name, detail) { this.dispatchEvent(new CustomEvent("rejoinder-" + name, { detail, bubbles: true, composed: true })); }

  // What this browser keeps for the site: me (name, email, website, token), own (receipts), votes.
  _kept(change) {
    const kept = storage.get(this._shelf) ?? {};
    if (change) storage.set(this._shelf, { ...kept, ...change(kept) });
    return kept;
  }
  _draft(parent) { return `${this._shelf} draft ${this._article} ${parent}`; }

  // Reading

  async _start() {
    this._deaf();
    this._view = this._respond = undefined;
    const comment = /^#comment-(.+)/.exec(location.hash)?.[1];
    if (await this._load({ sort: this.getAttribute("sort"), comment })) this._listen();
  }

  // load shows another page of the thread; false when that failed or another load overtook it.
  async _load(query, show = (next) => this._show(next)) {
    const turn = ++this._turn;
    if (this._view) this._view.ariaBusy = "true";
    const { status, doc, header } = await ask(address(this._path("thread"), this._page(query)));
    if (turn !== this._turn) return false;
    const next = doc?.querySelector(".rj");
    if (this._view) this._view.ariaBusy = null;
    if (!next || status >= 400) {
      this._missing(query);
      return false;
    }
    this._words = JSON.parse(next.dataset.words ?? "{}");
    show(next, header("X-Form-Token"));
    this._query = query;
    if (query.comment) this._focus(query.comment);
    return true;
  }

  _missing(query) {
    if (this._view) {
      this._status.textContent = this._say("offline");
      return;
    }
    const language = (languageOf(this) || navigator.language).slice(0, 2);
    const again = make("button", { textContent: loadWords[language] ?? loadWords.en, onclick: () => this._start() });
    this._root.replaceChildren(make("slot"), make("div", { className: "rj" }, again));
    this._query = query;
  }

  // show takes the server's section in. A form with something in it stays as it is.
  _show(next, token) {
    const parent = this._parent;
    if (!this._view) {
      this._view = document.adoptNode(next);
      this._respond = this._view.querySelector(".rj-respond");
      this._root.replaceChildren(this._view);
      this._respond.before(this._news);
      this._view.append(this._status);
      this._dress();
    } else {
      this._dock();
      const respond = next.querySelector(".rj-respond");
      if (!respond.querySelector("form") && !this._form?.elements.body.value) this._replaceRespond(respond);
      else respond.remove();
      for (const child of [...this._view.children]) if (![this._respond, this._status, this._news].includes(child)) child.remove();
      this._news.before(...next.children);
      Object.assign(this._view.dataset, next.dataset);
      if (this._item(parent)) this._reply(parent, false);
    }
    if (token && this._form) this._form.elements.form_token.value = token;
    for (const id of idsIn(this._view)) this._fresh.delete(id);
    this._settle();
    this._showOwn();
    this._tell("load", { count: +this._view.dataset.count });
  }

  // settle finishes whatever HTML just came.
  _settle() {
    const here = pageKey(location.href);
    for (const element of this._view.querySelectorAll("[class^=rj-]:not([part])")) {
      element.setAttribute("part", element.className.replaceAll("rj-", ""));
    }
    for (const link of this._view.querySelectorAll(".rj-permalink")) {
      link.href = here + "#comment-" + link.closest(".rj-item").dataset.id;
    }
    for (const [id, value] of Object.entries(this._kept().votes ?? {})) this._press(id, value);
    this._tellTimes();
    this._tellNews();
  }

  _press(id, value) {
    for (const button of this._item(id)?.querySelectorAll(":scope > article .rj-vote") ?? []) button.ariaPressed = button.value == value;
  }

  _tellTimes() {
    const language = this._view?.lang;
    if (!language) return;
    const relative = new Intl.RelativeTimeFormat(language, { numeric: "auto" });
    const whole = new Intl.DateTimeFormat(language, { dateStyle: "full", timeStyle: "short" });
    for (const time of this._view.querySelectorAll("time")) {
      const then = new Date(time.dateTime);
      const seconds = (then - Date.now()) / 1000;
      const [unit, size] = [["year", 31557600], ["month", 2629800], ["day", 86400], ["hour", 3600], ["minute", 60]]
        .find(([, size]) => -seconds >= size) ?? ["second", 60];
      time.textContent = relative.format(Math.min(0, Math.ceil(seconds / size)), unit);
      time.title = whole.format(then);
    }
  }

  _focus(id) {
    const comment = this._item(id)?.querySelector("article");
    for (const other of this._view.querySelectorAll(".rj-target")) other.classList.remove("rj-target");
    comment?.classList.add("rj-target");
    comment?.scrollIntoView();
    comment?.focus({ preventScroll: true });
    return comment;
  }

  _hashed = () => {
    const id = /^#comment-(.+)/.exec(location.hash)?.[1];
    if (id && this._view && !this._focus(id)) this._load({ ...this._query, cursor: "", root: "", comment: id });
  };

  // follow goes where a link of the thread leads, without leaving the page. What is further down is added to the list.
  _follow(link) {
    const { sort, cursor, root, comment } = Object.fromEntries(new URL(link.href).searchParams);
    const query = { sort, cursor, root, comment };
    const branch = link.closest(".rj-more");
    if (branch) {
      this._load(query, (next) => this._append(next.querySelectorAll(".rj-thread > .rj-item"), branch, next.querySelector(".rj-pages")));
    } else if (cursor && link.rel === "next") {
      const pages = link.closest(".rj-pages");
      this._load(query, (next) => this._append(next.querySelectorAll(".rj-thread > .rj-item"), pages, next.querySelector(".rj-pages")));
    } else this._load(query);
  }

  _append(items, more, further) {
    const list = more.closest(".rj-item")?.querySelector("ol") ?? this._view.querySelector(".rj-thread");
    const added = [...items].filter((item) => !this._item(item.dataset.id));
    list.append(...added);
    if (further) more.replaceWith(further);
    else more.remove();
    this._settle();
    added[0]?.querySelector("article").focus();
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

  // A page that nobody looks at holds no connection: browsers allow few.
  _seen = () => {
    if (document.hidden) this._deaf();
    else if (this._view) {
      this._compare();
      this._listen();
    }
  };

  _online = () => {
    if (!this._view) this._start();
  };

  _changed({ kind, comment_id: id }) {
    if (kind === "votes") return;
    if (kind === "removed" && id) this._remove(id);
    else if (kind === "published" && id && !this._item(id)) this._fresh.add(id);
    else if (kind === "published" || kind === "edited") return this._renew(id);
    else return this._compare();
    this._tellNews();
  }

  // renew shows one comment as it is now.
  async _renew(id) {
    const { doc } = await ask(address(this._path("thread"), this._page({ comment: id })));
    const next = doc?.querySelector(`.rj-item[data-id="${CSS.escape(id)}"]`);
    const item = this._item(id);
    if (!next || !item) return;
    item.className = next.className;
    item.querySelector("article").replaceWith(next.querySelector("article"));
    this._settle();
  }

  _remove(id) {
    const item = this._item(id);
    this._fresh.delete(id);
    if (!item) return;
    if (item.contains(this._respond)) this._parentGone();
    if (!item.querySelector(".rj-item")) return item.remove();
    item.querySelector("article").replaceChildren(make("p", { className: "rj-tombstone", textContent: this._say("removed") }));
  }

  // compare finds out what happened while nobody told. Everyone is told at the same moment, so not all ask at once.
  async _compare() {
    await new Promise((done) => setTimeout(done, Math.random() * 1000));
    const { status, doc } = await ask(address(this._path("thread"), this._page(this._query)));
    const next = doc?.querySelector(".rj");
    if (status !== 200 || !next || !this._view || next.dataset.version === this._view.dataset.version) return;
    const now = new Set(idsIn(next));
    const before = this._view.querySelectorAll(".rj-item:not(.rj-own)");
    for (const item of before) if (!now.has(item.dataset.id) && !this._view.dataset.longer) this._remove(item.dataset.id);
    for (const id of now) {
      const text = (root) => root.querySelector(`[data-id="${CSS.escape(id)}"] .rj-text`)?.textContent;
      if (!this._item(id)) this._fresh.add(id);
      else if (text(next) !== text(this._view)) this._renew(id);
    }
    Object.assign(this._view.dataset, next.dataset);
    this._tellNews();
  }

  _tellNews() {
    const n = this._fresh.size;
    if (!n) return this._news.replaceChildren();
    const text = this._say("new", n);
    if (this._news.textContent === text) return;
    const show = async () => {
      const fresh = [...this._fresh];
      this._fresh.clear();
      await this._load({ sort: this._query.sort, comment: fresh[0] });
      for (const id of fresh) this._item(id)?.querySelector("article").classList.add("rj-target");
    };
    this._news.replaceChildren(make("button", { type: "button", textContent: text, onclick: show }));
    this._status.textContent = text;
  }
}
