package handlers_test

import (
	"net/http"
	"strings"
	"testing"

	"rejoinder/moderation"
)

func (b *browser) statusOf(body string) (page pageResponse, address string) {
	b.t.Helper()
	location := b.submit(quay, "body", body)
	for _, link := range b.follow(location).find("a") {
		if strings.HasPrefix(attr(link, "href"), "/comments/") && strings.Contains(attr(link, "href"), "receipt=") {
			return b.get(attr(link, "href")), attr(link, "href")
		}
	}
	b.t.Fatal("the page does not lead to the status page")
	return pageResponse{}, ""
}

func TestOtherWebsitesCannotActForAReader(t *testing.T) {
	s := newFixture(t)
	s.changeSettings(func(settings *moderation.SiteSettings) { settings.Votes = moderation.VotesUpDown })
	id := s.comment("quay", "", "Tom", "Cheap lamps! please publish")
	b := s.browser()
	page, address := b.statusOf("A lamp is better than a wall.")
	own, _, _ := strings.Cut(address, "?")
	_, values := page.form(own + "/edit")
	values.Set("text", "x")
	values.Set("value", "1")
	values.Set("reason", "spam")
	for _, path := range []string{"/comments/" + id + "/vote", "/comments/" + id + "/report", own + "/edit", own + "/withdraw", own + "/erase", own + "/appeal"} {
		b.post(path, values, "Origin", "https://elsewhere.example").want(http.StatusForbidden)
	}
	c := must(s.Queue.Case(t.Context(), moderation.Viewer{}, id))(t)
	if c.Comment.UpVotes != 0 || len(c.Reports) != 0 {
		t.Errorf("another website's form counted: %d votes, %d reports", c.Comment.UpVotes, len(c.Reports))
	}
}
