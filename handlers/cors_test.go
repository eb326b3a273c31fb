package handlers_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"rejoinder/moderation"
)

const (
	harbour  = "https://harbour.example" // the origin of the site paper
	lakeside = "https://lakeside.example"
)

// newServerWithLake is a server with a second site, lake, of the origin lakeside.
func newServerWithLake(t *testing.T) *testServer {
	h := newTestServer(t)
	must(h.Sites.Add(t.Context(), moderation.Viewer{}, moderation.NewSite{Slug: "lake", Name: "Lake", Origins: []string{lakeside}}))(t)
	return h
}

func TestCORSNeverEchoesAnUnknownOrigin(t *testing.T) {
	h := newServerWithLake(t)
	foreign := []string{
		"null", "*", "https://harbour.example.evil.test", "https://evilharbour.example", "https://harbour.exampl", "http://harbour.example",
		"https://harbour.example:8443", "https://harbour.example/", "HTTPS://HARBOUR.EXAMPLE", "https://sub.harbour.example",
		"https://harbour.example evil.test", "https://harbour.example, https://evil.test", "https://harbour.example@evil.test",
		"file://", "https://", publicURL, "https://evil.test",
	}
	places := []struct {
		path    string
		foreign []string
		own     string
	}{
		{paperThread, append(foreign, lakeside), harbour},
		{"/api/v1/sites/paper/counts?article=quay", append(foreign, lakeside), harbour},
		{"/api/v1/sites/lake/thread?article=x", append(foreign, harbour), lakeside},
		{"/api/v1/sites/nosuch/thread?article=x", append(foreign, harbour), ""},
		{"/api/v1/comments/" + nowhere, foreign, lakeside},
		{"/api/v1/comments/" + nowhere, foreign, harbour},
		{"/api/v1/me", append(foreign, harbour), ""},
		{"/api/v1/queue", append(foreign, harbour), ""},
		{"/healthz", append(foreign, harbour), ""},
		{"/sites/paper/page?article=quay", append(foreign, harbour), ""},
	}
	for _, place := range places {
		for _, method := range []string{http.MethodGet, http.MethodOptions} {
			for _, origin := range place.foreign {
				r := h.send(call{method: method, path: place.path, header: map[string]string{"Origin": origin, "Access-Control-Request-Method": "POST"}})
				refused := method == http.MethodGet && strings.HasPrefix(place.path, "/api/v1/sites/") && origin != publicURL
				for name, values := range r.header {
					if strings.HasPrefix(name, "Access-Control-") && !(refused && name == "Access-Control-Allow-Origin" && values[0] == "*") {
						t.Errorf("%s from %q: %s: %q", r.what, origin, name, values)
					}
				}
				if refused && r.header.Get("Access-Control-Allow-Origin") == "*" {
					wantRefusalOf(t, r, origin)
				}
				if strings.HasPrefix(place.path, "/api/v1/sites/") && !strings.Contains(strings.Join(r.header.Values("Vary"), ", "), "Origin") {
					t.Errorf("%s from %q: Vary is %q", r.what, origin, r.header.Values("Vary"))
				}
			}
			if place.own == "" {
				continue
			}
			r := h.send(call{method: method, path: place.path, header: map[string]string{"Origin": place.own}})
			if got := r.header.Values("Access-Control-Allow-Origin"); len(got) != 1 || got[0] != place.own {
				t.Errorf("%s from its own origin %s: allowed is %q", r.what, place.own, got)
			}
			if r.header.Get("Access-Control-Allow-Credentials") != "" {
				t.Errorf("%s: cookies are allowed along", r.what)
			}
		}
	}
}

// wantRefusalOf requires that a page of a foreign origin learns the fault of its embed code, and nothing
// else.
func wantRefusalOf(t *testing.T, r reply, origin string) {
	t.Helper()
	var p problem
	r.read(&p)
	want := origin + " is not an origin of site "
	switch {
	case strings.Contains(r.what, "/nosuch/"):
		want = "There is no site with that name."
		r.wantProblem(http.StatusNotFound, "site-unknown")
	default:
		r.wantProblem(http.StatusForbidden, "origin-unknown")
	}
	if !strings.HasPrefix(p.Detail, want) || len(r.header.Values("Set-Cookie"))+len(r.header.Values("ETag")) > 0 {
		t.Errorf("%s from %q: %s, %v", r.what, origin, r.body, r.header)
	}
}

