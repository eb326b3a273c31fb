package handlers_test

import (
	"fmt"
	"net/http"
	"net/url"
	"testing"

	"rejoinder/auth"
)

func TestAnEmptyListSaysWhy(t *testing.T) {
	s := newFixture(t)
	for i := range 22 {
		s.comment("quay", "", fmt.Sprintf("Reader %02d", i), "Text.")
	}
	b := s.newModerator("Chief", auth.RoleAdmin, nil)
	for name, tc := range map[string]struct {
		path string
		want []string
		link string // text of the link to continue
		to   string
	}{
		"a search without a hit": {"/console?q=lighthouse", []string{"<h1", ">Nothing matches</h1>", "<title>Nothing matches",
			"No comment here matches “lighthouse”. There are 22 comments waiting."}, "Clear search", "/console"},
		"a search of one site": {"/console?q=lighthouse&site=paper&sort=newest",
			[]string{"There are 22 comments waiting on The Harbour Gazette."}, "Clear search", "/console?site=paper&sort=newest"},
		"a filter that nothing fits": {"/console?rule=contains-link", []string{"No comment here matches rule “contains-link”. There are 22"},
			"Clear filters", "/console"},
		"a search below a filter": {"/console?language=de&q=quay", []string{"No comment here matches “quay” and language “de”."},
			"Clear search", "/console?language=de"},
		"a filter by an id": {"/console?cluster=01957000-0000-7000-8000-ffffffffffff", []string{"No comment here matches the similarity filter."},
			"Clear filters", "/console"},
		"a search of a list that is empty anyway": {"/console?q=x&status=spam", []string{"No comment here matches “x”. No spam."},
			"Clear search", "/console?status=spam"},
		"a site on which nothing is waiting": {"/console?site=demo", []string{"Nothing is waiting on ", "There are 22 comments waiting on your other sites."},
			"All sites", "/console"},
		"a list that holds nothing": {"/console?status=approved", []string{"Comments that you or the rules approve are public, and appear here."}, "", ""},
		"groups":                    {"/console/groups?by=host&site=paper", []string{"No two waiting comments link to the same host. There are 22 comments waiting."}, "Go to the queue", "/console?site=paper"},
		"groups of nothing":         {"/console/groups?by=host&site=demo", []string{"Nothing is waiting."}, "", ""},
		"articles":                  {"/console/articles?site=paper&q=nothing", []string{"No article of this site has “nothing” in its title, URL or key."}, "Clear search", "/console/articles?site=paper"},
		"the audit log":             {"/console/audit?to=2001-03-01", []string{"No entry matches this filter."}, "Clear filter", "/console/audit"},
	} {
		t.Run(name, func(t *testing.T) {
			page := b.get(tc.path)
			page.want(http.StatusOK, tc.want...)
			page.wantWithout("Every comment has been looked at")
			if tc.link != "" && page.link(tc.link) != tc.to {
				t.Errorf("%q leads to %q, want %q", tc.link, page.link(tc.link), tc.to)
			}
		})
	}
}

func TestAnEmptyQueueSaysWhetherThereWereComments(t *testing.T) {
	s := newFixture(t)
	b := s.newModerator("Chief", auth.RoleAdmin, nil)
	page := b.get("/console")
	page.want(http.StatusOK, "Nothing is waiting", "No comments yet.")
	if got := page.link("Get the embed code"); got != "/console/setup" {
		t.Errorf("an admin is led to %q", got)
	}
	s.newModerator("Iris", auth.RoleModerator, nil).get("/console").wantWithout("Get the embed code")
	s.comment("quay", "", "Ines", "please publish")
	b.get("/console").want(http.StatusOK, "Nothing is waiting", "All comments have been reviewed.")
}

