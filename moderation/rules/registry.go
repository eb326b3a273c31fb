package rules

import (
	"slices"
	"strings"
)

// FactDoc documents one fact: what rules call it, its type, what it says, and a condition that uses it.
type FactDoc struct {
	Path    string // "group.name"
	Type    string // "bool", "int", "double", "string" or "list of strings"
	What    string
	Example string
}

// Registry returns the documentation of every fact, group by group.
func Registry() []FactDoc {
	docs := make([]FactDoc, len(registry))
	for i, f := range registry {
		docs[i] = FactDoc{Path: f.path(), Type: f.kind.String(), What: f.what, Example: f.example}
	}
	return docs
}

// kind is the type of a fact.
type kind uint8

const (
	boolean kind = iota
	integer
	number
	word
	wordList
)

func (k kind) String() string {
	return [...]string{"bool", "int", "double", "string", "list of strings"}[k]
}

// fact is one entry of the registry. Exactly one of at and from is set.
type fact struct {
	group, name string
	kind        kind
	what        string
	example     string
	at          func(*Facts) any      // points at the bool, int, float64, string or []string that holds it
	from        func(*evaluation) any // computes what follows from other facts: bool, int, float64, string or []string
	limit       uint64                // for strings: the most characters; for lists: the most elements
	unless      string                // the fact that must be asked first, because this one may be unknown
	signed      bool                  // a number that may be negative
	moderators  bool                  // never quoted in a public reason
	field       field                 // where hits of rules about it point; noField for the group
}

func (f *fact) path() string { return f.group + "." + f.name }

// The limits of what the facts of one submission can hold; conditions are costed with them.
const (
	limitBody   = 10_000
	limitName   = 100
	limitURL    = 2_000
	limitEmail  = 254
	limitDomain = 253
	limitWord   = 32
	limitLinks  = limitBody / 7 // "www.a.b" is the shortest address that is a link
	limitFew    = 5             // words that weighed most

	limitScripts = 20

	limitBlockKinds = 5
)

// MaxBlocks bounds how many blocks one submission carries.
const MaxBlocks = 50

// The limits of the tags of an article.
const (
	MaxTags          = 50
	MaxTagCharacters = 100
)

// registry is every fact: the single place from which conditions are typed, tests are set up and
// documentation is made. The order is that of the documentation.
var registry = slices.Concat(textFacts, linkFacts, authorFacts, networkFacts, formFacts, velocityFacts,
	similarityFacts, articleFacts, replyFacts, editFacts, blockFacts)

// factIndex finds facts by group and name, in registry order.
var factIndex = func() map[string]map[string]int {
	groups := map[string]map[string]int{}
	for i, f := range registry {
		if groups[f.group] == nil {
			groups[f.group] = map[string]int{}
		}
		groups[f.group][f.name] = i
	}
	return groups
}()

// findFact finds a fact by its path.
func findFact(path string) (int, bool) {
	group, name, _ := strings.Cut(path, ".")
	i, ok := factIndex[group][name]
	return i, ok
}

// factPaths returns the paths of all facts.
func factPaths() []string {
	paths := make([]string, len(registry))
	for i := range registry {
		paths[i] = registry[i].path()
	}
	return paths
}

// hitField is where a hit of a rule about this fact points.
func (f *fact) hitField() string {
	if f.field != noField {
		return f.field.String()
	}
	return f.group
}
