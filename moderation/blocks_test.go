package moderation_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"rejoinder/auth"
	"rejoinder/db"
	"rejoinder/db/dbtest"
	"rejoinder/moderation"
	"rejoinder/moderation/queue"
	"rejoinder/moderation/rules"
)

// blockFixture is a fixture whose rules enforce blocks, with a moderator who creates them.
type blockFixture struct {
	*fixture
	mo moderation.Viewer
}

// blockRules approve everybody who is not blocked.
const blockRules = `
rules:
  - {id: spam, when: blocks.action == "spam", then: spam, reason: "By {{blocks.kinds}}."}
  - {id: reject, when: blocks.action == "reject", then: reject, reason: "By {{blocks.kinds}}."}
  - {id: hold, when: blocks.action == "hold", then: hold, reason: "By {{blocks.kinds}}."}
default: approve
`

func newBlockFixture(t *testing.T, d *db.DB) blockFixture {
	f := newFixture(t, d)
	f.activate(blockRules)
	return blockFixture{f, moderation.Viewer{ModeratorID: dbtest.Build(t, d).Moderator("mo@desk.example", auth.RoleModerator).ID}}
}

// sentComment is the result of one submission.
type sentComment struct {
	id     string
	status moderation.Status
	facts  rules.Blocks
}

// send submits a comment with harmless defaults.
func (f blockFixture) send(s moderation.Submission) sentComment {
	f.t.Helper()
	f.advance(time.Minute)
	s.SiteSlug, s.Article.Key = "daily", "one"
	for field, standard := range map[*string]string{&s.AuthorName: "Ines", &s.AuthorEmail: "ines@mail.example", &s.Body: "How lovely."} {
		if *field == "" {
			*field = standard
		}
	}
	if !s.Address.IsValid() {
		s.Address = netip.MustParseAddr("198.51.100.1")
	}
	a := got(f.intake.Submit(f.t.Context(), s))(f.t)
	return f.stored(a.Comment.ID)
}

func (f blockFixture) stored(id string) sentComment {
	f.t.Helper()
	c, present, err := f.db.Comments.CommentText(f.t.Context(), id)
	if err != nil {
		f.t.Fatal(err)
	}
	var facts rules.Facts
	if err := json.Unmarshal(present.Facts, &facts); err != nil {
		f.t.Fatal(err)
	}
	return sentComment{id, c.Status, facts.Blocks}
}

func (f blockFixture) block(n queue.NewBlock) queue.Block {
	f.t.Helper()
	return got(f.queue.AddBlock(f.t.Context(), f.mo, "daily", n))(f.t)
}

