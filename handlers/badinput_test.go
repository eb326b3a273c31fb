package handlers_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"rejoinder/auth"
	"rejoinder/moderation"
)

// nowhere is an id that no comment has.
const nowhere = "01957000-0000-7000-8000-ffffffffffff"

func TestBadSubmissionsAreRefusedWithAPointerForEachField(t *testing.T) {
	h := newTestServer(t)
	h.article("pier", nil)
	elsewhere := h.comment("pier", "", "Bo Lund", "please publish this elsewhere")
	waiting := h.comment("quay", "", "Bo Lund", "this one waits")
	long := strings.Repeat("é", 10_001)
	for _, tc := range []struct {
		name   string
		body   any
		status int
		code   string
		faults []string
	}{
		{"nothing at all", "", 400, "malformed", []string{"malformed"}},
		{"broken JSON", `{"article":{"key":"quay"},`, 400, "malformed", []string{"malformed"}},
		{"two values", `{} {}`, 400, "malformed", []string{"malformed"}},
		{"a field twice", `{"body":"a","body":"b"}`, 400, "malformed", []string{"/body malformed"}},
		{"invalid UTF-8", "{\"body\":\"a\xff\"}", 400, "malformed", []string{"/body malformed"}},
		{"half a surrogate pair", `{"author_name":"\ud800"}`, 400, "malformed", []string{"/author_name malformed"}},
		{"a list", `[]`, 422, "invalid", []string{"wrong_type"}},
		{"a text", `"comment"`, 422, "invalid", []string{"wrong_type"}},
		{"null is the same as nothing", `null`, 422, "invalid",
			[]string{"/article/key required", "/author_name required", "/author_email required", "/body required"}},
		{"nulls are the same as left out", `{"article":null,"author_name":null,"author_email":null,"body":null,"form":null,"remember":null}`,
			422, "invalid", []string{"/article/key required", "/author_name required", "/author_email required", "/body required"}},
		{"a number for a name", submission("x", fields{"author_name": 7}), 422, "invalid", []string{"/author_name wrong_type"}},
		{"a list for a body", submission("x", fields{"body": []string{"x"}}), 422, "invalid", []string{"/body wrong_type"}},
		{"a text for an article", submission("x", fields{"article": "quay"}), 422, "invalid", []string{"/article wrong_type"}},
		{"a text for a switch", submission("x", fields{"remember": "yes"}), 422, "invalid", []string{"/remember wrong_type"}},
		{"an unknown field", submission("x", fields{"status": "approved"}), 422, "invalid", []string{"/status unknown_field"}},
		{"an unknown field inside", submission("x", fields{"article": fields{"key": "quay", "id": "7"}}), 422, "invalid",
			[]string{"/article/id unknown_field"}},
		{"a wish for notifications", submission("x", fields{"notify": true}), 422, "invalid", []string{"/notify unavailable"}},
		{"blank fields", submission(" \n", fields{"author_name": " ", "author_email": "\t"}), 422, "invalid",
			[]string{"/author_name required", "/author_email required", "/body required"}},
		{"NUL in every field", submission("a\x00", fields{"article": fields{"key": "q\x00"}, "author_name": "b\x00",
			"author_email": "c\x00@mail.example", "author_url": "https://d.example/\x00", "parent_id": "\x00"}), 422, "invalid",
			[]string{"/article/key malformed", "/author_email malformed", "/author_name malformed", "/author_url malformed",
				"/body malformed", "/parent_id malformed"}},
		{"everything too long", submission(long, fields{
			"article":     fields{"key": strings.Repeat("k", 513), "url": "https://harbour.example/" + long, "title": long},
			"author_name": long[:2*101], "author_email": strings.Repeat("a", 255) + "@mail.example", "author_url": "https://a.example/" + long,
		}), 422, "invalid", []string{"/article/key too_long", "/article/url malformed", "/article/title too_long", "/author_name too_long",
			"/author_email malformed", "/author_url malformed", "/body too_long"}},
		{"an email without a domain", submission("x", fields{"author_email": "ines@"}), 422, "invalid", []string{"/author_email malformed"}},
		{"two emails", submission("x", fields{"author_email": "a@mail.example\nb@mail.example"}), 422, "invalid", []string{"/author_email malformed"}},
		{"a script for a website", submission("x", fields{"author_url": "javascript:alert(1)"}), 422, "invalid", []string{"/author_url malformed"}},
		{"an unknown parent", submission("x", fields{"parent_id": nowhere}), 422, "invalid", []string{"/parent_id unknown"}},
		{"a parent that is no id", submission("x", fields{"parent_id": "1 OR 1=1"}), 422, "invalid", []string{"/parent_id unknown"}},
		{"a parent under another article", submission("x", fields{"parent_id": elsewhere}), 422, "invalid", []string{"/parent_id unknown"}},
		{"a parent that is not approved", submission("x", fields{"parent_id": waiting}), 422, "invalid", []string{"/parent_id unknown"}},
		{"an article that nobody registered", submission("x", fields{"article": fields{"key": "moon"}}), 404, "article-unknown", nil},
	} {
		t.Run(tc.name, func(t *testing.T) {
			h := h.in(t)
			h.do(call{method: http.MethodPost, path: paperComments, body: tc.body, wrong: true}).wantProblem(tc.status, tc.code, tc.faults...)
		})
	}
	if p := h.thread(""); p.Count != 0 {
		t.Errorf("%d comments were published", p.Count)
	}
	if n := h.count(moderation.StatusPending); n != 1 {
		t.Errorf("%d comments wait, want the one that was sent on purpose", n)
	}
}

