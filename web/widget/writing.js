// Thread adds the comment form to Reading.
class Thread extends Reading {
  _click(event) {
    const target = event.target.closest("a, button");
    if (!target || event.metaKey || event.ctrlKey || event.shiftKey) return;
    const is = (selector) => target.matches(selector);
    const anchor = is(".rj-summary a") && this._root.getElementById(target.hash.slice(1));
    if (anchor) anchor.focus();
    else if (is(".rj-reply")) this._reply(target.closest(".rj-item").dataset.id, this._body);
    else if (is(".rj-cancel")) this._cancel();
    else if (is(".rj-vote")) this._vote(target);
    else if (is(".rj-report, .rj-manage")) this._open(target);
    else if (is(".rj-keep")) this._close(target);
    else if (is(".rj-copy") && navigator.clipboard) this._copy(target);
    else if (is(".rj-sorts a, .rj-pages a, .rj-more a, .rj-back a")) this._follow(target);
    else return;
    event.preventDefault();
  }

  async _copy(link) {
    await navigator.clipboard.writeText(link.href);
    this._note(link.textContent = this._say("copied"));
  }

  _input({ target }) {
    this._host.mended?.(target);
    if (target === this._body) storage.set(this._draft(this._parent), target.value);
  }

  // type puts a text into the form, as if it had been typed.
  _type(text) {
    this._body.value = text;
    this._body.dispatchEvent(new Event("input", { bubbles: true }));
  }

  // dress adds a draft to the server's form, and opens it. The form shows little more than a box until
  // somebody writes.
  _dress() {
    this._sign();
    const form = this._form;
    if (!form) return;
    this._body.value ||= storage.get(this._draft(this._parent)) ?? "";
    if (this._body.value || one(this._respond, ".rj-summary")) this._begin(form);
    else this._respond.classList.add("rj-shut");
    this._head();
  }

  // begin opens a form and loads the writing tools. Without them, the form is plain.
  async _begin(form) {
    if (!form || this._begun === form) return;
    this._begun = form;
    form.parentNode.classList.remove("rj-shut");
    this._host.me = this._kept().me;
    try {
      (await load("compose")).compose(form, this._host);
      this._settle();
    } catch {
      this._begun = 0;
    }
  }

  // sign has identity.js dress the form, if the page says who reads here.
  async _sign() {
    if (this.identity === null) this._host.token = "";
    else (await load("identity")).sign(this, this._host);
  }

  // dock moves the form back below the thread.
  _dock() { this._news.after(this._respond); }

  // turnTo switches the form to another parent. Each parent has its own draft.
  _turnTo(parent) {
    const fields = this._form.elements;
    if (!fields.parent_id) this._form.append(make("input", { type: "hidden", name: "parent_id" }));
    if (fields.parent_id.value === parent) return;
    fields.parent_id.value = parent;
    this._type(storage.get(this._draft(parent)) ?? "");
    this._head();
  }

  // reply moves the form below a comment. Text of that comment that is selected becomes a quotation.
  _reply(id, focus) {
    const comment = this._comment(id);
    const selection = this._root.getSelection?.() ?? getSelection();
    const quoted = one(comment, ".rj-text").contains(selection.anchorNode) && `${selection}`.trim();
    comment.after(this._respond);
    this._turnTo(id);
    focus?.focus();
    if (quoted && focus) this._type(this._body.value + quoted.replace(/^/gm, "> ") + "\n\n");
  }

  // head sets the form's heading to the label of the reply link.
  _head() {
    const heading = one(this._respond, "h2");
    const link = one(this._item(this._parent), ".rj-reply");
    this._heading ??= heading.firstChild.textContent;
    heading.replaceChildren(link?.ariaLabel ?? this._heading);
    if (link) heading.append(make("button", { type: "button", className: "rj-cancel rj-quiet", textContent: this._say("cancel") }));
  }

  _cancel() {
    const parent = this._parent;
    this._homeward();
    one(this._item(parent), ".rj-reply")?.focus();
  }

  _homeward() {
    this._dock();
    if (this._form) this._turnTo("");
  }

  // A reply to a comment that is gone stays in the form as a new comment.
  _parentGone() {
    const typed = this._body?.value;
    storage.set(this._draft(this._parent));
    this._homeward();
    if (!typed) return;
    this._type(typed);
    this._complain(this._say("gone"));
  }

  _submit(event) {
    event.preventDefault();
    if (event.target === this._form) this._send(event.target, event.submitter);
    else this._post(event.target, event.submitter);
  }