func TestABlockMatchesItsTargetOnly(t *testing.T) {
	submission := func(change func(*moderation.Submission)) moderation.Submission {
		var s moderation.Submission
		change(&s)
		return s
	}
	email := func(email string) moderation.Submission {
		return submission(func(s *moderation.Submission) { s.AuthorEmail = email })
	}
	name := func(name string) moderation.Submission {
		return submission(func(s *moderation.Submission) { s.AuthorName = name })
	}
	body := func(body string) moderation.Submission {
		return submission(func(s *moderation.Submission) { s.Body = body })
	}
	from := func(address string) moderation.Submission {
		return submission(func(s *moderation.Submission) { s.Address = netip.MustParseAddr(address) })
	}
	website := submission(func(s *moderation.Submission) { s.AuthorURL = "https://www.shop.example/x" })
	for name, tc := range map[string]struct {
		block   queue.NewBlock
		fits    []moderation.Submission
		ignores []moderation.Submission
	}{
		"an email, however it is written": {queue.NewBlock{Kind: moderation.BlockEmail, Value: " Pest@Mail.example "},
			[]moderation.Submission{email("pest@mail.example"), email("PEST@MAIL.EXAMPLE")},
			[]moderation.Submission{email("pest@post.example"), email("a.pest@mail.example"), name("pest@mail.example")}},
		"a domain of emails with its subdomains": {queue.NewBlock{Kind: moderation.BlockDomain, Value: "@Junk.example"},
			[]moderation.Submission{email("a@junk.example"), email("b@eu.junk.example")},
			[]moderation.Submission{email("a@notjunk.example"), email("junk.example@mail.example"), body("See https://junk.example/")}},
		"a tagged email with its whole mailbox": {queue.NewBlock{Kind: moderation.BlockEmail, Value: "pest+news@mail.example"},
			[]moderation.Submission{email("pest@mail.example"), email("Pest+x@mail.example"), email("pest+news@mail.example")},
			[]moderation.Submission{email("pe.st@mail.example"), email("pestnews@mail.example")}},
		"an email of Gmail with all its spellings": {queue.NewBlock{Kind: moderation.BlockEmail, Value: "old.pest@gmail.com"},
			[]moderation.Submission{email("oldpest@gmail.com"), email("o.l.d.pest+a@googlemail.com")},
			[]moderation.Submission{email("old.pest@mail.example"), email("older.pest@gmail.com")}},
		"a name with all that look like it": {queue.NewBlock{Kind: moderation.BlockName, Value: "Zoë  Pest"},
			[]moderation.Submission{name("zoe pest"), name("ZOË PEST"), name("Zоe Рest"), name("Zoe-Pest"), name("zoepest"), name("Z0e Pest")},
			[]moderation.Submission{name("Zoe"), name("Zoe Pester"), body("Zoe Pest")}},
		"a disguised name with the plain one": {queue.NewBlock{Kind: moderation.BlockName, Value: "Ηаns Сrоw"}, // Greek and Cyrillic
			[]moderation.Submission{name("Hans Crow"), name("HANS CROW"), name("Ηаns Сrоw")}, []moderation.Submission{name("Jans Crow")}},
		"a host in links and as a website, with its subdomains": {queue.NewBlock{Kind: moderation.BlockHost, Value: "https://Shop.example/offer"},
			[]moderation.Submission{body("See https://shop.example/a"), body("[x](http://deep.www.shop.example)"), website},
			[]moderation.Submission{body("See https://example/ and https://workshop.example"), email("a@shop.example")}},
		"the network of an address": {queue.NewBlock{Kind: moderation.BlockPrefix, Value: "203.0.113.7", Minutes: 60},
			[]moderation.Submission{from("203.0.113.7"), from("203.0.113.200"), from("::ffff:203.0.113.1")},
			[]moderation.Submission{from("203.0.114.7"), from("2001:db8::1")}},
		"the network of an address of IPv6": {queue.NewBlock{Kind: moderation.BlockPrefix, Value: "2001:db8:1::/48", Minutes: 60},
			[]moderation.Submission{from("2001:db8:1:2::3")}, []moderation.Submission{from("2001:db8:2::1")}},
	} {
		t.Run(name, func(t *testing.T) {
			dbtest.Each(t, func(t *testing.T, d *db.DB) {
				f := newBlockFixture(t, d)
				before := f.send(tc.fits[0])
				b := f.block(tc.block)
				if before.status != moderation.StatusApproved || b.Action != moderation.ActionHold {
					t.Fatalf("before, it was %s; the block asks for %s", before.status, b.Action)
				}
				for i, s := range tc.fits {
					s.Body += strings.Repeat(" Indeed.", i)
					got := f.send(s)
					if got.status != moderation.StatusPending || !slices.Equal(got.facts.IDs, []string{b.ID}) ||
						!slices.Equal(got.facts.Kinds, []string{string(tc.block.Kind)}) || got.facts.Action != "hold" {
						t.Errorf("%d: %+v", i, got)
					}
				}
				for i, s := range tc.ignores {
					if got := f.send(s); got.status != moderation.StatusApproved || len(got.facts.IDs) > 0 {
						t.Errorf("ignored %d: %+v", i, got)
					}
				}
			})
		})
	}
}