func TestMalformedRequestsAreRefusedPrecisely(t *testing.T) {
	h := newTestServer(t)
	const id = "/api/v1/comments/" + nowhere
	ten := `{"body":"` + strings.Repeat("x", 10<<20) + `"}`
	for _, tc := range []struct {
		name   string
		call   call
		status int
		code   string
		faults []string
	}{
		{"an unknown site", call{method: "POST", path: "/api/v1/sites/moon/comments", body: submission("x")}, 404, "site-unknown", nil},
		{"an unknown site's thread", call{method: "GET", path: "/api/v1/sites/moon/thread?article=quay"}, 404, "site-unknown", nil},
		{"an unknown site's counts", call{method: "GET", path: "/api/v1/sites/moon/counts?article=quay"}, 404, "site-unknown", nil},
		{"an unknown site's preview", call{method: "POST", path: "/api/v1/sites/moon/preview", body: fields{"body": "x"}},
			404, "site-unknown", nil},
		{"a site that is no text", call{method: "GET", path: "/api/v1/sites/%ff/thread?article=quay"}, 404, "no-such-address", nil},
		{"a site with NUL", call{method: "GET", path: "/api/v1/sites/%00/thread?article=quay"}, 404, "no-such-address", nil},
		{"ten megabytes", call{method: "POST", path: paperComments, body: ten}, 413, "too-large", nil},
		{"ten megabytes to sign in with", call{method: "POST", path: "/api/v1/auth/login", body: ten}, 413, "too-large", nil},
		{"a form", call{method: "POST", path: paperComments, body: "a=b", header: asForm}, 415, "media-type", nil},
		{"no media type", call{method: "POST", path: paperComments, body: "{}", header: map[string]string{"Content-Type": ""}},
			415, "media-type", nil},
		{"a key too long", keyed(strings.Repeat("k", 256), submission("x")),
			422, "invalid", []string{"/Idempotency-Key too_long"}},
		{"no article", call{method: "GET", path: "/api/v1/sites/paper/thread"}, 422, "invalid", []string{"/article required"}},
		{"an article that is no text", call{method: "GET", path: "/api/v1/sites/paper/thread?article=%ff"}, 422, "invalid", []string{"/article malformed"}},
		{"an invalid query", call{method: "GET", path: "/api/v1/sites/paper/thread?article=%zz"}, 400, "malformed", []string{"malformed"}},
		{"an unknown order", call{method: "GET", path: paperThread + "&sort=loudest"}, 422, "invalid", []string{"/sort unknown"}},
		{"a page of none", call{method: "GET", path: paperThread + "&limit=0"}, 422, "invalid", []string{"/limit out_of_range"}},
		{"a page of too many", call{method: "GET", path: paperThread + "&limit=201"}, 422, "invalid", []string{"/limit out_of_range"}},
		{"a page of words", call{method: "GET", path: paperThread + "&limit=ten"}, 422, "invalid", []string{"/limit out_of_range"}},
		{"a cursor that nobody made", call{method: "GET", path: paperThread + "&cursor=%21"}, 400, "cursor", nil},
		{"no articles to count", call{method: "GET", path: "/api/v1/sites/paper/counts"}, 422, "invalid", []string{"/article count"}},
		{"too many articles to count", call{method: "GET", path: "/api/v1/sites/paper/counts?article=a" + strings.Repeat("&article=a", 100)},
			422, "invalid", []string{"/article count"}},
		{"a comment that is no id", call{method: "GET", path: "/api/v1/comments/7", token: "x"}, 404, "not-found", nil},
		{"a comment with NUL", call{method: "GET", path: "/api/v1/comments/%00", token: "x"}, 404, "no-such-address", nil},
		{"no receipt", call{method: "GET", path: id}, 401, "receipt", nil},
		{"an unknown comment, which is like a wrong receipt", call{method: "GET", path: id, token: "x"}, 401, "receipt", nil},
		{"an edit with a wrong receipt", call{method: "PATCH", path: id, token: "x", body: fields{"body": "y"}}, 401, "receipt", nil},
		{"a withdrawal with a wrong receipt", call{method: "DELETE", path: id, token: "x"}, 401, "receipt", nil},
		{"a preview of nothing", call{method: "POST", path: "/api/v1/sites/paper/preview", body: fields{}}, 422, "invalid", []string{"/body required"}},
		{"no such address", call{method: "GET", path: "/api/v1/nothing"}, 404, "no-such-address", nil},
		{"an address with a slash too many", call{method: "GET", path: "/api/v1/queue/"}, 404, "no-such-address", nil},
		{"a sign-in with nothing", call{method: "POST", path: "/api/v1/auth/login", body: fields{}}, 422, "invalid", []string{"/email required", "/password required"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			h := h.in(t)
			tc.call.wrong = true
			h.do(tc.call).wantProblem(tc.status, tc.code, tc.faults...)
		})
	}
}

