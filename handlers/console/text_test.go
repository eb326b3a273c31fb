package console

import (
	"testing"

	"rejoinder/handlers/locale"
	"rejoinder/moderation"
)

func TestAHistoryDescribesEachEvent(t *testing.T) {
	const pending, approved, rejected = moderation.StatusPending, moderation.StatusApproved, moderation.StatusRejected
	context := caseContext{viewer: moderation.Viewer{ModeratorID: "me"}, words: locale.Languages()[0]}
	for name, tc := range map[string]struct {
		decision moderation.Decision
		want     string
	}{
		"a rule holds a new comment": {
			moderation.Decision{Action: moderation.ActionHold, To: pending, Actor: moderation.ActorRuleset},
			"Held by the ruleset"},
		"a rule holds an edited comment": {
			moderation.Decision{Action: moderation.ActionHold, From: approved, To: pending, Actor: moderation.ActorRuleset},
			"Edited; held by the ruleset"},
		"a re-run approves a pending comment": {
			moderation.Decision{Action: moderation.ActionApprove, From: pending, To: approved, Actor: moderation.ActorRuleset},
			"Approved by the ruleset"},
		"readers report a comment": {
			moderation.Decision{Action: moderation.ActionHold, From: approved, To: pending, Actor: moderation.ActorReaders},
			"Held by readers’ reports"},
		"the writer appeals": {
			moderation.Decision{Action: moderation.ActionHold, From: rejected, To: pending, Actor: moderation.ActorCommenter},
			"Appealed by the commenter"},
		"the viewer undoes a decision": {
			moderation.Decision{Action: moderation.ActionHold, From: approved, To: pending, Actor: moderation.ActorModerator,
				ModeratorID: "me", Undoes: "d"},
			"Undone by you: back to pending"},
	} {
		if got := context.decisionText(tc.decision); got != tc.want {
			t.Errorf("%s: %q, want %q", name, got, tc.want)
		}
	}
}
