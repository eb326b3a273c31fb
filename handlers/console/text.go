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

// actions are the moderators' actions, in the order of the buttons.
var actions = []struct {
	action moderation.Action
	label  string
	done   string // after "was"
}{
	{moderation.ActionApprove, "Approve", "approved"},
	{moderation.ActionHold, "Hold", "held"},
	{moderation.ActionReject, "Reject", "rejected"},
	{moderation.ActionSpam, "Spam", "marked as spam"},
	{moderation.ActionDelete, "Delete permanently", "deleted"},
}

// actionLabel is the label of an action's button.
func actionLabel(action moderation.Action) string {
	for _, a := range actions {
		if a.action == action {
			return a.label
		}
	}
	return "Decide"
}

// actionDone is what happened to a comment, after "was".
func actionDone(action moderation.Action) string {
	for _, a := range actions {
		if a.action == action {
			return a.done
		}
	}
	return "changed"
}

var reportLabels = map[moderation.ReportReason]string{
	moderation.ReportOffensive: "Offensive",
	moderation.ReportSpam:      "Spam",
	moderation.ReportPersonal:  "Personal information",
	moderation.ReportOffTopic:  "Off topic",
	moderation.ReportOther:     "Something else",
}

// issueTexts summarize the open reports and the open appeal.
func issueTexts(issues queue.OpenIssues) []string {
	var texts []string
	if len(issues.Reasons) > 0 {
		total, parts := 0, []string{}
		for _, reason := range slices.Sorted(maps.Keys(issues.Reasons)) {
			total += issues.Reasons[reason]
			parts = append(parts, strings.ToLower(reportLabels[reason])+" "+page.Grouped(issues.Reasons[reason]))
		}
		texts = append(texts, page.Plural(total, "open report")+": "+strings.Join(parts, ", "))
	}
	if issues.Appeal != nil && issues.Appeal.Open() {
		texts = append(texts, "The commenter appeals against the rejection.")
	}
	return texts
}

// excerptCharacters bounds the text of a comment that is shown beside another.
const excerptCharacters = 200

// issueLabels are short forms of issueTexts.
func issueLabels(issues queue.OpenIssues) []string {
	var labels []string
	if len(issues.Reasons) > 0 {
		total := 0
		for _, n := range issues.Reasons {
			total += n
		}
		labels = append(labels, page.Plural(total, "report"))
	}
	if issues.Appeal != nil && issues.Appeal.Open() {
		labels = append(labels, "appeal")
	}
	return labels
}

// rowCharacters is how much of a comment's text shows in a row of a list, at least.
const rowCharacters = 56

// caseContext is what a comment's history needs to name people: the moderators, and which of them is looking.
type caseContext struct {
	queue.RelatedComments
	viewer moderation.Viewer
}

// lastChangeText says who changed the comment last, to a moderator who saw an earlier version.
func (x caseContext) lastChangeText(open queue.Case) string {
	const now = " Its current state is shown below."
	if len(open.Decisions) == 0 {
		return "This comment has changed since you saw it." + now
	}
	last := open.Decisions[len(open.Decisions)-1]
	done, by, at := actionDone(last.Action), x.actor(last), page.HumanTime(last.CreatedAt)
	switch edited := open.Comment.EditedAt; {
	case last.Actor == moderation.ActorRuleset && !edited.IsZero():
		return "The commenter edited this comment on " + page.HumanTime(edited) + ", and it was " + done + " by " + by +
			"." + now
	case last.Undoes != "":
		return "A decision on this comment was undone by " + by + " on " + at + ": it is " + string(last.To) + " again." + now
	}
	return "This comment was " + done + " by " + by + " on " + at + "." + now
}

// decisionText describes a decision in the comment's history.
func (x caseContext) decisionText(d moderation.Decision) string {
	done := actionDone(d.Action) + " by " + x.actor(d)
	switch {
	case d.Undoes != "":
		return "Undone by " + x.actor(d) + ": back to " + string(d.To)
	case d.Actor == moderation.ActorCommenter && d.To == moderation.StatusPending:
		return "Appealed by the commenter"
	case d.Actor == moderation.ActorRuleset && d.From != "" && d.From != moderation.StatusPending:
		return "Edited; " + done // a re-run decides on pending comments only
	}
	return capitalised(done)
}

// actor names who made a decision.
func (x caseContext) actor(d moderation.Decision) string {
	switch {
	case d.Actor == moderation.ActorRuleset:
		return "the ruleset"
	case d.Actor == moderation.ActorCommenter:
		return "the commenter"
	case d.Actor == moderation.ActorReaders:
		return "readers’ reports"
	case d.Actor == moderation.ActorImport:
		return "the import"
	case d.Actor == moderation.ActorRetention:
		return "the site’s retention"
	case d.ModeratorID == x.viewer.ModeratorID:
		return "you"
	case x.Moderators[d.ModeratorID] != "":
		return x.Moderators[d.ModeratorID]
	}
	return "another moderator"
}

func capitalised(s string) string {
	if s == "" {
		return s
	}
	return strings.ToUpper(s[:1]) + s[1:]
}

// verdictText says what the rules decided, and why.
func verdictText(v rules.Verdict) string {
	decided := map[rules.Action]string{
		rules.Approve: "The rules approved this", rules.Hold: "The rules held this",
		rules.Reject: "The rules rejected this", rules.Spam: "The rules marked this as spam",
	}[v.Action]
	switch {
	case decided == "":
		return ""
	case v.Cause == rules.CauseDefault:
		return decided + ", because no rule applied."
	case v.Cause == rules.CauseError:
		return decided + ", because not every rule could be evaluated."
	case strings.HasPrefix(v.Cause, rules.CauseThreshold):
		return decided + ", because the scores add up to " + formatScore(v.Score) + "."
	}
	return decided + "."
}

func formatScore(score float64) string { return strconv.FormatFloat(score, 'f', -1, 64) }

// recordText summarizes a commenter's comments, including the present one.
func recordText(r moderation.Record) string {
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
		return "no comments"
	}
	return strings.Join(parts, ", ")
}

func agoText(d time.Duration) string {
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

// ageText is a short form of agoText, for lists: "4 min", "3 h", and the date after two days.
func ageText(now, then time.Time) string {
	switch d := now.Sub(then); {
	case d < time.Minute:
		return "just now"
	case d < time.Hour:
		return strconv.Itoa(int(d/time.Minute)) + " min"
	case d < 48*time.Hour:
		return strconv.Itoa(int(d/time.Hour)) + " h"
	}
	return then.UTC().Format("2 Jan")
}
