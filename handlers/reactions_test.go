package handlers_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"rejoinder/auth"
	"rejoinder/moderation"
)

// changeSettings changes the settings of the site paper.
func (h *testServer) changeSettings(change func(*moderation.SiteSettings)) {
	h.t.Helper()
	must(h.Sites.Change(h.t.Context(), moderation.Viewer{}, "paper", moderation.SiteChange{
		Settings: func(settings moderation.SiteSettings) moderation.SiteSettings {
			change(&settings)
			return settings
		}}))(h.t)
}

func upDown(settings *moderation.SiteSettings) { settings.Votes = moderation.VotesUpDown }

// voteOn votes from a different address for each reader.
func (h *testServer) voteOn(id string, reader, value int) reply {
	h.t.Helper()
	return h.do(call{method: http.MethodPut, path: "/api/v1/comments/" + id + "/vote", body: fields{"value": value},
		address: fmt.Sprintf("192.0.2.%d", reader)})
}

func (h *testServer) reportOn(id string, reader int, reason string) reply {
	h.t.Helper()
	return h.do(call{method: http.MethodPost, path: "/api/v1/comments/" + id + "/reports",
		body: fields{"reason": reason, "note": "Says reader " + fmt.Sprint(reader)}, address: fmt.Sprintf("192.0.2.%d", reader)})
}

type voteTally struct{ Up, Down, Value int }

func TestReadersVoteOnceEach(t *testing.T) {
	eachEngine(t, func(h *testServer) {
		h.changeSettings(upDown)
		sent := h.submit("Lamps, please publish")
		id := sent.Comment.ID
		for _, step := range []struct {
			reader, value int
			want          voteTally
		}{
			{1, 1, voteTally{1, 0, 1}},
			{1, 1, voteTally{1, 0, 1}},
			{2, -1, voteTally{1, 1, -1}},
			{1, -1, voteTally{0, 2, -1}},
			{3, 1, voteTally{1, 2, 1}},
			{1, 0, voteTally{1, 1, 0}},
			{4, 0, voteTally{1, 1, 0}},
		} {
			var got voteTally
			h.voteOn(id, step.reader, step.value).want(http.StatusOK, &got)
			if got != step.want {
				h.t.Errorf("reader %d votes %d: %v, want %v", step.reader, step.value, got, step.want)
			}
		}
		h.checkCounters()
	})
}

func TestReadersBehindOneNetworkOfTheirOwnAreOne(t *testing.T) {
	h := newTestServer(t)
	h.changeSettings(upDown)
	id := h.submit("Lamps, please publish").Comment.ID
	var got voteTally
	for _, address := range []string{"2001:db8:1:2::1", "2001:db8:1:2:ffff::2"} {
		h.do(call{method: http.MethodPut, path: "/api/v1/comments/" + id + "/vote", body: fields{"value": 1}, address: address}).
			want(http.StatusOK, &got)
	}
	if got.Up != 1 {
		t.Errorf("%d votes of one subscriber count", got.Up)
	}
}

func TestVotesThatAreRefused(t *testing.T) {
	h := newTestServer(t)
	shown := h.submit("Lamps, please publish", fields{"remember": true})
	held := h.submit("Lamps")
	vote := func(id string, body fields, token string, wrong bool) reply {
		return h.do(call{method: http.MethodPut, path: "/api/v1/comments/" + id + "/vote", body: body, token: token, wrong: wrong})
	}
	one := fields{"value": 1}
	vote(shown.Comment.ID, one, "", false).wantProblem(http.StatusConflict, "votes-off")
	h.changeSettings(func(settings *moderation.SiteSettings) { settings.Votes = moderation.VotesUp })
	vote(shown.Comment.ID, fields{"value": -1}, "", false).wantProblem(http.StatusUnprocessableEntity, "invalid", "/value unknown")
	vote(shown.Comment.ID, fields{"value": 2}, "", true).wantProblem(http.StatusUnprocessableEntity, "invalid", "/value unknown")
	vote(shown.Comment.ID, fields{}, "", true).wantProblem(http.StatusUnprocessableEntity, "invalid", "/value required")
	vote(shown.Comment.ID, one, shown.Receipt, false).wantProblem(http.StatusConflict, "own-comment")
	vote(shown.Comment.ID, fields{"value": 1, "commenter_token": shown.CommenterToken}, "", false).wantProblem(http.StatusConflict, "own-comment")
	vote(shown.Comment.ID, one, held.Receipt, false).want(http.StatusOK, nil)
	unknown := vote(nobodysID, one, "", false).wantProblem(http.StatusNotFound, "not-found")
	waiting := vote(held.Comment.ID, one, held.Receipt, false).wantProblem(http.StatusNotFound, "not-found")
	if unknown.Detail != waiting.Detail || unknown.Title != waiting.Title {
		t.Errorf("a pending comment (%v) can be distinguished from a missing one (%v)", waiting, unknown)
	}
}