func TestCachedPagesRefuseOtherOrigins(t *testing.T) {
	h := newTestServer(t)
	const foreign = "https://www.harbour.example"
	from := func(origin, path string) call {
		return call{method: http.MethodGet, path: path, header: map[string]string{"Origin": origin}}
	}
	for _, path := range []string{paperThread, "/sites/paper/thread?article=quay"} {
		for range 2 {
			if kept := h.get(path); kept.status != http.StatusOK {
				t.Errorf("%s: status %d", path, kept.status)
			}
		}
		r := h.do(from(foreign, path))
		r.wantProblem(http.StatusForbidden, "origin-unknown")
		if got := r.header.Get("Access-Control-Allow-Origin"); got != "*" || !strings.Contains(string(r.body), foreign+" is not an origin of site paper.") {
			t.Errorf("%s: allowed is %q: %s", path, got, r.body)
		}
		if own := h.do(from(publicURL, path)); own.status != http.StatusOK {
			t.Errorf("%s from our own pages: status %d", path, own.status)
		}
	}
	h.do(from(foreign, "/api/v1/sites/paper/events?article=quay")).wantProblem(http.StatusForbidden, "origin-unknown")
}

func TestVaryNamesOriginEvenWhenNoneWasSent(t *testing.T) {
	r := newTestServer(t).get(paperThread)
	if r.header.Get("Vary") != "Origin, Accept-Encoding" || r.header.Get("Access-Control-Allow-Origin") != "" {
		t.Errorf("Vary is %q, the allowed origin %q", r.header.Get("Vary"), r.header.Get("Access-Control-Allow-Origin"))
	}
}

func TestAPreflightAllowsTheMethodsOfItsRouteOnly(t *testing.T) {
	h := newTestServer(t)
	for path, methods := range map[string]string{
		paperComments:                             "POST",
		"/api/v1/sites/paper/thread":              "GET",
		"/api/v1/comments/" + nowhere:             "GET, PATCH, DELETE",
		"/api/v1/sites/paper/preview":             "POST",
		"/api/v1/sites/paper/counts?article=quay": "GET",
	} {
		r := h.do(call{method: http.MethodOptions, path: path, header: map[string]string{
			"Origin": harbour, "Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "content-type, x-evil"}})
		r.want(http.StatusNoContent, nil)
		if got := r.header.Get("Access-Control-Allow-Methods"); got != methods {
			t.Errorf("%s: methods %q, want %q", path, got, methods)
		}
		if got := r.header.Get("Access-Control-Allow-Headers"); got != "Authorization, Content-Type, Idempotency-Key, X-Rejoinder-Identity" {
			t.Errorf("%s: headers %q", path, got)
		}
		if r.header.Get("Access-Control-Max-Age") == "" {
			t.Errorf("%s: a browser must ask again each time", path)
		}
	}
	h.do(call{method: http.MethodOptions, path: "/api/v1/queue", header: map[string]string{"Origin": harbour}}).
		wantProblem(http.StatusMethodNotAllowed, "method-not-allowed")
}

func TestAChangeOfOriginsReachesOtherNodesInSeconds(t *testing.T) {
	h := newTestServer(t)
	from := call{method: http.MethodGet, path: paperThread, header: map[string]string{"Origin": "https://new.example"}}
	h.do(from)
	// Another node changes the site; this one gets no notification.
	origins := []string{"https://new.example"}
	must(h.Sites.Change(t.Context(), moderation.Viewer{}, "paper", moderation.SiteChange{Origins: &origins}))(t)
	h.clock.advance(5 * time.Second)
	if got := h.do(from).header.Get("Access-Control-Allow-Origin"); got != "https://new.example" {
		t.Errorf("after five seconds, the allowed origin is %q", got)
	}
	from.header["Origin"] = harbour
	h.do(from).wantProblem(http.StatusForbidden, "origin-unknown")
}

func TestAnArticleIsRegisteredByItsFirstCommentFromAnAllowedOriginOnly(t *testing.T) {
	h := newServerWithLake(t)
	newArticle := fields{"article": fields{"key": "fresh", "url": "https://harbour.example/fresh", "title": "Fresh"}}
	from := func(origin string, changes ...fields) call {
		return call{method: http.MethodPost, path: paperComments, body: submission("First!", append(changes, newArticle)...),
			header: map[string]string{"Origin": origin}}
	}
	for _, origin := range []string{"", "null", lakeside, "https://evil.test"} {
		h.do(from(origin)).wantProblem(http.StatusNotFound, "article-unknown")
	}
	elsewhere := from(harbour)
	elsewhere.body = submission("First!", fields{"article": fields{"key": "fresh", "url": "https://evil.test/fresh"}})
	h.do(elsewhere).wantProblem(http.StatusNotFound, "article-unknown")
	h.do(from(harbour)).want(http.StatusCreated, nil)
	var p threadPage
	h.get("/api/v1/sites/paper/thread?article=fresh").want(http.StatusOK, &p)
	if p.Article.Title != "" || p.Article.URL != "" {
		t.Errorf("the article's data from a request is public before an approval: %+v", p.Article)
	}
	approved := from(harbour)
	approved.body = submission("Second, please publish it", newArticle)
	h.do(approved).want(http.StatusCreated, nil)
	h.get("/api/v1/sites/paper/thread?article=fresh").want(http.StatusOK, &p)
	if p.Article.Title != "Fresh" || p.Article.URL != "https://harbour.example/fresh" {
		t.Errorf("the new article is %+v", p.Article)
	}
}
