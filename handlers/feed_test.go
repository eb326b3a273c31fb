package handlers_test

import (
	"encoding/xml"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"rejoinder/moderation"
)

// atom is a feed as its readers parse it.
type atom struct {
	XMLName xml.Name `xml:"http://www.w3.org/2005/Atom feed"`
	Lang    string   `xml:"http://www.w3.org/XML/1998/namespace lang,attr"`
	ID      string   `xml:"id"`
	Title   string   `xml:"title"`
	Updated string   `xml:"updated"`
	Links   []struct {
		Rel  string `xml:"rel,attr"`
		Href string `xml:"href,attr"`
	} `xml:"link"`
	Entries []struct {
		ID      string `xml:"id"`
		Title   string `xml:"title"`
		Updated string `xml:"updated"`
		Author  struct {
			Name  string `xml:"name"`
			Email string `xml:"email"`
		} `xml:"author"`
		Link struct {
			Href string `xml:"href,attr"`
		} `xml:"link"`
		ReplyTo struct {
			Ref string `xml:"ref,attr"`
		} `xml:"http://purl.org/syndication/thread/1.0 in-reply-to"`
		Content struct {
			Type string `xml:"type,attr"`
			Text string `xml:",chardata"`
		} `xml:"content"`
	} `xml:"entry"`
}

func (h *testServer) feed(query string) (atom, reply) {
	h.t.Helper()
	r := h.get("/sites/paper/feed.atom"+query).want(http.StatusOK, nil)
	var f atom
	if err := xml.Unmarshal(r.body, &f); err != nil {
		h.t.Fatalf("%s: %v: %s", r.what, err, r.body)
	}
	return f, r
}

func TestAFeedHasApprovedCommentsOnly(t *testing.T) {
	eachEngine(t, func(h *testServer) {
		h.article("tide", nil)
		root := h.submit("See <b>this</b> & *that*, please publish it", fields{"author_url": "https://ines.example/"}).Comment.ID
		h.clock.advance(time.Minute)
		answer := h.submit("Well said, please publish", fields{"parent_id": root, "author_name": "Bo & <Co>"}).Comment.ID
		h.submit("Nobody has looked at this")
		h.clock.advance(time.Minute)
		other := h.submit("From the tide, please publish", fields{"article": fields{"key": "tide"}}).Comment.ID

		article, r := h.feed("?article=quay")
		ids := []string{}
		for _, e := range article.Entries {
			ids = append(ids, e.ID)
			if e.Author.Email != "" || e.Content.Type != "html" || e.Link.Href == "" {
				t.Errorf("entry %+v", e)
			}
		}
		if diff := cmp.Diff([]string{"urn:uuid:" + answer, "urn:uuid:" + root}, ids); diff != "" {
			t.Fatalf("entries of the article (-want +got):\n%s", diff)
		}
		reply, first := article.Entries[0], article.Entries[1]
		if reply.Author.Name != "Bo & <Co>" || reply.ReplyTo.Ref != first.ID || reply.Title != "Bo & <Co> on The quay & its <lamps>" {
			t.Errorf("the reply is %+v", reply)
		}
		if want := "<p>See &lt;b&gt;this&lt;/b&gt; &amp; <em>that</em>, please publish it</p>"; strings.TrimSpace(first.Content.Text) != want {
			t.Errorf("content is %q, want %q", first.Content.Text, want)
		}
		if want := "https://harbour.example/quay#comment-" + root; first.Link.Href != want {
			t.Errorf("the link is %s, want %s", first.Link.Href, want)
		}
		if article.Updated != "2026-03-02T09:01:00Z" || article.Lang != "en" || !strings.HasPrefix(article.ID, "urn:uuid:") {
			t.Errorf("the feed is %+v", article)
		}
		if strings.Contains(string(r.body), "Nobody") || strings.Contains(string(r.body), "mail.example") {
			t.Errorf("the feed shows too much: %s", r.body)
		}
		site, _ := h.feed("")
		if len(site.Entries) != 3 || site.Entries[0].ID != "urn:uuid:"+other || site.Title != "Comments on The Harbour Gazette" {
			t.Errorf("the site's feed is %+v", site)
		}
		if want := publicURL + "/sites/paper/page?article=tide&comment=" + other + "#comment-" + other; site.Entries[0].Link.Href != want {
			t.Errorf("the link to an article without address is %s, want %s", site.Entries[0].Link.Href, want)
		}
	})
}