// nobodysID is the id of no comment.
const nobodysID = "01957000-0000-7000-8000-ffffffffffff"

func TestVotesAreRateLimitedByAddress(t *testing.T) {
	h := newTestServer(t, func(h *testServer) {
		h.Votes.Limiter = moderation.NewRateLimiter(1, h.clock.Now)
		h.Reports.Limiter = moderation.NewRateLimiter(1, h.clock.Now)
		h.Own.Limiter = moderation.NewRateLimiter(1, h.clock.Now)
	})
	h.changeSettings(upDown)
	id := h.submit("Lamps, please publish").Comment.ID
	declined := h.submit("Lamps, please decline")
	appeal := func() reply {
		return h.do(call{method: http.MethodPost, path: "/api/v1/comments/" + declined.Comment.ID + "/appeal", token: declined.Receipt,
			body: fields{"text": "Why?"}})
	}
	h.voteOn(id, 1, 1).want(http.StatusOK, nil)
	h.reportOn(id, 1, "spam").want(http.StatusCreated, nil)
	appeal().want(http.StatusOK, nil)
	h.voteOn(id, 1, -1).wantProblem(http.StatusTooManyRequests, "too-many")
	h.reportOn(id, 1, "spam").wantProblem(http.StatusTooManyRequests, "too-many")
	appeal().wantProblem(http.StatusTooManyRequests, "too-many")
	h.voteOn(id, 2, 1).want(http.StatusOK, nil)
	h.clock.advance(2 * time.Minute)
	h.voteOn(id, 1, -1).want(http.StatusOK, nil)
}

