package handlers_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"rejoinder/auth"
	"rejoinder/moderation"
	"rejoinder/moderation/queue"
)

const (
	bridgeKey  = "https://harbour.example/2026/the-bridge"
	bridgeNews = bridgeKey + "?utm_source=mail&fbclid=x#comment-1" // the same page
)

func bridge(path string) string { return path + "?article=" + url.QueryEscape(bridgeNews) }

func TestTheFirstCommentUnderAnAddressNeedsNoScript(t *testing.T) {
	s := newFixture(t)
	reader := s.browser()
	page := reader.get(bridge("/sites/paper/page"))
	page.want(http.StatusOK, `<a href="`+bridgeKey+`">harbour.example/2026/the-bridge</a>`,
		"<title>harbour.example/2026/the-bridge – The Harbour Gazette</title>", `content="noindex, follow"`, "Leave a comment")
	page.wantWithout("utm_source", "ld+json")
	sent := reader.submit(bridge("/sites/paper/page"), "article_title", "Buy lamps", "article_url", "https://harbour.example/shop")
	reader.follow(sent).want(http.StatusOK, "Your comment is awaiting moderation.", "A lamp is better than a wall.", `content="noindex, follow"`)

	waiting := must(s.Queue.List(t.Context(), moderation.Viewer{}, queue.Query{
		SiteSlug: "paper", Status: moderation.StatusPending, Sort: queue.SortOldest, Limit: 1, Filter: queue.Filter{ArticleKey: bridgeNews}}))(t)
	if len(waiting.Items) != 1 {
		t.Fatalf("%d comments wait under the address", len(waiting.Items))
	}
	if article := waiting.Items[0].Article; article.Key != bridgeKey || article.URL != bridgeKey || article.Title != "" {
		t.Errorf("the first comment made the article %+v", article)
	}
	s.decide(waiting.Items[0].Comment.ID, moderation.ActionApprove)
	public := s.browser().get(bridge("/sites/paper/page"))
	public.want(http.StatusOK, "1 comment", "harbour.example/2026/the-bridge", "ld+json")
	public.wantWithout("noindex", "Buy lamps", "/shop")
}

func TestAnAddressOfTheSiteNeedsNoRegistration(t *testing.T) {
	eachEngine(t, func(h *testServer) {
		var p threadPage
		h.get(bridge("/api/v1/sites/paper/thread")).want(http.StatusOK, &p)
		if p.Article.Key != bridgeKey || p.Article.URL != bridgeKey || p.Article.Title != "" || p.Article.Closed {
			h.t.Errorf("the thread of an address is of the article %+v", p.Article)
		}
		var counted struct{ Counts map[string]int }
		counts := bridge("/api/v1/sites/paper/counts") + "&article=" + url.QueryEscape(bridgeKey)
		h.get(counts).want(http.StatusOK, &counted)
		if len(counted.Counts) != 2 || counted.Counts[bridgeNews] != 0 || counted.Counts[bridgeKey] != 0 {
			h.t.Errorf("counts: %v", counted.Counts)
		}
		if feed, r := h.feed("?article=" + url.QueryEscape(bridgeNews)); r.status != http.StatusOK || feed.Title != "Comments on harbour.example/2026/the-bridge" ||
			len(feed.Entries) != 0 {
			h.t.Errorf("the feed of an address: status %d, %+v", r.status, feed)
		}
		if fragment := h.get(bridge("/sites/paper/thread")); fragment.status != http.StatusOK || !strings.Contains(string(fragment.body), "<form") {
			h.t.Errorf("the fragment of an address: status %d, %.300s", fragment.status, fragment.body)
		}
		if articles := must(h.Sites.Articles(h.t.Context(), moderation.Viewer{}, moderation.ArticleQuery{SiteSlug: "paper", Limit: 10}))(h.t); len(articles.Articles) != 1 {
			h.t.Errorf("reading registered %+v", articles.Articles)
		}

		h.submit("First, please publish it", fields{"article": fields{"key": bridgeNews, "title": "Buy lamps", "url": "https://evil.test/"}})
		h.submit("Second, please publish it", fields{"article": fields{"key": bridgeKey}})
		h.get(counts).want(http.StatusOK, &counted)
		if counted.Counts[bridgeNews] != 2 || counted.Counts[bridgeKey] != 2 {
			h.t.Errorf("after two comments: %v", counted.Counts)
		}
		h.get(bridge("/api/v1/sites/paper/thread")).want(http.StatusOK, &p)
		if p.Count != 2 || p.Article.URL != bridgeKey || p.Article.Title != "" {
			h.t.Errorf("after two comments the thread has %d, of %+v", p.Count, p.Article)
		}
	})
}

func TestOnlyAddressesOfTheSiteNeedNoRegistration(t *testing.T) {
	h := newTestServer(t)
	for _, key := range []string{
		"story-12", "/2026/the-bridge", "harbour.example/2026/the-bridge", "https://evil.test/2026/the-bridge", "http://harbour.example/2026/the-bridge",
		"https://harbour.example:8443/a", "https://harbour.example.evil.test/a", "https://harbour.example@evil.test/a", "https://evil.test/https://harbour.example/a",
		"//harbour.example/a", "https:harbour.example/a", "javascript:https://harbour.example/a",
	} {
		query := "?article=" + url.QueryEscape(key)
		page := h.do(call{method: http.MethodGet, path: "/sites/paper/page" + query, header: map[string]string{"Accept": "text/html"}})
		if page.status != http.StatusNotFound || !strings.Contains(string(page.body), "Is this your website?") {
			t.Errorf("the page of %s: status %d: %s", key, page.status, page.body)
		}
		h.get("/sites/paper/feed.atom"+query).wantProblem(http.StatusNotFound, "article-unknown")
		h.post(paperComments, submission("First!", fields{"article": fields{"key": key, "url": bridgeKey}})).wantProblem(http.StatusNotFound, "article-unknown")
	}
}

func TestSpellingsOfAURLShareOneKey(t *testing.T) {
	h := newTestServer(t)
	h.article("https://harbour.example/?id=2026/11/28&utm_source=desk", nil)
	h.approved("HTTPS://Harbour.Example:443?id=2026/11/28", "", "one")
	admin := h.registerModerator("Chief", auth.RoleAdmin)
	h.do(call{method: http.MethodPost, path: "/api/v1/sites/paper/articles/aliases", token: admin,
		body: fields{"article": "https://harbour.example/?id=2026/11/28#top", "alias": "https://harbour.example/plain?"}}).want(http.StatusCreated, nil)
	for _, key := range []string{
		"https://harbour.example/?id=2026/11/28", "https://harbour.example/?gclid=x&id=2026/11/28", "https://harbour.example/plain",
		"https://harbour.example/plain?utm_medium=mail", "https://harbour.example/./plain?#comments",
	} {
		var p threadPage
		h.get("/api/v1/sites/paper/thread?article="+url.QueryEscape(key)).want(http.StatusOK, &p)
		if p.Count != 1 {
			t.Errorf("%s: %d comments, of %+v", key, p.Count, p.Article)
		}
	}
	var p threadPage
	h.get("/api/v1/sites/paper/thread?article="+url.QueryEscape("https://harbour.example/?id=2026%2F11%2F28")).want(http.StatusOK, &p)
	if p.Count != 0 {
		t.Error("the rest of a query is decoded")
	}
}
