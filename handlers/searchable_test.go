package handlers_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"rejoinder/moderation"
)

// structuredData is the content of a page's data block.
type structuredData struct {
	Context      string `json:"@context"`
	Type         string `json:"@type"`
	ID           string `json:"@id"`
	Headline     string
	CommentCount int
	Comment      []structuredDataNode
}

type structuredDataNode struct {
	Type    string `json:"@type"`
	ID      string `json:"@id"`
	Text    string
	Author  map[string]string
	Comment []structuredDataNode
}

func (a pageResponse) structuredData() structuredData {
	a.t.Helper()
	for _, n := range a.find("script") {
		if attr(n, "type") == "application/ld+json" {
			var l structuredData
			if err := json.Unmarshal([]byte(n.FirstChild.Data), &l); err != nil {
				a.t.Fatalf("%v: %s", err, n.FirstChild.Data)
			}
			return l
		}
	}
	a.t.Fatalf("%s: no data block:\n%s", a.path, a.body)
	return structuredData{}
}

// head returns an attribute of the first link or meta with that rel or name, empty when there is none.
func (a pageResponse) head(element, name, value, attribute string) string {
	a.t.Helper()
	for _, n := range a.find(element) {
		if attr(n, name) == value {
			return attr(n, attribute)
		}
	}
	return ""
}

func TestSearchEnginesGetPublicDataOnly(t *testing.T) {
	s := newFixture(t)
	root := s.comment("quay", "", "Ines </script><b>", "A *first* word, `</script>`.\n\n- please publish")
	gone := s.comment("quay", root, "Tom", "please publish this, too")
	below := s.comment("quay", gone, "Uma", "So do I, please publish")
	s.comment("quay", "", "Waiting", "Nobody may see this yet")
	s.decide(gone, moderation.ActionReject)
	page := s.browser().get(quay)
	page.wantWithout("Nobody may see", "mail.example", "</script><b>")
	const article = "https://harbour.example/quay"
	want := structuredData{
		Context: "https://schema.org", Type: "DiscussionForumPosting", ID: article, Headline: "The quay & its <lamps>", CommentCount: 2,
		Comment: []structuredDataNode{{
			Type: "Comment", ID: article + "#comment-" + root, Text: "A first word, </script>.\nplease publish",
			Author: map[string]string{"@type": "Person", "name": "Ines </script><b>"},
			Comment: []structuredDataNode{{Type: "Comment", ID: article + "#comment-" + below, Text: "So do I, please publish",
				Author: map[string]string{"@type": "Person", "name": "Uma"}}},
		}},
	}
	if diff := cmp.Diff(want, page.structuredData()); diff != "" {
		t.Errorf("the data block (-want +got):\n%s", diff)
	}
	if got := page.head("link", "rel", "canonical", "href"); got != article {
		t.Errorf("canonical is %q, want %q", got, article)
	}
	feed := page.head("link", "rel", "alternate", "href")
	if r := s.browser().get(feed); r.status != http.StatusOK || !strings.Contains(r.body, "So do I") {
		t.Errorf("the feed at %q answers %d: %s", feed, r.status, r.body)
	}
}

func TestOnlyTheFirstPageIsForSearchEngines(t *testing.T) {
	s := newFixture(t)
	id := s.comment("quay", "", "Ines", "One, please publish")
	if got := s.browser().get(quay).head("meta", "name", "robots", "content"); got != "" {
		t.Errorf("robots is %q on the first page", got)
	}
	for _, query := range []string{"&sort=newest", "&comment=" + id, "&root=" + id, "&reply_to=" + id} {
		page := s.browser().get(quay + query)
		page.wantWithout("application/ld+json")
		if got := page.head("meta", "name", "robots", "content"); got != "noindex, follow" {
			t.Errorf("%s: robots is %q", query, got)
		}
	}
}

func TestAnUnverifiedArticleHasOurURL(t *testing.T) {
	s := newFixture(t)
	s.article("tide", nil)
	want := s.baseURL + "/sites/paper/page?article=tide"
	page := s.browser().get("/sites/paper/page?article=tide")
	if got := page.head("link", "rel", "canonical", "href"); got != want || page.structuredData().ID != want {
		t.Errorf("canonical is %q, in the data block %q, want %q", got, page.structuredData().ID, want)
	}
	s.browser().get("/sites/paper/page?article=nosuch").wantWithout("canonical", "ld+json", "feed.atom")
}
