package handlers_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"rejoinder/auth"
	"rejoinder/moderation"
)

// nameAuthors names the authors of an article of the site paper.
func (s *fixture) nameAuthors(key string, names ...string) {
	s.t.Helper()
	must(s.Sites.ChangeArticle(s.t.Context(), moderation.Viewer{}, moderation.SiteArticle{SiteSlug: "paper", Key: key},
		moderation.ArticleChange{Authors: &names}))(s.t)
}

// queueTexts are the texts of the comments that the queue lists for a moderator, sorted.
func (h *testServer) queueTexts(token, query string) []string {
	h.t.Helper()
	var page struct {
		Items []struct{ Body string }
	}
	h.do(call{path: "/api/v1/queue" + query, token: token}).want(http.StatusOK, &page)
	var texts []string
	for _, item := range page.Items {
		texts = append(texts, item.Body)
	}
	slices.Sort(texts)
	return texts
}

func TestAWriterSeesAndAnswersTheCommentsOnTheirOwnArticlesOnly(t *testing.T) {
	eachEngine(t, func(h *testServer) {
		writer := h.registerModerator("Wera", auth.RoleWriter, "paper")
		_, cms := h.paperKey("cms", auth.PermissionArticles)
		h.do(call{method: http.MethodPut, path: paperArticles, token: cms, body: fields{"articles": []fields{
			{"key": "hers"}, {"key": "other"}}}}).want(http.StatusOK, nil)
		send := func(article, body string) accepted {
			var a accepted
			h.do(call{method: http.MethodPost, path: paperComments, body: submission(body,
				fields{"article": fields{"key": article}})}).want(http.StatusCreated, &a)
			return a
		}
		waits, shown := send("hers", "A waiting one"), send("hers", "Shown, please publish it")
		declined := send("hers", "Declined, please decline it")
		alien, alienWaits := send("other", "Elsewhere, please publish it"), send("other", "Another waiting one")
		if got := h.queueTexts(writer, ""); got != nil {
			h.t.Errorf("before anybody names the author, the queue has %q", got)
		}
		h.do(call{method: http.MethodPut, path: paperArticles, token: cms, body: fields{"articles": []fields{
			{"key": "hers", "authors": []string{" WERA@desk.example"}}}}}).want(http.StatusOK, nil)

		for query, want := range map[string][]string{
			"": {"A waiting one"}, "?site=paper&status=approved": {"Shown, please publish it"}, "?q=waiting": {"A waiting one"},
			"?site=paper&article=other": nil, "?language=en&sort=risk": {"A waiting one"},
		} {
			if diff := cmp.Diff(want, h.queueTexts(writer, query)); diff != "" {
				h.t.Errorf("the queue with %q (-want +got):\n%s", query, diff)
			}
		}
		for _, query := range []string{"?status=spam", "?status=rejected", "?status=deleted", "?reported=true", "?appealed=true", "?rule=links"} {
			h.do(call{path: "/api/v1/queue" + query, token: writer}).wantProblem(http.StatusForbidden, "role")
		}
		var counts struct{ Pending, Approved, Rejected, Spam int }
		h.do(call{path: "/api/v1/queue/counts", token: writer}).want(http.StatusOK, &counts)
		if counts.Pending != 1 || counts.Approved != 1 || counts.Rejected+counts.Spam != 0 {
			h.t.Errorf("the counts are %+v", counts)
		}
		for id, status := range map[string]int{waits.Comment.ID: 200, shown.Comment.ID: 200, declined.Comment.ID: 404,
			alien.Comment.ID: 404, alienWaits.Comment.ID: 404} {
			h.do(call{path: "/api/v1/comments/" + id + "/moderation", token: writer}).want(status, nil)
		}
		reply := func(to accepted) reply {
			return h.do(call{method: http.MethodPost, path: "/api/v1/comments/" + to.Comment.ID + "/replies", token: writer,
				body: fields{"body": "Thank you."}})
		}
		reply(alien).wantProblem(http.StatusNotFound, "not-found")
		reply(shown).want(http.StatusCreated, nil)
		thread := string(h.get("/api/v1/sites/paper/thread?article=hers").body)
		if !strings.Contains(thread, `"staff":true`) || !strings.Contains(thread, `"author_name":"Wera"`) {
			h.t.Errorf("the thread is %s", thread)
		}

		h.do(call{method: http.MethodPut, path: paperArticles, token: cms, body: fields{"articles": []fields{
			{"key": "hers", "authors": []string{}}}}}).want(http.StatusOK, nil)
		h.do(call{path: "/api/v1/comments/" + waits.Comment.ID + "/moderation", token: writer}).want(http.StatusNotFound, nil)
	})
}

