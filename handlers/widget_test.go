package handlers_test

import (
	"bytes"
	"compress/gzip"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/andybalholm/brotli"

	"rejoinder/web"
)

func TestWidgetIsForPagesOfAnyOrigin(t *testing.T) {
	r := newTestServer(t).get("/embed.js").want(http.StatusOK, nil)
	for name, want := range map[string]string{
		"Content-Type":                 "text/javascript; charset=utf-8",
		"Access-Control-Allow-Origin":  "*", // a module is fetched with CORS
		"Cross-Origin-Resource-Policy": "cross-origin",
		"Cache-Control":                "public, max-age=300, stale-while-revalidate=86400",
		"X-Content-Type-Options":       "nosniff",
		"Set-Cookie":                   "",
	} {
		if got := r.header.Get(name); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
	if got := r.header.Get("ETag"); len(got) != 18 {
		t.Errorf("ETag %q is not a hash", got)
	}
}

func TestWidgetIsSentCompressed(t *testing.T) {
	h := newTestServer(t)
	get := func(coding, tag string) reply {
		return h.send(call{method: http.MethodGet, path: "/embed.js", header: map[string]string{"Accept-Encoding": coding, "If-None-Match": tag}})
	}
	for coding, reader := range map[string]func(io.Reader) io.Reader{
		"br":   func(r io.Reader) io.Reader { return brotli.NewReader(r) },
		"gzip": func(r io.Reader) io.Reader { return must(gzip.NewReader(r))(t) },
	} {
		r := get(coding+", identity;q=0.1", "").want(http.StatusOK, nil)
		if got := r.header.Get("Content-Encoding"); got != coding {
			t.Errorf("asked for %s, got %q", coding, got)
		}
		if got := must(io.ReadAll(reader(bytes.NewReader(r.body))))(t); string(got) != web.Widget() {
			t.Errorf("%s: not the widget", coding)
		}
		get(coding, r.header.Get("ETag")).want(http.StatusNotModified, nil)
		get("identity", r.header.Get("ETag")).want(http.StatusOK, nil)
	}
}

func TestDemoPagesEmbedAThread(t *testing.T) {
	h := newTestServer(t)
	for _, name := range []string{"plain", "strict", "dark", "arabic"} {
		page := string(h.get("/demo/"+name).want(http.StatusOK, nil).body)
		for _, want := range []string{
			`<script type="module" src="/embed.js"></script>`, `<rejoinder-thread site="demo" article="welcome"`,
			`<noscript><p><a href="/sites/demo/page?article=welcome">`,
		} {
			if !strings.Contains(page, want) {
				t.Errorf("%s: no %s", name, want)
			}
		}
	}
	if n := strings.Count(string(h.get("/demo/counts").body), "data-rejoinder-count="); n != 30 {
		t.Errorf("%d count links", n)
	}
	h.get("/demo/nothing").want(http.StatusNotFound, nil)
	h.get("/demo/welcome").want(http.StatusNotFound, nil)
	policy := h.get("/demo/strict").header.Get("Content-Security-Policy")
	if !strings.HasSuffix(policy, "require-trusted-types-for 'script'; trusted-types 'none'") || strings.Contains(policy, "unsafe") {
		t.Errorf("the strict page's policy is %q", policy)
	}
}

func TestDemoPagesNeedTheDemo(t *testing.T) {
	h := newTestServer(t, func(h *testServer) { h.Config.Demo = false })
	for _, path := range []string{"/demo", "/demo/plain", "/demo/counts"} {
		h.send(call{method: http.MethodGet, path: path}).want(http.StatusNotFound, nil)
	}
	if got := h.get("/embed.js").want(http.StatusOK, nil).body; string(got) != web.Widget() {
		t.Error("the served file is not the widget")
	}
}
