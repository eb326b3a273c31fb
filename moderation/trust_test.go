package moderation_test

import (
	"context"
	"errors"
	"net/netip"
	"testing"
	"time"

	"rejoinder/db"
	"rejoinder/db/dbtest"
	"rejoinder/moderation"
	"rejoinder/moderation/rules"
)

// reader is a person with a browser, which may be remembered.
type reader struct {
	*fixture
	email       string
	address     string
	token       string
	submissions int
}

func (f *fixture) newReader(email, address string) *reader {
	return &reader{fixture: f, email: email, address: address}
}

// submitAfter sends a comment of the reader, after a pause.
func (r *reader) submitAfter(body string, pause time.Duration) moderation.SubmitResult {
	r.t.Helper()
	r.advance(pause)
	r.submissions++
	a := got(r.intake.Submit(r.t.Context(), moderation.Submission{
		SiteSlug: "daily", Article: moderation.ArticleRef{Key: "one"}, AuthorName: "Vic", AuthorEmail: r.email, Body: body,
		Remember: true, CommenterToken: r.token, Address: netip.MustParseAddr(r.address),
	}))(r.t)
	if r.token == "" {
		r.token = a.CommenterToken
	}
	r.receipts[a.Comment.ID] = a.Receipt
	return a
}

// edit changes a comment's text by its receipt.
func (f *fixture) edit(id, body string) moderation.AuthorView {
	f.t.Helper()
	f.advance(time.Minute)
	return got(f.editor.Edit(f.t.Context(), moderation.Edit{CommentID: id, Receipt: f.receipts[id], Body: body,
		Address: netip.MustParseAddr("192.0.2.7")}))(f.t)
}

// trustedReader is a reader under the shipped rules with an approved comment and a remembered browser.
func (f *fixture) trustedReader() *reader {
	f.t.Helper()
	f.activate(string(rules.Default()))
	vic := f.newReader("vic@mail.example", "192.0.2.7")
	f.decide(vic.submitAfter("The tide mill was my grandfather's.", time.Minute).Comment.ID, moderation.ActionApprove)
	if a := vic.submitAfter("He told me how the gates were shut by hand.", time.Hour); a.Comment.Status != moderation.StatusApproved {
		f.t.Fatalf("a trusted reader's comment is %s", a.Comment.Status)
	}
	return vic
}

func TestAStrangerCannotSilenceATrustedReader(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		f := newFixture(t, d)
		vic := f.trustedReader()
		stranger := f.newReader(vic.email, "198.51.100.9")
		for _, body := range []string{"One.", "Two of these.", "Three, quickly.", "Four by now.", "Five in a row.", "Six, under another's name."} {
			if a := stranger.submitAfter(body, time.Second); a.Comment.Status == moderation.StatusApproved {
				t.Errorf("the stranger's %q was approved", body)
			}
			stranger.token = ""
		}
		if a := vic.submitAfter("And the wheel stood still on Sundays.", time.Second); a.Comment.Status != moderation.StatusApproved {
			t.Errorf("the trusted reader's comment is %s: %s", a.Comment.Status, a.Comment.PublicReason)
		}
	})
}

func TestATokenForAnothersEmailEarnsNoTrust(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		f := newFixture(t, d)
		vic := f.trustedReader()
		stranger := f.newReader(vic.email, "198.51.100.9")
		stranger.submitAfter("I am Vic, believe me.", time.Hour)
		if stranger.token == "" || stranger.token == vic.token {
			t.Fatal("the stranger has no token of their own")
		}
		if a := stranger.submitAfter("And this is me again.", time.Hour); a.Comment.Status != moderation.StatusPending {
			t.Errorf("the stranger's second comment is %s", a.Comment.Status)
		}
	})
}

func TestATemporaryRejectionCostsNoTrust(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		f := newFixture(t, d)
		vic := f.trustedReader()
		first := vic.submitAfter("A comment that is sent twice.", time.Hour)
		again := vic.submitAfter("A comment that is sent twice.", time.Minute)
		if first.Comment.Status != moderation.StatusApproved || again.Comment.Status != moderation.StatusRejected {
			t.Fatalf("first %s, again %s", first.Comment.Status, again.Comment.Status)
		}
		if a := vic.submitAfter("Sorry for saying that twice.", time.Hour); a.Comment.Status != moderation.StatusApproved {
			t.Errorf("afterwards a comment is %s", a.Comment.Status)
		}
	})
}

func TestARefusalCostsTrustUntilTheCommentIsApproved(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		f := newFixture(t, d)
		vic := f.trustedReader()
		refused := vic.submitAfter("Something that went too far.", time.Hour).Comment.ID
		f.decide(refused, moderation.ActionReject)
		if a := vic.submitAfter("I see, and I am calm again.", time.Hour); a.Comment.Status != moderation.StatusPending {
			t.Errorf("after a refusal a comment is %s", a.Comment.Status)
		}
		f.decide(refused, moderation.ActionApprove)
		if a := vic.submitAfter("Thank you for looking again.", time.Hour); a.Comment.Status != moderation.StatusApproved {
			t.Errorf("after the refusal was taken back a comment is %s", a.Comment.Status)
		}
	})
}