  // send posts the comment. The button is disabled until there is a response; an idempotency key prevents
  // duplicates.
  async _send(form, submitter) {
    const button = one(form, "[type=submit]");
    if (button.disabled || this._look()) return;
    const view = this._view;
    const { me } = this._kept();
    const parent = this._parent;
    const data = new URLSearchParams(new FormData(form));
    if (submitter?.name) data.set(submitter.name, submitter.value); // another email than the one that was typed
    data.set("part", "1");
    data.set("pasted", this._host.pasted ?? 0);
    data.set("lang", this._view.lang);
    data.set("article", this._article);
    data.set("article_url", pageKey());
    data.set("article_title", this.title || this._title || document.title);
    if (me?.token && me.author_email === data.get("author_email")) data.set("commenter_token", me.token);
    form.elements.body.readOnly = true;
    const done = this._sending(button);
    const { status, doc, header } = await ask(form.action, data);
    form.elements.body.readOnly = false;
    done();
    const item = one(doc, ".rj-item");
    const section = one(doc, ".rj-respond");
    const sent = status === 201 && item;
    if (sent) this._keep(parent, data, header);
    if (view !== this._view) return; // the page shows another article by now
    if (sent) this._sent(item, parent, header);
    else if (section) this._replaceRespond(section, parent);
    else this._complain(this._trouble(status));
    if (status === 429) this._host.pause?.(this._form, parseInt(header("Retry-After")) || 10);
  }

  // sending disables a button and shows why. It returns a function that restores the button.
  _sending(button) {
    const { textContent } = button;
    button.disabled = true;
    button.textContent = this._say("sending");
    this._note(this._say("sending"));
    return () => {
      Object.assign(button, { textContent, disabled: false });
      this._note();
    };
  }

  // keep stores the comment's receipt and its writer in this browser.
  _keep(parent, data, header) {
    const article = data.get("article");
    storage.set(this._draft(parent, article));
    if (data.get("identity")) return; // the token shows the comment, in any browser
    const own = { id: header("X-Rejoinder-Comment"), receipt: header("X-Rejoinder-Receipt"), article };
    const me = { token: header("X-Rejoinder-Token") ?? this._kept().me?.token };
    for (const name of details) me[name] = data.get(name);
    this._kept((kept) => ({ own: [own, ...kept.own ?? []].slice(0, 50), me: data.get("remember") && me }));
  }

  _sent(item, parent, header) {
    const id = header("X-Rejoinder-Comment");
    this._host.pasted = 0;
    this._form.elements.idempotency_key.value = randomKey();
    for (const fault of all(this._respond, ".rj-summary, .rj-fault, .rj-once")) fault.remove();
    for (const field of all(this._form, "[aria-invalid]")) field.ariaInvalid = null;
    this._type("");
    this._homeward();
    this._fresh.delete(id);
    this._place(item, parent);
    this._settle();
    this._focus(id);
    this._note(one(item, ".rj-notice")?.textContent);
    this._watch();
    this._tell("send", { id });
  }

  // place inserts an own comment below its parent, or where new comments go.
  _place(item, parent) {
    const before = this._item(item.dataset.id);
    if (before) return this._exchange(before, item);
    const above = this._item(parent);
    let list = above ? one(above, ".rj-replies") : one(this._view, ".rj-thread");
    if (!list) {
      list = make("ol", { className: above ? "rj-replies" : "rj-thread" });
      if (above) above.append(list);
      else this._news.before(list);
      one(this._view, ".rj-empty")?.remove();
    }
    if (!above && this._query.sort === "newest") list.prepend(item);
    else list.append(item);
  }

  // showOwn asks for the state of the comments that this browser sent here. It shows those that are not
  // public, and adds the writer's actions to public ones. It forgets only those that the server reports as
  // gone.
  async _showOwn(again) {
    clearTimeout(this._watching);
    const sent = (this._kept().own ?? []).filter((own) => own.article === this._article).slice(0, 20);
    const view = this._view;
    const { token } = this._host;
    if (!view || !sent.length && !token) return;
    const data = new URLSearchParams({ article: this._article, lang: view.lang, part: "1", identity: token });
    for (const own of sent) data.append("own", own.id + "." + own.receipt);
    const { status, doc } = await ask(address(this._path("own")), data);
    for (const item of all(status === 200 ? doc : null, ".rj-gone, .rj-item")) {
      if (view !== this._view) return; // the page is another article's by now
      if (item.matches(".rj-gone")) this._forget(item.dataset.id);
      else await this._showMine(item);
    }
    this._settle();
    this._watch(again);
  }

  // showMine shows the current state of one of this browser's comments, and announces a change.
  async _showMine(item) {
    const { id, state, parent } = item.dataset;
    const before = this._item(id);
    const comment = this._comment(id);
    const notice = one(item, ".rj-notice").textContent;
    if (state === "approved") {
      this._mine.set(id, item);
      if (!before?.matches(".rj-own") || one(comment, ".rj-panel")) return;
      await this._renew(id);
    } else {
      this._mine.delete(id);
      if (one(comment, ".rj-panel") || one(comment, ".rj-notice")?.textContent === notice) return;
      this._place(item, parent);
    }
    if (before) this._note(notice);
  }