func TestAWrongMethodGetsTheAllowedOnes(t *testing.T) {
	h := newTestServer(t)
	r := h.do(call{method: http.MethodPut, path: "/api/v1/comments/" + nowhere})
	r.wantProblem(http.StatusMethodNotAllowed, "method-not-allowed")
	for _, method := range []string{"GET", "PATCH", "DELETE", "OPTIONS"} {
		if !strings.Contains(r.header.Get("Allow"), method) {
			t.Errorf("Allow is %q, without %s", r.header.Get("Allow"), method)
		}
	}
}

func TestAProblemNamesTheRequestThatTheLogNames(t *testing.T) {
	h := newTestServer(t)
	r := h.get("/api/v1/sites/moon/thread?article=quay")
	id := strings.TrimPrefix(r.wantProblem(http.StatusNotFound, "site-unknown").Instance, "urn:uuid:")
	if id == "" || id != r.header.Get("X-Request-Id") || !strings.Contains(h.log.String(), "request_id="+id) {
		t.Errorf("the problem names request %q, the header %q, the log:\n%s", id, r.header.Get("X-Request-Id"), h.log)
	}
	if strings.Contains(h.log.String(), "moon") {
		t.Errorf("the log quotes a client's value:\n%s", h.log)
	}
}

func TestRequiredTextsNeedVisibleCharacters(t *testing.T) {
	const nothing = "\u202e\u200b\u3164 \ufe0f"
	h := newTestServer(t)
	admin, ada := h.registerModerator("Chief", auth.RoleAdmin), h.ada()
	a := h.submit("It waits")
	h.decideWith(ada, a.Comment.ID, fields{"action": "reject", "version": 1})
	comment, articles := "/api/v1/comments/"+a.Comment.ID, "/api/v1/sites/paper/articles"
	for _, tc := range []struct {
		name, path, token string
		body              fields
		fault             string
	}{
		{"a reason to see an email", comment + "/email-reveal", ada, fields{"reason": nothing}, "/reason required"},
		{"a note", comment + "/notes", ada, fields{"body": nothing}, "/body required"},
		{"an answer", comment + "/replies", ada, fields{"body": nothing}, "/body required"},
		{"an appeal", comment + "/appeal", a.Receipt, fields{"text": nothing}, "/text required"},
		{"a name to block", "/api/v1/sites/paper/blocks", ada,
			fields{"kind": "name", "value": nothing, "action": "hold"}, "/value required"},
		{"a site's name", "/api/v1/sites", admin, fields{"slug": "new", "name": nothing}, "/name required"},
		{"a moderator's name", moderatorsPath, admin,
			fields{"email": "eve@desk.example", "name": nothing, "role": "moderator"}, "/name invalid"},
		{"a tag", articles, admin, fields{"key": "pier", "tags": []string{nothing}}, "/tags/0 required"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			h.in(t).do(call{method: http.MethodPost, path: tc.path, token: tc.token, body: tc.body}).
				wantProblem(http.StatusUnprocessableEntity, "invalid", tc.fault)
		})
	}
	t.Run("an optional note is left out", func(t *testing.T) {
		held := h.decideWith(ada, a.Comment.ID, fields{"action": "hold", "version": 2, "reason": nothing, "note": nothing})
		log := must(h.db.Decisions.Decisions(t.Context(), a.Comment.ID))(t)
		if last := log[held.Comment.Version-1]; last.Reason != "" || last.Note != "" {
			t.Errorf("the log has the reason %q and the note %q", last.Reason, last.Note)
		}
	})
	t.Run("an article's title is left out", func(t *testing.T) {
		var article struct{ Title string }
		h.do(call{method: http.MethodPost, path: articles, token: admin, body: fields{"key": "pier", "title": "\u0301"}}).
			want(http.StatusCreated, &article)
		if article.Title != "" {
			t.Errorf("the title is %q", article.Title)
		}
	})
}

