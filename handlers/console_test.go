package handlers_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"rejoinder/auth"
	"rejoinder/moderation"
)

// adaBrowser is the browser of the moderator Ada.
func (s *fixture) adaBrowser(t testing.TB) *browser {
	t.Helper()
	b := s.browserFor(t)
	b.follow(b.signIn("/console/sign-in", adaEmail, adaPassword)).want(http.StatusOK, "Ada", "Sign out")
	return b
}

func (b *browser) signIn(page, email, password string) pageResponse {
	b.t.Helper()
	action, form := b.get(page).form("/console/sign-in")
	form.Set("email", email)
	form.Set("password", password)
	return b.post(action, form)
}

// decisionForm returns the form of the comment with that text in the queue.
func (a pageResponse) decisionForm(id string) (action string, form url.Values) {
	a.t.Helper()
	return a.form("/console/comments/" + id + "/decisions")
}

func TestSignIn(t *testing.T) {
	s := newFixture(t)
	t.Run("the console leads to the sign-in page and back", func(t *testing.T) {
		b := s.browserFor(t)
		turned := b.get("/console?status=spam&sort=newest")
		location := turned.header.Get("Location")
		if !strings.HasPrefix(location, "/console/sign-in?") {
			t.Fatalf("sent to %q", location)
		}
		back := b.signIn(location, adaEmail, adaPassword)
		if got := back.header.Get("Location"); got != "/console?sort=newest&status=spam" {
			t.Errorf("sent back to %q", got)
		}
		b.follow(back).want(http.StatusOK, "No spam")
		if got := b.get("/console/sign-in"); got.header.Get("Location") != "/console" {
			t.Errorf("somebody signed in is asked again: %d", got.status)
		}
	})
	t.Run("it never leads to another site", func(t *testing.T) {
		b := s.browserFor(t)
		sent := b.signIn("/console/sign-in?next=https%3A%2F%2Fevil.example%2Fconsole", adaEmail, adaPassword)
		if got := sent.header.Get("Location"); got != "/console" {
			t.Errorf("sent to %q", got)
		}
	})
	t.Run("its cookies are out of reach for scripts and other sites", func(t *testing.T) {
		sent := s.browserFor(t).signIn("/console/sign-in", adaEmail, adaPassword)
		cookies := setCookies(sent.header)
		if len(cookies) != 3 { // access, refresh and device
			t.Errorf("%d cookies", len(cookies))
		}
		for _, c := range cookies {
			if !c.HttpOnly || c.SameSite != http.SameSiteStrictMode || c.MaxAge <= 0 {
				t.Errorf("cookie %s is %+v", c.Name, c)
			}
		}
	})
	t.Run("a wrong password is said, and the email kept", func(t *testing.T) {
		page := s.browserFor(t).signIn("/console/sign-in?next=%2Fconsole%3Fstatus%3Dspam", adaEmail, "wrong")
		page.want(http.StatusUnauthorized, "Email or password is wrong.")
		_, form := page.form("/console/sign-in")
		if form.Get("email") != adaEmail || form.Get("password") != "" || form.Get("next") != "/console?status=spam" {
			t.Errorf("the form came back as %v", form)
		}
	})
	t.Run("guessing too often shows how long to wait", func(t *testing.T) {
		s := newFixture(t)
		b := s.browserFor(t)
		for range 50 {
			page := b.signIn("/console/sign-in", adaEmail, "guess")
			if page.status != http.StatusTooManyRequests {
				continue
			}
			page.want(http.StatusTooManyRequests, "Please wait ", ", then try again.")
			if page.header.Get("Retry-After") == "" {
				t.Error("no Retry-After")
			}
			return
		}
		t.Error("fifty guesses were looked at")
	})
	t.Run("another website cannot sign anybody in", func(t *testing.T) {
		b := s.browserFor(t)
		form := url.Values{"email": {adaEmail}, "password": {adaPassword}}
		b.post("/console/sign-in", form, "Origin", "https://evil.example").want(http.StatusForbidden)
	})
}

func TestSignOut(t *testing.T) {
	s := newFixture(t)
	b := s.adaBrowser(t)
	stolen := b.cookie("/", "rejoinder_refresh")
	b.post("/console/sign-out", nil, "Origin", "https://evil.example").want(http.StatusForbidden)
	b.follow(b.post("/console/sign-out", nil)).want(http.StatusOK, "Password")
	if b.cookie("/console", "rejoinder_refresh")+b.cookie("/console", "rejoinder_access") != "" {
		t.Error("the browser still has a session")
	}
	if _, err := s.Auth.Refresh(t.Context(), stolen); err == nil {
		t.Error("the refresh token still works")
	}
}

