package handlers_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"rejoinder/auth"
	"rejoinder/moderation"
)

// paperKey adds a key of the site paper and returns its secret.
func (h *testServer) paperKey(name string, scopes ...auth.Permission) (id, secret string) {
	h.t.Helper()
	paper := must(h.Sites.Find(h.t.Context(), moderation.Viewer{}, "paper"))(h.t)
	key, secret, err := h.ServerKeys.Add(h.t.Context(), auth.Identity{}, auth.NewServerKey{
		Name: name, Scopes: scopes, SiteIDs: []string{paper.ID}})
	if err != nil {
		h.t.Fatal(err)
	}
	return key.ID, secret
}

// keyResponse is a key as the API returns it.
type keyResponse struct {
	ID, Name, Hint, Status, Secret string
	Scopes, Sites                  []string
	LastUsedAt                     *time.Time `json:"last_used_at"`
	OldValidUntil                  *time.Time `json:"old_valid_until"`
}

// putResponse is the response to a batch of articles.
type putResponse struct {
	Created, Changed, Unchanged, Refused int
	Articles                             []struct {
		Key, Result string
		Errors      []fault
	}
}

const paperArticles = "/api/v1/sites/paper/articles"

func TestACMSRegistersFiveThousandArticlesBeforeAnybodyComments(t *testing.T) {
	eachEngine(t, func(h *testServer) {
		_, secret := h.paperKey("cms", auth.PermissionArticles)
		key := func(n int) string { return fmt.Sprintf("cms-%d", n) }
		batch := func(first int, title string) putResponse {
			var articles []fields
			for n := first; n < first+500; n++ {
				articles = append(articles, fields{"key": key(n), "title": fmt.Sprintf("%s %d", title, n),
					"url": "https://paper.example/" + key(n), "tags": []string{"city"}, "published_at": "2026-02-01T08:00:00.123456789Z"})
			}
			var a putResponse // without the contract, which takes longer than the server
			h.send(call{method: http.MethodPut, path: paperArticles, token: secret, body: fields{"articles": articles}}).want(http.StatusOK, &a)
			return a
		}
		for first := 0; first < 5000; first += 500 {
			if a := batch(first, "Article"); a.Created != 500 || a.Articles[499].Key != key(first+499) {
				h.t.Fatalf("of 500 articles %d were created", a.Created)
			}
		}
		if a := batch(1500, "Article"); a.Unchanged != 500 {
			h.t.Errorf("of 500 articles sent again %d are unchanged", a.Unchanged)
		}
		if a := batch(1500, "Renamed"); a.Changed != 500 {
			h.t.Errorf("of 500 articles with new titles %d are changed", a.Changed)
		}
		var counts struct{ Counts map[string]int }
		query := ""
		for n := 0; n < 5000; n += 50 {
			query += "&article=" + key(n)
		}
		h.get("/api/v1/sites/paper/counts?"+query[1:]).want(http.StatusOK, &counts)
		if len(counts.Counts) != 100 || counts.Counts[key(4950)] != 0 {
			h.t.Errorf("%d articles are counted", len(counts.Counts))
		}
		var thread threadPage
		h.get("/api/v1/sites/paper/thread?article="+key(1999)).want(http.StatusOK, &thread)
		if thread.Article.Title != "Renamed 1999" || thread.Article.URL != "https://paper.example/cms-1999" {
			h.t.Errorf("the thread's article is %+v", thread.Article)
		}
		if r := h.get("/sites/paper/page?article=" + key(4999)); r.status != http.StatusOK || !strings.Contains(string(r.body), "Article 4999") {
			h.t.Errorf("the page is answered with %d: %.300s", r.status, r.body)
		}
	})
}

