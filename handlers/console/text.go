package console

import (
	"maps"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"rejoinder/handlers/locale"
	"rejoinder/moderation"
	"rejoinder/moderation/queue"
	"rejoinder/moderation/rules"
)

// actionTexts are what the console says about an action, in English.
type actionTexts struct {
	action moderation.Action
	label  string // of the button
	anyway string // of the button that overrides someone else's claim
	all    string // of the button for a group
	allOf  string // the same with the number of comments
	many   string // of the button for a number of comments

	asksOne, asksMany string // whether to apply it to so many comments
	doneOne, doneMany string // to so many comments

	done   string // to a comment
	by     string // whom
	edited string // by whom, after the commenter edited the comment
	onBy   string // by whom and when
	editBy string // when the commenter edited the comment, and by whom the action was then applied
}

// actions are the moderators' actions, in the order of the buttons.
var actions = []actionTexts{
	{
		action: moderation.ActionApprove,
		label:  "Approve", anyway: "Approve anyway",
		all: "Approve all", allOf: "Approve all %d", many: "Approve %d",
		asksOne: "Approve %d comment?", asksMany: "Approve %d comments?",
		doneOne: "Approved: %d comment.", doneMany: "Approved: %d comments.",
		done: "The comment was approved.",
		by:   "Approved by %s", edited: "Edited; approved by %s",
		onBy:   "This comment was approved by %s on %s.",
		editBy: "The commenter edited this comment on %s, and it was approved by %s.",
	},
	{
		action: moderation.ActionHold,
		label:  "Hold", anyway: "Hold anyway",
		all: "Hold all", allOf: "Hold all %d", many: "Hold %d",
		asksOne: "Hold %d comment?", asksMany: "Hold %d comments?",
		doneOne: "Held: %d comment.", doneMany: "Held: %d comments.",
		done: "The comment was held.",
		by:   "Held by %s", edited: "Edited; held by %s",
		onBy:   "This comment was held by %s on %s.",
		editBy: "The commenter edited this comment on %s, and it was held by %s.",
	},
	{
		action: moderation.ActionReject,
		label:  "Reject", anyway: "Reject anyway",
		all: "Reject all", allOf: "Reject all %d", many: "Reject %d",
		asksOne: "Reject %d comment?", asksMany: "Reject %d comments?",
		doneOne: "Rejected: %d comment.", doneMany: "Rejected: %d comments.",
		done: "The comment was rejected.",
		by:   "Rejected by %s", edited: "Edited; rejected by %s",
		onBy:   "This comment was rejected by %s on %s.",
		editBy: "The commenter edited this comment on %s, and it was rejected by %s.",
	},
	{
		action: moderation.ActionSpam,
		label:  "Spam", anyway: "Spam anyway",
		all: "Spam all", allOf: "Spam all %d", many: "Spam %d",
		asksOne: "Spam %d comment?", asksMany: "Spam %d comments?",
		doneOne: "Marked as spam: %d comment.", doneMany: "Marked as spam: %d comments.",
		done: "The comment was marked as spam.",
		by:   "Marked as spam by %s", edited: "Edited; marked as spam by %s",
		onBy:   "This comment was marked as spam by %s on %s.",
		editBy: "The commenter edited this comment on %s, and it was marked as spam by %s.",
	},
	{
		action: moderation.ActionDelete,
		label:  "Delete permanently", anyway: "Delete permanently anyway",
		all: "Delete all permanently", allOf: "Delete all %d permanently", many: "Delete %d permanently",
		asksOne: "Delete %d comment permanently?", asksMany: "Delete %d comments permanently?",
		doneOne: "Deleted: %d comment.", doneMany: "Deleted: %d comments.",
		done: "The comment was deleted.",
		by:   "Deleted by %s", edited: "Edited; deleted by %s",
		onBy:   "This comment was deleted by %s on %s.",
		editBy: "The commenter edited this comment on %s, and it was deleted by %s.",
	},
}

// otherAction is for actions that moderators do not have.
var otherAction = actionTexts{
	label: "Decide", anyway: "Decide",
	all: "Decide", allOf: "Decide", many: "Decide",
	asksOne: "Decide on %d comment?", asksMany: "Decide on %d comments?",
	doneOne: "Changed: %d comment.", doneMany: "Changed: %d comments.",
	done: "The comment was changed.",
	by:   "Changed by %s", edited: "Edited; changed by %s",
	onBy:   "This comment was changed by %s on %s.",
	editBy: "The commenter edited this comment on %s, and it was changed by %s.",
}

