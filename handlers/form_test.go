package handlers_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"rejoinder/moderation"
	"rejoinder/moderation/queue"
)

const submit = "/sites/paper/comments"

// filled opens the page and fills its form.
func (b *browser) filled(path string, fields ...string) (action string, form url.Values) {
	b.t.Helper()
	action, form = b.get(path).form(submit)
	for _, pair := range [][2]string{{"author_name", "Ines Albrecht"}, {"author_email", "ines@mail.example"}, {"body", "A lamp is better than a wall."}} {
		if form.Get(pair[0]) == "" {
			form.Set(pair[0], pair[1])
		}
	}
	for i := 0; i+1 < len(fields); i += 2 {
		form.Set(fields[i], fields[i+1])
	}
	return action, form
}

func (b *browser) submit(path string, fields ...string) pageResponse {
	b.t.Helper()
	action, form := b.filled(path, fields...)
	return b.post(action, form)
}

func TestFormOutcomes(t *testing.T) {
	t.Run("a held comment is shown to its writer alone", func(t *testing.T) {
		s := newFixture(t)
		writer := s.browser()
		sent := writer.submit(quay)
		location := sent.header.Get("Location")
		if !strings.HasPrefix(location, quay+"#comment-") {
			t.Errorf("sent on to %q", location)
		}
		page := writer.follow(sent)
		page.want(http.StatusOK, "Your comment is awaiting moderation.", "A lamp is better than a wall.", "Leave a comment")
		page.wantGolden("form-own-pending")
		receipt := writer.cookie(quay, "rejoinder_own")
		if receipt == "" || strings.Contains(location+page.body, receipt) {
			t.Error("the receipt must be in a cookie, and nowhere else")
		}
		s.browser().get(quay).wantWithout("A lamp is better", "Ines", "awaiting")
	})
	t.Run("a held reply is shown below its parent", func(t *testing.T) {
		s := newFixture(t)
		s.comment("quay", "", "Tom", "please publish")
		writer := s.browser()
		page := writer.follow(writer.submit(writer.get(quay).link("Reply")))
		if strings.Index(page.body, "please publish") > strings.Index(page.body, "awaiting moderation") || strings.Count(page.body, `<ol class="rj-replies">`) != 1 {
			t.Errorf("the reply is not below its parent:\n%s", page.body)
		}
	})
	t.Run("an approved comment is public at once", func(t *testing.T) {
		s := newFixture(t)
		writer := s.browser()
		page := writer.follow(writer.submit(quay, "body", "please publish this"))
		page.want(http.StatusOK, "please publish this", "1 comment")
		page.wantWithout("awaiting")
		s.browser().get(quay).want(http.StatusOK, "please publish this")
	})
	t.Run("an approved comment that is not on the first page is shown to its writer all the same", func(t *testing.T) {
		s := newFixture(t)
		for i := range 50 {
			s.comment("quay", "", fmt.Sprintf("Reader %02d", i), "please publish")
		}
		writer := s.browser()
		s.clock.advance(time.Second)
		writer.follow(writer.submit(quay, "body", "please publish me, too")).want(http.StatusOK, "Your comment was published.", "please publish me, too")
	})
	t.Run("a declined comment comes back with the reason, in the form", func(t *testing.T) {
		s := newFixture(t)
		writer := s.browser()
		page := writer.submit(quay, "body", "please decline <this>")
		page.want(http.StatusUnprocessableEntity, "Your comment was not accepted", "Comments like this one are not published here.", "please decline &lt;this&gt;")
		writer.get(quay).wantWithout("please decline")
	})
	t.Run("spam looks held to its writer", func(t *testing.T) {
		s := newFixture(t)
		writer := s.browser()
		writer.follow(writer.submit(quay, "subject", "buy now")).want(http.StatusOK, "Your comment is awaiting moderation.")
		if n := s.count(moderation.StatusSpam); n != 1 {
			t.Errorf("%d spam comments, want 1", n)
		}
	})
	t.Run("a comment that a moderator declined is shown to its writer with the reason", func(t *testing.T) {
		s := newFixture(t)
		writer := s.browser()
		writer.submit(quay)
		item := must(s.Queue.List(t.Context(), moderation.Viewer{}, queue.Query{
			Status: moderation.StatusPending, Sort: queue.SortOldest, Limit: 1}))(t).Items[0]
		must(s.Queue.Decide(t.Context(), moderation.Viewer{}, queue.DecisionRequest{CommentID: item.Comment.ID,
			Action: moderation.ActionReject, Version: 1, Reason: "Off topic."}))(t)
		writer.get(quay).want(http.StatusOK, "Your comment was not published. Off topic.")
	})
}