func TestAnEditLiftsNoDecision(t *testing.T) {
	for _, tc := range []struct {
		name    string
		decided []moderation.Action // by Ada, after the first text
		first   string
		edits   []string
		want    moderation.Status
	}{
		{"what the rules approve stays approved", nil, "please", []string{"please, again"}, moderation.StatusApproved},
		{"an approved comment edited into spam is spam", nil, "please", []string{"a casino, please"}, moderation.StatusSpam},
		{"a moderator's spam stays spam", []moderation.Action{moderation.ActionSpam}, "hm", []string{"please", "please, please"}, moderation.StatusSpam},
		{"a moderator's hold stays a hold",
			[]moderation.Action{moderation.ActionApprove, moderation.ActionHold}, "hm", []string{"please"}, moderation.StatusPending},
		{"a ruleset's spam waits for a person, however small the steps",
			nil, "casino", []string{"casin", "please", "please, please"}, moderation.StatusPending},
		{"once a moderator approved it, rules may judge again",
			[]moderation.Action{moderation.ActionApprove}, "casino", []string{"please"}, moderation.StatusApproved},
	} {
		t.Run(tc.name, func(t *testing.T) {
			dbtest.Each(t, func(t *testing.T, d *db.DB) {
				f := newFixture(t, d)
				id := f.submit(tc.first)
				for _, action := range tc.decided {
					f.decide(id, action)
				}
				for _, body := range tc.edits {
					f.edit(id, body)
				}
				if got := f.status(id); got != tc.want {
					t.Errorf("the comment is %s, want %s", got, tc.want)
				}
			})
		})
	}
}

func TestAnEditOfAnApprovedCommentIsItsAuthorsWithoutARememberedBrowser(t *testing.T) {
	for _, tc := range []struct {
		name, body string
		want       moderation.Status
	}{
		{"a corrected letter", "The tide mill was opened again in 1931.", moderation.StatusApproved},
		{"an insult", "The tide mill was opened again in 1931, you idiot.", moderation.StatusPending},
		{"a link", "The tide mill was opened again in 1931: https://mill.example/", moderation.StatusPending},
	} {
		t.Run(tc.name, func(t *testing.T) {
			dbtest.Each(t, func(t *testing.T, d *db.DB) {
				f := newFixture(t, d)
				f.activate(string(rules.Default()))
				id := f.submit("The tide mill was opend again in 1931.")
				f.decide(id, moderation.ActionApprove)
				f.edit(id, tc.body)
				if got := f.status(id); got != tc.want {
					t.Errorf("edited, the comment is %s, want %s", got, tc.want)
				}
				if next := f.submit("And closed in 1932."); f.status(next) != moderation.StatusPending {
					t.Error("another comment with the same email, which nobody proved, was approved")
				}
			})
		})
	}
}

func TestAnEditDoesNotPublishWhatWasSentAtOnce(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		f := newFixture(t, d)
		f.activate("default: approve\nrules:\n  - {id: fast, when: form.age_known && form.age_seconds < 3, then: hold, reason: Fast.}\n")
		site := got(d.Sites.SiteBySlug(t.Context(), "daily"))(t)
		a := got(f.intake.Submit(t.Context(), moderation.Submission{SiteSlug: "daily", Article: moderation.ArticleRef{Key: "one"},
			AuthorName: "Vic", AuthorEmail: "vic@mail.example", Body: "The mill stood there.",
			Form:    moderation.FormEvidence{Token: moderation.FormToken(f.keys, site.ID, f.now().Add(-time.Second))},
			Address: netip.MustParseAddr("192.0.2.7")}))(t)
		id := a.Comment.ID
		f.receipts[id] = a.Receipt
		for _, body := range []string{"The old mill stood there.", "The older mill stood there."} {
			f.edit(id, body)
			if got := f.status(id); got != moderation.StatusPending {
				t.Fatalf("edited, the comment is %s", got)
			}
		}
		f.decide(id, moderation.ActionApprove)
		f.edit(id, "The oldest mill stood there.")
		if got := f.status(id); got != moderation.StatusApproved {
			t.Errorf("edited after a moderator approved it, the comment is %s", got)
		}
	})
}

// conflictingEditStore makes a decision just before the next edit is stored.
type conflictingEditStore struct {
	moderation.EditStore
	decide func()
}

func (o *conflictingEditStore) ReviseComment(ctx context.Context, r moderation.Revision) error {
	if decide := o.decide; decide != nil {
		o.decide = nil
		decide()
	}
	return o.EditStore.ReviseComment(ctx, r)
}

