package rules

import "strings"

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
var subjectRanks = []Subject{SubjectBlock, SubjectWords, SubjectLinks, SubjectPace, SubjectEdit, SubjectWords, SubjectWho}

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
	"network": rankPace, "edit": rankEdit, "text": rankText,
}

// subject returns what a condition is about.
func (c *compiler) subject(when condition) Subject {
	best := rankWho
	for _, i := range when.facts {
		best = min(best, factRank(&registry[i]))
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