func TestAFeedIsTheSameUntilSomethingChanges(t *testing.T) {
	h := newTestServer(t)
	id := h.submit("One, please publish").Comment.ID
	_, first := h.feed("?article=quay")
	tag := first.header.Get("ETag")
	if !strings.HasPrefix(first.header.Get("Cache-Control"), "public") || tag == "" || first.header.Get("Last-Modified") != "" {
		t.Errorf("headers %v", first.header)
	}
	again := call{method: http.MethodGet, path: "/sites/paper/feed.atom?article=quay", header: map[string]string{"If-None-Match": tag}}
	h.do(again).want(http.StatusNotModified, nil)
	h.decide(id, moderation.ActionReject)
	h.do(again).want(http.StatusOK, nil)
	if f, r := h.feed("?article=quay"); len(f.Entries) != 0 || strings.Contains(string(r.body), "Ines") {
		t.Errorf("after the comment was taken out, the feed is %s", r.body)
	}
	if f, _ := h.feed(""); len(f.Entries) != 0 {
		t.Errorf("the site's feed still has %d entries", len(f.Entries))
	}
}

func TestAFeedSpeaksItsLanguage(t *testing.T) {
	h := newTestServer(t)
	h.submit("One, please publish")
	for query, want := range map[string]string{
		"?article=quay&lang=de": "Kommentare zu The quay & its <lamps>", "?lang=de": "Kommentare auf The Harbour Gazette",
		"?article=quay&lang=xx": "Comments on The quay & its <lamps>", "?lang=en-US": "Comments on The Harbour Gazette",
	} {
		if f, _ := h.feed(query); f.Title != want {
			t.Errorf("%s: title %q, want %q", query, f.Title, want)
		}
	}
}

func TestMissingArticlesHaveNoFeed(t *testing.T) {
	h := newTestServer(t)
	h.get("/sites/paper/feed.atom?article=nosuch").wantProblem(http.StatusNotFound, "article-unknown")
	h.get("/sites/nosuch/feed.atom").wantProblem(http.StatusNotFound, "site-unknown")
}

func TestAFeedHidesUnverifiedTitles(t *testing.T) {
	h := newTestServer(t)
	c := call{method: http.MethodPost, path: paperComments, header: map[string]string{"Origin": "https://harbour.example"},
		body: submission("Waits", fields{"article": fields{"key": "new", "url": "https://harbour.example/new", "title": "Buy gold"}})}
	h.do(c).want(http.StatusCreated, nil)
	f, r := h.feed("?article=new")
	if f.Title != "Comments on The Harbour Gazette" || strings.Contains(string(r.body), "gold") || strings.Contains(string(r.body), "harbour.example/new") {
		t.Errorf("the feed says %s", r.body)
	}
}

