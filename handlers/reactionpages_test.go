package handlers_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"rejoinder/moderation"
)

// changeSettings changes the settings of the site paper.
func (s *fixture) changeSettings(change func(*moderation.SiteSettings)) {
	s.t.Helper()
	must(s.Sites.Change(s.t.Context(), moderation.Viewer{}, "paper", moderation.SiteChange{
		Settings: func(settings moderation.SiteSettings) moderation.SiteSettings {
			change(&settings)
			return settings
		}}))(s.t)
}

func TestReportWithoutScript(t *testing.T) {
	s := newFixture(t)
	path := "/comments/" + s.comment("quay", "", "Tom", "please publish the lamps") + "/report"
	reader := s.browser()
	page := reader.get(path)
	page.want(http.StatusOK, "Report a comment", "please publish the lamps", "Why are you reporting it?")
	page.wantGolden("report")
	action, form := page.form(path)
	unreasoned := reader.post(action, withField(form, "note", "It is <rude>."))
	unreasoned.want(http.StatusUnprocessableEntity, "Please choose what is wrong with the comment.", "It is &lt;rude&gt;.</textarea>")
	reader.part(path, url.Values{"note": {"It is <rude>."}}).want(http.StatusUnprocessableEntity, `<form class="rj-report"`, "It is &lt;rude&gt;.</textarea>")
	action, form = unreasoned.form(path)
	form.Set("reason", "offensive")
	reader.post(action, form).want(http.StatusCreated, "Thank you. A moderator will look at it.")
	part := reader.part(path, url.Values{"reason": {"spam"}, "lang": {"de"}})
	part.want(http.StatusCreated, `<p class="rj-notice" role="status">Danke. Die Moderation sieht sich den Kommentar an.</p>`)
	part.wantWithout("<html")
}

func TestReportsOfUnapprovedComments(t *testing.T) {
	s := newFixture(t)
	held := "/comments/" + s.comment("quay", "", "Tom", "not yet") + "/report"
	shown := "/comments/" + s.comment("quay", "", "Tom", "please publish") + "/report"
	unknown := "/comments/01957000-0000-7000-8000-0000ffffffff/report"
	form := url.Values{"reason": {"spam"}}
	for _, path := range []string{held, unknown} {
		s.browser().get(path).want(http.StatusNotFound)
		s.browser().post(path, form).want(http.StatusNotFound)
	}
	s.browser().post(shown, form, "Origin", "https://evil.example").want(http.StatusForbidden, `<option value="spam" selected>`)
	s.changeSettings(func(settings *moderation.SiteSettings) { settings.Reports = false })
	s.browser().get(shown+"?lang=de").want(http.StatusConflict, "Hier kann man nichts melden")
	s.browser().post(shown, form).want(http.StatusConflict, "This site takes no reports from readers.")
}

func TestVoteWithoutScript(t *testing.T) {
	s := newFixture(t)
	s.changeSettings(upDown)
	id := s.comment("quay", "", "Tom", "please publish the lamps")
	path, reader := "/comments/"+id+"/vote", s.browser()
	page := reader.get(quay + "&sort=newest&lang=de")
	_, form := page.form("")
	for _, f := range page.find("form") {
		if attr(f, "id") == "rj-acts" {
			form = formValues(f)
		}
	}
	voted := reader.post(path, withField(form, "value", "1"))
	location := voted.header.Get("Location")
	if !strings.HasPrefix(location, "/sites/paper/page?") || !strings.HasSuffix(location, "#comment-"+id) {
		t.Errorf("sent on to %q", location)
	}
	if query := must(url.Parse(location))(t).Query(); query.Get("sort") != "newest" || query.Get("lang") != "de" {
		t.Errorf("order and language are lost: %q", location)
	}
	reader.follow(voted).want(http.StatusOK, "please publish the lamps", "1 Stimme dafür")
	part := reader.part(path, url.Values{"value": {"-1"}})
	part.want(http.StatusOK, `<span class="rj-votes">`, "1 downvote")
	part.wantWithout("<html", "<li", "0 upvotes")
}

func TestVoteThatDoesNotCount(t *testing.T) {
	s := newFixture(t)
	id := s.comment("quay", "", "Tom", "please publish the lamps")
	path := "/comments/" + id + "/vote"
	up := url.Values{"value": {"1"}, "lang": {"de"}}
	s.browser().post(path, up).want(http.StatusConflict, "Hier wird nicht abgestimmt")
	s.changeSettings(upDown)
	s.browser().post(path, url.Values{"value": {"much"}}).want(http.StatusUnprocessableEntity)
	s.browser().post(path, up, "Origin", "https://evil.example").want(http.StatusForbidden)
	s.browser().post("/comments/"+s.comment("quay", "", "Tom", "not yet")+"/vote", up).want(http.StatusNotFound)

	writer := s.browser()
	own, receipt := ownPage(t, writer.sentComment("A lamp is better."))
	s.decide(strings.TrimPrefix(own, "/comments/"), moderation.ActionApprove)
	writer.part(own+"/vote", withField(withField(receipt, "value", "1"), "lang", "de")).want(http.StatusConflict, "Über Ihren eigenen Kommentar können Sie nicht abstimmen.")
}
