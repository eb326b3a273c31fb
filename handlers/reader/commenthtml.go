package reader

import (
	"html/template"

	"rejoinder/handlers/locale"
	"rejoinder/handlers/page"
	"rejoinder/moderation"
)

// commentWriter writes comments as HTML, in code because a page has up to a hundred of them. It is the only
// one that does: on pages, in fragments and in what the widget requests.
type commentWriter struct {
	*page.Writer
	words *locale.Language
}

// writeComments writes comments as items of a list.
func writeComments(to *page.Writer, comments []*commentView, words *locale.Language) {
	w := commentWriter{to, words}
	for _, v := range comments {
		w.comment(v)
	}
}

// t writes a text of the language.
func (w commentWriter) t(key string) { w.Text(w.words.Text(key)) }

// comment writes a comment with its replies.
func (w commentWriter) comment(v *commentView) {
	w.Markup("\n" + `<li class="rj-item`)
	if v.Own != nil && v.Own.Notice != "" {
		w.Markup(" rj-own")
	}
	w.Markup(`"`)
	w.Attribute("data-id", v.ID)
	w.Attribute("data-parent", v.ParentID)
	if v.Own != nil {
		w.Attribute("data-state", string(v.Own.State))
	}
	w.Markup(">")
	w.article(v)
	w.replies(v)
	w.Markup("\n</li>")
}

func (w commentWriter) article(v *commentView) {
	w.Markup("\n" + `<article class="rj-comment`)
	if v.Focused {
		w.Markup(" rj-target")
	}
	w.Markup(`"`)
	w.Attribute("id", page.CommentAnchor(v.ID))
	w.Markup(` tabindex="-1">`)
	if v.Tombstone {
		w.Markup("\n" + `<p class="rj-tombstone">`)
		w.t("comment.removed")
		w.Markup("</p>")
	} else {
		w.content(v)
	}
	w.Markup("\n</article>")
}

// content writes the parts of a comment that a tombstone lacks.
func (w commentWriter) content(v *commentView) {
	if v.Own != nil && v.Own.Notice != "" {
		w.Markup("\n" + `<p class="rj-notice" role="status">`)
		w.Text(v.Own.Notice)
		w.Markup("</p>")
	}
	w.byline(v)
	w.Markup("\n" + `<div class="rj-text" dir="auto">`)
	w.Markup(v.HTML)
	w.Markup("</div>")
	w.actions(v)
	if v.Voted != "" {
		w.Markup("\n")
		w.voteNotice(v.Voted)
	}
}

func (w commentWriter) byline(v *commentView) {
	w.Markup("\n" + `<p class="rj-byline"><span class="rj-avatar" aria-hidden="true">`)
	w.Avatar(v.Avatar)
	w.Markup(`</span><b class="rj-author"><bdi>`)
	w.author(v)
	w.Markup("</bdi></b>")
	if v.Staff {
		w.badge("comment.staff")
	}
	for _, badge := range v.Badges {
		w.Markup(` <span class="rj-badge">`)
		w.Text(badge)
		w.Markup("</span>")
	}
	if v.Pinned {
		w.badge("comment.pinned")
	}
	if v.Featured {
		w.badge("comment.featured")
	}
	if v.Own != nil {
		w.Markup(` <span class="rj-badge rj-you">`)
		w.t("comment.you")
		w.Markup("</span>")
	}
	w.Markup("\n" + `<a class="rj-permalink"`)
	w.URL("href", v.Permalink)
	w.Markup("><time")
	w.Attribute("datetime", page.MachineTime(v.CreatedAt))
	w.Markup(">")
	w.Text(w.words.Moment(v.CreatedAt))
	w.Markup("</time></a>")
	if v.Edited {
		w.Markup(` <span class="rj-fine">`)
		w.t("comment.edited")
		w.Markup("</span>")
	}
	if v.ParentName != "" {
		w.Markup(` <a class="rj-parent"`)
		w.URL("href", v.ParentURL)
		w.Markup(">")
		w.Text(w.words.Text("comment.in_reply_to", "name", v.ParentName))
		w.Markup("</a>")
	}
	w.Markup("</p>")
}

// badge writes a badge with the text of the key.
func (w commentWriter) badge(key string) {
	w.Markup(` <span class="rj-badge">`)
	w.t(key)
	w.Markup("</span>")
}

func (w commentWriter) author(v *commentView) {
	if v.AuthorURL == "" {
		w.Text(v.AuthorName)
		return
	}
	w.Markup("<a")
	w.URL("href", v.AuthorURL)
	w.Markup(` rel="nofollow ugc noopener">`)
	w.Text(v.AuthorName)
	if host := v.TrueHost(); host != "" {
		w.Markup(" (")
		w.Text(host)
		w.Markup(")")
	}
	w.Markup("</a>")
}

// actions writes the actions that readers, or the comment's author, can take.
func (w commentWriter) actions(v *commentView) {
	if v.ReplyURL == "" && v.Votes == nil && v.ReportURL == "" && v.Own == nil {
		return
	}
	w.Markup("\n" + `<div class="rj-actions">`)
	if v.Own != nil {
		w.ownVotes(v.Votes)
	} else if v.Votes != nil {
		w.Markup("\n")
		w.votes(v.Votes)
	}
	if v.ReplyURL != "" {
		w.Markup("\n" + `<a class="rj-reply"`)
		w.URL("href", v.ReplyURL)
		w.Markup(` rel="nofollow"`)
		w.Attribute("aria-label", w.words.Text("comment.reply_to", "name", v.AuthorName))
		w.Markup(">")
		w.t("comment.reply")
		w.Markup("</a>")
	}
	if v.Own != nil {
		w.manage(v.Own)
	}
	w.menu(v)
	w.Markup("\n</div>")
}