func TestTheFeedIsWrittenAsBefore(t *testing.T) {
	h := newTestServer(t)
	root := h.submit("Is it *still* there?\n\nplease publish").Comment.ID
	h.clock.advance(time.Minute)
	h.submit("It is, please publish", fields{"parent_id": root, "author_name": "Élodie"})
	_, r := h.feed("?article=quay&lang=fr")
	got := byLine(r.body)
	path := filepath.Join("testdata", "feed.atom")
	if *update {
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if diff := cmp.Diff(string(must(os.ReadFile(path))(t)), string(got)); diff != "" {
		t.Errorf("the feed (-%s +got):\n%s", path, diff)
	}
}

// byLine puts each element on a line of its own, for readable comparisons.
func byLine(body []byte) []byte {
	return []byte(strings.ReplaceAll(string(body), "><", ">\n<") + "\n")
}

func TestCountsHaveTheTextsOfTheirLinks(t *testing.T) {
	h := newTestServer(t)
	h.article("tide", nil)
	for _, body := range []string{"One", "Two", "Three"} {
		h.clock.advance(time.Minute)
		h.submit(body+", please publish", fields{"author_email": body + "@mail.example"})
	}
	for lang, want := range map[string]map[string]string{
		"en": {"quay": "3 comments", "tide": "Leave a comment"}, "de-AT": {"quay": "3 Kommentare", "tide": "Kommentar schreiben"},
		"pl": {"quay": "3 komentarze"}, "ar": {"quay": "٣ تعليقات"}, "ja": {"quay": "3件のコメント"}, "xx": {"quay": "3 comments"},
	} {
		var got struct{ Labels map[string]string }
		h.get("/api/v1/sites/paper/counts?article=quay&article=tide&lang="+lang).want(http.StatusOK, &got)
		for key, label := range want {
			if got.Labels[key] != label {
				t.Errorf("%s: the link to %s says %q, want %q", lang, key, got.Labels[key], label)
			}
		}
	}
	if r := h.get("/api/v1/sites/paper/counts?article=quay"); strings.Contains(string(r.body), "labels") {
		t.Errorf("labels without a language: %s", r.body)
	}
}

func TestAFeedShowsAnApprovalAtOnce(t *testing.T) {
	eachEngine(t, func(h *testServer) {
		id := h.submit("Waits for a person").Comment.ID
		for _, query := range []string{"?article=quay", ""} {
			if f, r := h.feed(query); len(f.Entries) != 0 || strings.Contains(string(r.body), "Waits") {
				t.Fatalf("before the approval the feed %q says %s", query, r.body)
			}
		}
		h.decide(id, moderation.ActionApprove)
		for _, query := range []string{"?article=quay", ""} {
			if f, r := h.feed(query); len(f.Entries) != 1 || f.Entries[0].ID != "urn:uuid:"+id {
				t.Errorf("after the approval the feed %q says %s", query, r.body)
			}
		}
	})
}

func TestAFeedStaysValidWithAnyComments(t *testing.T) {
	cases := map[string]struct{ body, name, wantText, wantName string }{
		"the end of a CDATA section": {
			body: "]]></content></entry></feed>", name: "]]></name>", wantName: "]]></name>",
			wantText: "<p>]]&gt;&lt;/content&gt;&lt;/entry&gt;&lt;/feed&gt; please publish</p>",
		},
		"a script and an entity of its own": {
			body: "</script><script>alert(1)</script> &xxe;", name: "<script>&xxe;</script>", wantName: "<script>&xxe;</script>",
			wantText: "<p>&lt;/script&gt;&lt;script&gt;alert(1)&lt;/script&gt; &amp;xxe; please publish</p>",
		},
		"characters that XML can't hold": {
			body: "a\x01b\x0bc\uFFFEd\uFFFFe\u0085f", name: "I\x01n\uFFFEe\uFFFFs", wantName: "I nes", wantText: "<p>abcdef please publish</p>",
		},
		"text from right to left, and a name that would turn its line around": {
			body: "مرحبا \u2067שלום\u2069", name: "\u202Eعمر\u2066", wantName: "عمر", wantText: "<p>مرحبا \u2067שלום\u2069 please publish</p>",
		},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			h := newTestServer(t)
			h.submit(c.body+" please publish", fields{"author_name": c.name, "author_url": "https://ines.example/"})
			f, r := h.feed("?article=quay")
			if len(f.Entries) != 1 {
				t.Fatalf("the feed has %d entries: %s", len(f.Entries), r.body)
			}
			entry := f.Entries[0]
			if diff := cmp.Diff([]string{c.wantText, c.wantName, c.wantName + " on The quay & its <lamps>"},
				[]string{strings.TrimSpace(entry.Content.Text), entry.Author.Name, entry.Title}); diff != "" {
				t.Errorf("text, name and title (-want +got):\n%s", diff)
			}
			if strings.ContainsAny(string(r.body), "\x01\x0b\uFFFD\uFFFE\uFFFF") || strings.Contains(string(r.body), "ines.example") {
				t.Errorf("the feed is %q", r.body)
			}
		})
	}
}

func TestAFeedHasTheThirtyNewestComments(t *testing.T) {
	h := newTestServer(t)
	var newest string
	for i := range 31 {
		h.clock.advance(time.Hour)
		newest = h.submit(fmt.Sprintf("Number %d, please publish", i)).Comment.ID
	}
	f, r := h.feed("?article=quay")
	if len(f.Entries) != 30 || f.Entries[0].ID != "urn:uuid:"+newest || strings.Contains(string(r.body), "Number 0,") {
		t.Errorf("the feed has %d entries, from %s", len(f.Entries), f.Entries[0].ID)
	}
}