func TestVotesReachPagesAtMostOnceAtATime(t *testing.T) {
	h := newTestServer(t)
	h.changeSettings(upDown)
	id := h.submit("Lamps, please publish").Comment.ID
	version := func() int64 {
		site := must(h.Sites.Find(t.Context(), moderation.Viewer{}, "paper"))(t)
		return must(h.db.Articles.Article(t.Context(), site.ID, "quay"))(t).Version
	}
	before := version()
	for reader := range 20 {
		h.voteOn(id, reader+1, 1).want(http.StatusOK, nil)
	}
	if now := version(); now != before {
		t.Errorf("votes moved the version from %d to %d themselves", before, now)
	}
	for range 2 {
		if err := h.Votes.Publish(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if now := version(); now != before+1 {
		t.Errorf("twenty votes moved the version from %d to %d", before, now)
	}
}

type reportedResponse struct {
	Items []struct {
		Comment     struct{ ID, Status string }
		OpenReports map[string]int `json:"open_reports"`
	}
	Total int
}

type openCase struct {
	Comment struct {
		Status  string
		Version int
	}
	OpenReports map[string]int `json:"open_reports"`
	Reports     []struct {
		Reason, Note string
		ResolvedAt   string `json:"resolved_at"`
	}
	Appeal *struct {
		Text        string
		ModeratorID string `json:"moderator_id"`
		Outcome     string
	}
	Decisions []struct{ Actor, To string }
}

func (h *testServer) getCase(id, token string) openCase {
	h.t.Helper()
	var open openCase
	h.do(call{method: http.MethodGet, path: "/api/v1/comments/" + id + "/moderation", token: token}).want(http.StatusOK, &open)
	return open
}

func (h *testServer) sendDecision(id, token, action string, version int) reply {
	h.t.Helper()
	return h.do(call{method: http.MethodPost, path: "/api/v1/comments/" + id + "/decisions", token: token,
		body: fields{"action": action, "version": version}})
}

func TestReportsHoldACommentUntilAPersonLooks(t *testing.T) {
	eachEngine(t, func(h *testServer) {
		t, ada := h.t, h.ada()
		h.changeSettings(func(settings *moderation.SiteSettings) { settings.HoldAfterReports = 2 })
		id := h.submit("Lamps, please publish").Comment.ID
		h.reportOn(id, 1, "spam").want(http.StatusCreated, nil)
		h.reportOn(id, 1, "offensive").want(http.StatusCreated, nil)
		if h.thread("").Count != 1 {
			t.Fatal("one reader alone took a comment away")
		}
		var list reportedResponse
		h.do(call{method: http.MethodGet, path: "/api/v1/queue?status=approved&reported=true", token: ada}).want(http.StatusOK, &list)
		if list.Total != 1 || len(list.Items) != 1 || list.Items[0].OpenReports["spam"] != 1 || len(list.Items[0].OpenReports) != 1 {
			t.Errorf("the queue of reported comments is %+v", list)
		}
		h.reportOn(id, 2, "personal").want(http.StatusCreated, nil)
		if p := h.thread(""); p.Count != 0 || len(p.Comments) != 0 {
			t.Errorf("it still shows: %+v", p)
		}
		h.do(call{method: http.MethodGet, path: "/api/v1/queue?status=any&reported=true&sort=reports", token: ada}).want(http.StatusOK, &list)
		if list.Total != 1 || len(list.Items) != 1 {
			t.Errorf("after it was hidden, the reported comments are %+v", list)
		}
		open := h.getCase(id, ada)
		if open.Comment.Status != "pending" || len(open.Reports) != 2 || open.Decisions[len(open.Decisions)-1].Actor != "readers" {
			t.Errorf("the case is %+v", open)
		}
		h.reportOn(id, 3, "spam").wantProblem(http.StatusNotFound, "not-found")
		h.sendDecision(id, ada, "approve", open.Comment.Version).want(http.StatusOK, nil)
		h.reportOn(id, 1, "spam").want(http.StatusCreated, nil)
		h.reportOn(id, 3, "spam").want(http.StatusCreated, nil)
		open = h.getCase(id, ada)
		if open.Comment.Status != "approved" || len(open.Reports) != 3 || open.OpenReports["spam"] != 1 {
			t.Errorf("after the approval the case is %+v", open)
		}
		h.sendDecision(id, ada, "approve", open.Comment.Version).want(http.StatusOK, nil)
		h.sendDecision(id, ada, "approve", open.Comment.Version+1).wantProblem(http.StatusConflict, "transition")
		h.checkCounters()
	})
}

func TestReportsThatAreRefused(t *testing.T) {
	h := newTestServer(t)
	shown, held := h.submit("Lamps, please publish"), h.submit("Lamps")
	path := "/api/v1/comments/" + shown.Comment.ID + "/reports"
	bad := func(body fields) reply {
		return h.do(call{method: http.MethodPost, path: path, body: body, wrong: true})
	}
	bad(fields{}).wantProblem(http.StatusUnprocessableEntity, "invalid", "/reason required")
	bad(fields{"reason": "boring", "note": strings.Repeat("x", 501)}).
		wantProblem(http.StatusUnprocessableEntity, "invalid", "/reason unknown", "/note too_long")
	h.reportOn(held.Comment.ID, 1, "spam").wantProblem(http.StatusNotFound, "not-found")
	h.reportOn(nobodysID, 1, "spam").wantProblem(http.StatusNotFound, "not-found")
	h.changeSettings(func(settings *moderation.SiteSettings) { settings.Reports = false })
	h.reportOn(shown.Comment.ID, 1, "spam").wantProblem(http.StatusConflict, "reports-off")
}

func TestAnAppealGoesToAnotherModerator(t *testing.T) {
	eachEngine(t, func(h *testServer) {
		t, ada := h.t, h.ada()
		sent := h.submit("Lamps")
		id := sent.Comment.ID
		appeal := func() reply {
			return h.do(call{method: http.MethodPost, path: "/api/v1/comments/" + id + "/appeal", token: sent.Receipt,
				body: fields{"text": "I meant no harm."}})
		}
		appeal().wantProblem(http.StatusConflict, "no-appeal")
		h.sendDecision(id, ada, "reject", 1).want(http.StatusOK, nil)
		var own struct {
			Comment struct {
				Status     string
				MayAppeal  bool   `json:"may_appeal"`
				AppealedAt string `json:"appealed_at"`
			}
		}
		mine := call{method: http.MethodGet, path: "/api/v1/comments/" + id, token: sent.Receipt}
		h.do(mine).want(http.StatusOK, &own)
		if !own.Comment.MayAppeal {
			t.Error("the writer does not see that an appeal is possible")
		}
		appeal().want(http.StatusOK, &own)
		if own.Comment.Status != "pending" || own.Comment.AppealedAt == "" || h.thread("").Count != 0 {
			t.Errorf("after the appeal the comment is %+v", own)
		}
		open := h.getCase(id, ada)
		if open.Appeal == nil || open.Appeal.Text != "I meant no harm." || open.Appeal.ModeratorID == "" {
			t.Fatalf("the case shows no appeal: %+v", open)
		}
		moderator := h.registerModerator("Desk", auth.RoleModerator, "paper")
		h.sendDecision(id, ada, "reject", open.Comment.Version).wantProblem(http.StatusConflict, "another-moderator")
		h.sendDecision(id, moderator, "reject", open.Comment.Version).want(http.StatusOK, nil)
		if open := h.getCase(id, ada); open.Appeal.Outcome != "rejected" {
			t.Errorf("the appeal's outcome is %q", open.Appeal.Outcome)
		}
		appeal().wantProblem(http.StatusConflict, "no-appeal")
		own.Comment.MayAppeal = false
		h.do(mine).want(http.StatusOK, &own)
		if own.Comment.MayAppeal {
			t.Error("the writer is offered a second appeal")
		}
		h.checkCounters()
	})
}

func TestAnAppealGoesToTheSameModeratorIfThereIsNoOther(t *testing.T) {
	h := newTestServer(t)
	ada, sent := h.ada(), h.submit("Lamps")
	h.sendDecision(sent.Comment.ID, ada, "reject", 1).want(http.StatusOK, nil)
	h.do(call{method: http.MethodPost, path: "/api/v1/comments/" + sent.Comment.ID + "/appeal", token: sent.Receipt,
		body: fields{"text": "Please."}}).want(http.StatusOK, nil)
	h.registerModerator("Elsewhere", auth.RoleModerator, "demo")
	h.sendDecision(sent.Comment.ID, ada, "approve", 3).want(http.StatusOK, nil)
}

// TestSpamCannotAppeal: its writer sees "pending", and the response to an appeal must not reveal more.
func TestSpamCannotAppeal(t *testing.T) {
	h := newTestServer(t)
	ada, spam, held := h.ada(), h.submit("Lamps"), h.submit("More lamps")
	h.sendDecision(spam.Comment.ID, ada, "spam", 1).want(http.StatusOK, nil)
	appeal := func(a accepted) problem {
		return h.do(call{method: http.MethodPost, path: "/api/v1/comments/" + a.Comment.ID + "/appeal", token: a.Receipt,
			body: fields{"text": "Please."}}).wantProblem(http.StatusConflict, "no-appeal")
	}
	if a, b := appeal(spam), appeal(held); a.Detail != b.Detail {
		t.Errorf("the writer of spam reads %q, that of a pending comment %q", a.Detail, b.Detail)
	}
}

// checkCounters requires that every counter equals its rows.
func (h *testServer) checkCounters() {
	h.t.Helper()
	for _, m := range must(h.db.Miscounts(h.t.Context()))(h.t) {
		h.t.Error(m)
	}
}
