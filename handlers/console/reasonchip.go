package console

import (
	"cmp"
	"slices"
	"strings"
	"unicode/utf8"

	"rejoinder/handlers/locale"
	"rejoinder/handlers/page"
	"rejoinder/handlers/rulewords"
	"rejoinder/moderation/queue"
	"rejoinder/moderation/rules"
)

// reasonChip says in two or three words why a comment is listed.
type reasonChip struct {
	Kind  string // what the rule looked at, a CSS class: one of chipOrder
	Label string
	Term  string // a short match in the text; empty if there is none
	Title string // the full sentence
}

// rowChips are the chips of a comment in a list, and the sentences of those that have no room there.
type rowChips struct {
	Shown []reasonChip
	More  int
	Rest  string
}

const (
	// chipsInRow is how many chips a row has room for.
	chipsInRow = 2
	// maxTermCharacters bounds what a chip quotes. Longer matches are only marked in the text.
	maxTermCharacters = 30
)

// chipKinds are the kinds of chips by the field or the group of facts that a rule looked at, for verdicts that do
// not say what the rule was about.
var chipKinds = map[string]string{
	"body": "words", "text": "words", "links": "links", "author_url": "links",
	"velocity": "pace", "similarity": "pace", "form": "pace", "network": "pace", "edit": "edit", "blocks": "block",
}

// chipOrder is the order of kinds: reports, blocks, the text, how it was sent, the author, reasons to
// approve, and rules in shadow mode.
var chipOrder = []string{"people", "block", "words", "links", "pace", "edit", "who", "good", "watch"}

// newReasonChip shortens the reason of a hit. Reasons of shipped rules are translated.
func newReasonChip(words *locale.Language, body string, hit rules.Hit) reasonChip {
	chip := reasonChip{
		Kind:  cmp.Or(string(hit.About), chipKinds[hit.Field], "who"),
		Label: cmp.Or(hit.Label, strings.ReplaceAll(cmp.Or(hit.ReasonCode, hit.Rule), "-", " ")),
		Term:  page.MatchedTerm(body, hit),
		Title: rulewords.Reason(words, hit.Reason),
	}
	switch {
	case hit.Mode == rules.Shadow:
		chip.Kind = "watch"
	case hit.Action == rules.Approve:
		chip.Kind = "good"
	case hit.About == "" && chip.Kind == "words" && (strings.Contains(chip.Term, "://") || strings.Contains(chip.Label, "link")):
		chip.Kind = "links" // a link stands in the text, too
	}
	if _, address, found := strings.Cut(chip.Term, "://"); found {
		chip.Term = address
	}
	if utf8.RuneCountInString(chip.Term) > maxTermCharacters {
		chip.Term = ""
	}
	chip.Label = words.T(chip.Label)
	return chip
}

// newRowChips chooses the chips of a row: open reports and appeals, then the rules that acted. Without any,
// one says how the rules decided.
func newRowChips(words *locale.Language, item queue.Item) rowChips {
	var all []reasonChip
	for i, issue := range issueTexts(words, item.OpenIssues) {
		all = append(all, reasonChip{Kind: "people", Label: issueLabels(words, item.OpenIssues)[i], Title: issue})
	}
	hits := slices.Clone(item.Verdict.Hits)
	slices.SortStableFunc(hits, func(a, b rules.Hit) int { return cmp.Compare(b.Score, a.Score) })
	for _, hit := range hits {
		if hit.Mode != rules.Shadow {
			all = append(all, newReasonChip(words, item.Body, hit))
		}
	}
	if outcome := verdictText(words, item.Verdict); len(all) == 0 && outcome != "" {
		all = append(all, reasonChip{Kind: "who", Label: words.T(causeLabel(item.Verdict)), Title: outcome})
	}
	slices.SortStableFunc(all, compareChips)
	var row rowChips
	var rest []string
	for _, chip := range all {
		if len(row.Shown) == chipsInRow || slices.ContainsFunc(row.Shown, chip.repeats) {
			rest = append(rest, chip.Title)
			continue
		}
		row.Shown = append(row.Shown, chip)
	}
	row.More, row.Rest = len(rest), strings.Join(rest, " ")
	return row
}

// compareChips orders chips by kind, those with a term first.
func compareChips(a, b reasonChip) int {
	if byKind := cmp.Compare(slices.Index(chipOrder, a.Kind), slices.Index(chipOrder, b.Kind)); byKind != 0 {
		return byKind
	}
	return cmp.Compare(min(len(b.Term), 1), min(len(a.Term), 1))
}

// repeats reports whether another chip says much the same.
func (c reasonChip) repeats(other reasonChip) bool {
	return c.Label == other.Label || c.Term != "" && c.Term == other.Term
}

// causeLabel says in a few English words how the rules decided on a comment that no rule matched.
func causeLabel(v rules.Verdict) string {
	switch v.Cause {
	case rules.CauseDefault:
		return "no rule matched"
	case rules.CauseError:
		return "rules failed"
	}
	return "rules"
}

// riskLevels are the scores from which the risk has one step more. They follow the thresholds of the shipped
// ruleset: the fourth step is where it holds a comment, and the fifth is halfway from there to spam.
var riskLevels = []float64{0.01, 0.5, 1, 2, 5}

// riskLevel is the score in steps from 0 to 5.
func riskLevel(score float64) int {
	level := 0
	for level < len(riskLevels) && score >= riskLevels[level] {
		level++
	}
	return level
}
