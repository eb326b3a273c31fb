package handlers_test

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"rejoinder/auth"
	"rejoinder/moderation"
	"rejoinder/moderation/rules"
)

// slowJudges delay every verdict until they are released.
type slowJudges struct {
	judges  moderation.Judges
	asked   chan struct{}
	release chan struct{}
}

func (j *slowJudges) Judge(ctx context.Context, rulesetID string) (moderation.Judge, error) {
	judge, err := j.judges.Judge(ctx, rulesetID)
	return slowJudge{judge, j}, err
}

type slowJudge struct {
	moderation.Judge
	all *slowJudges
}

func (j slowJudge) Evaluate(ctx context.Context, facts *rules.Facts) rules.Verdict {
	j.all.asked <- struct{}{}
	<-j.all.release
	// The time limit for verdicts may have passed; this test is about what is public until then.
	return j.Judge.Evaluate(context.WithoutCancel(ctx), facts)
}

// publicPlaces are all URLs at which a reader could find a comment of the article quay.
var publicPlaces = []string{
	paperThread, paperThread + "&sort=newest", "/api/v1/sites/paper/counts?article=quay", "/sites/paper/page?article=quay",
}

// wantHidden requires that no public page shows the text, or that a comment exists.
func (h *testServer) wantHidden(text string) {
	h.t.Helper()
	for _, place := range publicPlaces {
		if r := h.get(place).want(http.StatusOK, nil); strings.Contains(string(r.body), text) {
			h.t.Errorf("%s shows %q: %s", place, text, r.body)
		}
	}
	if n := h.thread("").Count; n != 0 {
		h.t.Errorf("%d comments are counted", n)
	}
}

func TestACommentIsNeverPublicWhileACheckIsStillRunning(t *testing.T) {
	slow := &slowJudges{asked: make(chan struct{}), release: make(chan struct{})}
	h := newTestServer(t, func(h *testServer) {
		slow.judges = h.Intake.Judges
		h.Intake.Judges = slow
	})
	const text = "A thought, please publish it"
	answered := make(chan reply)
	go func() { answered <- h.send(call{method: http.MethodPost, path: paperComments, body: submission(text)}) }()
	<-slow.asked
	h.wantHidden("A thought")
	close(slow.release)
	var sent accepted
	(<-answered).want(http.StatusCreated, &sent)
	if sent.Comment.Status != moderation.StatusApproved {
		t.Fatalf("the comment became %s: nothing was shown by this test", sent.Comment.Status)
	}
	if n := h.thread("").Count; n != 1 {
		t.Errorf("after the verdict %d comments are public", n)
	}

	go func() {
		answered <- h.send(call{method: http.MethodPatch, path: "/api/v1/comments/" + sent.Comment.ID, token: sent.Receipt,
			body: fields{"body": "An afterthought, please publish it"}})
	}()
	slow.release = make(chan struct{})
	<-slow.asked
	for _, place := range publicPlaces {
		if r := h.get(place); strings.Contains(string(r.body), "afterthought") {
			t.Errorf("%s shows an edit before its verdict", place)
		}
	}
	var own struct{ Comment ownComment }
	h.do(call{method: http.MethodGet, path: "/api/v1/comments/" + sent.Comment.ID, token: sent.Receipt}).want(http.StatusOK, &own)
	if own.Comment.Body != text {
		t.Errorf("before the verdict the writer sees %q", own.Comment.Body)
	}
	close(slow.release)
	(<-answered).want(http.StatusOK, nil)
}

func TestAnApprovedCommentEditedIntoSpamIsJudgedOnItsNewTextBeforeAnyoneSeesIt(t *testing.T) {
	eachEngine(t, func(h *testServer) {
		sent := h.submit("A harmless text, please publish it")
		if sent.Comment.Status != moderation.StatusApproved || h.thread("").Count != 1 {
			h.t.Fatalf("the comment is %s", sent.Comment.Status)
		}
		edit := call{method: http.MethodPatch, path: "/api/v1/comments/" + sent.Comment.ID, token: sent.Receipt}
		var edited struct{ Comment ownComment }
		edit.body = fields{"body": "Visit the casino", "version": sent.Comment.Version}
		h.do(edit).want(http.StatusOK, &edited)
		if edited.Comment.Status != moderation.StatusPending || edited.Comment.Version != sent.Comment.Version+1 {
			h.t.Errorf("the edited comment is %+v", edited.Comment)
		}
		h.wantHidden("casino")
		h.wantHidden("harmless")
		h.do(edit).wantProblem(http.StatusConflict, "stale-version")
		for _, version := range []int{0, -1} {
			h.do(call{method: edit.method, path: edit.path, token: edit.token, wrong: true,
				body: fields{"body": "A third text", "version": version}}).
				wantProblem(http.StatusUnprocessableEntity, "invalid", "/version out_of_range")
		}
		edit.body = fields{"body": "Declined by rule: please decline"}
		h.do(edit).want(http.StatusOK, &edited)
		if edited.Comment.Status != moderation.StatusRejected || edited.Comment.PublicReason == "" {
			h.t.Errorf("the comment edited once more is %+v", edited.Comment)
		}
		edit.body = fields{"body": "Now then, please publish it"}
		h.do(edit).wantProblem(http.StatusConflict, "edit-closed")
		h.wantHidden("Now then")
	})
}

