package rules

import (
	"slices"
)

// listMode says how the terms of a list are matched.
type listMode struct {
	name     string
	what     string
	takes    string // what its terms are
	returns  string // what a hit covers, and what is counted
	example  string // a list of the mode, as YAML
	engine   engine
	fields   fieldSet // where the mode makes sense
	defaults fieldSet // where a list looks that does not say
	// term checks a term and brings it into the form that the engine compiles; the problem says what is wrong.
	term func(raw string) (compiled string, problem problem)
}

// problem is what is wrong with something and what to do about it. The zero value is no problem.
type problem struct {
	message, hint string
}

// engine is what finds the terms of a mode.
type engine uint8

const (
	wordEngine engine = iota
	rawEngine
	regexEngine
	domainEngine
	networkEngine
	emailEngine
	looseEngine
	engineCount
)

var writtenFields = setOf(bodyField, nameField, urlField)

const (
	modeLoose = "loose"
	modeWord  = "word"
)

// listModes is every mode, in the order of the documentation.
var listModes = []listMode{
	{name: modeWord, engine: wordEngine, fields: writtenFields, defaults: setOf(bodyField, nameField), term: wordTerm,
		what:    "Finds whole words and phrases, whatever their case and the punctuation between them.",
		takes:   "Words or phrases, without wildcards.",
		returns: "Each place where all words of the term stand in a row.",
		example: `{mode: word, terms: [casino, free money]}`},
	{name: "prefix", engine: wordEngine, fields: writtenFields, defaults: setOf(bodyField, nameField), term: prefixTerm,
		what:    "Finds words that begin like the term; of a phrase, the last word only has to begin like it.",
		takes:   "The beginning of a word, or a phrase whose last word is a beginning; a * at the end may be written.",
		returns: "Each place, up to the end of the word that begins so.",
		example: `{mode: prefix, terms: [casino, cheap vi*]}`},
	{name: "exact", engine: wordEngine, fields: writtenFields, defaults: setOf(bodyField), term: exactTerm,
		what:    "Finds the term if the field says nothing else, whatever its case and punctuation.",
		takes:   "All that a field says, in words.",
		returns: "The whole field.",
		example: `{mode: exact, terms: [first, nice post]}`},
	{
		name:     "substring",
		engine:   rawEngine,
		fields:   writtenFields,
		defaults: setOf(bodyField, nameField, urlField),
		term:     substringTerm,
		what:     "Finds the term anywhere, inside words too, punctuation and spaces as written.",
		takes:    "A text; its case and its compatible forms do not count.",
		returns:  "Each place where the text stands.",
		example:  `{mode: substring, terms: ["t.me/", "!!!"]}`,
	},
	{
		name:     modeLoose,
		engine:   looseEngine,
		fields:   writtenFields,
		defaults: setOf(bodyField, nameField),
		term:     looseTerm,
		what: "Finds words and phrases however they are disguised: letters of other alphabets, digits and signs for letters, letters drawn " +
			"with signs, accents, repeated letters, stars and dashes, missing vowels, and words taken apart. Endings and usual compounds are " +
			"found too; a * at an end of the term finds it inside any word, and a full stop at the end only as a whole word. " +
			"Exceptions are whole words, as they are written.",
		takes:   "A word or phrase of two letters or digits at least, as it is meant and not as it is disguised.",
		returns: "Each place where the word stands, with whatever disguises it.",
		example: `{mode: loose, terms: [casino, "*scam*"], except: [scampi]}`,
	},
	{
		name:     "regex",
		engine:   regexEngine,
		fields:   writtenFields,
		defaults: setOf(bodyField),
		term:     regexTerm,
		what:     "Finds what a regular expression matches (RE2 syntax, case as written; begin with (?i) to ignore it).",
		takes:    "An expression of at most 1,000 bytes that does not match the empty text; no look-around, no back-references.",
		returns:  "Each match, from the left, without overlaps.",
		example:  `{mode: regex, terms: ['(?i)\bwin \d+ (?:euro|dollar)s?']}`,
	},
	{
		name:     "domain",
		engine:   domainEngine,
		fields:   setOf(bodyField, urlField, emailField),
		defaults: setOf(bodyField, urlField),
		term:     domainTerm,
		what: "Finds a domain and everything below it: in the links of the text and in addresses disguised as none (\"pills[.]example\"), " +
			"the website, or after the @ of the email.",
		takes:   "A domain, without http:// and path; *. in front may be written and means the same.",
		returns: "Each link, website or email whose host is the domain or below it.",
		example: `{mode: domain, fields: [body, author_url, author_email], terms: [pills.example]}`,
	},
	{name: "cidr", engine: networkEngine, fields: setOf(addressField), defaults: setOf(addressField), term: networkTerm,
		what:    "Finds client addresses in a network such as 192.0.2.0/24 or 2001:db8::/32.",
		takes:   "A network, or one address.",
		returns: "Whether the address, or all that is known of it, lies in the network.",
		example: `{mode: cidr, terms: [192.0.2.0/24, "2001:db8::/32"]}`},
	{name: "email", engine: emailEngine, fields: setOf(emailField), defaults: setOf(emailField), term: emailTerm,
		what:    "Finds one email address, or with @mail.example every address of exactly that domain.",
		takes:   "An email address, or @ and a domain.",
		returns: "Whether the email is that one, its case aside.",
		example: `{mode: email, terms: [troll@mail.example, "@pills.example"]}`},
}

