package handlers_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"

	"rejoinder/moderation"
)

const quay = "/sites/paper/page?article=quay"

func TestThreadPage(t *testing.T) {
	t.Run("an article without comments invites the first one", func(t *testing.T) {
		page := newFixture(t).browser().get(quay)
		page.want(http.StatusOK, "Posted on", `<a href="#respond">Leave a comment</a>`)
		page.wantGolden("thread-empty")
	})
	t.Run("comments, replies and tombstones are nested", func(t *testing.T) {
		s := newFixture(t)
		root := s.comment("quay", "", "Ines", "A *first* word. please publish\n\nhttps://lamps.example/?a=1&b=2")
		reply := s.comment("quay", root, "Tom", "I see it differently. please publish")
		s.comment("quay", reply, "Uma", "So do I. please publish")
		s.comment("quay", "", "<b>Bob</b>", "<script>alert(1)</script> please publish")
		s.comment("quay", "", "Waiting", "Nobody may see this yet.")
		s.decide(reply, moderation.ActionReject)
		page := s.browser().get(quay)
		page.want(http.StatusOK, `<a href="#comments">3 comments</a>`, "This comment was removed.")
		page.wantWithout("I see it differently", "Tom", "Nobody may see this yet", "<b>Bob", "<script>", "mail.example")
		page.wantGolden("thread-replies")
	})
	t.Run("a closed article shows its comments and no form", func(t *testing.T) {
		s := newFixture(t)
		s.comment("quay", "", "Ines", "please publish")
		s.closeArticle("quay")
		page := s.browser().get(quay)
		page.want(http.StatusOK, "Comments are closed.", `<a href="#comments">1 comment</a>`)
		page.wantWithout("<form", ">Reply<")
		page.wantGolden("thread-closed")
	})
	t.Run("an article that closed by age shows no form", func(t *testing.T) {
		s := newFixture(t)
		days := 7
		s.article("old", func(n *moderation.NewArticle) { n.CloseAfterDays = &days })
		s.browser().get("/sites/paper/page?article=old").want(http.StatusOK, "Post Comment")
		s.clock.advance(7 * 24 * time.Hour)
		page := s.browser().get("/sites/paper/page?article=old")
		page.want(http.StatusOK, "Comments are closed.", "No comments")
		page.wantWithout("<form")
	})
	t.Run("a publication time that nobody gave is not shown", func(t *testing.T) {
		s := newFixture(t)
		s.article("undated", nil)
		s.browser().get("/sites/paper/page?article=undated").wantWithout("Posted on")
	})
	t.Run("an article that nobody registered is a polite 404", func(t *testing.T) {
		page := newFixture(t).browser().get("/sites/paper/page?article=nowhere")
		page.want(http.StatusNotFound, "No such article", "The Harbour Gazette")
		page.wantWithout("<form")
	})
	t.Run("an unknown site is a 404 page", func(t *testing.T) {
		newFixture(t).browser().get("/sites/nosuch/page?article=quay").want(http.StatusNotFound, "No such site")
	})
	t.Run("a missing article key is named", func(t *testing.T) {
		newFixture(t).browser().get("/sites/paper/page").want(http.StatusUnprocessableEntity, "An article key is required.")
	})
	t.Run("a cursor that nobody made is refused", func(t *testing.T) {
		newFixture(t).browser().get(quay+"&cursor=%21").want(http.StatusBadRequest, "Invalid cursor")
	})
	t.Run("an article whose key is a URL with a query works", func(t *testing.T) {
		s := newFixture(t)
		key := "https://harbour.example/?p=1&x=<&y=ü#z"
		s.article(key, nil)
		s.comment(key, "", "Ines", "please publish")
		page := s.browser().get("/sites/paper/page?article=https%3A%2F%2Fharbour.example%2F%3Fp%3D1%26x%3D%3C%26y%3D%C3%BC%23z")
		page.want(http.StatusOK, "1 comment")
		s.browser().get(page.link("Reply")).want(http.StatusOK, "Reply to Ines")
		_, form := page.form("/sites/paper/comments")
		if got, want := form.Get("article"), "https://harbour.example/?p=1&x=%3C&y=%C3%BC"; got != want {
			t.Errorf("the form names article %q, want %q", got, want)
		}
	})
}