// menu writes the rarer actions, which show after a click. Opening a menu closes that of another comment.
func (w commentWriter) menu(v *commentView) {
	if v.ReportURL == "" && v.CopyURL == "" {
		return
	}
	w.Markup("\n" + `<details class="rj-menu" name="rj-menu"><summary`)
	w.Attribute("aria-label", w.words.Text("comment.menu", "name", v.AuthorName))
	w.Markup(">⋯</summary>")
	if v.CopyURL != "" {
		w.Markup("\n" + `<a class="rj-copy rj-permalink"`)
		w.URL("href", v.CopyURL)
		w.Markup(">")
		w.t("comment.copy")
		w.Markup("</a>")
	}
	if v.ReportURL != "" {
		w.link("rj-report", v.ReportURL, w.words.Text("comment.report"))
	}
	w.Markup("</details>")
}

// link writes a link on a line of its own.
func (w commentWriter) link(class, url, text string) {
	w.Markup("\n<a")
	w.Attribute("class", class)
	w.URL("href", url)
	w.Markup(` rel="nofollow">`)
	w.Text(text)
	w.Markup("</a>")
}

// votes writes the buttons to vote, with their counts.
func (w commentWriter) votes(v *votesView) {
	w.Markup(`<span class="rj-votes">`)
	w.voteButton(v.ID, upButton, v.Up)
	if v.Both {
		w.voteButton(v.ID, downButton, v.Down)
	}
	w.Markup("</span>")
}

// buttonKind is a button to vote.
type buttonKind struct {
	value, sign template.HTML
	label       string // key of its text
	count       string // key of its count's text
}

var (
	upButton   = buttonKind{value: "1", sign: "▲", label: "comment.up", count: "votes.up"}
	downButton = buttonKind{value: "-1", sign: "▼", label: "comment.down", count: "votes.down"}
)

func (w commentWriter) voteButton(id string, kind buttonKind, count int) {
	w.Markup(`<button class="rj-vote" type="submit" form="rj-acts"`)
	w.URL("formaction", "/comments/"+id+"/vote")
	w.Markup(` name="value" value="`)
	w.Markup(kind.value)
	w.Markup(`" aria-label="`)
	w.t(kind.label)
	if count > 0 {
		w.Markup(": ")
		w.Text(w.words.Count(kind.count, count))
	}
	w.Markup(`"><span aria-hidden="true">`)
	w.Markup(kind.sign)
	w.Markup("</span>")
	if count > 0 {
		w.Markup(" ")
		w.Text(w.words.Number(count))
	}
	w.Markup("</button>")
}

// voteNotice writes the result of the reader's vote.
func (w commentWriter) voteNotice(outcome string) {
	w.Markup(`<p class="rj-notice rj-voted" role="status">`)
	w.t("votes." + outcome)
	w.Markup("</p>")
}

// ownVotes writes the counts of a comment's votes for its author, who cannot vote.
func (w commentWriter) ownVotes(v *votesView) {
	if v == nil || v.Up+v.Down == 0 {
		return
	}
	w.Markup("\n" + `<span class="rj-votes"><span class="rj-beside">`)
	w.Text(w.words.Count("votes.up", v.Up))
	if v.Both {
		w.Markup(", ")
		w.Text(w.words.Count("votes.down", v.Down))
	}
	w.Markup(`</span> <span aria-hidden="true">▲ `)
	w.Text(w.words.Number(v.Up))
	if v.Both {
		w.Markup(" ▼ ")
		w.Text(w.words.Number(v.Down))
	}
	w.Markup("</span></span>")
}

// manage writes links to the author's own actions.
func (w commentWriter) manage(v *authorView) {
	if !v.EditUntil.IsZero() {
		w.Markup("\n" + `<a class="rj-manage"`)
		w.URL("href", v.EditURL())
		w.Markup(` rel="nofollow">`)
		w.Markup(page.Deadline(w.words, "edit.link", v.EditUntil))
		w.Markup("</a>")
	}
	if v.MayAppeal {
		w.link("rj-manage", v.AppealURL(), w.words.Text("appeal.title"))
	}
	if v.State != moderation.StatusDeleted {
		w.link("rj-manage", v.DeleteURL(), w.words.Text("own.delete"))
	}
	w.link("rj-status", v.StatusURL, w.words.Text("own.status"))
}

// replies writes the replies that are on the page, and a link to the others, as a branch that folds. Replies
// that only their author sees do not fold.
func (w commentWriter) replies(v *commentView) {
	if v.Below == 0 {
		w.replyList(v)
		return
	}
	w.Markup("\n" + `<details class="rj-branch" open><summary><span>`)
	w.Text(w.words.Count("replies.count", v.Below))
	w.Markup("</span></summary>")
	w.replyList(v)
	w.Markup("\n</details>")
}

func (w commentWriter) replyList(v *commentView) {
	if len(v.Replies) > 0 {
		w.Markup("\n" + `<ol class="rj-replies">`)
		writeComments(w.Writer, v.Replies, w.words)
		w.Markup("\n</ol>")
	}
	if v.MoreURL != "" {
		w.Markup("\n" + `<p class="rj-more"><a`)
		w.URL("href", v.MoreURL)
		w.Markup(` rel="next">`)
		w.t("replies.more")
		w.Markup("</a></p>")
	}
}