// ModeDoc documents one mode of lists: what it does, what it takes, what it returns, and an example.
type ModeDoc struct {
	Name     string
	What     string
	Takes    string   // what its terms are
	Returns  string   // what a hit covers, and what is counted
	Example  string   // a list of the mode, as YAML
	Fields   []string // where it makes sense
	Defaults []string // where a list looks that does not say
}

// Modes returns the documentation of every mode of lists.
func Modes() []ModeDoc {
	docs := make([]ModeDoc, len(listModes))
	for i, m := range listModes {
		docs[i] = ModeDoc{Name: m.name, What: m.what, Takes: m.takes, Returns: m.returns, Example: m.example,
			Fields: m.fields.names(), Defaults: m.defaults.names()}
	}
	return docs
}

func findMode(name string) *listMode {
	i := slices.IndexFunc(listModes, func(m listMode) bool { return m.name == name })
	if i < 0 {
		return nil
	}
	return &listModes[i]
}

func modeNames() []string {
	names := make([]string, len(listModes))
	for i, m := range listModes {
		names[i] = m.name
	}
	return names
}

// list is one list of a ruleset, compiled but for its terms, which are in the matcher.
type list struct {
	id     string
	mode   *listMode
	fields fieldSet
	except bool // it has exceptions
	silent bool // its matches are neither highlighted nor quoted
	at     place
}

// field is a part of a submission that lists and spans are about.
type field uint8

const (
	noField field = iota
	bodyField
	nameField
	urlField
	emailField
	addressField
	fieldCount
)

// fieldNames is what rulesets call the fields.
var fieldNames = [fieldCount]string{
	bodyField:    "body",
	nameField:    "author_name",
	urlField:     "author_url",
	emailField:   "author_email",
	addressField: "address",
}

func (f field) String() string { return fieldNames[f] }

// fieldNamed finds a field by its name; noField when there is none.
func fieldNamed(name string) field {
	for f := bodyField; f < fieldCount; f++ {
		if fieldNames[f] == name {
			return f
		}
	}
	return noField
}

// quotable reports whether hits may show what they found in the field. Emails and addresses are never shown.
func (f field) quotable() bool { return f == bodyField || f == nameField || f == urlField }

// fieldSet is a set of fields.
type fieldSet uint8

func setOf(fields ...field) fieldSet {
	var s fieldSet
	for _, f := range fields {
		s |= 1 << f
	}
	return s
}

func (s fieldSet) has(f field) bool { return s&(1<<f) != 0 }

// all yields the fields of the set in their order.
func (s fieldSet) all(yield func(field) bool) {
	for f := bodyField; f < fieldCount; f++ {
		if s.has(f) && !yield(f) {
			return
		}
	}
}

// names returns the names of the fields of the set.
func (s fieldSet) names() []string {
	var names []string
	for f := range s.all {
		names = append(names, f.String())
	}
	return names
}