func TestOnlyPlainBodiesInUTF8AreRead(t *testing.T) {
	h := newTestServer(t)
	const json, form = "application/json", "application/x-www-form-urlencoded"
	const plain = "Send the body without a Content-Encoding."
	formBody := url.Values{"article": {"quay"}, "author_name": {"Lou"}, "author_email": {"lou@mail.example"},
		"body": {"Hello there"}}.Encode()
	send := func(contentType, coding string) reply {
		c := call{method: http.MethodPost, path: paperComments, body: submission("Hello there")}
		if strings.HasPrefix(contentType, form) {
			c.path, c.body = "/sites/paper/comments", formBody
		}
		c.header = map[string]string{"Content-Type": contentType, "Origin": publicURL}
		return h.sendWith(c, func(r *http.Request) { r.Header["Content-Encoding"] = strings.Fields(coding) })
	}
	for _, good := range [][2]string{{json, ""}, {json, "identity"}, {json + "; charset=UTF-8", "Identity"},
		{form, ""}, {form + "; charset=utf-8", ""}} {
		if r := send(good[0], good[1]); r.status != http.StatusCreated && r.status != http.StatusSeeOther {
			t.Errorf("%q is answered %d: %.200s", good, r.status, r.body)
		}
	}
	for _, bad := range [][3]string{
		{json, "gzip", plain}, {json, "x", plain}, {json, "identity,br", plain}, {json, "identity gzip", plain},
		{json + "; charset=utf-16", "", "Send the body in UTF-8, without another charset in its Content-Type."},
	} {
		p := send(bad[0], bad[1]).wantProblem(http.StatusUnsupportedMediaType, "media-type")
		if p.Detail != bad[2] {
			t.Errorf("the response to %q is %q", bad, p.Detail)
		}
	}
	for _, bad := range [][2]string{{form, "gzip"}, {form + "; charset=iso-8859-1", ""},
		{"multipart/form-data; boundary=x; charset=utf-16", ""}} {
		if r := send(bad[0], bad[1]); r.status != http.StatusUnsupportedMediaType {
			t.Errorf("%q is answered %d: %.200s", bad, r.status, r.body)
		}
	}
}