func TestABatchReturnsTheResultOfEachArticle(t *testing.T) {
	eachEngine(t, func(h *testServer) {
		_, secret := h.paperKey("cms", auth.PermissionArticles)
		must(h.Sites.AddAlias(t.Context(), moderation.Viewer{}, "paper", moderation.NewAlias{Key: "old-quay", ArticleKey: "quay"}))(h.t)
		var got putResponse
		h.do(call{method: http.MethodPut, path: paperArticles, token: secret, wrong: true, body: fields{"articles": []fields{
			{"key": "new", "closed": true, "mode": "hold_all", "close_after_days": -1},
			{"key": "old-quay", "title": "The quay", "url": "https://paper.example/quay"},
			{"key": "quay", "title": "Twice"},
			{"key": "new", "title": "Twice"},
			{"key": "", "title": "No key"},
			{"key": "bad", "url": "javascript:1", "tags": []string{" "}},
		}}}).want(http.StatusOK, &got)
		var results []string
		for _, a := range got.Articles {
			said := a.Key + " " + a.Result
			for _, f := range a.Errors {
				said += " " + f.Pointer + " " + f.Code
			}
			results = append(results, said)
		}
		want := []string{"new created", "old-quay changed", "quay refused /articles/2/key duplicate",
			"new refused /articles/3/key duplicate", " refused /articles/4/key required",
			"bad refused /articles/5/url malformed /articles/5/tags/0 required"}
		if diff := cmp.Diff(want, results); diff != "" {
			h.t.Errorf("the answer is wrong (-want +got):\n%s", diff)
		}
		article := must(h.Sites.Article(t.Context(), moderation.Viewer{}, moderation.SiteArticle{SiteSlug: "paper", Key: "new"}))(h.t)
		if !article.Closed || article.Mode != "hold_all" || !article.Registered || article.CloseAfterDays != nil {
			h.t.Errorf("the new article is %+v", article)
		}
		quay := must(h.Sites.Article(t.Context(), moderation.Viewer{}, moderation.SiteArticle{SiteSlug: "paper", Key: "quay"}))(h.t)
		if quay.Title != "The quay" {
			h.t.Errorf("the quay's title is %q", quay.Title)
		}
		for what, body := range map[string]fields{
			"an empty batch":      {"articles": []fields{}},
			"one that is too big": {"articles": make([]fields, 501)},
		} {
			r := h.do(call{method: http.MethodPut, path: paperArticles, token: secret, body: body, wrong: true})
			if r.status != http.StatusUnprocessableEntity {
				h.t.Errorf("%s: status %d", what, r.status)
			}
		}
		r := h.do(call{method: http.MethodPut, path: "/api/v1/sites/demo/articles", token: secret, body: fields{"articles": []fields{{"key": "a"}}}})
		r.wantProblem(http.StatusNotFound, "site-unknown")
	})
}

func TestAKeyIsRotatedWithOverlapAndRevoked(t *testing.T) {
	eachEngine(t, func(h *testServer) {
		admin := h.registerModerator("Chief", auth.RoleAdmin)
		var added keyResponse
		h.do(call{method: http.MethodPost, path: "/api/v1/keys", token: admin, body: fields{"name": "cms", "scopes": []string{"read", "articles"},
			"sites": []string{"paper"}, "expires_at": "2026-04-01T00:00:00Z"}}).want(http.StatusCreated, &added)
		if !strings.HasPrefix(added.Secret, "rjk_") || !strings.HasPrefix(added.Secret, added.Hint) || len(added.Hint) != 8 ||
			fmt.Sprint(added.Scopes, added.Sites) != "[articles read] [paper]" {
			h.t.Fatalf("added %+v", added)
		}
		try := func(secret string) reply {
			h.t.Helper()
			return h.do(call{method: http.MethodGet, path: paperArticles, token: secret})
		}
		act := func(what string, body any) keyResponse {
			h.t.Helper()
			var k keyResponse
			h.do(call{method: http.MethodPost, path: "/api/v1/keys/" + added.ID + "/" + what, token: admin, body: body}).want(http.StatusOK, &k)
			return k
		}
		try(added.Secret).want(http.StatusOK, nil)
		try(added.Secret+"x").wantProblem(http.StatusUnauthorized, "key-unknown")
		second := act("rotate", fields{"overlap_minutes": 10})
		try(added.Secret).want(http.StatusOK, nil)
		try(second.Secret).want(http.StatusOK, nil)
		h.clock.advance(10 * time.Minute)
		try(added.Secret).wantProblem(http.StatusUnauthorized, "key-unknown")
		third := act("rotate", fields{})
		try(second.Secret).wantProblem(http.StatusUnauthorized, "key-unknown")
		try(third.Secret).want(http.StatusOK, nil)
		if k := act("revoke", nil); k.Status != "revoked" || k.Secret != "" {
			h.t.Errorf("revoked, the key is %+v", k)
		}
		act("revoke", nil)
		try(third.Secret).wantProblem(http.StatusUnauthorized, "key-revoked")
		h.do(call{method: http.MethodPost, path: "/api/v1/keys/" + added.ID + "/rotate", token: admin, body: fields{}}).
			wantProblem(http.StatusConflict, "key-inactive")
		if log := h.log.String(); strings.Contains(log, added.Secret) || strings.Contains(log, third.Secret) {
			h.t.Error("the log holds a secret")
		}
	})
}