func TestAnEditDoesNotRevealAConcurrentDecision(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		f := newFixture(t, d)
		id := f.submit("hm")
		f.editor.Store = &conflictingEditStore{d.ForEditor(), func() { f.decide(id, moderation.ActionSpam) }}
		if own := f.edit(id, "please"); own.Status != moderation.StatusPending || own.Version != 2 {
			t.Errorf("the writer sees %s, version %d", own.Status, own.Version)
		}
		if got := f.status(id); got != moderation.StatusSpam {
			t.Errorf("the comment is %s", got)
		}
	})
}

func TestAReadersTitleOfAnArticleIsPublicAfterAnApproval(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		f := newFixture(t, d)
		sites := &moderation.Sites{Store: d.ForSites(), Now: f.now, NewID: f.newID}
		origins := []string{"https://daily.example"}
		got(sites.Change(t.Context(), nobody, "daily", moderation.SiteChange{Origins: &origins}))(t)
		a := got(f.intake.Submit(t.Context(), moderation.Submission{
			SiteSlug: "daily", Origin: "https://daily.example", AuthorName: "Bot", AuthorEmail: "bot@mail.example", Body: "casino",
			Article: moderation.ArticleRef{Key: "next", Title: "BUY NOW", URL: "https://daily.example/sign-out"},
		}))(t)
		threads := &moderation.Threads{Store: d.ForThreads(), Keys: f.keys, Now: f.now}
		read := func() moderation.Article {
			return got(threads.Thread(t.Context(), moderation.ThreadQuery{SiteSlug: "daily", ArticleKey: "next", Limit: 10}))(t).Article
		}
		if article := read(); article.Title != "" || article.URL != "" {
			t.Errorf("the public sees %q and %q", article.Title, article.URL)
		}
		f.decide(a.Comment.ID, moderation.ActionApprove)
		if article := read(); article.Title != "BUY NOW" {
			t.Errorf("after an approval the public sees %q", article.Title)
		}
	})
}

func TestWithdrawingErasesACommentThatAModeratorDeleted(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		f := newFixture(t, d)
		id := f.submit("please forget this")
		f.decide(id, moderation.ActionDelete)
		own := &moderation.AuthorService{Store: d.ForAuthors(), Keys: f.keys, Now: f.now, NewID: f.newID}
		if err := own.Withdraw(t.Context(), id, f.receipts[id]); err != nil {
			t.Fatal(err)
		}
		if open := got(f.queue.Case(t.Context(), ada, id))(t); open.Body != "" || open.Comment.BodyHTML != "" {
			t.Errorf("after the withdrawal there is still %q", open.Body)
		}
	})
}

func TestARepeatedRequestIsKnownAfterKeysWereRotated(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		f := newFixture(t, d)
		s := moderation.Submission{SiteSlug: "daily", Article: moderation.ArticleRef{Key: "one"}, IdempotencyKey: "k-1",
			AuthorName: "Ines", AuthorEmail: "ines@mail.example", Body: "please", Address: netip.MustParseAddr("192.0.2.7")}
		first := got(f.intake.Submit(t.Context(), s))(t)
		if err := f.keys.Rotate(); err != nil {
			t.Fatal(err)
		}
		f.receipts[first.Comment.ID] = first.Receipt
		f.edit(first.Comment.ID, "please, edited")
		again := got(f.intake.Submit(t.Context(), s))(t)
		if again.Comment.ID != first.Comment.ID || again.Comment.Body != "please, edited" {
			t.Errorf("the repeated request got comment %s with %q", again.Comment.ID, again.Comment.Body)
		}
	})
}

func TestChangesOfAnArticleAtTheSameTimeAreAllMade(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		f := newFixture(t, d)
		sites := &moderation.Sites{Store: d.ForSites(), Now: f.now, NewID: f.newID}
		ref := moderation.SiteArticle{SiteSlug: "daily", Key: "one"}
		closed, title := true, "A new title"
		done := make(chan error)
		for _, c := range []moderation.ArticleChange{{Closed: &closed}, {Title: &title}} {
			go func() {
				_, err := sites.ChangeArticle(t.Context(), nobody, ref, c)
				done <- err
			}()
		}
		if err := errors.Join(<-done, <-done); err != nil {
			t.Fatal(err)
		}
		threads := &moderation.Threads{Store: d.ForThreads(), Keys: f.keys, Now: f.now}
		page := got(threads.Thread(t.Context(), moderation.ThreadQuery{SiteSlug: "daily", ArticleKey: "one", Limit: 10}))(t)
		if !page.Article.Closed || page.Article.Title != title {
			t.Errorf("closed %t, title %q", page.Article.Closed, page.Article.Title)
		}
	})
}

func TestAnAdminOfSomeSitesAddsNone(t *testing.T) {
	sites := &moderation.Sites{Now: time.Now, NewID: func() string { return "id" }}
	limited := moderation.Viewer{ModeratorID: "m", SiteIDs: []string{"one"}}
	_, err := sites.Add(t.Context(), limited, moderation.NewSite{Slug: "new", Name: "New"})
	if !errors.Is(err, moderation.ErrForbidden) {
		t.Errorf("got %v", err)
	}
}