// textsOf returns the texts of an action.
func textsOf(action moderation.Action) actionTexts {
	for _, a := range actions {
		if a.action == action {
			return a
		}
	}
	return otherAction
}

var reportLabels = map[moderation.ReportReason]string{
	moderation.ReportOffensive: "Offensive",
	moderation.ReportSpam:      "Spam",
	moderation.ReportPersonal:  "Personal information",
	moderation.ReportOffTopic:  "Off topic",
	moderation.ReportOther:     "Something else",
}

// reportCounts say how many readers gave a reason.
var reportCounts = map[moderation.ReportReason]string{
	moderation.ReportOffensive: "offensive %d",
	moderation.ReportSpam:      "spam %d",
	moderation.ReportPersonal:  "personal information %d",
	moderation.ReportOffTopic:  "off topic %d",
	moderation.ReportOther:     "something else %d",
}

// issueTexts summarize the open reports and the open appeal.
func issueTexts(words *locale.Language, issues queue.OpenIssues) []string {
	var texts []string
	if len(issues.Reasons) > 0 {
		total, parts := 0, []string{}
		for _, reason := range slices.Sorted(maps.Keys(issues.Reasons)) {
			total += issues.Reasons[reason]
			parts = append(parts, words.T(reportCounts[reason], issues.Reasons[reason]))
		}
		texts = append(texts, words.N("%d open report", "%d open reports", total)+": "+strings.Join(parts, ", "))
	}
	if issues.Appeal != nil && issues.Appeal.Open() {
		texts = append(texts, words.T("The commenter appeals against the rejection."))
	}
	return texts
}

// excerptCharacters bounds the text of a comment that is shown beside another.
const excerptCharacters = 200

// issueLabels are short forms of issueTexts.
func issueLabels(words *locale.Language, issues queue.OpenIssues) []string {
	var labels []string
	if len(issues.Reasons) > 0 {
		total := 0
		for _, n := range issues.Reasons {
			total += n
		}
		labels = append(labels, words.N("%d report", "%d reports", total))
	}
	if issues.Appeal != nil && issues.Appeal.Open() {
		labels = append(labels, words.T("appeal"))
	}
	return labels
}

// rowCharacters is how much of a comment's text shows in a row of a list, at least.
const rowCharacters = 56

// caseContext holds the data with which a comment's history names people: the moderators, and the viewer.
type caseContext struct {
	queue.RelatedComments
	viewer moderation.Viewer
	words  *locale.Language
}

// lastChangeText says who changed the comment last, to a moderator who saw an earlier version.
func (x caseContext) lastChangeText(open queue.Case) string {
	now := " " + x.words.T("Its current state is shown below.")
	if len(open.Decisions) == 0 {
		return x.words.T("This comment has changed since you saw it.") + now
	}
	last := open.Decisions[len(open.Decisions)-1]
	by, at := x.actor(last), x.words.Moment(last.CreatedAt)
	switch edited := open.Comment.EditedAt; {
	case last.Actor == moderation.ActorRuleset && !edited.IsZero():
		return x.words.T(textsOf(last.Action).editBy, x.words.Moment(edited), by) + now
	case last.Undoes != "":
		return x.words.T("A decision on this comment was undone by %s on %s: it is %s again.",
			by, at, x.words.T(string(last.To))) + now
	}
	return x.words.T(textsOf(last.Action).onBy, by, at) + now
}

// decisionText describes a decision in the comment's history.
func (x caseContext) decisionText(d moderation.Decision) string {
	switch {
	case d.Undoes != "":
		return x.words.T("Undone by %s: back to %s", x.actor(d), x.words.T(string(d.To)))
	case d.Actor == moderation.ActorCommenter && d.To == moderation.StatusPending:
		return x.words.T("Appealed by the commenter")
	case d.Actor == moderation.ActorRuleset && d.From != "" && d.From != moderation.StatusPending:
		return x.words.T(textsOf(d.Action).edited, x.actor(d)) // a re-run decides on pending comments only
	}
	return x.words.T(textsOf(d.Action).by, x.actor(d))
}