func TestAWriterDoesNotSeeTheRecordOfACommenter(t *testing.T) {
	h := newTestServer(t)
	writer := h.registerModerator("Wera", auth.RoleWriter, "paper")
	sent := h.submit("A comment of Ines, please publish it.")
	h.do(call{method: http.MethodPost, path: "/api/v1/comments/" + sent.Comment.ID + "/notes", token: h.registerModerator("Mo", auth.RoleModerator, "paper"),
		body: fields{"about": "comment", "body": "Known to us."}}).want(http.StatusCreated, nil)
	h.nameAuthors("quay", "Wera")
	var shown struct {
		Notes, Decisions, Reports []any
		AddressPrefix             string `json:"address_prefix"`
		Verdict                   struct{ Hits []any }
	}
	h.do(call{path: "/api/v1/comments/" + sent.Comment.ID + "/moderation", token: writer}).want(http.StatusOK, &shown)
	if len(shown.Notes)+len(shown.Decisions)+len(shown.Reports)+len(shown.Verdict.Hits) > 0 || shown.AddressPrefix != "" {
		t.Errorf("the writer is shown %+v", shown)
	}
}

func TestAuthorsAreKnownByNameEmailOrID(t *testing.T) {
	eachEngine(t, func(h *testServer) {
		_, cms := h.paperKey("cms", auth.PermissionArticles)
		h.registerModerator("Wera", auth.RoleWriter, "paper")
		must(h.Sites.Add(h.t.Context(), moderation.Viewer{}, moderation.NewSite{Slug: "lake", Name: "The Lake"}))(h.t)
		h.registerModerator("Abroad", auth.RoleWriter, "lake")
		for _, email := range []string{"twin1@desk.example", "twin2@desk.example"} {
			must(h.Auth.Register(h.t.Context(), auth.NewModerator{Email: email, Name: "Twin", Role: auth.RoleWriter, Password: moderatorPassword}))(h.t)
		}
		put := func(authors ...string) putResponse {
			var a putResponse
			h.do(call{method: http.MethodPut, path: paperArticles, token: cms, body: fields{"articles": []fields{
				{"key": "hers", "authors": authors}}}}).want(http.StatusOK, &a)
			return a
		}
		for _, tc := range []struct {
			name    string
			authors []string
			result  string
			fault   string
		}{
			{"a name", []string{"wera"}, "created", ""},
			{"the same account again", []string{"Wera", "wera@desk.example"}, "unchanged", ""},
			{"nobody", []string{"Nobody"}, "refused", "/articles/0/authors/0 unknown"},
			{"an account of another site", []string{"Wera", "abroad@desk.example"}, "refused", "/articles/0/authors/1 unknown"},
			{"a server key", []string{"cms (key)"}, "refused", "/articles/0/authors/0 unknown"},
			{"a name that two accounts have", []string{"Twin"}, "refused", "/articles/0/authors/0 ambiguous"},
			{"the email of one of the two", []string{"twin2@desk.example"}, "changed", ""},
			{"no authors", []string{}, "changed", ""},
		} {
			got, fault := put(tc.authors...).Articles[0], ""
			if len(got.Errors) > 0 {
				fault = got.Errors[0].Pointer + " " + got.Errors[0].Code
			}
			if got.Result != tc.result || fault != tc.fault {
				h.t.Errorf("%s: %s %q, want %s %q", tc.name, got.Result, fault, tc.result, tc.fault)
			}
		}
	})
}
