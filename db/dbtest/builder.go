package dbtest

import (
	"crypto/sha256"
	"fmt"
	"html"
	"sync/atomic"
	"testing"
	"time"

	"rejoinder/auth"
	"rejoinder/db"
	"rejoinder/moderation"
	"rejoinder/moderation/rules"
)

// Epoch is the time at which every test begins: a Monday noon.
var Epoch = time.Date(2026, 1, 5, 12, 0, 0, 0, time.UTC)

// Builder fills a database with fixtures. Its clock begins at Epoch and advances one second with each row;
// its ids are sequential, so they sort in the order of creation. Its methods fail the test rather than return
// errors.
type Builder struct {
	t       testing.TB
	db      *db.DB
	ids     atomic.Int64
	seconds atomic.Int64
}

// Build returns a builder; one for each database, since its ids begin again.
func Build(t testing.TB, d *db.DB) *Builder { return &Builder{t: t, db: d} }

// NewID returns the next id, in the form of a UUIDv7.
func (b *Builder) NewID() string { return fmt.Sprintf("019b0000-0000-7000-8000-%012x", b.ids.Add(1)) }

// Now returns the time of the builder's clock.
func (b *Builder) Now() time.Time { return Epoch.Add(time.Duration(b.seconds.Load()) * time.Second) }

// Advance advances the clock, by whole seconds.
func (b *Builder) Advance(d time.Duration) { b.seconds.Add(int64(d / time.Second)) }

func (b *Builder) tick() time.Time { return Epoch.Add(time.Duration(b.seconds.Add(1)) * time.Second) }

func (b *Builder) check(what string, err error) {
	b.t.Helper()
	if err != nil {
		b.t.Fatalf("%s: %v", what, err)
	}
}

// Site stores a site that is judged by the shipped default ruleset. Its origin is https://SLUG.example.
func (b *Builder) Site(slug string) moderation.Site {
	b.t.Helper()
	now := b.tick()
	s := moderation.Site{
		ID:     b.NewID(),
		Slug:   slug,
		Name:   "The " + slug,
		Locale: "en",
		Origins: []string{
			"https://" + slug + ".example",
		},
		Settings:  moderation.DefaultSiteSettings(),
		Version:   1,
		CreatedAt: now,
	}
	r := moderation.Ruleset{ID: b.NewID(), SiteID: s.ID, Version: 1, Source: string(rules.Default()), Checksum: "-",
		Note: "The first one.", CreatedAt: now}
	s.ActiveRulesetID = r.ID
	b.check("create site", b.db.Sites.CreateSite(b.t.Context(), s, r, nil))
	return s
}

// NewArticle returns an article that is not stored.
func (b *Builder) NewArticle(s moderation.Site, key string) moderation.Article {
	now := b.tick()
	return moderation.Article{ID: b.NewID(), SiteID: s.ID, Key: key, URL: s.Origins[0] + "/" + key, Title: "About " + key,
		PublishedAt: now, CreatedAt: now, Version: 1}
}

// Article stores an article.
func (b *Builder) Article(s moderation.Site, key string) moderation.Article {
	b.t.Helper()
	a := b.NewArticle(s, key)
	b.check("create article", b.db.Articles.CreateArticle(b.t.Context(), a, nil))
	return a
}

// Moderator stores a moderator of every site. The password hash matches no password.
func (b *Builder) Moderator(email string, role auth.Role) auth.Moderator {
	b.t.Helper()
	m := auth.Moderator{ID: b.NewID(), Name: "Mo", EmailIndex: Index(email), EmailSealed: []byte("sealed"), Role: role,
		PasswordHash: "none", CreatedAt: b.tick()}
	b.check("create moderator", b.db.Moderators.CreateModerator(b.t.Context(), m))
	return m
}

// Index stands in for the keyed index of an email or an address.
func Index(s string) []byte {
	sum := sha256.Sum256([]byte("index of " + s))
	return sum[:]
}

// Draft describes a comment. The zero value is an approved root by Ann.
type Draft struct {
	Parent         *moderation.Comment
	Status         moderation.Status // empty: approved
	Email          string            // empty: ann@example.org
	Name           string            // empty: Ann
	Body           string            // empty: one that no other comment has
	Score          float64           // the risk too
	Language       string
	Cluster        string // empty: its own
	AuthorURL      string // empty: https://ann.example
	Verdict        string // JSON of the verdict; empty: {}
	BrowserID      string
	Address        string // empty: unknown
	IdempotencyKey string // empty: none
}

var actions = map[moderation.Status]moderation.Action{
	moderation.StatusPending: moderation.ActionHold, moderation.StatusApproved: moderation.ActionApprove,
	moderation.StatusRejected: moderation.ActionReject, moderation.StatusSpam: moderation.ActionSpam,
	moderation.StatusDeleted: moderation.ActionDelete,
}

func or(s, standard string) string {
	if s == "" {
		return standard
	}
	return s
}

