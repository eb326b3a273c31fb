package rules

import (
	"slices"
	"strings"
)

// FactDoc documents one fact: what rules call it, its type, what it says, and a condition that uses it.
type FactDoc struct {
	Path    string // "group.name"; "group.NAME.name" for a fact that each member of a family has
	Type    string // "bool", "int", "double", "string" or "list of strings"
	What    string
	Example string
	Unless  string // the fact that must be asked first, because this one may be unknown; empty for none
}

// Registry returns the documentation of every fact, group by group.
func Registry() []FactDoc {
	docs := make([]FactDoc, len(registry))
	for i, f := range registry {
		docs[i] = FactDoc{Path: f.path(), Type: f.kind.String(), What: f.what, Example: f.example, Unless: f.unless}
		if f.member != nil {
			member := factRef{i, memberVariable}
			docs[i].Path = member.path()
			if f.unless != "" {
				docs[i].Unless = f.group + "." + memberVariable + "." + f.unless
			}
		}
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

// fact is one entry of the registry. Exactly one of at, from and member is set.
type fact struct {
	group, name string
	kind        kind
	what        string
	example     string
	at          func(*Facts) any      // points at the bool, int, float64, string or []string that holds it
	from        func(*evaluation) any // computes what follows from other facts: bool, int, float64, string or []string
	member      func(*External) any   // points at what holds it for one member of a family, such as a classifier
	limit       uint64                // for strings: the most characters; for lists: the most elements
	unless      string                // the fact that must be asked first, as this may be unknown; a name in a family
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

// MaxBadges bounds the badges of a signed-in reader.
const MaxBadges = 8

// The limits of the tags of an article.
const (
	MaxTags          = 50
	MaxTagCharacters = 100
)

// registry is every fact: the single place from which conditions are typed, tests are set up and
// documentation is made. The order is that of the documentation.
var registry = slices.Concat(textFacts, linkFacts, authorFacts, readerFacts, networkFacts, formFacts, velocityFacts,
	similarityFacts, articleFacts, replyFacts, editFacts, blockFacts, externalFacts)

// factIndex finds facts by group and name, and familyIndex those of families.
var factIndex, familyIndex = indexFacts()

func indexFacts() (groups, families map[string]map[string]int) {
	groups, families = map[string]map[string]int{}, map[string]map[string]int{}
	for i, f := range registry {
		index := groups
		if f.member != nil {
			index = families
		}
		if index[f.group] == nil {
			index[f.group] = map[string]int{}
		}
		index[f.group][f.name] = i
	}
	return groups, families
}

// findFact finds a fact by its path.
func findFact(path string) (factRef, bool) {
	dot := strings.LastIndexByte(path, '.')
	if dot < 0 {
		return factRef{}, false
	}
	return findInGroup(path[:dot], path[dot+1:])
}

// findInGroup finds a fact by group and name. The group of a family's member is family and member, as in
// external.toxicity.
func findInGroup(group, name string) (factRef, bool) {
	if family, member, ok := memberOf(group); ok {
		i, known := familyIndex[family][name]
		return factRef{i, member}, known
	}
	i, known := factIndex[group][name]
	return factRef{entry: i}, known
}

// factPaths returns the paths of all facts.
func factPaths() []string {
	paths := make([]string, len(registry))
	for i, doc := range Registry() {
		paths[i] = doc.Path
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

// FunctionDoc documents one function of conditions: how it is called, its type, what it says, and a condition
// that uses it.
type FunctionDoc struct {
	Call    string
	Type    string // "bool", "int" or "double"
	What    string
	Example string
}

// Functions returns the documentation of every function that asks about lists and networks.
func Functions() []FunctionDoc { return slices.Clone(functionDocs) }

var functionDocs = []FunctionDoc{
	{Call: `listed("list", "field"…)`, Type: "bool",
		What:    "Whether the list matches: in the given fields, or else in every field that it searches.",
		Example: `listed("insults", "body")`},
	{Call: `listed_count("list", "field"…)`, Type: "int",
		What:    "How many matches the list has.",
		Example: `listed_count("insults") > 3`},
	{Call: `listed_share("list", "field"…)`, Type: "double",
		What:    "The largest share of a field that the list's matches cover, from 0 to 1, not counting white space.",
		Example: `listed_share("insults") > 0.5`},
	{Call: `in_network("network or list")`, Type: "bool",
		What:    "Whether the client's address lies in a network, or in one of a list of mode cidr.",
		Example: `in_network("192.0.2.0/24")`},
	{Call: `near("list", "other list", words)`, Type: "bool",
		What: "Whether the body has a match of each list with at most that many words between them, in either order. Matches that " +
			"overlap are not near each other.",
		Example: `near("insults", "groups", 2)`},
	{Call: `addressed("list")`, Type: "bool",
		What: "Whether a match of the list in the body is aimed at somebody: at \"you\" in one of 14 languages, at the author replied to " +
			"by name, at anybody by @name, by calling them so (\"Fool!\", \"Read it, fool.\"), or at the writer, the commenters or " +
			"somebody in office (\"the mayor is a fool\"). What is said of other people is not. " +
			"The name of the author replied to is known on arrival only.",
		Example: `addressed("insults") && !quoted("insults")`},
	{Call: `quoted("list")`, Type: "bool",
		What: "Whether the list finds something in the body and all of it is mentioned only: it stands in lines that begin with \">\" or " +
			"between double quotation marks, is what somebody was called (\"he called me a fool\"), or is named as a word (\"the word " +
			"fool\"). A comment that is nothing but a quotation counts as the author's own.",
		Example: `listed("insults") && !quoted("insults")`},
	{Call: `by_author("list")`, Type: "bool",
		What: "Whether a match of the list in the body is what the author says of themselves (\"I will …\", \"we are going to …\"), wishes " +
			"(\"somebody should …\", \"I hope they …\") or orders (\"… yourself!\"). What others do or are said to have said is not, and " +
			"neither is a quotation. Best in English; in languages that leave out the pronoun it finds less.",
		Example: `by_author("threats")`},
	{Call: `harmless("list")`, Type: "bool",
		What: "Whether the list finds something in the body and none of it insults anybody: the author says it of themselves (\"I felt " +
			"like such a fool\"), of an animal or a thing (\"my dog is a fool\", \"that sucks\"), or teases: a mild word beside laughter " +
			"or a smile (\"haha, you fool\").",
		Example: `listed("insults") && !harmless("insults")`},
}

// readerFacts are about readers whom the publication signs in. They are frozen as the token said on arrival.
var readerFacts = []fact{
	{group: "author", name: "signed_in", kind: boolean,
		what:    "Whether the publication itself signed the reader in. Name and email are then the publication's word.",
		example: `!author.signed_in && links.count > 0`,
		at:      func(f *Facts) any { return &f.Author.SignedIn }},
	{group: "author", name: "badges", kind: wordList, limit: MaxBadges,
		what:    "The badges that the publication gave a reader whom it signed in, such as \"subscriber\" and \"author\".",
		example: `"subscriber" in author.badges`,
		at:      func(f *Facts) any { return &f.Author.Badges }},
	{group: "author", name: "subject_age_days", kind: number, moderators: true,
		what:    "How many days ago a reader whom the publication signs in first commented; 0 for a new one and for everybody else.",
		example: `author.signed_in && author.subject_age_days < 7`,
		at:      func(f *Facts) any { return &f.Author.SubjectAgeDays }},
}
