package handlers_test

import (
	"net/http"
	"strings"
	"testing"
)

func TestTheHomePageNamesOnlyTheDemoAmongSeveralSites(t *testing.T) {
	for _, tc := range []struct {
		name  string
		demo  bool
		slug  string
		leads bool // to the demo
	}{
		{"with the demo", true, "demo", true},
		{"without it", false, "SITE", false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			h := newTestServer(t, func(h *testServer) { h.Config.Demo = tc.demo })
			page := string(h.get("/").want(http.StatusOK, nil).body)
			for _, want := range []string{
				"&lt;script type=&#34;module&#34; src=&#34;" + publicURL + "/embed.js&#34;",
				"&lt;rejoinder-thread site=&#34;" + tc.slug + "&#34;&gt;", `<a href="/console">`, `<a href="/openapi.yaml">`,
			} {
				if !strings.Contains(page, want) {
					t.Errorf("the page lacks %s:\n%s", want, page)
				}
			}
			if strings.Contains(page, `<a href="/demo">`) != tc.leads || strings.Contains(page, "paper") {
				t.Errorf("the page has forbidden names:\n%s", page)
			}
		})
	}
}
