package handlers_test

import (
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"rejoinder/handlers/locale"
	"rejoinder/moderation"
)

// part sends a request of the widget on the site's own pages, and returns the fragment.
func (b *browser) part(path string, form url.Values) pageResponse {
	b.t.Helper()
	form.Set("part", "1")
	r := must(http.NewRequestWithContext(b.t.Context(), http.MethodPost, b.base+path, strings.NewReader(form.Encode())))(b.t)
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Accept", "text/html")
	r.Header.Set("Origin", "https://harbour.example")
	r.Header.Set("Sec-Fetch-Site", "cross-site")
	resp := must(b.client.Do(r))(b.t)
	defer resp.Body.Close()
	body := must(io.ReadAll(resp.Body))(b.t)
	if allowed := resp.Header.Get("Access-Control-Allow-Origin"); allowed != "https://harbour.example" {
		b.t.Errorf("%s: Access-Control-Allow-Origin is %q", path, allowed)
	}
	return pageResponse{t: b.t, path: path, status: resp.StatusCode, header: resp.Header, body: string(body)}
}

// sentComment sends a comment with the form and returns the page on which its writer sees the result.
func (b *browser) sentComment(body string) (status string) {
	b.t.Helper()
	sent := b.submit(quay, "body", body)
	_, anchor, _ := strings.Cut(sent.header.Get("Location"), "#comment-")
	for _, link := range b.follow(sent).find("a") {
		if href := attr(link, "href"); attr(link, "class") == "rj-status" && strings.HasPrefix(href, "/comments/"+anchor+"?") {
			return href
		}
	}
	b.t.Fatalf("the page does not link to the status of %s", anchor)
	return ""
}

// ownPage is the path of a comment's page without its receipt, and the common fields of its forms.
func ownPage(t *testing.T, status string) (path string, fields url.Values) {
	t.Helper()
	address := must(url.Parse(status))(t)
	return address.Path, url.Values{"receipt": {address.Query().Get("receipt")}}
}

// withField adds one field to a copy of a form.
func withField(form url.Values, name, value string) url.Values {
	changed := url.Values{name: {value}}
	for key, values := range form {
		if key != name {
			changed[key] = values
		}
	}
	return changed
}

func TestWriterWithoutScript(t *testing.T) {
	t.Run("edits a held comment, then deletes it", func(t *testing.T) {
		s := newFixture(t)
		writer := s.browser()
		status := writer.sentComment("A lamp is *better*.")
		page := writer.get(status)
		page.want(http.StatusOK, "Your comment is awaiting moderation.", "on The quay &amp; its &lt;lamps&gt;", "A lamp is <em>better</em>.",
			"A lamp is *better*.</textarea>", `You can change it until <time class="rj-clock" datetime="2026-03-02T09:15:00Z">2 March 2026 at 09:15 UTC</time>.`, "Delete permanently", "Erase everything")
		page.wantWithout("Appeal this decision", "@mail.example")
		page.wantGolden("status-pending")
		if back := page.link("Back to the article"); back != "https://harbour.example/quay" {
			t.Errorf("the way back leads to %q", back)
		}
		action, form := page.form(strings.Split(status, "?")[0] + "/edit")
		edited := writer.follow(writer.post(action, withField(form, "body", "A wall is better.")))
		edited.want(http.StatusOK, "<p>A wall is better.</p>", "A wall is better.</textarea>")
		edited.want(http.StatusOK, `<input type="hidden" name="ask" value="withdraw">`)
		asked := writer.get(status + "&ask=withdraw")
		asked.want(http.StatusOK, "Delete this comment?", "<p>A wall is better.</p>", "Keep it")
		if n := s.count(moderation.StatusPending); n != 1 {
			t.Errorf("%d comments are held before the question is answered, want one", n)
		}
		action, form = asked.form(strings.Split(status, "?")[0] + "/withdraw")
		gone := writer.follow(writer.post(action, form))
		gone.want(http.StatusOK, "Your comment was deleted.")
		gone.wantWithout("A wall is better", "Ines", "rj-edit", "rj-withdraw", "rj-erase")
		gone.wantGolden("status-deleted")
		if n := s.count(moderation.StatusPending); n != 0 {
			t.Errorf("%d comments are held, want none", n)
		}
	})
	t.Run("appeals once against a declined comment", func(t *testing.T) {
		s := newFixture(t)
		writer := s.browser()
		status := writer.sentComment("A lamp is better.")
		path, _ := ownPage(t, status)
		s.decide(strings.TrimPrefix(path, "/comments/"), moderation.ActionReject)
		page := writer.get(status)
		page.want(http.StatusOK, "Your comment was not published.", "Why should it be published?")
		page.wantWithout("rj-edit", "You can change it")
		page.wantGolden("status-declined")
		action, form := page.form(path + "/appeal")
		appealed := writer.follow(writer.post(action, withField(form, "text", "It is about the lamps.")))
		appealed.want(http.StatusOK, "You appealed. A moderator will read your appeal.")
		appealed.wantWithout("rj-appeal")
		again := writer.post(action, withField(form, "text", "And once more."))
		again.want(http.StatusConflict, "Only a comment that was declined can be appealed, and only once.", "And once more.</textarea>")
	})
	t.Run("erases everything of a comment", func(t *testing.T) {
		s := newFixture(t)
		writer := s.browser()
		status := writer.sentComment("A lamp is better.")
		path, _ := ownPage(t, status)
		_, receipt := ownPage(t, status)
		action, form := writer.post(path+"/erase", receipt).form(path + "/erase")
		gone := writer.follow(writer.post(action, form))
		gone.want(http.StatusOK, "Your data was erased: this comment, and all others")
		gone.wantWithout("Ines", "A lamp")
	})
}

