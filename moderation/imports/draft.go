package imports

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"sync/atomic"
	"time"
	"unicode/utf8"

	"rejoinder/moderation"
	"rejoinder/moderation/rules"
	"rejoinder/moderation/text"
	"rejoinder/transfer"
)

// anonymous is the name of comments without one.
const anonymous = "Anonymous"

// Bounds of what a file may say.
const (
	maxVotes     = 1_000_000
	quotedText   = 2_000 // characters of a text that was left out
	maxIDBytes   = 500
	oldestYear   = 1980
	futureMargin = 24 * time.Hour
	// copiedFor is how long a text may be found as a copy, with room to spare. Older ones need no fingerprint, whose
	// random order would make its index expensive.
	copiedFor = 48 * time.Hour
)

// draft is a comment of the file, made ready for its row.
type draft struct {
	place    transfer.Place
	sourceID string
	key      string
	parent   string // the parent's key; empty for a root
	article  moderation.Article
	undated  bool // the file does not say when the article was published
	name     string
	url      string
	email    string // empty without one
	account  string // of the source; empty for a guest
	body     string
	html     string
	language string
	reading  *text.Reading
	likeness *likeness // nil unless it waits
	print    []byte    // the body's fingerprint; nil if it is old
	up, down int
	status   moderation.Status
	verdict  *rules.Verdict // nil unless the ruleset decided
	facts    *rules.Facts
	created  time.Time
	edited   time.Time
	problems []Problem
	out      bool // it is left out; problems say why
}

func (d *draft) problem(code, detail string) {
	d.problems = append(d.problems, Problem{Problem: transfer.Problem{
		Place: d.place, ID: d.sourceID, Code: code, Detail: detail}})
}

// leaveOut makes the comment be left out.
func (d *draft) leaveOut(code, detail, lost string) {
	d.problem(code, detail)
	last := &d.problems[len(d.problems)-1]
	last.LeftOut, last.Text = true, shorten(lost)
	d.out = true
}

func shorten(s string) string {
	s = strings.ToValidUTF8(s, "\uFFFD")
	if runes := []rune(s); len(runes) > quotedText {
		return string(runes[:quotedText]) + "…"
	}
	return s
}

// drafter makes drafts. It is safe for concurrent use.
type drafter struct {
	*Importer
	request Request
	site    moderation.Site
	judge   moderation.Judge // nil unless asked for
	now     time.Time
	last    atomic.Pointer[pageArticle]
}

// pageArticle is the article of a page. Comments on one page follow each other in most files.
type pageArticle struct {
	page    transfer.Page
	article moderation.Article
	undated bool   // the file does not say when the article was published
	missing string // why there is no article; empty if there is one
}

// draft cleans a comment. It never fails: what can't be kept is left out.
func (d *drafter) draft(ctx context.Context, c transfer.Comment) *draft {
	n := &draft{place: c.Place, sourceID: c.ID, account: c.Author.ID}
	for _, p := range c.Problems {
		if p.ID == "" {
			p.ID = c.ID
		}
		n.problems = append(n.problems, Problem{Problem: p})
	}
	if !d.wanted(c, n) {
		return n
	}
	d.setArticle(c.Page, n)
	if n.out {
		n.problems[len(n.problems)-1].Text = shorten(c.Body)
		return n
	}
	d.setTimes(c, n)
	d.setIDs(c, n)
	d.setStatus(c, n)
	if n.out || n.status == moderation.StatusDeleted {
		return n
	}
	d.setAuthor(c.Author, n)
	d.setBody(c, n)
	n.up, n.down = min(max(c.Up, 0), maxVotes), min(max(c.Down, 0), maxVotes)
	if n.out {
		return n
	}
	if d.judge != nil && n.status != moderation.StatusSpam {
		d.setVerdict(ctx, n)
	}
	if n.status == moderation.StatusPending {
		n.likeness = likenessOf(n.reading)
	}
	n.reading.Compact() // thousands of drafts wait to be written
	return n
}

// wanted reports whether an entry is to be imported at all.
func (d *drafter) wanted(c transfer.Comment, n *draft) bool {
	switch {
	case c.Kind == transfer.Pingback && !d.request.Pingbacks:
		n.leaveOut("pingback", "a pingback or trackback; --pingbacks imports them", "")
	case c.Kind == transfer.Internal && !d.request.Internal:
		n.leaveOut("internal_note", "an internal note of editors; --internal-notes imports them", "")
	case len(c.ID) > maxIDBytes || len(c.ParentID) > maxIDBytes:
		n.leaveOut("id", fmt.Sprintf("its id has more than %d bytes", maxIDBytes), c.Body)
		n.sourceID, n.problems[len(n.problems)-1].ID = "", ""
	}
	return !n.out
}

