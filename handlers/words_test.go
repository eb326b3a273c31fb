package handlers_test

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"rejoinder/handlers/locale"
	"rejoinder/moderation"
)

// translations are the languages other than English.
func translations() []*locale.Language { return locale.Languages()[1:] }

func TestFaultsAreInTheLanguageOfTheForm(t *testing.T) {
	english := locale.Languages()[0]
	s := newFixture(t)
	shown := s.comment("quay", "", "Tom", "please publish")
	report := "/comments/" + shown + "/report"
	cases := []struct {
		name, path string
		form       url.Values
		key        string
	}{
		{"no text", submit, url.Values{"body": {""}}, "fault.body.required"},
		{"a text that is too long", submit, url.Values{"body": {strings.Repeat("x", moderation.MaxBodyCharacters+1)}}, "fault.body.too_long"},
		{"a text that is not UTF-8", submit, url.Values{"body": {"caf\xe9"}}, "fault.malformed"},
		{"no name", submit, url.Values{"author_name": {""}}, "fault.author_name.required"},
		{"a name that nobody sees", submit, url.Values{"author_name": {"\u0301"}}, "fault.author_name.invisible"},
		{"a name that is too long", submit, url.Values{"author_name": {strings.Repeat("x", 101)}}, "fault.author_name.too_long"},
		{"no email", submit, url.Values{"author_email": {""}}, "fault.author_email.required"},
		{"an invalid email", submit, url.Values{"author_email": {"ines@"}}, "fault.author_email.malformed"},
		{"an invalid website", submit, url.Values{"author_url": {"javascript:alert(1)"}}, "fault.author_url.malformed"},
		{"a reply to a removed comment", submit, url.Values{"parent_id": {"01957000-0000-7000-8000-00000000ffff"}}, "fault.parent_id.unknown"},
		{"a title that is too long", submit, url.Values{"article_title": {strings.Repeat("x", 2000)}}, "fault.too_long"},
		{"an article without a key", submit, url.Values{"article": {""}}, "fault.required"},
		{"a report without a reason", report, url.Values{"reason": {""}}, "fault.reason.required"},
		{"a report with a reason of its own", report, url.Values{"reason": {"boring"}}, "fault.unknown"},
		{"a report with too much to say", report, url.Values{"reason": {"spam"}, "note": {strings.Repeat("x", 5000)}}, "fault.too_long"},
		{"a vote for more than one", "/comments/" + shown + "/vote", url.Values{"value": {"many"}}, "fault.unknown"},
	}
	s.changeSettings(func(settings *moderation.SiteSettings) { settings.Votes = moderation.VotesUpDown })
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			for _, l := range append(translations(), english) {
				form := url.Values{"article": {"quay"}, "body": {"A lamp."}, "author_name": {"Ines"}, "author_email": {"ines@mail.example"}, "lang": {l.Tag}}
				for name, values := range c.form {
					form[name] = values
				}
				page := s.browserFor(t).post(c.path, form)
				page.want(http.StatusUnprocessableEntity, `<html lang="`+l.Tag+`" dir="`+l.Dir+`">`)
				if l != english {
					page.want(http.StatusUnprocessableEntity, textStart(l, c.key))
					page.wantWithout(textStart(english, c.key))
				}
			}
		})
	}
}

// textStart is the beginning of a text, up to the first placeholder or character that HTML escapes.
func textStart(l *locale.Language, key string) string {
	return regexp.MustCompile(`[{&<>'"+]`).Split(l.Text(key), 2)[0]
}

func TestProblemsAreInTheLanguageOfThePage(t *testing.T) {
	s := newFixture(t)
	id := s.comment("quay", "", "Tom", "please publish")
	cases := []struct{ path, key string }{
		{"/sites/nosuch/page?article=quay", "problem.site-unknown"},
		{"/nowhere?", "problem.no-such-address"},
		{quay + "&cursor=torn", "problem.cursor"},
		{"/comments/" + id + "?receipt=wrong", "problem.receipt"},
		{"/comments/01957000-0000-7000-8000-00000000ffff/report?", "problem.not-found"},
	}
	for _, l := range locale.Languages() {
		for _, c := range cases {
			page := s.browserFor(t).get(c.path + "&lang=" + l.Tag)
			page.want(page.status, `<html lang="`+l.Tag+`" dir="`+l.Dir+`">`, l.Text(c.key+".title"), l.Text(c.key+".detail"),
				l.Text("page.request", "id", "urn:uuid:"))
			if page.status < 400 {
				t.Errorf("%s answers %d", page.path, page.status)
			}
		}
	}
}
