package rules

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"cel.dev/cel-go/common/types/ref"
)

// valueOf is what a condition evaluates to.
type valueOf = ref.Val

// hit describes the rule that fired, with everything in the text that made it fire.
func (r *rule) hit(e *evaluation) Hit {
	spans := r.spans(e)
	matched := func() string { return r.quoteMatches(e, spans) }
	return Hit{
		Rule: r.id, Label: r.label, About: r.about, Mode: r.mode, Action: r.action, Score: r.score, Priority: r.priority,
		Field: r.field(e, spans), Spans: spans,
		Reason: r.reason.render(e, matched), PublicReason: r.public.render(e, matched), ReasonCode: r.code,
		Nudge: r.nudge,
	}
}

// spans returns what the rule's lists found and, if it looks at them, the links and the words that weighed most in
// a score. One that looks at disguised addresses only does not point at links.
func (r *rule) spans(e *evaluation) []Span {
	var spans []Span
	for _, number := range r.condition.asked {
		q := &e.questions[number]
		if q.list < 0 || e.matcher.lists[q.list].silent || e.listed(q) == 0 {
			continue
		}
		for _, m := range e.chosen(q) {
			if m.field.quotable() {
				start, end := e.sourceOf(m)
				spans = append(spans, Span{m.field.String(), start, end})
			}
		}
	}
	if r.looksAtLinks() {
		for _, l := range e.links() {
			spans = append(spans, Span{bodyField.String(), l.Start, l.End})
		}
	}
	if r.looksAtDisguised() {
		for _, h := range e.read().DisguisedHosts() {
			spans = append(spans, Span{bodyField.String(), h.Start, h.End})
		}
	}
	if r.looksAt("text.hostile_score") && len(spans) == 0 { // matches of lists say more
		for _, p := range e.hostility().Spans {
			spans = append(spans, Span{bodyField.String(), p.Start, p.End})
		}
	}
	if r.looksAt("text.spam_score") {
		for _, p := range e.facts.Spam.places(e.facts.Body) {
			spans = append(spans, Span{bodyField.String(), p[0], p[1]})
		}
	}
	slices.SortFunc(spans, func(a, b Span) int {
		return cmp.Or(cmp.Compare(fieldNamed(a.Field), fieldNamed(b.Field)), cmp.Compare(a.Start, b.Start),
			cmp.Compare(b.End, a.End))
	})
	spans = slices.Compact(spans)
	return spans[:min(len(spans), maxSpans):min(len(spans), maxSpans)]
}

func (r *rule) looksAtLinks() bool {
	return slices.ContainsFunc(r.condition.facts, func(f factRef) bool {
		return f.fact().group == "links" && !strings.HasPrefix(f.fact().name, "disguised")
	})
}

func (r *rule) looksAtDisguised() bool {
	return slices.ContainsFunc(r.condition.facts, func(f factRef) bool {
		return strings.HasPrefix(f.path(), "links.disguised")
	})
}

// looksAt reports whether the condition uses the fact with that path.
func (r *rule) looksAt(path string) bool {
	return slices.ContainsFunc(r.condition.facts, func(f factRef) bool { return f.path() == path })
}

// field returns where to look first: at what was found, else at what the condition is about.
func (r *rule) field(e *evaluation, spans []Span) string {
	if len(spans) > 0 {
		return spans[0].Field
	}
	for _, number := range r.condition.asked {
		q := &e.questions[number]
		if q.list < 0 {
			return addressField.String()
		}
		for f := range q.fields.all {
			if e.counts[countIndex(q.list, f)] > 0 {
				return f.String()
			}
		}
	}
	if len(r.condition.facts) > 0 {
		return r.condition.facts[0].fact().hitField()
	}
	return "ruleset"
}

// quoteMatches quotes what fired as readers see it, each once. What was found in an email or an address is never
// quoted; the list is named instead.
func (r *rule) quoteMatches(e *evaluation, spans []Span) string {
	var quotes, seen []string
	for _, s := range spans {
		excerpt := e.excerpt(fieldNamed(s.Field), s.Start, s.End)
		if !slices.Contains(seen, excerpt) {
			seen = append(seen, excerpt)
		}
	}
	if len(seen) > 0 {
		return quoteList(seen)
	}
	for _, number := range r.condition.asked {
		if q := &e.questions[number]; q.list >= 0 && e.listed(q) > 0 {
			quotes = append(quotes, fmt.Sprintf("the list %q", e.matcher.lists[q.list].id))
		}
	}
	if len(quotes) > 0 {
		return quotes[0]
	}
	return "nothing in particular"
}

// sourceOf returns where a match stands in its field as it was written.
func (e *evaluation) sourceOf(m match) (start, end int) {
	if m.field != bodyField || e.matcher.lists[m.list].mode.engine == domainEngine { // links know their source
		return m.start, m.end
	}
	return e.read().Source(m.start, m.end)
}

// asWritten returns a field as it was written.
func (e *evaluation) asWritten(f field) string {
	if f == bodyField {
		return e.facts.Body
	}
	return e.written(f)
}

// Subject is what a rule's condition looks at, as moderators think of it.
type Subject string

// Subjects.
const (
	SubjectBlock Subject = "block"
	SubjectWords Subject = "words" // lists of words, or what was measured in the text
	SubjectLinks Subject = "links"
	SubjectPace  Subject = "pace" // how it was sent: speed, form, copies, network
	SubjectEdit  Subject = "edit"
	SubjectWho   Subject = "who" // the commenter or the article
)

// subjectRanks decides between several subjects of one condition: the lower rank says more. Lists of words rank
// above measures of the text, which most conditions only add as a precaution.
var subjectRanks = []Subject{
	SubjectBlock, SubjectWords, SubjectLinks, SubjectPace, SubjectEdit, SubjectWords, SubjectWho,
}

const (
	rankBlock = iota
	rankLists
	rankLinks
	rankPace
	rankEdit
	rankText
	rankWho
)

var rankOfGroup = map[string]int{
	"blocks": rankBlock, "links": rankLinks, "velocity": rankPace, "similarity": rankPace, "form": rankPace,
	"network": rankPace, "edit": rankEdit, "text": rankText, externalGroup: rankText,
}

// subject returns what a condition is about.
func (c *compiler) subject(when condition) Subject {
	best := rankWho
	for _, f := range when.facts {
		best = min(best, factRank(f.fact()))
	}
	for _, number := range when.asked {
		best = min(best, c.questionRank(c.conditions.questions[number]))
	}
	return subjectRanks[best]
}

func factRank(f *fact) int {
	switch path := f.path(); {
	case path == "edit.is": // most conditions only exclude edits
		return rankWho
	case strings.HasPrefix(path, "author.url"):
		return rankLinks
	}
	if rank, ok := rankOfGroup[f.group]; ok {
		return rank
	}
	return rankWho
}

func (c *compiler) questionRank(q question) int {
	if q.list < 0 {
		return rankPace // a single network
	}
	switch engine := c.conditions.lists[q.list].mode.engine; {
	case engine == domainEngine:
		return rankLinks
	case engine == emailEngine, q.fields == setOf(nameField):
		return rankWho
	case engine == networkEngine:
		return rankPace
	}
	return rankLists
}