func TestAKeyExpiresAndItsRequestsAreLimited(t *testing.T) {
	h := newTestServer(t)
	_, secret, err := h.ServerKeys.Add(t.Context(), auth.Identity{}, auth.NewServerKey{Name: "cms",
		Scopes: []auth.Permission{auth.PermissionRead}, PerMinute: 2, ExpiresAt: h.clock.Now().Add(time.Hour)})
	if err != nil {
		t.Fatal(err)
	}
	try := func() reply { return h.do(call{method: http.MethodGet, path: "/api/v1/sites", token: secret}) }
	try().want(http.StatusOK, nil)
	try().want(http.StatusOK, nil)
	r := try()
	if p := r.wantProblem(http.StatusTooManyRequests, "too-many"); !strings.Contains(p.Detail, "2 requests a minute") || r.header.Get("Retry-After") != "30" {
		t.Errorf("%q, Retry-After %s", p.Detail, r.header.Get("Retry-After"))
	}
	h.clock.advance(30 * time.Second)
	try().want(http.StatusOK, nil)
	h.clock.advance(time.Hour)
	try().wantProblem(http.StatusUnauthorized, "key-expired")
}

func TestTheLastUseOfAKeyIsWrittenOnceAMinute(t *testing.T) {
	h := newTestServer(t)
	admin := h.registerModerator("Chief", auth.RoleAdmin)
	_, secret := h.paperKey("cms", auth.PermissionRead)
	used := func() time.Time {
		t.Helper()
		var list struct{ Items []keyResponse }
		h.do(call{method: http.MethodGet, path: "/api/v1/keys", token: admin}).want(http.StatusOK, &list)
		if list.Items[0].LastUsedAt == nil {
			return time.Time{}
		}
		return *list.Items[0].LastUsedAt
	}
	try := func() {
		h.do(call{method: http.MethodGet, path: "/api/v1/sites", token: secret}).want(http.StatusOK, nil)
	}
	if at := used(); !at.IsZero() {
		t.Errorf("unused, the key was used at %s", at)
	}
	first := h.clock.Now()
	try()
	h.clock.advance(59 * time.Second)
	try()
	if at := used(); !at.Equal(first) {
		t.Errorf("last used at %s, want %s", at, first)
	}
	h.clock.advance(time.Second)
	try()
	if at := used(); !at.Equal(first.Add(time.Minute)) {
		t.Errorf("last used at %s, want a minute after %s", at, first)
	}
}

func TestActionsOfAKeyAreLoggedUnderItsName(t *testing.T) {
	eachEngine(t, func(h *testServer) {
		admin := h.registerModerator("Chief", auth.RoleAdmin)
		id, secret := h.paperKey("desk bot", auth.PermissionModerate, auth.PermissionArticles, auth.PermissionRules, auth.PermissionRead)
		sent := h.submit("What a pleasant page.")
		comment := "/api/v1/comments/" + sent.Comment.ID
		do := func(method, path string, body any, status int) {
			h.t.Helper()
			h.do(call{method: method, path: path, token: secret, body: body}).want(status, nil)
		}
		do(http.MethodPost, comment+"/decisions", fields{"action": "reject", "version": 1}, 200)
		do(http.MethodPost, comment+"/notes", fields{"body": "Seen.", "about": "comment"}, 201)
		do(http.MethodPost, comment+"/blocks", fields{"kind": "email", "action": "hold"}, 201)
		do(http.MethodPost, "/api/v1/sites/paper/rulesets", fields{"source": fixtureRules}, 201)
		do(http.MethodPut, paperArticles, fields{"articles": []fields{{"key": "a"}, {"key": "quay", "title": "The quay"}}}, 200)
		for path, shows := range map[string]int{
			comment + "/moderation":                     2, // decision and note
			"/api/v1/decisions?actor=moderator":         1,
			"/api/v1/sites/paper/blocks":                1,
			"/api/v1/audit?action=put_articles":         1,
			"/api/v1/audit?moderator=" + id:             4, // ruleset, block and articles, and being added
			"/api/v1/audit?action=save_ruleset&limit=1": 1,
		} {
			r := h.do(call{method: http.MethodGet, path: path, token: admin})
			if n := strings.Count(string(r.body), `"desk bot (key)"`); r.status != 200 || n < min(shows, 3) {
				h.t.Errorf("%s: status %d, names the key %d times: %.1200s", path, r.status, n, r.body)
			}
		}
		r := h.do(call{method: http.MethodGet, path: "/api/v1/audit?action=put_articles", token: admin})
		if !strings.Contains(string(r.body), "1 created, 1 changed") {
			h.t.Errorf("the audit log says %s", r.body)
		}
		// The account of a key is no moderator.
		h.do(call{method: http.MethodPatch, path: "/api/v1/moderators/" + id, token: admin, body: fields{"role": "admin"}}).
			wantProblem(http.StatusNotFound, "not-found")
		if r := h.do(call{method: http.MethodGet, path: "/api/v1/moderators", token: admin}); strings.Contains(string(r.body), "desk bot") {
			h.t.Errorf("the moderators are %s", r.body)
		}
	})
}