func (d *drafter) setArticle(p transfer.Page, n *draft) {
	found := d.last.Load()
	if found == nil || found.page != p {
		made := d.articleOf(p)
		found = &made
		d.last.Store(found)
	}
	if found.missing != "" {
		n.leaveOut("page", found.missing, "")
		return
	}
	n.article, n.undated = found.article, found.undated
}

func (d *drafter) articleOf(p transfer.Page) pageArticle {
	found := pageArticle{page: p}
	address := d.request.url(clean(p.URL))
	key, missing := d.request.key(address, clean(p.ID), clean(p.URL))
	if missing == "" && (key == "" || len(key) > moderation.MaxKeyBytes || !utf8.ValidString(key)) {
		missing = "its page has no usable key"
	}
	if missing != "" {
		found.missing = missing
		return found
	}
	title, err := text.CleanLine(clean(p.Title))
	if err != nil || !text.Visible(title) {
		title = ""
	}
	if text.Characters(title) > moderation.MaxTitleCharacters {
		title = string([]rune(title)[:moderation.MaxTitleCharacters])
	}
	link, err := text.CheckURL(address)
	if err != nil || text.Characters(link) > moderation.MaxURLCharacters {
		link = ""
	}
	found.article = moderation.Article{
		ID: derivedID(d.now, "article", d.site.ID, key), SiteID: d.site.ID, Key: key, URL: link, Title: title,
		PublishedAt: stored(p.Published), CreatedAt: d.now, Version: 1,
	}
	if p.Published.Year() < oldestYear || p.Published.After(d.now) {
		found.article.PublishedAt, found.undated = d.now, true
	}
	return found
}

// clean makes a value UTF-8 without NUL.
func clean(s string) string {
	return strings.ReplaceAll(strings.ToValidUTF8(s, "\uFFFD"), "\x00", "")
}

// stored returns a time as the database keeps it.
func stored(t time.Time) time.Time { return t.UTC().Truncate(time.Microsecond) }

func (d *drafter) setTimes(c transfer.Comment, n *draft) {
	n.created = stored(c.Created)
	switch {
	case c.Created.IsZero():
		if hasCode(n, "date") {
			n.leaveOut("date", "its date can't be read", c.Body)
			return
		}
		n.created = d.now
		n.problem("no_date", "it has no date; the date of the import was used")
	case c.Created.After(d.now.Add(futureMargin)):
		n.created = d.now
		n.problem("date_future", "its date "+c.Created.Format(time.DateOnly)+" is in the future; that of the import was taken")
	case c.Created.Year() < oldestYear:
		n.problem("date_old", "its date "+c.Created.Format(time.DateOnly)+" is older than the web")
		if c.Created.Year() < 1 {
			n.created = d.now
		}
	}
	if c.Edited.After(c.Created) && !c.Edited.After(d.now) {
		n.edited = stored(c.Edited)
	}
}

func hasCode(n *draft, code string) bool {
	for _, p := range n.problems {
		if p.Code == code {
			return true
		}
	}
	return false
}

// setIDs names the comment by what the source calls it. A comment without an id is named by what it says.
func (d *drafter) setIDs(c transfer.Comment, n *draft) {
	id := c.ID
	if id == "" {
		id = "\x00" + strings.Join([]string{n.article.Key, c.Author.Name, c.Created.String(), c.Body}, "\x00")
		n.problem("no_id", "it has no id; a later import will recognize it by its text")
	}
	n.key = d.sourceKey(id)
	if c.ParentID != "" {
		n.parent = d.sourceKey(c.ParentID)
	}
	if n.parent == n.key {
		n.parent = ""
		n.problem("own_parent", "it replies to itself; it became a root")
	}
}

func (d *drafter) sourceKey(id string) string { return SourceKey(d.request.Source, id) }

var statuses = map[transfer.Status]moderation.Status{
	transfer.Approved: moderation.StatusApproved, transfer.Pending: moderation.StatusPending,
	transfer.Spam: moderation.StatusSpam, transfer.Rejected: moderation.StatusRejected,
	transfer.Deleted: moderation.StatusDeleted,
}