func TestStatusPageStaysPrivate(t *testing.T) {
	s := newFixture(t)
	writer := s.browser()
	status := writer.sentComment("A lamp is better.")
	page := writer.get(status)
	for name, want := range map[string]string{"Cache-Control": "private, no-store", "Referrer-Policy": "same-origin", "X-Robots-Tag": "noindex"} {
		if got := page.header.Get(name); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
	if strings.Contains(s.log.String(), must(url.Parse(status))(t).Query().Get("receipt")) {
		t.Error("the receipt is in the log")
	}
}

func TestAWrongReceiptRevealsNothing(t *testing.T) {
	s := newFixture(t)
	writer := s.browser()
	path, right := ownPage(t, writer.sentComment("A lamp is better."))
	other, _ := ownPage(t, s.browser().sentComment("Somebody else wrote this."))
	unknown := "/comments/01957000-0000-7000-8000-0000ffffffff"
	requestID := func(a pageResponse) string { return strings.ReplaceAll(a.body, a.header.Get("X-Request-Id"), "ID") }
	known := s.browser().get(other + "?lang=de&" + right.Encode())
	known.want(http.StatusUnauthorized, `lang="de"`, "Dieser Link ist unvollständig oder nicht mehr gültig")
	missing := s.browser().get(unknown + "?lang=de&" + right.Encode())
	missing.want(http.StatusUnauthorized)
	if requestID(known) != requestID(missing) {
		t.Errorf("an existing and a missing comment can be distinguished:\n%s\n%s", known.body, missing.body)
	}
	known.wantWithout("Somebody else", "Harbour", "quay")
	for _, act := range []string{"/edit", "/appeal", "/withdraw", "/erase"} {
		form := withField(withField(right, "lang", "fr"), "body", "Mine now")
		s.browser().post(other+act, form).want(http.StatusUnauthorized, `lang="fr"`)
		s.browser().part(other+act, form).want(http.StatusUnauthorized)
		s.browser().part(path+act, url.Values{}).want(http.StatusUnauthorized)
	}
	if n := s.count(moderation.StatusPending); n != 2 {
		t.Errorf("%d comments are held, want both", n)
	}
}

func TestRefusedAuthorFormsKeepTheirInput(t *testing.T) {
	long := strings.Repeat("y", moderation.MaxBodyCharacters+1)
	tedious := strings.Repeat("z", moderation.MaxAppealCharacters+1)
	s := newFixture(t)
	writer := s.browser()
	pending, receipt := ownPage(t, writer.sentComment("A lamp is better."))
	status := writer.sentComment("A lamp is worse.")
	declined, key := ownPage(t, status)
	s.decide(strings.TrimPrefix(declined, "/comments/"), moderation.ActionReject)
	t.Run("an edit that is too long", func(t *testing.T) {
		form := withField(receipt, "body", long)
		s.browserFor(t).post(pending+"/edit", form).want(http.StatusUnprocessableEntity, long+"</textarea>", `aria-invalid="true"`, "This was not sent")
		part := s.browserFor(t).part(pending+"/edit", form)
		part.want(http.StatusUnprocessableEntity, `<form class="rj-edit"`, long+"</textarea>", `class="rj-fault"`)
		part.wantWithout("<html", "rj-withdraw")
	})
	t.Run("an appeal that is too long", func(t *testing.T) {
		form := withField(key, "text", tedious)
		s.browserFor(t).post(declined+"/appeal", form).want(http.StatusUnprocessableEntity, tedious+"</textarea>", `aria-invalid="true"`)
		s.browserFor(t).part(declined+"/appeal", form).want(http.StatusUnprocessableEntity, `<form class="rj-appeal"`, tedious+"</textarea>")
	})
	t.Run("a deletion from another website", func(t *testing.T) {
		for _, act := range []string{"/withdraw", "/erase"} {
			page := s.browserFor(t).post(pending+act, receipt, "Origin", "https://evil.example")
			page.want(http.StatusForbidden, "The form was sent from another website.", "A lamp is better.", "Delete permanently")
		}
	})
	t.Run("an edit from another website", func(t *testing.T) {
		form := withField(receipt, "body", "Typed elsewhere.")
		s.browserFor(t).post(pending+"/edit", form, "Origin", "https://evil.example").want(http.StatusForbidden, "Typed elsewhere.</textarea>")
	})
	t.Run("an edit after the time for it", func(t *testing.T) {
		s.clock.advance(16 * time.Minute)
		s.browserFor(t).get(pending + "?" + receipt.Encode()).wantWithout("rj-edit")
		form := withField(receipt, "body", "Too late, my lamp.")
		s.browserFor(t).post(pending+"/edit", form).want(http.StatusConflict, "The time for changing this comment is over", "Too late, my lamp.</textarea>")
		s.browserFor(t).part(pending+"/edit", form).want(http.StatusConflict, `<form class="rj-edit"`, "The time for changing this comment is over",
			"Too late, my lamp.</textarea>")
		s.browserFor(t).post(pending+"/edit", withField(receipt, "body", "")).want(http.StatusUnprocessableEntity, "Please write a comment.")
	})
}

func TestAuthorFormsReturnFragmentsToScripts(t *testing.T) {
	s := newFixture(t)
	writer := s.browser()
	status := writer.sentComment("A lamp is better.")
	path, receipt := ownPage(t, status)
	part := writer.part(path+"/edit", withField(receipt, "body", "A wall is better."))
	part.want(http.StatusOK, `<li class="rj-item rj-own"`, "A wall is better.", "Your comment is awaiting moderation.")
	part.wantWithout("<html", "@mail.example")
	s.decide(strings.TrimPrefix(path, "/comments/"), moderation.ActionReject)
	writer.part(path+"/appeal", withField(receipt, "text", "It is about lamps.")).want(http.StatusOK, `<li class="rj-item rj-own"`)
	writer.part(path+"/withdraw", receipt).want(http.StatusOK, `<form class="rj-withdraw"`, "Delete this comment?")
	writer.part(path+"/erase", receipt).want(http.StatusOK, `<form class="rj-erase"`, "Erase your data?")
	receipt = withField(receipt, "confirm", "yes")
	gone := writer.part(path+"/withdraw", receipt)
	gone.want(http.StatusOK, `class="rj-notice rj-ended"`, "Your comment was deleted.")
	if strings.Contains(gone.body, "wall") {
		t.Errorf("204 with a body: %q", gone.body)
	}
	writer.part(path+"/erase", receipt).want(http.StatusOK, "Your data was erased")
}

func TestActPagesInEveryLanguage(t *testing.T) {
	s := newFixture(t)
	writer := s.browser()
	pending := writer.sentComment("A lamp is better.")
	declined := writer.sentComment("A lamp is worse.")
	path, _ := ownPage(t, declined)
	s.decide(strings.TrimPrefix(path, "/comments/"), moderation.ActionReject)
	shown := "/comments/" + s.comment("quay", "", "Tom", "please publish") + "/report"
	for _, words := range locale.Languages() {
		t.Run(words.Tag, func(t *testing.T) {
			reader := s.browserFor(t)
			in := func(page string, keys ...string) {
				t.Helper()
				address := must(url.Parse(page))(t)
				query := address.Query()
				query.Set("lang", words.Tag)
				got := reader.get(address.Path + "?" + query.Encode())
				got.want(http.StatusOK, `lang="`+words.Tag+`" dir="`+words.Dir+`"`)
				for _, key := range keys {
					got.want(http.StatusOK, words.Text(key))
				}
				got.wantWithout("@mail.example")
			}
			in(pending, "status.title", "own.pending", "edit.title", "withdraw.submit", "erase.text", "status.keep", "status.back")
			in(declined, "own.rejected", "appeal.title", "appeal.label", "appeal.text_another")
			in(shown, "report.title", "report.question", "report.off-topic", "report.note", "report.submit")
		})
	}
}