func TestTheSeverestBlockDecidesAndEndsByTheClock(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		f := newBlockFixture(t, d)
		hold := f.block(queue.NewBlock{Kind: moderation.BlockName, Value: "Ines"})
		spam := f.block(queue.NewBlock{Kind: moderation.BlockEmail, Value: "ines@mail.example", Action: moderation.ActionSpam, Minutes: 10})
		if got := f.send(moderation.Submission{}); got.status != moderation.StatusSpam || !slices.Equal(got.facts.IDs, []string{spam.ID, hold.ID}) {
			t.Errorf("under both: %+v", got)
		}
		f.advance(10 * time.Minute)
		again := f.send(moderation.Submission{})
		if again.status != moderation.StatusPending || !slices.Equal(again.facts.IDs, []string{hold.ID}) {
			t.Errorf("once the other ended: %+v", again)
		}
		if other := f.submitTo("weekly", "ines@mail.example", "How lovely."); len(f.stored(other).facts.IDs) > 0 {
			t.Error("the block reaches another site")
		}
		edited := f.send(moderation.Submission{AuthorName: "Nora", AuthorEmail: "nora@mail.example", Body: "See https://a.example/"})
		_ = f.block(queue.NewBlock{Kind: moderation.BlockHost, Value: "b.example", Action: moderation.ActionReject})
		receipt := moderation.Receipt(f.keys, edited.id)
		got(f.editor.Edit(t.Context(), moderation.Edit{CommentID: edited.id, Receipt: receipt, Body: "See https://b.example/"}))(t)
		if got := f.stored(edited.id); got.status != moderation.StatusRejected {
			t.Errorf("an edit brings a blocked link: %+v", got)
		}
	})
}

func TestTheShippedRulesetEnforcesBlocksDespiteTrust(t *testing.T) {
	f := newBlockFixture(t, dbtest.Migrated(t, dbtest.SQLiteURL(t)))
	f.activate(string(rules.Default()))
	for action, want := range map[moderation.Action]moderation.Status{
		moderation.ActionHold: moderation.StatusPending, moderation.ActionReject: moderation.StatusRejected, moderation.ActionSpam: moderation.StatusSpam,
	} {
		name := "Trusted " + string(action)
		s := moderation.Submission{AuthorName: name, AuthorEmail: string(action) + "@mail.example", Body: "My first remark on the " + string(action), Remember: true,
			SiteSlug: "daily", Article: moderation.ArticleRef{Key: "one"}, Address: netip.MustParseAddr("198.51.100.1")}
		first := got(f.intake.Submit(t.Context(), s))(t)
		f.decide(first.Comment.ID, moderation.ActionApprove)
		s.CommenterToken, s.Body = first.CommenterToken, "Another remark that says something else about "+string(action)
		if trusted := f.send(s); trusted.status != moderation.StatusApproved {
			t.Fatalf("the commenter is not trusted: %+v", trusted)
		}
		f.block(queue.NewBlock{Kind: moderation.BlockName, Value: name, Action: action})
		s.Body = "A third one, on weather and whether " + string(action) + " is meant"
		if got := f.send(s); got.status != want {
			t.Errorf("a block that asks for %s makes it %s", action, got.status)
		}
	}
}