  // claim adds the writer's actions to a public comment of this browser.
  _claim(id, own) {
    const comment = this._comment(id);
    const actions = one(comment, ".rj-actions") ?? comment?.appendChild(make("p", { className: "rj-actions" }));
    if (!actions || one(comment, ".rj-you, .rj-tombstone, .rj-ended")) return;
    for (const other of all(actions, ".rj-votes, .rj-report")) other.remove(); // Reply may have the focus
    actions.append(...one(own, ".rj-actions").cloneNode(true).childNodes);
    one(comment, ".rj-author").after(" ", one(own, ".rj-you").cloneNode(true));
  }

  // forget drops the receipt of a comment that is gone. If its panel is open, the panel may be deleting it
  // and reports that itself.
  _forget(id) {
    if (one(this._comment(id), ".rj-panel")) return;
    this._kept(({ own }) => ({ own: own?.filter((mine) => mine.id !== id) }));
    this._mine.delete(id);
    this._remove(id);
  }

  // watch polls while any of this browser's comments is pending: no live event reports the result.
  _watch(again = false) {
    clearTimeout(this._watching);
    if (document.hidden || !this.isConnected || !one(this._view, "[data-state=pending]")) return;
    this._pauses = again ? Math.min(this._pauses * 1.5, 120000) : 10000;
    this._watching = setTimeout(() => this._showOwn(true), this._pauses * (1 + Math.random() / 4));
  }

  // replaceRespond inserts the server's form, with the values that were typed and their faults.
  _replaceRespond(section, parent = "") {
    const typed = this._body?.value;
    this._respond.replaceWith(section);
    this._respond = section;
    this._heading = undefined;
    if (!this._parent) this._dock();
    this._dress();
    if (this._body) {
      this._type(this._body.value || typed);
      if (parent !== this._parent) storage.set(this._draft(parent));
    } else one(this._view, ".rj-empty")?.remove();
    this._settle();
    const first = one(section, ".rj-summary") ?? one(section, "h2");
    first.tabIndex = -1;
    first.focus();
  }

  _trouble(status) { return this._say(status || navigator.onLine ? "failed" : "offline"); }

  _complain(text, form = this._form) {
    one(form.parentNode, ".rj-summary")?.remove();
    form.before(make("div", { className: "rj-summary", role: "alert" }, make("p", { textContent: text })));
  }

  // The other forms: votes, reports, and what writers may do with their own comments

  async _vote(button) {
    const id = button.closest(".rj-item").dataset.id;
    const value = button.ariaPressed === "true" ? "0" : button.value;
    const was = this._kept().votes?.[id] ?? 0;
    const data = new URLSearchParams({ value, was, part: "1", lang: this._view.lang });
    const { status, doc } = await ask(button.formAction, data);
    const votes = one(doc, ".rj-votes");
    if (status !== 200 || !votes) return this._float(this._trouble(status), () => this._float());
    const comment = this._comment(id);
    one(comment, ".rj-votes")?.replaceWith(votes);
    one(comment, ".rj-voted")?.remove();
    comment?.append(one(doc, ".rj-voted") ?? "");
    this._kept((kept) => ({ votes: { ...kept.votes, [id]: +value } }));
    this._settle();
    one(votes, `[value="${button.value}"]`)?.focus();
  }

  // open shows the form of another page below the comment; a second call closes it.
  async _open(link) {
    const { id } = link.closest(".rj-item").dataset;
    const open = one(this._comment(id), ".rj-panel");
    open?.remove();
    if (open?.dataset.from === link.href) return;
    const { hash } = new URL(link.href);
    const { doc } = await ask(link.href);
    const form = one(doc, hash ? "form" + hash : "form");
    if (!form) return this._float(this._trouble(doc), () => this._float());
    const panel = make("div", { className: "rj-panel" }, form);
    panel.dataset.from = link.href;
    this._comment(id)?.append(panel);
    this._settle();
    one(form, "input:not([type=hidden]), textarea, select, button").focus();
  }

  _close(inside) {
    const comment = inside.closest("article");
    one(comment, ".rj-panel").remove();
    comment.focus();
  }

  async _post(form, submitter) {
    const data = new URLSearchParams(new FormData(form, submitter));
    data.set("part", "1");
    data.set("lang", this._view.lang);
    const done = this._sending(submitter ?? one(form, "[type=submit]"));
    const { status, doc } = await ask(form.action, data);
    done();
    const item = form.closest(".rj-item");
    const id = item?.dataset.id;
    const next = one(doc, ".rj-item");
    const again = one(doc, "form");
    const ended = one(doc, ".rj-ended");
    if (ended) {
      item.className = "rj-item";
      delete item.dataset.state;
      one(item, "article").replaceChildren(ended);
      ended.focus();
      this._forget(id);
      this._showOwn();
    } else if (next) {
      this._exchange(item, next);
      this._focus(id);
      this._note(one(next, ".rj-notice")?.textContent);
      this._watch();
    } else if (again) {
      form.replaceWith(again);
      one(again, "[aria-invalid], [tabindex], button").focus();
    } else if (status && status < 400) form.closest(".rj-panel").replaceChildren(...doc.body.childNodes);
    else this._complain(this._trouble(status), form);
    this._settle();
  }
}