func TestReplyForm(t *testing.T) {
	s := newFixture(t)
	id := s.comment("quay", "", "Ines “the Lamp” O’Hara", "please publish")
	reader := s.browser()
	page := reader.get(reader.get(quay).link("Reply"))
	page.want(http.StatusOK, "Reply to Ines “the Lamp” O’Hara", "Cancel reply")
	_, form := page.form("/sites/paper/comments")
	if got := form.Get("parent_id"); got != id {
		t.Errorf("the form answers %q, want %q", got, id)
	}
	plain := reader.get(page.link("Cancel reply"))
	plain.want(http.StatusOK, "Leave a Reply")
	if _, form := plain.form("/sites/paper/comments"); form.Has("parent_id") {
		t.Error("a cancelled reply still answers a comment")
	}
}

func TestRepliesStopAtTheDeepestLevel(t *testing.T) {
	s := newFixture(t)
	shallow := func(s moderation.SiteSettings) moderation.SiteSettings { s.MaxDepth = 1; return s }
	must(s.Sites.Change(t.Context(), moderation.Viewer{}, "paper", moderation.SiteChange{Settings: shallow}))(t)
	root := s.comment("quay", "", "Ines", "please publish")
	s.comment("quay", root, "Tom", "please publish")
	if got := strings.Count(s.browser().get(quay).body, ">Reply</a>"); got != 1 {
		t.Errorf("%d comments can be answered, want 1", got)
	}
}

func TestThreadPages(t *testing.T) {
	s := newFixture(t)
	for i := range 51 {
		s.comment("quay", "", fmt.Sprintf("Reader %02d", i), "please publish")
	}
	reader := s.browser()
	first := reader.get(quay)
	first.want(http.StatusOK, "51 comments", "Reader 00", "Reader 49")
	first.wantWithout("Reader 50")
	second := reader.get(first.link("More comments"))
	second.want(http.StatusOK, "Reader 50")
	second.wantWithout("Reader 49")
	reader.get(second.link("All comments")).want(http.StatusOK, "Reader 00")
	newest := reader.get(first.link("Newest"))
	newest.want(http.StatusOK, "Reader 50", "Reader 01")
	newest.wantWithout("Reader 00")
	reader.get(newest.link("More comments")).want(http.StatusOK, "Reader 00")

	t.Run("a reply from a later page comes back to that page", func(t *testing.T) {
		reply := reader.get(second.link("Reply"))
		reply.want(http.StatusOK, "Reply to Reader 50")
		action, form := reply.form("/sites/paper/comments")
		form.Set("author_name", "Late")
		form.Set("author_email", "late@mail.example")
		form.Set("body", "please publish")
		reader.follow(reader.post(action, form)).want(http.StatusOK, "Reader 50", "Late")
	})
}

func TestMoreReplies(t *testing.T) {
	s := newFixture(t)
	root := s.comment("quay", "", "Ines", "please publish")
	for i := range moderation.RepliesPerRoot + 1 {
		s.comment("quay", root, fmt.Sprintf("Reply %03d", i), "please publish")
	}
	reader := s.browser()
	page := reader.get(quay)
	page.wantWithout(">Reply 020<")
	rest := reader.get(page.link("More replies"))
	rest.want(http.StatusOK, "Reply 020")
	rest.wantWithout("Reply 019")
	reader.get(rest.link("All comments")).want(http.StatusOK, "Reply 019")
	reader.get(quay + "&root=01957000-0000-7000-8000-ffffffffffff").want(http.StatusOK)
	reader.get(quay + "&root=nonsense").want(http.StatusNotFound)
}

