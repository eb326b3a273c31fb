package moderation_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"rejoinder/db"
	"rejoinder/db/dbtest"
	"rejoinder/moderation"
)

func TestACannedReplyIsInTheLanguageOfTheComment(t *testing.T) {
	reply := moderation.CannedReply{Text: map[string]string{"en": "Hello", "de": "Hallo", "pt-BR": "Olá"}}
	for _, c := range []struct{ language, site, words, tag string }{
		{"de", "en", "Hallo", "de"}, {"fr", "en-GB", "Hello", "en"}, {"", "de", "Hallo", "de"},
		{"pt", "en", "Olá", "pt-BR"}, {"fr", "ja", "Hallo", "de"},
	} {
		words, tag := reply.TextFor(c.language, c.site)
		if diff := cmp.Diff([]string{c.words, c.tag}, []string{words, tag}); diff != "" {
			t.Errorf("in %q on a site in %q (-want +got):\n%s", c.language, c.site, diff)
		}
	}
}

func TestPlaceholdersAreFilledInOnce(t *testing.T) {
	values := map[moderation.Placeholder]string{moderation.PlaceName: "{article}", moderation.PlaceArticle: "The ferry"}
	got := moderation.FillPlaceholders("{name} on {article}: “{quote}”, {else}", values)
	if diff := cmp.Diff("{article} on The ferry: “{quote}”, {else}", got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"{name}", "{quote}"}, moderation.UnfilledPlaceholders("{quote} {name} {quote} {nobody}")); diff != "" {
		t.Errorf("unfilled placeholders (-want +got):\n%s", diff)
	}
}

func TestCannedRepliesAreChecked(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		f := newFixture(t, d)
		sites := &moderation.Sites{Store: d.ForSites(), Now: f.now, NewID: f.newID}
		change := func(replies []moderation.CannedReply, guidelines string) error {
			_, err := sites.Change(t.Context(), nobody, "daily", moderation.SiteChange{
				Settings: func(s moderation.SiteSettings) moderation.SiteSettings {
					s.Replies, s.GuidelinesURL = replies, guidelines
					return s
				}})
			return err
		}
		good := []moderation.CannedReply{{Name: "Language", Code: "offensive", Text: map[string]string{"en": "Dear {name},\nmind {guidelines}."}}}
		if err := change(good, "https://daily.example/guidelines"); err != nil {
			t.Fatal(err)
		}
		site := got(sites.Find(t.Context(), nobody, "daily"))(t)
		if diff := cmp.Diff(good, site.Settings.Replies); diff != "" {
			t.Errorf("stored (-want +got):\n%s", diff)
		}
		bad := []moderation.CannedReply{
			{Name: "", Text: map[string]string{"en": "x"}},
			{Name: "Twice", Text: map[string]string{"en": strings.Repeat("x", moderation.MaxReasonCharacters+1)}},
			{Name: "Twice", Code: "mood", Text: map[string]string{"en": "Dear {writer}"}},
			{Name: "Nothing"},
		}
		var wrong *moderation.Invalid
		if err := change(bad, "ftp://daily.example"); !errors.As(err, &wrong) {
			t.Fatalf("got %v", err)
		}
		want := "invalid: /settings/replies/0/name required, /settings/replies/1/text/en too_long, /settings/replies/2/name repeated, " +
			"/settings/replies/2/code unknown, /settings/replies/2/text/en unknown, /settings/replies/3/text required, /settings/guidelines_url malformed"
		if diff := cmp.Diff(want, wrong.Error()); diff != "" {
			t.Errorf("faults (-want +got):\n%s", diff)
		}
	})
}