func TestSessionsRenewThemselves(t *testing.T) {
	t.Run("an access token that ran out is renewed unseen", func(t *testing.T) {
		s := newFixture(t)
		b := s.adaBrowser(t)
		before := b.cookie("/console", "rejoinder_access")
		s.clock.advance(time.Hour)
		b.get("/console").want(http.StatusOK, "Ada")
		if b.cookie("/console", "rejoinder_access") == before {
			t.Error("the access token is the same")
		}
	})
	t.Run("two pages opened at once both get in", func(t *testing.T) {
		s := newFixture(t)
		b := s.adaBrowser(t)
		s.clock.advance(time.Hour)
		cookies := "rejoinder_refresh=" + b.cookie("/", "rejoinder_refresh")
		var tabs sync.WaitGroup
		for range 4 {
			tabs.Go(func() {
				r := must(http.NewRequest(http.MethodGet, s.baseURL+"/console", nil))(t)
				r.Header.Set("Cookie", cookies)
				s.browserFor(t).send(r).want(http.StatusOK)
			})
		}
		tabs.Wait()
		b.get("/console").want(http.StatusOK)
	})
	t.Run("a token that was used long ago ends the session", func(t *testing.T) {
		s := newFixture(t)
		b := s.adaBrowser(t)
		old := b.cookie("/", "rejoinder_refresh")
		s.clock.advance(time.Hour)
		b.get("/console").want(http.StatusOK)
		s.clock.advance(time.Hour)
		r := must(http.NewRequest(http.MethodGet, s.baseURL+"/console", nil))(t)
		r.Header.Set("Cookie", "rejoinder_refresh="+old)
		s.browserFor(t).send(r).want(http.StatusSeeOther)
		b.get("/console").want(http.StatusSeeOther)
	})
	t.Run("a session that nobody used for months is over", func(t *testing.T) {
		s := newFixture(t)
		b := s.adaBrowser(t)
		s.clock.advance(100 * 24 * time.Hour)
		b.follow(b.get("/console")).want(http.StatusOK, "Password")
	})
}

func TestQueuePage(t *testing.T) {
	t.Run("every comment is shown with why it was held", func(t *testing.T) {
		s := newFixture(t)
		s.comment("quay", "", "Ines", "please publish")
		s.comment("quay", "", "Lou", "Win at the CASINO in the große Straße!\n\n<b>casino</b> & more")
		s.comment("quay", "", "Ines", "My second one.")
		s.clock.advance(3 * time.Hour)
		page := s.adaBrowser(t).get("/console")
		page.want(http.StatusOK, "2 comments waiting", "<mark>CASINO</mark>", "<mark>Straße</mark>", "&lt;b&gt;<mark>casino</mark>&lt;/b&gt;",
			"This commenter has no approved comment yet.", "3 hours ago", "1 approved, 1 waiting", "The Harbour Gazette")
		page.wantWithout("mail.example", "127.0.0")
		page.wantGolden("queue-hits")
	})
	t.Run("an empty queue is a pleasant one", func(t *testing.T) {
		newFixture(t).adaBrowser(t).get("/console").want(http.StatusOK, "Nothing is waiting", "No comments yet.")
	})
	t.Run("one comment is one comment", func(t *testing.T) {
		s := newFixture(t)
		s.comment("quay", "", "Lou", "Hello.")
		s.adaBrowser(t).get("/console").want(http.StatusOK, ">1 comment waiting</h1>", "<title>1 comment waiting")
	})
	t.Run("a reply is shown with its parent", func(t *testing.T) {
		s := newFixture(t)
		root := s.comment("quay", "", "Ines", "please publish my question")
		s.comment("quay", root, "Lou", "An answer.")
		s.adaBrowser(t).get("/console").want(http.StatusOK, "Reply to <bdi>Ines</bdi>", "please publish my question")
	})
	t.Run("lists are sorted, filtered and paged", func(t *testing.T) {
		s := newFixture(t)
		for i := range 21 {
			s.comment("quay", "", fmt.Sprintf("Reader %02d", i), "Text.")
		}
		s.comment("quay", "", "Risky", "casino")
		b := s.adaBrowser(t)
		first := b.get("/console")
		first.want(http.StatusOK, "22 comments waiting", "Reader 00")
		first.wantWithout("Reader 20", "Risky")
		second := b.get(first.link("Next page →"))
		second.want(http.StatusOK, "Reader 20", "Risky")
		second.wantWithout("Reader 19")
		b.get(second.link("← First page")).want(http.StatusOK, "Reader 00")
		_, filter := first.form("/console")
		filter.Set("sort", "risk")
		risk := b.get("/console?" + filter.Encode())
		risk.want(http.StatusOK, `<option value="risk" selected>`)
		if risky, other := strings.Index(risk.body, ">Risky<"), strings.Index(risk.body, "Reader "); risky < 0 || risky > other {
			t.Error("the highest risk is not first")
		}
		b.get("/console?site=demo").want(http.StatusOK, "Nothing is waiting", `<option value="demo" selected>`)
		b.get("/console?site=nosuch").want(http.StatusNotFound)
		b.get("/console?cursor=nonsense%21").want(http.StatusBadRequest)
		for _, tab := range []string{"Approved", "Rejected", "Spam"} {
			b.get(first.link(tab)).want(http.StatusOK)
		}
	})
	t.Run("a moderator sees the comments of their own sites only", func(t *testing.T) {
		s := newFixture(t)
		id := s.comment("quay", "", "Lou", "Hello.")
		demo := must(s.Sites.Find(t.Context(), moderation.Viewer{}, "demo"))(t)
		must(s.Auth.Register(t.Context(), auth.NewModerator{Email: "bo@paper.example", Name: "Bo", Role: auth.RoleModerator,
			SiteIDs: []string{demo.ID}, Password: adaPassword}))(t)
		b := s.browserFor(t)
		page := b.follow(b.signIn("/console/sign-in", "bo@paper.example", adaPassword))
		page.want(http.StatusOK, "Nothing is waiting")
		page.wantWithout("Gazette")
		b.get("/console?site=paper").want(http.StatusNotFound)
		b.post("/console/comments/"+id+"/decisions", url.Values{"action": {"approve"}, "version": {"1"}}).want(http.StatusNotFound)
	})
}

