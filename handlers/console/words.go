package console

import (
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"rejoinder/handlers/page"
	"rejoinder/moderation"
	"rejoinder/moderation/queue"
	"rejoinder/moderation/rules"
)

// consoleActions are what moderators do, in the order of the buttons.
var consoleActions = []struct {
	action moderation.Action
	label  string
	done   string // after "was"
}{
	{moderation.ActionApprove, "Approve", "approved"},
	{moderation.ActionHold, "Hold again", "held"},
	{moderation.ActionReject, "Reject", "rejected"},
	{moderation.ActionSpam, "Spam", "called spam"},
	{moderation.ActionDelete, "Delete for good", "deleted"},
}

// reportWords are readers' reasons as moderators read them.
var reportWords = map[moderation.ReportReason]string{
	moderation.ReportOffensive: "Offensive",
	moderation.ReportSpam:      "Spam",
	moderation.ReportPersonal:  "Private things of somebody",
	moderation.ReportOffTopic:  "Off topic",
	moderation.ReportOther:     "Something else",
}

// buttonWord is what the button of an action says.
func buttonWord(action moderation.Action) string {
	for _, known := range consoleActions {
		if known.action == action {
			return known.label
		}
	}
	return "Decide"
}

// logged writes to the log what a decision did, and who made it.
func (p people) logged(d moderation.Decision) string {
	if d.Undoes != "" {
		return "Undone by " + p.decided(d) + ": back to " + string(d.To)
	}
	return doneWord(d.Action) + " by " + p.decided(d)
}

// doneWord says in one word what was done.
func doneWord(action moderation.Action) string {
	for _, known := range consoleActions {
		if known.action == action {
			return capitalised(known.done)
		}
	}
	return "Changed"
}

// concernWords sum up what is held against a comment, or against a decision on it.
func concernWords(concerns queue.OpenIssues) []string {
	var words []string
	reasons := slices.Sorted(maps.Keys(concerns.Reasons))
	if len(reasons) > 0 {
		total, parts := 0, []string{}
		for _, reason := range reasons {
			total += concerns.Reasons[reason]
			parts = append(parts, strings.ToLower(reportWords[reason])+" "+page.Grouped(concerns.Reasons[reason]))
		}
		words = append(words, page.Plural(total, "open report")+": "+strings.Join(parts, ", "))
	}
	if concerns.Appeal != nil && concerns.Appeal.Open() {
		words = append(words, "Its writer objects to the rejection.")
	}
	return words
}

// excerptCharacters bounds a comment's text where it only stands beside another.
const excerptCharacters = 200

// shortened cuts a text that is only to remind of itself.
func shortened(body string) string {
	if text := []rune(body); len(text) > excerptCharacters {
		return strings.TrimSpace(string(text[:excerptCharacters])) + "…"
	}
	return body
}

// people are who looks at a comment, and whom its log names.
type people struct {
	viewer moderation.Viewer
	around queue.RelatedComments
}

// whatHappened says who changed a comment since a moderator saw it.
func whatHappened(open queue.Case, who people) string {
	const present = " Below is how the comment stands now."
	if len(open.Decisions) == 0 {
		return "This comment has changed since you saw it." + present
	}
	last := open.Decisions[len(open.Decisions)-1]
	by := who.decided(last)
	done := "changed"
	for _, known := range consoleActions {
		if known.action == last.Action {
			done = known.done
		}
	}
	happened := "This comment was " + done + " by " + by + " on " + page.HumanTime(last.CreatedAt) + "."
	if last.Undoes != "" {
		happened = "A decision on this comment was undone by " + by + " on " + page.HumanTime(
			last.CreatedAt,
		) + ": it is back to " +
			string(last.To) + "."
	}
	if last.Actor == moderation.ActorRuleset && !open.Comment.EditedAt.IsZero() {
		happened = "The commenter edited this comment on " + page.HumanTime(
			open.Comment.EditedAt,
		) + ", and it was " + done + " by " + by + "."
	}
	return happened + present
}

// decided says who took a decision.
func (p people) decided(d moderation.Decision) string {
	switch {
	case d.Actor == moderation.ActorRuleset:
		return "the ruleset"
	case d.Actor == moderation.ActorCommenter:
		return "the commenter"
	case d.Actor == moderation.ActorReaders:
		return "readers’ reports"
	case d.ModeratorID == p.viewer.ModeratorID:
		return "you"
	case p.around.Moderators[d.ModeratorID] != "":
		return p.around.Moderators[d.ModeratorID]
	}
	return "another moderator"
}

// capitalised begins a sentence.
func capitalised(s string) string {
	if s == "" {
		return s
	}
	return strings.ToUpper(s[:1]) + s[1:]
}

// outcomeWords say what the rules concluded, and from what.
func outcomeWords(v rules.Verdict) string {
	concluded := map[rules.Action]string{
		rules.Approve: "The rules approved this", rules.Hold: "The rules held this",
		rules.Reject: "The rules rejected this", rules.Spam: "The rules called this spam",
	}[v.Action]
	switch {
	case concluded == "":
		return ""
	case v.Cause == rules.CauseDefault:
		return concluded + ", because no rule said otherwise."
	case v.Cause == rules.CauseError:
		return concluded + ", because not every rule could be evaluated."
	case strings.HasPrefix(v.Cause, rules.CauseThreshold):
		return concluded + ", because the scores add up to " + scoreWords(v.Score) + "."
	}
	return concluded + "."
}

func scoreWords(score float64) string { return strconv.FormatFloat(score, 'f', -1, 64) }

// recordWords sum up what a commenter sent, the present comment included.
func recordWords(r moderation.Record) string {
	var parts []string
	for _, count := range []struct {
		n    int
		word string
	}{{r.Approved, "approved"}, {r.Pending, "waiting"}, {r.Rejected, "rejected"}, {r.Spam, "spam"}} {
		if count.n > 0 {
			parts = append(parts, page.Grouped(count.n)+" "+count.word)
		}
	}
	if len(parts) == 0 {
		return "no comments left"
	}
	return strings.Join(parts, ", ")
}

// agoWords say how long ago something was.
func agoWords(d time.Duration) string {
	switch {
	case d < time.Minute:
		return "just now"
	case d < time.Hour:
		return page.Plural(int(d/time.Minute), "minute") + " ago"
	case d < 48*time.Hour:
		return page.Plural(int(d/time.Hour), "hour") + " ago"
	}
	return page.Plural(int(d/(24*time.Hour)), "day") + " ago"
}