func TestFormFaults(t *testing.T) {
	long := strings.Repeat("x", moderation.MaxBodyCharacters+1)
	cases := []struct {
		name, field, value, detail string
	}{
		{"an empty comment", "body", " \n ", "Please write a comment."},
		{"a comment that is too long", "body", long, "A comment has at most 10000 characters; this one has 10001."},
		{"a comment with a NUL", "body", "a\x00b", "The text contains a NUL character."},
		{"a comment that is not UTF-8", "body", "caf\xe9", "The text contains bytes that are not valid UTF-8."},
		{"no name", "author_name", "", "Please enter your name."},
		{"an invisible name", "author_name", "\u200b", "Please enter your name."},
		{"a name that is too long", "author_name", strings.Repeat("é", 101), "A name has at most 100 characters."},
		{"no email", "author_email", "", "Please enter your email address. It will not be published."},
		{"an invalid email", "author_email", "ines@", "The part after the @ is missing."},
		{"an email that is not UTF-8", "author_email", "\xff@mail.example", ""},
		{"an invalid website", "author_url", "javascript:alert(1)", "A web address starts with http:// or https://."},
		{"a website that is not UTF-8", "author_url", "https://\xff.example", ""},
	}
	s := newFixture(t)
	for _, c := range cases {
		t.Run(c.name+" is named beside its field", func(t *testing.T) {
			writer := s.browserFor(t)
			page := writer.submit(quay, "author_url", "https://ines.example/", "remember", "yes", c.field, c.value)
			page.want(http.StatusUnprocessableEntity, "Your comment was not sent")
			wantFault(page, c.field, c.detail)
			_, form := page.form(submit)
			for field, value := range map[string]string{"body": "A lamp is better than a wall.", "author_name": "Ines Albrecht",
				"author_email": "ines@mail.example", "author_url": "https://ines.example/", "remember": "yes"} {
				if field == c.field {
					value = strings.ReplaceAll(strings.ToValidUTF8(c.value, "\uFFFD"), "\x00", "\uFFFD")
				}
				if got := form.Get(field); got != value {
					t.Errorf("%s came back as %.60q, want %.60q", field, got, value)
				}
			}
		})
	}
	t.Run("all faults are named at once, in the order of the form", func(t *testing.T) {
		page := s.browser().submit(quay, "body", "", "author_name", "\n", "author_email", "x", "author_url", "y")
		var links []string
		for _, n := range page.find("a") {
			if href := attr(n, "href"); strings.HasPrefix(href, "#respond-") {
				links = append(links, href)
			}
		}
		if diff := cmp.Diff([]string{"#respond-body", "#respond-name", "#respond-email", "#respond-url"}, links); diff != "" {
			t.Error(diff)
		}
		page.wantGolden("form-faults")
	})
	if n := s.count(moderation.StatusPending); n != 0 {
		t.Errorf("%d comments were kept", n)
	}
}

// wantFault requires that a field is marked, and that its description explains the fault.
func wantFault(page pageResponse, field, detail string) {
	page.t.Helper()
	for _, n := range append(page.find("input"), page.find("textarea")...) {
		if attr(n, "name") != field {
			continue
		}
		if attr(n, "aria-invalid") != "true" {
			page.t.Errorf("%s is not marked", field)
		}
		described, _, _ := strings.Cut(attr(n, "aria-describedby"), " ")
		for _, span := range page.find("span") {
			if attr(span, "id") == described && strings.Contains(textOf(span), detail) && textOf(span) != "" {
				return
			}
		}
		page.t.Errorf("%s is not described by %q:\n%s", field, detail, page.body)
	}
}

func TestADoubleClickSubmitsOnce(t *testing.T) {
	s := newFixture(t)
	writer := s.browser()
	action, form := writer.filled(quay)
	var clicks sync.WaitGroup
	locations := make([]string, 4)
	for i := range locations {
		clicks.Go(func() { locations[i] = writer.post(action, form).header.Get("Location") })
	}
	clicks.Wait()
	for _, location := range locations {
		if location == "" || location != locations[0] {
			t.Errorf("sent on to %q", locations)
		}
	}
	form.Set("body", "Another thought, from the same form.")
	if again := writer.post(action, form); again.status != http.StatusSeeOther || again.header.Get("Location") == locations[0] {
		t.Errorf("another text from the same form: %d %q", again.status, again.header.Get("Location"))
	}
	if n := s.count(moderation.StatusPending); n != 2 {
		t.Errorf("%d comments, want 2", n)
	}
}