// actor names who made a decision.
func (x caseContext) actor(d moderation.Decision) string {
	switch {
	case d.Actor == moderation.ActorRuleset:
		return x.words.T("the ruleset")
	case d.Actor == moderation.ActorCommenter:
		return x.words.T("the commenter")
	case d.Actor == moderation.ActorReaders:
		return x.words.T("readers’ reports")
	case d.Actor == moderation.ActorImport:
		return x.words.T("the import")
	case d.Actor == moderation.ActorRetention:
		return x.words.T("the site’s retention")
	case d.ModeratorID == x.viewer.ModeratorID:
		return x.words.T("you")
	case x.Moderators[d.ModeratorID] != "":
		return x.Moderators[d.ModeratorID]
	}
	return x.words.T("another moderator")
}

func capitalised(s string) string {
	if s == "" {
		return s
	}
	_, first := utf8.DecodeRuneInString(s)
	return strings.ToUpper(s[:first]) + s[first:]
}

// verdictTexts say what the rules decided: because of a rule, because none applied, because some could not be
// evaluated, and because the scores add up.
var verdictTexts = map[rules.Action]struct{ byRule, byDefault, byError, byScore string }{
	rules.Approve: {"The rules approved this.", "The rules approved this, because no rule applied.",
		"The rules approved this, because not every rule could be evaluated.",
		"The rules approved this, because the scores add up to %s."},
	rules.Hold: {"The rules held this.", "The rules held this, because no rule applied.",
		"The rules held this, because not every rule could be evaluated.",
		"The rules held this, because the scores add up to %s."},
	rules.Reject: {"The rules rejected this.", "The rules rejected this, because no rule applied.",
		"The rules rejected this, because not every rule could be evaluated.",
		"The rules rejected this, because the scores add up to %s."},
	rules.Spam: {"The rules marked this as spam.", "The rules marked this as spam, because no rule applied.",
		"The rules marked this as spam, because not every rule could be evaluated.",
		"The rules marked this as spam, because the scores add up to %s."},
}

// verdictText says what the rules decided, and why.
func verdictText(words *locale.Language, v rules.Verdict) string {
	texts, ok := verdictTexts[v.Action]
	switch {
	case !ok:
		return ""
	case v.Cause == rules.CauseDefault:
		return words.T(texts.byDefault)
	case v.Cause == rules.CauseError:
		return words.T(texts.byError)
	case strings.HasPrefix(v.Cause, rules.CauseThreshold):
		return words.T(texts.byScore, formatScore(words, v.Score))
	}
	return words.T(texts.byRule)
}

// formatScore writes a score with as many digits as it has.
func formatScore(words *locale.Language, score float64) string { return words.Decimal(score, -1) }

// recordText summarizes a commenter's comments, including the present one.
func recordText(words *locale.Language, r moderation.Record) string {
	var parts []string
	for _, count := range []struct {
		n    int
		text string
	}{{r.Approved, "%d approved"}, {r.Pending, "%d waiting"}, {r.Rejected, "%d rejected"}, {r.Spam, "%d spam"}} {
		if count.n > 0 {
			parts = append(parts, words.T(count.text, count.n))
		}
	}
	if len(parts) == 0 {
		return words.T("no comments")
	}
	return strings.Join(parts, ", ")
}

func agoText(words *locale.Language, d time.Duration) string {
	switch {
	case d < time.Minute:
		return words.T("just now")
	case d < time.Hour:
		return words.N("%d minute ago", "%d minutes ago", int(d/time.Minute))
	case d < 48*time.Hour:
		return words.N("%d hour ago", "%d hours ago", int(d/time.Hour))
	}
	return words.N("%d day ago", "%d days ago", int(d/(24*time.Hour)))
}

// ageText is a short form of agoText, for lists: "4 min", "3 h", and the date after two days.
func ageText(words *locale.Language, now, then time.Time) string {
	switch d := now.Sub(then); {
	case d < time.Minute:
		return words.T("just now")
	case d < time.Hour:
		return words.T("%d min", int(d/time.Minute))
	case d < 48*time.Hour:
		return words.T("%d h", int(d/time.Hour))
	}
	return words.FormatTime("2 Jan", then)
}
