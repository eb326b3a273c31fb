// Thread is a thread that takes comments, too.
class Thread extends Reading {
  _click(event) {
    const target = event.target.closest("a, button");
    if (!target || event.button || event.metaKey || event.ctrlKey || event.shiftKey) return;
    const is = (selector) => target.matches(selector);
    const anchor = is(".rj-summary a") && this._root.getElementById(target.hash.slice(1));
    if (anchor) anchor.focus();
    else if (is(".rj-reply")) this._reply(target.closest(".rj-item").dataset.id, true);
    else if (is(".rj-cancel")) this._cancel();
    else if (is(".rj-vote")) this._vote(target);
    else if (is(".rj-report, .rj-manage")) this._open(target);
    else if (is(".rj-sorts a, .rj-pages a, .rj-more a, .rj-back a")) this._follow(target);
    else return;
    event.preventDefault();
  }

  _key(event) {
    const form = event.target.form;
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && event.target.matches("textarea")) form.requestSubmit();
    else if (event.key === "Escape" && form && form === this._form && this._parent) this._cancel();
  }

  _input(event) {
    if (event.target.form !== this._form || event.target.name !== "body") return;
    storage.set(this._draft(this._parent), event.target.value);
    this._measure();
    this._preview();
  }

  // dress makes the server's form the widget's: with what this browser remembers, a draft, a preview, a count.
  _dress() {
    const form = this._form;
    if (!form) return;
    const fields = form.elements;
    const { me } = this._kept();
    for (const name of ["author_name", "author_email", "author_url"]) fields[name].value ||= me?.[name] ?? "";
    if (me) fields.remember.checked = true;
    fields.body.value ||= storage.get(this._draft(this._parent)) ?? "";
    const shown = make("div", { className: "rj-text", dir: "auto" });
    const preview = make("details", { className: "rj-preview", ontoggle: () => this._preview() },
      make("summary", { textContent: this._say("preview") }), shown);
    fields.body.after(make("span", { className: "rj-count" }));
    fields.body.closest(".rj-field").after(preview);
    this._measure();
    this._settle();
  }

  _measure() {
    const { body } = this._form.elements;
    const left = (body.dataset.max || 10000) - [...body.value].length;
    body.nextElementSibling.textContent = body.value ? this._say("left", left) : "";
  }

  _preview() {
    clearTimeout(this._previewing);
    const preview = this._respond.querySelector(".rj-preview");
    if (!preview.open) return;
    this._previewing = setTimeout(async () => {
      const body = this._form.elements.body.value;
      const { status, doc } = await ask(address(this._path("preview")), new URLSearchParams({ body }));
      if (status === 200 && body === this._form?.elements.body.value) preview.querySelector(".rj-text").replaceChildren(...doc.body.childNodes);
    }, 300);
  }

  // dock brings the form back below the thread.
  _dock() { this._news.after(this._respond); }

  // turnTo makes the form one for another parent: each has a draft of its own.
  _turnTo(parent) {
    const fields = this._form.elements;
    if (!fields.parent_id) this._form.append(make("input", { type: "hidden", name: "parent_id" }));
    if (fields.parent_id.value === parent) return;
    fields.parent_id.value = parent;
    fields.body.value = storage.get(this._draft(parent)) ?? "";
    this._measure();
    this._preview();
  }

  _reply(id, focus) {
    const item = this._item(id);
    const heading = this._respond.querySelector("h2");
    this._heading ??= heading.firstChild.textContent;
    item.querySelector("article").after(this._respond);
    this._turnTo(id);
    const link = item.querySelector(".rj-reply");
    heading.replaceChildren(link?.ariaLabel ?? this._heading,
      make("button", { type: "button", className: "rj-cancel rj-quiet", textContent: this._say("cancel") }));
    if (focus) this._form.elements.body.focus();
  }

  _cancel() {
    const parent = this._parent;
    this._homeward();
    this._item(parent)?.querySelector(".rj-reply")?.focus();
  }

  _homeward() {
    this._dock();
    if (!this._form) return;
    this._turnTo("");
    if (this._heading) this._respond.querySelector("h2").replaceChildren(this._heading);
  }

  // What was meant for a comment that is gone stays in the form, as a comment of its own.
  _parentGone() {
    const { value } = this._form.elements.body;
    storage.set(this._draft(this._parent));
    this._homeward();
    if (!value) return;
    this._form.elements.body.value = value;
    storage.set(this._draft(""), value);
    this._measure();
    this._complain(this._say("gone"));
  }

  _submit(event) {
    event.preventDefault();
    if (event.target === this._form) this._send(event.target);
    else this._post(event.target, event.submitter);
  }

  // send posts the comment. Until there is an answer the button is off; sent twice all the same, it is one comment.
  async _send(form) {
    const button = form.querySelector("[type=submit]");
    if (button.disabled) return;
    const { me } = this._kept();
    const parent = this._parent;
    const data = new URLSearchParams(new FormData(form));
    data.set("part", "1");
    data.set("lang", this._view.lang);
    data.set("article_url", pageKey());
    data.set("article_title", this.getAttribute("title") || document.title);
    if (me?.token && me.author_email === data.get("author_email")) data.set("commenter_token", me.token);
    button.disabled = form.elements.body.readOnly = true;
    this._status.textContent = this._say("sending");
    const { status, doc, header } = await ask(form.action, data);
    button.disabled = form.elements.body.readOnly = false;
    this._status.textContent = "";
    const item = doc?.querySelector(".rj-item");
    const section = doc?.querySelector(".rj-respond");
    if (status === 201 && item) this._sent(item, parent, data, header);
    else if (section) this._replaceRespond(section, parent);
    else this._complain(this._say(status ? "failed" : "offline"));
    const wait = status === 429 && parseInt(header("Retry-After"));
    if (wait) this._pause(wait);
  }

  _sent(item, parent, data, header) {
    const id = header("X-Rejoinder-Comment");
    const own = { id, receipt: header("X-Rejoinder-Receipt"), article: this._article };
    const token = header("X-Rejoinder-Token");
    const fields = ["author_name", "author_email", "author_url"];
    this._kept((kept) => ({
      own: [own, ...kept.own ?? []].slice(0, 50),
      me: data.get("remember") ? { ...Object.fromEntries(fields.map((name) => [name, data.get(name)])), token: token ?? kept.me?.token } : undefined,
    }));
    storage.set(this._draft(parent));
    const form = this._form;
    form.elements.body.value = "";
    form.elements.idempotency_key.value = randomKey();
    form.querySelector(".rj-summary")?.remove();
    for (const fault of form.querySelectorAll(".rj-fault")) fault.remove();
    for (const field of form.querySelectorAll("[aria-invalid]")) field.ariaInvalid = null;
    this._homeward();
    this._measure();
    this._preview();
    this._fresh.delete(id);
    this._place(item, parent);
    this._settle();
    this._focus(id);
    this._status.textContent = item.querySelector(".rj-notice")?.textContent ?? "";
    this._tell("send", { id });
  }

  // place puts an own comment where it belongs: below its parent, or where new comments go.
  _place(item, parent) {
    const before = this._item(item.dataset.id);
    const above = this._item(parent);
    let list = above ? above.querySelector(":scope > ol") : this._view.querySelector(".rj-thread");
    if (before) return before.replaceWith(item);
    if (!list) {
      list = make("ol", { className: above ? "" : "rj-thread" });
      if (above) above.querySelector(":scope > .rj-respond, :scope > article").after(list);
      else (this._view.querySelector(".rj-pages") ?? this._news).before(list);
    }
    if (!above && this._query.sort === "newest") list.prepend(item);
    else list.append(item);
  }

  // showOwn asks what became of the comments that this browser sent here and shows those that nobody else sees yet.
  async _showOwn() {
    const mine = (this._kept().own ?? []).filter((own) => own.article === this._article).slice(0, 20);
    if (!mine.length) return;
    const data = new URLSearchParams({ article: this._article, lang: this._view.lang, part: "1" });
    for (const own of mine) data.append("own", own.id + "." + own.receipt);
    const { status, doc } = await ask(address(this._path("own")), data);
    if (status !== 200 || !this._view) return;
    const known = new Map([...doc.querySelectorAll(".rj-item")].map((item) => [item.dataset.id, item]));
    const settled = mine.filter((own) => !known.get(own.id)?.matches(".rj-own")).map((own) => own.id);
    this._kept(({ own }) => ({ own: own.filter((one) => !settled.includes(one.id)) }));
    for (const item of known.values()) if (item.matches(".rj-own")) this._place(item, item.dataset.parent);
    this._settle();
  }

  // replaceRespond takes the server's form, which holds what was typed and says what is wrong with it.
  _replaceRespond(section, parent = "") {
    const typed = this._form?.elements.body.value;
    this._respond.replaceWith(section);
    this._respond = section;
    if (parent && this._form && this._parent !== parent) {
      storage.set(this._draft(parent));
      storage.set(this._draft(""), typed);
    }
    if (!this._parent) this._dock();
    this._dress();
    if (this._form) this._form.elements.body.value ||= typed;
    this._settle();
    const first = section.querySelector(".rj-summary") ?? section.querySelector("h2");
    first.tabIndex = -1;
    first.focus();
  }

  _complain(text, form = this._form) {
    form.querySelector(".rj-summary")?.remove();
    form.prepend(make("div", { className: "rj-summary", role: "alert" }, make("p", { textContent: text })));
  }

  // pause counts the seconds down until the form may be sent again.
  _pause(seconds) {
    const button = this._form?.querySelector("[type=submit]");
    if (!button) return;
    const until = Date.now() + seconds * 1000;
    const line = make("p", { className: "rj-fine", role: "timer" });
    button.after(line);
    const tick = () => {
      const left = Math.ceil((until - Date.now()) / 1000);
      button.disabled = left > 0 && button.isConnected;
      if (!button.disabled) return line.remove();
      line.textContent = this._say("wait", left);
      setTimeout(tick, 250);
    };
    tick();
  }

  // The other forms: votes, reports, and what writers may do with their own comments

  async _vote(button) {
    const id = button.closest(".rj-item").dataset.id;
    const value = button.ariaPressed === "true" ? "0" : button.value;
    const data = new URLSearchParams({ value, part: "1", lang: this._view.lang });
    const { status, doc } = await ask(button.formAction, data);
    const votes = doc?.querySelector(".rj-votes");
    if (status !== 200 || !votes) {
      this._status.textContent = this._say(status ? "failed" : "offline");
      return;
    }
    const held = button.value;
    this._item(id).querySelector(".rj-votes").replaceWith(votes);
    this._kept((kept) => ({ votes: { ...kept.votes, [id]: +value } }));
    this._settle();
    votes.querySelector(`[value="${held}"]`)?.focus();
  }

  // open shows the forms of another page of the server below the comment; again, and they are gone.
  async _open(link) {
    const comment = link.closest("article");
    const open = comment.querySelector(".rj-panel");
    if (open) return open.remove();
    const { doc } = await ask(link.href);
    const forms = [...doc?.querySelectorAll(".rj-report, .rj-edit, .rj-withdraw, .rj-appeal, .rj-erase") ?? []].filter((f) => f.matches("form"));
    if (!forms.length) {
      this._status.textContent = this._say(doc ? "failed" : "offline");
      return;
    }
    comment.append(make("div", { className: "rj-panel" }, ...forms));
    this._settle();
    forms[0].querySelector("input:not([type=hidden]), textarea, select, button").focus();
  }

  async _post(form, submitter) {
    const data = new URLSearchParams(new FormData(form, submitter));
    data.set("part", "1");
    data.set("lang", this._view.lang);
    if (submitter) submitter.disabled = true;
    const { status, doc } = await ask(form.action, data);
    if (submitter) submitter.disabled = false;
    const item = form.closest(".rj-item");
    const next = doc?.querySelector(".rj-item");
    if (status === 204) {
      this._kept(({ own }) => ({ own: own?.filter((one) => one.id !== item.dataset.id) }));
      this._status.textContent = this._say("withdrawn");
      this._remove(item.dataset.id);
    } else if (next) {
      item.className = next.className;
      item.querySelector("article").replaceWith(next.querySelector("article"));
      this._settle();
      this._focus(item.dataset.id);
    } else if (doc?.querySelector("form")) {
      form.replaceWith(doc.querySelector("form"));
      this._settle();
    } else if (status && status < 400) form.closest(".rj-panel").replaceChildren(...doc.body.childNodes);
    else this._complain(this._say(status ? "failed" : "offline"), form);
  }
}