func TestSaveMyName(t *testing.T) {
	s := newFixture(t)
	reader := s.browser()
	sent := reader.submit(quay, "remember", "yes", "author_url", "https://ines.example/", "body", "please publish")
	var cookie *http.Cookie
	for _, c := range (&http.Response{Header: sent.header}).Cookies() {
		if c.Name == "rejoinder_reader" {
			cookie = c
		}
	}
	if cookie == nil {
		t.Fatal("no cookie")
	}
	if !cookie.HttpOnly || cookie.SameSite != http.SameSiteLaxMode || cookie.Secure || cookie.Path != "/sites/paper" || cookie.MaxAge != 365*24*60*60 {
		t.Errorf("the cookie is %v", cookie)
	}
	page := reader.get(quay)
	_, form := page.form(submit)
	want := map[string]string{"author_name": "Ines Albrecht", "author_email": "ines@mail.example", "author_url": "https://ines.example/", "remember": "yes"}
	for field, value := range want {
		if got := form.Get(field); got != value {
			t.Errorf("%s is %q, want %q", field, got, value)
		}
	}
	if n := strings.Count(page.body, "ines@"); n != 1 {
		t.Errorf("the email is in the page %d times, want once, in its field", n)
	}
	s.browser().get(quay).wantWithout("ines@")

	t.Run("the browser is recognised by its cookie", func(t *testing.T) {
		reader.follow(reader.submit(quay, "body", "My second one, unasked.")).want(http.StatusOK, "2 comments", "My second one, unasked.")
	})
	t.Run("somebody else with the same email is not", func(t *testing.T) {
		other := s.browser()
		other.follow(other.submit(quay, "body", "I am not Ines.")).want(http.StatusOK, "awaiting moderation")
	})
	t.Run("unticking forgets", func(t *testing.T) {
		action, form := reader.filled(quay, "body", "Forget me.")
		form.Del("remember")
		reader.post(action, form)
		if got := reader.cookie(quay, "rejoinder_reader"); got != "" {
			t.Errorf("the browser still has %q", got)
		}
		_, form = reader.get(quay).form(submit)
		if form.Get("author_email") != "" || form.Has("remember") {
			t.Errorf("the form has %v", form)
		}
	})
	t.Run("over TLS the cookies are secure", func(t *testing.T) {
		s := newFixture(t, func(s *fixture) { s.Config.PublicURL = "https://comments.example" })
		writer := s.browser()
		_, form := writer.filled(quay, "remember", "yes")
		for _, c := range (&http.Response{Header: writer.post(submit, form).header}).Cookies() {
			if !c.Secure {
				t.Errorf("%s is not secure", c.Name)
			}
		}
	})
	t.Run("a website that is too long for a cookie is left out", func(t *testing.T) {
		reader := s.browser()
		site := "https://ines.example/" + strings.Repeat("a", 1_950)
		reader.submit(quay, "remember", "yes", "author_name", strings.Repeat("名", 100), "author_url", site,
			"author_email", strings.Repeat("x", 64)+"@"+strings.Repeat(strings.Repeat("y", 60)+".", 2)+"example")
		_, form := reader.get(quay).form(submit)
		if form.Get("author_name") != strings.Repeat("名", 100) {
			t.Errorf("the name was not saved: %v", form)
		}
	})
	t.Run("a damaged cookie is as good as none", func(t *testing.T) {
		r := must(http.NewRequest(http.MethodGet, s.baseURL+quay, nil))(t)
		r.Header.Set("Cookie", "rejoinder_reader=bm9uc2Vuc2U; rejoinder_own=%%%")
		s.browser().send(r).want(http.StatusOK)
	})
}

func TestFormsOfOtherWebsites(t *testing.T) {
	s := newFixture(t)
	reader := s.browser()
	action, form := reader.filled(quay)
	page := reader.post(action, form, "Origin", "https://elsewhere.example")
	page.want(http.StatusForbidden, "The form was sent from another website.", "A lamp is better than a wall.")
	if n := s.count(moderation.StatusPending); n != 0 {
		t.Errorf("%d comments were taken", n)
	}
	reader.follow(reader.post(action, form, "Origin", "https://harbour.example")).want(http.StatusOK)

	t.Run("a site's own page may register its article", func(t *testing.T) {
		_, form := reader.filled(quay, "article", "new", "article_url", "https://harbour.example/new", "article_title", "New lamps")
		reader.follow(reader.post(submit, form, "Origin", "https://harbour.example")).want(http.StatusOK, "awaiting moderation")
	})
}