func TestReadersPagesAreCachedOnlyWhenTheyShowNobody(t *testing.T) {
	s := newFixture(t)
	reader := s.browser()
	page := reader.get(quay)
	if got := page.header.Get("Cache-Control"); got != "public, max-age=0, must-revalidate, s-maxage=5" {
		t.Errorf("Cache-Control is %q", got)
	}
	if got := page.header.Values("Vary"); !strings.Contains(strings.Join(got, ","), "Cookie") {
		t.Errorf("Vary is %q", got)
	}
	action, form := page.form("/sites/paper/comments")
	form.Set("author_name", "Ines")
	form.Set("author_email", "ines@mail.example")
	form.Set("body", "Hello.")
	form.Set("remember", "yes")
	own := reader.follow(reader.post(action, form))
	if got := own.header.Get("Cache-Control"); got != "private, no-store" {
		t.Errorf("a page with a pending comment has Cache-Control %q", got)
	}
	s.article("other", nil)
	if got := reader.get("/sites/paper/page?article=other").header.Get("Cache-Control"); got != "private, no-store" {
		t.Errorf("a page with a filled form has Cache-Control %q", got)
	}
}

func TestDemo(t *testing.T) {
	s := newFixture(t)
	reader := s.browser()
	page := reader.get("/demo")
	page.want(http.StatusOK, "2 March 2026</time>", "Leave a comment", "Leave a Reply", `href="/console"`)
	action, form := page.form("/sites/demo/comments")
	form.Set("author_name", "Ines")
	form.Set("author_email", "ines@mail.example")
	form.Set("body", "")
	form.Set("remember", "yes")
	faulty := reader.post(action, form)
	faulty.want(http.StatusUnprocessableEntity, "Please write a comment.", "A page that answers back")
	form.Set("body", "I remember one about a bridge.")
	sent := reader.post(action, form)
	if location := sent.header.Get("Location"); !strings.HasPrefix(location, "/demo#comment-") {
		t.Errorf("sent to %q, want the demo article", location)
	}
	reader.follow(sent).want(http.StatusOK, "Your comment is awaiting moderation.", "I remember one about a bridge.", `value="ines@mail.example"`)
	s.browser().get("/demo").wantWithout("I remember one about a bridge.")
}

func TestAssets(t *testing.T) {
	reader := newFixture(t).browser()
	page := reader.get(quay)
	links := slices.DeleteFunc(page.find("link"), func(n *html.Node) bool { return !strings.HasPrefix(attr(n, "href"), "/assets/") })
	if len(links) != 4 {
		t.Fatalf("the page has %d links to assets, want 4", len(links))
	}
	for _, link := range links {
		asset := reader.get(attr(link, "href"))
		asset.want(http.StatusOK)
		if got := asset.header.Get("Cache-Control"); got != "public, max-age=31536000, immutable" {
			t.Errorf("%s: Cache-Control is %q", asset.path, got)
		}
	}
	plain := reader.get("/assets/page.css")
	plain.want(http.StatusOK, ".masthead")
	if got := plain.header.Get("Cache-Control"); got != "no-cache" {
		t.Errorf("under its plain name a style sheet has Cache-Control %q", got)
	}
	if got := reader.get("/assets/page-0123456789abcdef.css").header.Get("Cache-Control"); got != "no-cache" {
		t.Errorf("under an old name a style sheet has Cache-Control %q", got)
	}
	request := must(http.NewRequest(http.MethodGet, reader.base+"/assets/page.css", nil))(t)
	request.Header.Set("If-None-Match", plain.header.Get("ETag"))
	reader.send(request).want(http.StatusNotModified)
	for _, unknown := range []string{"nosuch.css", "welcome.html", "..%2fdoc.go", "page-.css.map"} {
		reader.get("/assets/" + unknown).want(http.StatusNotFound)
	}
}