func TestAnAdminOfSomeSitesAdministersTheKeysOfTheseOnly(t *testing.T) {
	h := newTestServer(t)
	h.registerCallers()
	_, everywhere, err := h.ServerKeys.Add(t.Context(), auth.Identity{}, auth.NewServerKey{Name: "all", Scopes: auth.Scopes()})
	if err != nil {
		t.Fatal(err)
	}
	local := h.registerModerator("Local", auth.RoleAdmin, "paper")
	h.paperKey("cms", auth.PermissionRead)
	var list struct{ Items []keyResponse }
	h.do(call{method: http.MethodGet, path: "/api/v1/keys", token: local}).want(http.StatusOK, &list)
	if len(list.Items) != 1 || list.Items[0].Name != "cms" {
		t.Errorf("the admin of one site administers %+v", list.Items)
	}
	add := func(sites ...string) reply {
		t.Helper()
		return h.do(call{method: http.MethodPost, path: "/api/v1/keys", token: local, body: fields{"name": "x", "scopes": []string{"read"}, "sites": append([]string{}, sites...)}})
	}
	add().wantProblem(http.StatusForbidden, "role")
	add("lake").wantProblem(http.StatusUnprocessableEntity, "invalid", "/sites/0 unknown")
	add("paper").want(http.StatusCreated, nil)
	h.do(call{method: http.MethodPost, path: "/api/v1/keys", token: everywhere, body: fields{"name": "x", "scopes": []string{"read"}}}).
		wantProblem(http.StatusForbidden, "key-refused")
	h.do(call{method: http.MethodPost, path: "/api/v1/keys", token: local, body: fields{"name": " ", "scopes": []string{"write"}, "sites": []string{"paper"},
		"per_minute": 60001, "expires_at": "2025-01-01T00:00:00Z"}, wrong: true}).wantProblem(http.StatusUnprocessableEntity, "invalid",
		"/name required", "/scopes invalid", "/per_minute invalid", "/expires_at invalid")
}

func TestConcurrentBatchesOfTheSameArticlesAllSucceed(t *testing.T) {
	eachEngine(t, func(h *testServer) {
		must(h.Sites.PutArticles(h.t.Context(), moderation.Viewer{}, "paper", articlePuts(0, 20, "Before")))(h.t)
		var created, refused atomic.Int64
		var group sync.WaitGroup
		for worker := range 4 {
			group.Go(func() {
				batch := articlePuts(0, 40, fmt.Sprintf("Title %d", worker))
				if worker%2 == 0 {
					slices.Reverse(batch)
				}
				results, err := h.Sites.PutArticles(h.t.Context(), moderation.Viewer{}, "paper", batch)
				if err != nil {
					h.t.Errorf("worker %d: %v", worker, err)
				}
				for _, r := range results {
					switch r.Outcome {
					case moderation.PutCreated:
						created.Add(1)
					case moderation.PutRefused:
						refused.Add(1)
					}
				}
			})
		}
		group.Wait()
		if created.Load() != 20 || refused.Load() != 0 {
			h.t.Errorf("%d articles were created and %d refused, want 20 and none", created.Load(), refused.Load())
		}
	})
}

// articlePuts are articles with numbered keys.
func articlePuts(from, to int, title string) []moderation.ArticlePut {
	var batch []moderation.ArticlePut
	for n := from; n < to; n++ {
		batch = append(batch, moderation.ArticlePut{Key: fmt.Sprintf("article-%d", n), ArticleChange: moderation.ArticleChange{Title: &title}})
	}
	return batch
}
