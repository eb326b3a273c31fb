package console

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"rejoinder/handlers/locale"
	"rejoinder/moderation"
	"rejoinder/moderation/queue"
	"rejoinder/moderation/rules"
)

// hit is a hit on a word of a comment.
func hitOn(rule, body, word string, score float64) rules.Hit {
	hit := rules.Hit{Rule: rule, Mode: rules.Enforce, Field: "body", Score: score, Reason: "It says " + word + "."}
	for start := range body {
		if len(hit.Spans) == 0 && start+len(word) <= len(body) && body[start:start+len(word)] == word {
			hit.Spans = []rules.Span{{Field: "body", Start: start, End: start + len(word)}}
		}
	}
	return hit
}

func TestChipsOfARowAreFewAndOrdered(t *testing.T) {
	const body = "What a load of **sh&#49;t**, you insufferable-nincompoop-of-the-century."
	first := rules.Hit{Rule: "new-here", ReasonCode: "first-comment", Mode: rules.Enforce, Field: "author", Reason: "New."}
	watched := rules.Hit{Rule: "caps", Mode: rules.Shadow, Field: "body", Reason: "Loud."}
	swearing := hitOn("mostly-swearing", body, "sh&#49;t", 0.25)
	insult := hitOn("insult", body, "insufferable-nincompoop-of-the-century", 1)
	quick := rules.Hit{Rule: "sent-at-once", Mode: rules.Enforce, Field: "form", Reason: "Fast."}
	for name, tc := range map[string]struct {
		item queue.Item
		want rowChips
	}{
		"the text comes before the pace, and that before the author": {
			queue.Item{Body: body, Verdict: rules.Verdict{Hits: []rules.Hit{first, quick, swearing, watched, insult}}},
			rowChips{Shown: []reasonChip{
				{Kind: "words", Label: "mostly swearing", Term: "sh1t", Title: "It says sh&#49;t."},
				{Kind: "words", Label: "insult", Title: "It says insufferable-nincompoop-of-the-century."},
			}, More: 2, Rest: "Fast. New."},
		},
		"a code is the label": {
			queue.Item{Body: body, Verdict: rules.Verdict{Hits: []rules.Hit{first}}},
			rowChips{Shown: []reasonChip{{Kind: "who", Label: "first comment", Title: "New."}}},
		},
		"equal chips are shown once": {
			queue.Item{Body: body, Verdict: rules.Verdict{Hits: []rules.Hit{swearing, hitOn("wording", body, "sh&#49;t", 1), first}}},
			rowChips{Shown: []reasonChip{
				{Kind: "words", Label: "wording", Term: "sh1t", Title: "It says sh&#49;t."},
				{Kind: "who", Label: "first comment", Title: "New."},
			}, More: 1, Rest: "It says sh&#49;t."},
		},
		"reports and appeals come first, links are links": {
			queue.Item{
				Body: "See https://photo.example/market", OpenIssues: queue.OpenIssues{
					Reasons: map[moderation.ReportReason]int{moderation.ReportSpam: 2, moderation.ReportOther: 1},
				},
				Verdict: rules.Verdict{Hits: []rules.Hit{hitOn("newcomer", "See https://photo.example/market", "https://photo.example/market", 1)}},
			},
			rowChips{Shown: []reasonChip{
				{Kind: "people", Label: "3 reports", Title: "3 open reports: something else 1, spam 2"},
				{Kind: "links", Label: "newcomer", Term: "photo.example/market", Title: "It says https://photo.example/market."},
			}},
		},
		"a label is the label, and the subject of the rule the kind": {
			queue.Item{Body: body, Verdict: rules.Verdict{Hits: []rules.Hit{
				{Rule: "newcomer", Label: "link", About: rules.SubjectLinks, ReasonCode: "links", Mode: rules.Enforce, Field: "body", Reason: "Links."},
				{Rule: "b", Label: "blocked", About: rules.SubjectBlock, Mode: rules.Enforce, Field: "blocks", Reason: "Blocked."},
			}}},
			rowChips{Shown: []reasonChip{
				{Kind: "block", Label: "blocked", Title: "Blocked."}, {Kind: "links", Label: "link", Title: "Links."},
			}},
		},
		"no rule": {
			queue.Item{Body: body, Verdict: rules.Verdict{Action: rules.Hold, Cause: rules.CauseDefault, Hits: []rules.Hit{watched}}},
			rowChips{Shown: []reasonChip{{Kind: "who", Label: "no rule matched", Title: "The rules held this, because no rule applied."}}},
		},
		"nothing": {queue.Item{Body: body}, rowChips{}},
	} {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(tc.want, newRowChips(locale.Languages()[0], tc.item)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestRiskIsShownInFiveSteps(t *testing.T) {
	var got []int
	for _, score := range []float64{-1, 0, 0.25, 0.5, 1, 1.9, 2, 4.9, 5, 40} {
		got = append(got, riskLevel(score))
	}
	if diff := cmp.Diff([]int{0, 0, 1, 2, 3, 3, 4, 4, 5, 5}, got); diff != "" {
		t.Error(diff)
	}
}