func TestAnUnverifiedEmailThatMatchesATrustedCommentersEarnsNoTrust(t *testing.T) {
	eachEngine(t, func(h *testServer) {
		first := h.submit("My first thought", fields{"remember": true})
		h.decide(first.Comment.ID, moderation.ActionApprove)
		for _, tc := range []struct {
			name    string
			changes fields
			want    moderation.Status
		}{
			{"the browser that was remembered is trusted", fields{"commenter_token": first.CommenterToken}, moderation.StatusApproved},
			{"the same email alone is not", fields{}, moderation.StatusPending},
			{"nor is it in capitals", fields{"author_email": "INES@MAIL.EXAMPLE"}, moderation.StatusPending},
			{"nor with a token of one's own making", fields{"commenter_token": first.CommenterToken + "x"}, moderation.StatusPending},
			{"nor with a receipt instead of the token", fields{"commenter_token": first.Receipt}, moderation.StatusPending},
			{"nor is another email with the token", fields{"author_email": "mallory@mail.example", "commenter_token": first.CommenterToken},
				moderation.StatusPending},
		} {
			if got := h.submit("Another thought: "+tc.name, tc.changes).Comment.Status; got != tc.want {
				h.t.Errorf("%s: the comment is %s, want %s", tc.name, got, tc.want)
			}
		}
	})
}

func TestAWithdrawnCommentIsGoneEverywhere(t *testing.T) {
	eachEngine(t, func(h *testServer) {
		sent := h.submit("Regretted, please publish it")
		own := call{method: http.MethodDelete, path: "/api/v1/comments/" + sent.Comment.ID, token: sent.Receipt}
		h.do(own).want(http.StatusNoContent, nil)
		h.do(own).want(http.StatusNoContent, nil)
		h.wantHidden("Regretted")
		own.method = http.MethodGet
		var left struct{ Comment ownComment }
		h.do(own).want(http.StatusOK, &left)
		if left.Comment.Status != moderation.StatusDeleted || left.Comment.Body != "" || left.Comment.HTML != "" {
			h.t.Errorf("the remaining comment is %+v", left.Comment)
		}
		r := h.do(call{method: http.MethodGet, path: "/api/v1/comments/" + sent.Comment.ID + "/moderation", token: h.ada()}).want(http.StatusOK, nil)
		if strings.Contains(string(r.body), "Regretted") {
			h.t.Errorf("moderators still see it: %s", r.body)
		}
	})
}

func TestTheTextUnderAppealStaysTheOneThatWasDeclined(t *testing.T) {
	eachEngine(t, func(h *testServer) {
		ada, iris := h.ada(), h.registerModerator("Iris", auth.RoleModerator)
		a := h.submit("A text that is declined")
		id, version := a.Comment.ID, 2 // of the first decision
		page := call{method: http.MethodGet, path: "/comments/" + id + "?receipt=" + url.QueryEscape(a.Receipt)}
		edit := call{method: http.MethodPatch, path: "/api/v1/comments/" + id, token: a.Receipt, body: fields{"body": "Another text"}}
		form := call{method: http.MethodPost, path: "/comments/" + id + "/edit",
			header: map[string]string{"Content-Type": "application/x-www-form-urlencoded", "Origin": publicURL},
			body:   url.Values{"receipt": {a.Receipt}, "body": {"Another text"}}.Encode()}
		closed := func(state string) {
			h.t.Helper()
			var own struct{ Comment ownComment }
			h.do(call{method: http.MethodGet, path: "/api/v1/comments/" + id, token: a.Receipt}).want(http.StatusOK, &own)
			if own.Comment.EditUntil != "" || strings.Contains(string(h.do(page).body), "rj-edit") {
				h.t.Errorf("%s it may be edited until %q, or there is a form to do so", state, own.Comment.EditUntil)
			}
			h.do(edit).wantProblem(http.StatusConflict, "edit-closed")
			h.do(form).want(http.StatusConflict, nil)
		}
		h.decideWith(ada, id, fields{"action": "reject", "version": 1})
		closed("declined")
		h.do(call{method: http.MethodPost, path: "/api/v1/comments/" + id + "/appeal", token: a.Receipt,
			body: fields{"text": "It is about lamps."}}).want(http.StatusOK, nil)
		closed("appealed")
		for _, action := range []string{"spam", "hold", "approve"} {
			version++
			h.decideWith(iris, id, fields{"action": action, "version": version})
			if action != "approve" {
				closed("after the action " + action)
			}
		}
		h.do(edit).want(http.StatusOK, nil)
	})
}