func TestBlocksAreMadeFromAComment(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		f := newBlockFixture(t, d)
		ctx := t.Context()
		c := f.send(moderation.Submission{AuthorName: "Pest", AuthorEmail: "pest@junk.example", AuthorURL: "https://own.example",
			Body: "See https://shop.example/", Address: netip.MustParseAddr("203.0.113.7")})
		offers := got(f.queue.BlockOffers(ctx, f.mo, c.id))(t)
		if want := "[{email } {name Pest} {prefix } {domain } {host own.example} {host shop.example}]"; fmt.Sprint(offers) != want {
			t.Errorf("offered %v, want %v", offers, want)
		}
		for _, n := range []queue.NewBlock{
			{Kind: moderation.BlockEmail, Action: moderation.ActionSpam, Note: "Again and again."},
			{Kind: moderation.BlockPrefix, Action: moderation.ActionSpam, Minutes: 60},
			{Kind: moderation.BlockHost, Action: moderation.ActionSpam, Value: "shop.example"},
		} {
			f.advance(time.Second)
			b := got(f.queue.BlockFrom(ctx, f.mo, c.id, n))(t)
			if want := map[bool]string{true: n.Value, false: "Pest"}[n.Kind == moderation.BlockHost]; b.CommentID != c.id || b.Shown != want {
				t.Errorf("%+v", b)
			}
		}
		for _, s := range []moderation.Submission{{AuthorEmail: "pest@junk.example"}, {Address: netip.MustParseAddr("203.0.113.9")},
			{Body: "https://shop.example"}} {
			if got := f.send(s); got.status != moderation.StatusSpam {
				t.Errorf("%+v", got)
			}
		}
		_, err := f.queue.BlockFrom(ctx, f.mo, c.id, queue.NewBlock{Kind: moderation.BlockEmail})
		if !errors.Is(err, moderation.ErrExists) {
			t.Errorf("the same again: %v", err)
		}
		wantInvalid(t, "/value required", func() error {
			_, err := f.queue.BlockFrom(ctx, f.mo, c.id, queue.NewBlock{Kind: moderation.BlockHost})
			return err
		})
		_, err = f.queue.BlockFrom(ctx, moderation.Viewer{ModeratorID: f.mo.ModeratorID, SiteIDs: []string{"x"}}, c.id, queue.NewBlock{Kind: moderation.BlockName})
		if !errors.Is(err, moderation.ErrNotFound) {
			t.Errorf("of another site: %v", err)
		}
	})
}

func wantInvalid(t *testing.T, want string, f func() error) {
	t.Helper()
	var invalid *moderation.Invalid
	if err := f(); !errors.As(err, &invalid) || invalid.Error() != "invalid: "+want {
		t.Errorf("got %v, want %s", err, want)
	}
}

func TestInvalidBlocksAreRefused(t *testing.T) {
	f := newBlockFixture(t, dbtest.Migrated(t, dbtest.SQLiteURL(t)))
	for name, tc := range map[string]struct {
		block queue.NewBlock
		want  string
	}{
		"no kind":                        {queue.NewBlock{Value: "x"}, "/kind unknown"},
		"no value":                       {queue.NewBlock{Kind: moderation.BlockName, Value: " "}, "/value required"},
		"no email":                       {queue.NewBlock{Kind: moderation.BlockEmail, Value: "pest"}, "/value malformed"},
		"no host":                        {queue.NewBlock{Kind: moderation.BlockHost, Value: "a b"}, "/value malformed"},
		"a host that everybody is below": {queue.NewBlock{Kind: moderation.BlockHost, Value: "co.uk"}, "/value too_wide"},
		"a provider of everybody's mail": {queue.NewBlock{Kind: moderation.BlockDomain, Value: "GMAIL.com"}, "/value too_wide"},
		"a top-level domain":             {queue.NewBlock{Kind: moderation.BlockHost, Value: "com"}, "/value too_wide"},
		"a name too long":                {queue.NewBlock{Kind: moderation.BlockName, Value: strings.Repeat("x", 101)}, "/value too_long"},
		"half a network":                 {queue.NewBlock{Kind: moderation.BlockPrefix, Value: "192.0.2.0/16", Minutes: 5}, "/value malformed"},
		"a network for ever":             {queue.NewBlock{Kind: moderation.BlockPrefix, Value: "192.0.2.0/24"}, "/minutes required"},
		"a network for too long": {queue.NewBlock{Kind: moderation.BlockPrefix, Value: "192.0.2.0/24", Minutes: queue.MaxPrefixMinutes + 1},
			"/minutes out_of_range"},
		"an action that decides for it": {queue.NewBlock{Kind: moderation.BlockName, Value: "x", Action: moderation.ActionApprove, Minutes: -1},
			"/action unknown, /minutes out_of_range"},
		"a note too long": {queue.NewBlock{Kind: moderation.BlockName, Value: "x", Note: strings.Repeat("x", 1001)}, "/note too_long"},
	} {
		t.Run(name, func(t *testing.T) {
			wantInvalid(t, tc.want, func() error {
				_, err := f.queue.AddBlock(t.Context(), f.mo, "daily", tc.block)
				return err
			})
		})
	}
}