func TestAPageWhoseCommentsAreDecidedLeadsToTheFirst(t *testing.T) {
	s := newFixture(t)
	for i := range 21 {
		s.comment("quay", "", fmt.Sprintf("Reader %02d", i), "Text.")
	}
	b := s.adaBrowser(t)
	second := b.get(b.get("/console").link("Next page →"))
	action, decision := second.decisionForm(attr(second.find("article")[0], "data-id"))
	decision.Set("action", "approve")
	page := b.follow(b.post(action, decision))
	page.want(http.StatusOK, "20 comments waiting", "No comments are left on this page.")
	if got := page.link("First page"); got != "/console" {
		t.Errorf("the way on is %q", got)
	}
}

func TestTabsKeepOnlyFiltersThatTheyKnow(t *testing.T) {
	s := newFixture(t)
	s.comment("quay", "", "Ines", "Text.")
	b := s.adaBrowser(t)
	page := b.get("/console?rule=contains-link&language=en&host=a.example")
	if got := page.link("Approved"); got != "/console?language=en&status=approved" {
		t.Errorf("the tab leads to %q", got)
	}
	b.get(page.link("Approved")).want(http.StatusOK, "No comment here matches language “en”.")
}

func TestErrorPagesLinkBack(t *testing.T) {
	s := newFixture(t)
	b := s.adaBrowser(t)
	from := func(path string) string { return s.baseURL + path }
	for name, tc := range map[string]struct {
		path, referer string
		form          url.Values
		links         map[string]string
	}{
		"in the console": {path: "/console/comments/none", links: map[string]string{"Go to the queue": "/console"}},
		"in the console, from one of its pages": {path: "/console/comments/none", referer: from("/console?q=x"),
			links: map[string]string{"Back": "/console?q=x", "Go to the queue": "/console"}},
		"after a form of the console": {path: "/console/comments/none/decisions", referer: from("/console/bulk"),
			form: url.Values{"action": {"approve"}, "q": {"x"}, "sort": {"newest"}}, links: map[string]string{"Go to the queue": "/console?q=x&sort=newest"}},
		"at an invalid URL": {path: "/nothing/here", links: map[string]string{"About this server": "/"}},
		"from another website": {path: "/nothing/here", referer: "https://evil.example/console",
			links: map[string]string{"About this server": "/"}},
		"after a reader's form": {path: "/sites/paper/comments", form: url.Values{"article": {"no such"}, "body": {"x"}}, referer: from("/sites/paper/page?article=quay"),
			links: map[string]string{"Back": "/sites/paper/page?article=quay", "Go to the comments": "/sites/paper/page?article=no+such"}},
	} {
		t.Run(name, func(t *testing.T) {
			headers := []string{"Referer", tc.referer}
			page := b.getWith(tc.path, headers...)
			if tc.form != nil {
				page = b.post(tc.path, tc.form, headers...)
			}
			if page.status < http.StatusBadRequest {
				t.Fatalf("status %d", page.status)
			}
			for text, href := range tc.links {
				if got := page.link(text); got != href {
					t.Errorf("%q leads to %q, want %q", text, got, href)
				}
			}
			for _, a := range page.find("a") {
				if text := textOf(a); tc.links[text] == "" && attr(a, "class") != "skip" {
					t.Errorf("there is a link %q", text)
				}
			}
		})
	}
}

func TestTheHomePageDescribesTheServer(t *testing.T) {
	s := newFixture(t)
	page := s.browser().get("/")
	page.want(http.StatusOK, "This server hosts the comments of other websites.")
	page.wantWithout("Gazette", "paper")
	if got := page.link("Sign in as a moderator"); got != "/console" {
		t.Errorf("moderators are led to %q", got)
	}
	s.browser().getWith("/", "Accept-Language", "de").want(http.StatusOK, `lang="de"`, "Bei der Moderation anmelden")
}

// getWith is get with extra headers.
func (b *browser) getWith(path string, headers ...string) pageResponse {
	b.t.Helper()
	r := must(http.NewRequestWithContext(b.t.Context(), http.MethodGet, b.base+path, nil))(b.t)
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	return b.send(r)
}