// NewComment prepares everything that a submission writes, without storing it. The commenter is a new one, as
// for an unknown email.
func (b *Builder) NewComment(a moderation.Article, d Draft) moderation.NewComment {
	now, id := b.tick(), b.NewID()
	email, name := or(d.Email, "ann@example.org"), or(d.Name, "Ann")
	status := moderation.Status(or(string(d.Status), string(moderation.StatusApproved)))
	body := or(d.Body, "Comment "+id)
	commenter := moderation.Commenter{ID: b.NewID(), SiteID: a.SiteID, EmailIndex: Index(email),
		EmailSealed: []byte("sealed " + id), Name: name, FirstSeenAt: now, LastSeenAt: now}
	c := moderation.Comment{
		ID:          id,
		SiteID:      a.SiteID,
		ArticleID:   a.ID,
		CommenterID: commenter.ID,
		RootID:      id,
		Version:     1,
		Revision:    1,
		Status:      status,
		AuthorName:  name,
		AuthorURL:   or(d.AuthorURL, "https://ann.example"),
		BodyHTML:    HTML(body),
		Score:       d.Score,
		Risk:        d.Score,
		Language:    d.Language,
		Cluster:     or(d.Cluster, id),
		BrowserID:   d.BrowserID,
		CreatedAt:   now,
	}
	if d.Parent != nil {
		c.ParentID, c.RootID, c.Depth = d.Parent.ID, d.Parent.RootID, d.Parent.Depth+1
	}
	n := moderation.NewComment{Article: a, Commenter: commenter, Comment: c, Submission: b.submission(c, body)}
	n.Submission.Verdict = []byte(or(d.Verdict, `{}`))
	if d.Address != "" {
		n.Submission.AddressIndex, n.Submission.AddressPrefix = Index(d.Address), "192.0.2.0/24"
	}
	n.Decision = moderation.Decision{
		ID:           b.NewID(),
		SiteID:       c.SiteID,
		CommentID:    c.ID,
		Version:      1,
		Action:       actions[status],
		To:           status,
		Actor:        moderation.ActorRuleset,
		RulesetID:    n.Submission.RulesetID,
		SubmissionID: n.Submission.ID,
		CreatedAt:    now,
	}
	if d.IdempotencyKey != "" {
		n.Idempotency = &moderation.IdempotencyKey{KeyHash: Index(d.IdempotencyKey), RequestHash: Index(body)}
	}
	return n
}

// HTML renders a text of a fixture.
func HTML(body string) string { return "<p>" + html.EscapeString(body) + "</p>" }

func (b *Builder) submission(c moderation.Comment, body string) moderation.SubmissionRecord {
	fingerprint := sha256.Sum256([]byte(body))
	return moderation.SubmissionRecord{ID: b.NewID(), SiteID: c.SiteID, ArticleID: c.ArticleID,
		CommenterID: c.CommenterID,
		CommentID:   c.ID, Revision: c.Revision, AuthorName: c.AuthorName, AuthorURL: c.AuthorURL, Body: body,
		Fingerprint: fingerprint[:], Facts: []byte(`{}`), Verdict: []byte(`{}`), RulesetID: b.ruleset(c.SiteID),
		CreatedAt: b.Now()}
}

func (b *Builder) ruleset(siteID string) string {
	b.t.Helper()
	site, err := b.db.Sites.Site(b.t.Context(), siteID)
	b.check("find site", err)
	return site.ActiveRulesetID
}

// Comment stores a comment.
func (b *Builder) Comment(a moderation.Article, d Draft) moderation.Comment {
	b.t.Helper()
	c, err := b.db.Submissions.CreateComment(b.t.Context(), b.NewComment(a, d))
	b.check("create comment", err)
	return c
}

// NewDecision lays out a moderator's decision on a comment, without storing it.
func (b *Builder) NewDecision(c moderation.Comment, action moderation.Action) moderation.Decision {
	to, _ := action.Target()
	return moderation.Decision{ID: b.NewID(), SiteID: c.SiteID, CommentID: c.ID, Version: c.Version + 1, Action: action,
		From: c.Status, To: to, Actor: moderation.ActorModerator, ModeratorID: "somebody", CreatedAt: b.tick()}
}

// Decide stores a moderator's decision and returns the changed comment.
func (b *Builder) Decide(c moderation.Comment, action moderation.Action) moderation.Comment {
	b.t.Helper()
	d := b.NewDecision(c, action)
	b.check("record decision", b.db.Decisions.RecordDecision(b.t.Context(), d))
	c.Version, c.Status, c.PublicReason = d.Version, d.To, d.PublicReasonAfter(c.PublicReason)
	return c
}

// NewRevision lays out an edit of a comment's text, without storing it.
func (b *Builder) NewRevision(c moderation.Comment, body string, to moderation.Status) moderation.Revision {
	from := c.Status
	c.Version, c.Revision, c.Status, c.BodyHTML, c.EditedAt = c.Version+1, c.Revision+1, to, HTML(body), b.tick()
	s := b.submission(c, body)
	return moderation.Revision{Comment: c, Submission: s, Decision: moderation.Decision{
		ID: b.NewID(), SiteID: c.SiteID, CommentID: c.ID, Version: c.Version, Action: actions[to], From: from, To: to,
		Actor: moderation.ActorRuleset, RulesetID: s.RulesetID, SubmissionID: s.ID, CreatedAt: c.EditedAt}}
}