func TestBlocksAreListedChangedRemovedAndForgotten(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		f := newBlockFixture(t, d)
		ctx := t.Context()
		var made []string
		for i := range 3 {
			f.advance(time.Second)
			made = append(made, f.block(queue.NewBlock{Kind: moderation.BlockName, Value: fmt.Sprint("Pest ", i), Minutes: 60, Note: "Why."}).ID)
		}
		slices.Reverse(made)
		page := got(f.queue.Blocks(ctx, f.mo, "daily", moderation.Paging{Limit: 2}))(t)
		last := got(f.queue.Blocks(ctx, f.mo, "daily", moderation.Paging{Limit: 2, Cursor: page.NextCursor}))(t)
		var listed []string
		for _, b := range append(page.Blocks, last.Blocks...) {
			if listed = append(listed, b.ID); b.ModeratorName == "" || b.Note != "Why." || !b.Active(f.now()) {
				t.Errorf("%+v", b)
			}
		}
		if !slices.Equal(listed, made) || last.NextCursor != "" {
			t.Errorf("listed %v, want %v", listed, made)
		}
		ref := queue.BlockRef{SiteSlug: "daily", ID: made[0]}
		reject, forGood, note := moderation.ActionReject, 0, "Worse."
		changed := got(f.queue.ChangeBlock(ctx, f.mo, ref, queue.BlockChange{Action: &reject, Minutes: &forGood, Note: &note}))(t)
		if !changed.ExpiresAt.IsZero() || changed.Action != reject || changed.Note != note {
			t.Errorf("%+v", changed)
		}
		f.wantGone(ref)
		f.advance(30*24*time.Hour + 61*time.Minute)
		janitor := &moderation.Janitor{Store: d.Janitor, AddressesKept: time.Hour, Now: f.now, Log: slog.New(slog.NewTextHandler(io.Discard, nil))}
		if err := janitor.Sweep(ctx); err != nil {
			t.Fatal(err)
		}
		if left := got(f.queue.Blocks(ctx, f.mo, "daily", moderation.Paging{Limit: 9}))(t); len(left.Blocks) != 0 {
			t.Errorf("left: %+v", left)
		}
		if n := f.audited(ctx); fmt.Sprint(n) != "map[add_block:3 change_block:1 remove_block:1]" {
			t.Errorf("audited %v", n)
		}
	})
}

// wantGone removes a block, and requires that nobody finds it any more.
func (f blockFixture) wantGone(ref queue.BlockRef) {
	f.t.Helper()
	ctx := f.t.Context()
	other := queue.BlockRef{SiteSlug: "weekly", ID: ref.ID}
	if err := f.queue.RemoveBlock(ctx, f.mo, other); !errors.Is(err, moderation.ErrNotFound) {
		f.t.Errorf("removed on another site: %v", err)
	}
	if err := f.queue.RemoveBlock(ctx, f.mo, ref); err != nil {
		f.t.Fatal(err)
	}
	if err := f.queue.RemoveBlock(ctx, f.mo, ref); !errors.Is(err, moderation.ErrNotFound) {
		f.t.Errorf("removed twice: %v", err)
	}
}

// audited counts audit entries about blocks.
func (f blockFixture) audited(ctx context.Context) map[string]int {
	f.t.Helper()
	log := &moderation.AuditLog{Store: f.db.ForAuditLog()}
	n := map[string]int{}
	for _, row := range got(log.List(ctx, nobody, moderation.AuditQuery{Limit: 100}))(f.t).Items {
		if strings.HasSuffix(row.Action, "_block") && row.ModeratorID == f.mo.ModeratorID {
			n[row.Action]++
		}
	}
	return n
}