func TestDecisions(t *testing.T) {
	t.Run("an approved comment is public at once", func(t *testing.T) {
		s := newFixture(t)
		id := s.comment("quay", "", "Lou", "Hello.")
		b := s.adaBrowser(t)
		action, form := b.get("/console?sort=newest").decisionForm(id)
		form.Set("action", "approve")
		sent := b.post(action, form)
		if got := sent.header.Get("Location"); got != "/console?sort=newest" {
			t.Errorf("sent to %q", got)
		}
		b.follow(sent).want(http.StatusOK, "The comment was approved.", "Nothing is waiting")
		b.get("/console").wantWithout("The comment was approved.")
		s.browser().get(quay).want(http.StatusOK, "Hello.", "1 comment")
		b.get("/console?status=approved").want(http.StatusOK, "1 approved comment", "Held by the ruleset", "Approved by you", "Hold")
	})
	t.Run("a comment can be rejected with a reason, called spam, and brought back", func(t *testing.T) {
		s := newFixture(t)
		id := s.comment("quay", "", "Lou", "Hello.")
		b := s.adaBrowser(t)
		from := "/console"
		for _, step := range []struct{ action, reason, next string }{
			{"reject", "Off topic, sadly.", "rejected"}, {"spam", "", "spam"}, {"hold", "", "pending"}, {"approve", "", "approved"},
		} {
			action, form := b.get(from).decisionForm(id)
			form.Set("action", step.action)
			form.Set("reason", step.reason)
			b.follow(b.post(action, form)).want(http.StatusOK)
			from = "/console?status=" + step.next
			b.get(from).want(http.StatusOK, step.reason)
		}
	})
	t.Run("an undo is logged as one", func(t *testing.T) {
		s := newFixture(t)
		id := s.comment("quay", "", "Lou", "Hello.")
		b := s.adaBrowser(t)
		action, form := b.get("/console").decisionForm(id)
		form.Set("action", "approve")
		action, form = b.follow(b.post(action, form)).form("/console/decisions/")
		b.follow(b.post(action, form)).want(http.StatusOK)
		page := b.get("/console/comments/" + id)
		page.want(http.StatusOK, "Held by the ruleset", "Approved by you", "Undone by you: back to pending")
		page.wantWithout("Held by you,")
	})
	t.Run("a deleted comment is gone for good", func(t *testing.T) {
		s := newFixture(t)
		id := s.comment("quay", "", "Lou", "Hello. please publish")
		b := s.adaBrowser(t)
		action, form := b.get("/console?status=approved").decisionForm(id)
		form.Set("action", "delete")
		b.follow(b.post(action, form)).want(http.StatusOK, "The comment was deleted.")
		s.browser().get(quay).wantWithout("Hello.")
		open := must(s.Queue.Case(t.Context(), moderation.Viewer{}, id))(t)
		if open.Comment.Status != moderation.StatusDeleted {
			t.Errorf("the comment is %s", open.Comment.Status)
		}
	})
	t.Run("another website cannot decide", func(t *testing.T) {
		s := newFixture(t)
		id := s.comment("quay", "", "Lou", "Hello.")
		b := s.adaBrowser(t)
		action, form := b.get("/console").decisionForm(id)
		form.Set("action", "approve")
		b.post(action, form, "Origin", "https://evil.example").want(http.StatusForbidden)
		b.post(action, form, "Origin", "", "Sec-Fetch-Site", "same-site").want(http.StatusForbidden)
		if n := s.count(moderation.StatusPending); n != 1 {
			t.Errorf("%d comments are waiting, want 1", n)
		}
	})
	t.Run("without a session nothing is decided", func(t *testing.T) {
		s := newFixture(t)
		id := s.comment("quay", "", "Lou", "Hello.")
		b := s.browserFor(t)
		sent := b.post("/console/comments/"+id+"/decisions", url.Values{"action": {"approve"}, "version": {"1"}})
		sent.want(http.StatusUnauthorized)
		if !strings.Contains(sent.body, "Your session has ended") {
			t.Errorf("answered with %s", sent.body)
		}
		if n := s.count(moderation.StatusPending); n != 1 {
			t.Errorf("%d comments are waiting, want 1", n)
		}
	})
	t.Run("an id that is none, and a comment that is none, are not found", func(t *testing.T) {
		b := newFixture(t).adaBrowser(t)
		for _, id := range []string{"x", "01957000-0000-7000-8000-ffffffffffff"} {
			b.post("/console/comments/"+id+"/decisions", url.Values{"action": {"approve"}, "version": {"1"}}).want(http.StatusNotFound)
		}
	})
}