func (d *drafter) setStatus(c transfer.Comment, n *draft) {
	n.status = statuses[c.Status]
	if n.status == moderation.StatusApproved && (d.request.Hold || c.Kind == transfer.Internal) {
		n.status = moderation.StatusPending
	}
	if n.status == moderation.StatusDeleted && strings.TrimSpace(c.Body) != "" {
		n.problem("deleted", "it was deleted in the source; it was imported without its text, to keep its replies in place")
	}
}

func (d *drafter) setAuthor(a transfer.Author, n *draft) {
	name, err := text.CleanLine(clean(a.Name))
	switch {
	case err != nil || !text.Visible(name):
		n.problem("no_name", "its author has no name; "+anonymous+" was taken")
		name = anonymous
	case text.Characters(name) > moderation.MaxNameCharacters:
		n.problem("long_name", fmt.Sprintf("its author's name was cut after %d characters", moderation.MaxNameCharacters))
		name = strings.TrimSpace(string([]rune(name)[:moderation.MaxNameCharacters]))
	}
	n.name = name
	if email := strings.TrimSpace(clean(a.Email)); email != "" {
		if text.CheckEmail(email) == nil {
			n.email = email
		} else {
			n.problem("email", "its author's email is not valid; it was imported without an email")
		}
	}
	if link := strings.TrimSpace(clean(a.URL)); link != "" {
		address, err := text.CheckURL(link)
		if err != nil || text.Characters(address) > moderation.MaxURLCharacters {
			n.problem("website", "its author's website is not a web address; it was left out")
			return
		}
		n.url = address
	}
}

func (d *drafter) setBody(c transfer.Comment, n *draft) {
	if strings.ContainsRune(c.Body, 0) {
		n.problem("nul", "a NUL character was removed")
	}
	c.Body = clean(c.Body)
	source, err := c.Source()
	if err != nil {
		n.leaveOut("too_long", "its text is too long: "+err.Error(), c.Body)
		return
	}
	if len(source) > text.MaxRenderBytes {
		n.leaveOut("too_long", fmt.Sprintf("its text has %d bytes; at most %d can be shown", len(source), text.MaxRenderBytes),
			c.Body)
		return
	}
	body, err := text.Clean(source)
	if err != nil {
		n.leaveOut("text", "its text can't be read", c.Body)
		return
	}
	n.reading = text.Read(strings.Trim(body, "\n"))
	if n.reading.Blank() {
		n.leaveOut("empty", "it has no visible text", c.Body)
		return
	}
	if n.html, err = n.reading.HTML(); err != nil {
		n.leaveOut("text", "its text can't be shown", c.Body)
		return
	}
	n.body, n.language = n.reading.Markdown, n.reading.Language()
	if d.now.Sub(n.created) < copiedFor {
		n.print = n.reading.Fingerprint()
	}
}

// setVerdict lets the ruleset decide, by what is known of a comment that was not sent here. The author of a
// comment that was approved there counts as one with an approved comment.
func (d *drafter) setVerdict(ctx context.Context, n *draft) {
	facts := &rules.Facts{Body: n.body, Reading: n.reading, SiteLanguage: moderation.PrimaryLanguage(d.site.Locale),
		Author: rules.Author{Name: n.name, URL: n.url, Email: n.email, HoursSinceNegative: rules.Never}}
	if n.status == moderation.StatusApproved {
		facts.Author.Recognised, facts.Author.Approved = true, 1
	}
	ctx, cancel := context.WithTimeout(ctx, moderation.JudgeTime)
	defer cancel()
	verdict := d.judge.Evaluate(ctx, facts)
	n.facts, n.verdict = facts, &verdict
	status, ok := moderation.Action(verdict.Action).Target()
	if !ok || status == moderation.StatusDeleted {
		status = moderation.StatusPending
	}
	if status == moderation.StatusApproved && (d.request.Hold || n.status == moderation.StatusPending) {
		status = moderation.StatusPending // a person there has not approved it yet
	}
	n.status = status
}

// frozen returns facts and verdict as they are stored.
func (d *draft) frozen() (facts, verdict []byte, err error) {
	if d.verdict == nil {
		return []byte(`{}`), []byte(`{}`), nil
	}
	if facts, err = json.Marshal(d.facts); err != nil {
		return nil, nil, fmt.Errorf("freeze facts: %w", err)
	}
	if verdict, err = json.Marshal(d.verdict); err != nil {
		return nil, nil, fmt.Errorf("keep verdict: %w", err)
	}
	return facts, verdict, nil
}