func TestRefusedDecisions(t *testing.T) {
	s := newFixture(t)
	stale := func(t *testing.T, meanwhile func(id string), want ...string) {
		t.Helper()
		id := s.comment("quay", "", "Lou", "Hello there.")
		b := s.adaBrowser(t)
		action, form := b.get("/console?sort=newest").decisionForm(id)
		meanwhile(id)
		form.Set("action", "approve")
		form.Set("reason", "Welcome <here>.")
		page := b.post(action, form)
		page.want(http.StatusConflict, append(want, "Nothing was decided", "Hello there.", "Welcome &lt;here&gt;.")...)
		if back := page.link("← Back to the queue"); back != "/console?sort=newest" {
			t.Errorf("the way back is %q", back)
		}
		// After the comment was shown again, the same moderator may decide.
		action, again := page.decisionForm(id)
		again.Set("action", "spam")
		b.follow(b.post(action, again)).want(http.StatusOK, "The comment was marked as spam.")
	}
	t.Run("when another moderator was faster", func(t *testing.T) {
		stale(t, func(id string) { s.decide(id, moderation.ActionReject) },
			"This comment was rejected by another moderator on 2 March 2026", `<span class="status rejected">`)
	})
	t.Run("when the commenter edited the comment", func(t *testing.T) {
		stale(t, func(id string) {
			receipt := moderation.Receipt(s.Intake.Keys, id)
			must(s.Editor.Edit(t.Context(), moderation.Edit{CommentID: id, Receipt: receipt, Body: "Hello there. And casino."}))(t)
		}, "The commenter edited this comment on 2 March 2026", "it was held by the ruleset", "<mark>casino</mark>")
	})
	t.Run("when it would change nothing", func(t *testing.T) {
		id := s.comment("quay", "", "Mo", "Hello.")
		b := s.adaBrowser(t)
		form := url.Values{"action": {"approve"}, "version": {"1"}}
		b.post("/console/comments/"+id+"/decisions", form)
		form.Set("version", "2")
		b.post("/console/comments/"+id+"/decisions", form).want(http.StatusConflict, "This comment was approved by you")
	})
	t.Run("when the reason is too long, or the form is not ours", func(t *testing.T) {
		id := s.comment("quay", "", "Mo", "Another.")
		b := s.adaBrowser(t)
		long := strings.Repeat("r", moderation.MaxReasonCharacters+1)
		page := b.post("/console/comments/"+id+"/decisions", url.Values{"action": {"reject"}, "version": {"1"}, "reason": {long}})
		page.want(http.StatusUnprocessableEntity, "This has at most 1000 characters.", long)
		b.post("/console/comments/"+id+"/decisions", url.Values{"action": {"explode"}, "version": {"one"}}).
			want(http.StatusUnprocessableEntity, "The action is one of", "Must be a whole number from 1 on.")
		b.post("/console/comments/"+id+"/decisions", url.Values{"action": {"reject"}, "version": {"1"}, "reason": {"\xff"}}).
			want(http.StatusUnprocessableEntity, "not valid UTF-8")
		b.postRaw("/console/comments/"+id+"/decisions", "%zz").want(http.StatusBadRequest)
	})
}
