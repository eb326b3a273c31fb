package rules

import "slices"

// listMode says how the terms of a list are matched.
type listMode struct {
	name     string
	what     string
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

// listModes is every mode, in the order of the documentation.
var listModes = []listMode{
	{name: "word", engine: wordEngine, fields: writtenFields, defaults: setOf(bodyField, nameField), term: wordTerm,
		what: "Finds whole words and phrases, whatever their case and the punctuation between them."},
	{name: "prefix", engine: wordEngine, fields: writtenFields, defaults: setOf(bodyField, nameField), term: prefixTerm,
		what: "Finds words that begin like the term; of a phrase, the last word only has to begin like it."},
	{name: "exact", engine: wordEngine, fields: writtenFields, defaults: setOf(bodyField), term: exactTerm,
		what: "Finds the term if the field says nothing else, whatever its case and punctuation."},
	{name: "substring", engine: rawEngine, fields: writtenFields, defaults: setOf(bodyField, nameField, urlField), term: substringTerm,
		what: "Finds the term anywhere, inside words too, punctuation and spaces as written."},
	{name: "loose", engine: looseEngine, fields: writtenFields, defaults: setOf(bodyField, nameField), term: looseTerm,
		what: "Finds words and phrases however they are disguised: letters of other alphabets, digits and signs for letters, letters drawn " +
			"with signs, accents, repeated letters, stars and dashes, missing vowels, and words taken apart. Endings and usual compounds are " +
			"found too; a * at an end of the term finds it inside any word, and a full stop at the end only as a whole word. " +
			"Exceptions are whole words, as they are written."},
	{name: "regex", engine: regexEngine, fields: writtenFields, defaults: setOf(bodyField), term: regexTerm,
		what: "Finds what a regular expression matches (RE2 syntax, case as written; begin with (?i) to ignore it)."},
	{name: "domain", engine: domainEngine, fields: setOf(bodyField, urlField, emailField), defaults: setOf(bodyField, urlField), term: domainTerm,
		what: "Finds a domain and everything below it: in the links of the text, the website, or after the @ of the email."},
	{name: "cidr", engine: networkEngine, fields: setOf(addressField), defaults: setOf(addressField), term: networkTerm,
		what: "Finds client addresses in a network such as 192.0.2.0/24 or 2001:db8::/32."},
	{name: "email", engine: emailEngine, fields: setOf(emailField), defaults: setOf(emailField), term: emailTerm,
		what: "Finds one email address, or with @mail.example every address of exactly that domain."},
}

// ModeDoc documents one mode of lists.
type ModeDoc struct {
	Name     string
	What     string
	Fields   []string // where it makes sense
	Defaults []string // where a list looks that does not say
}

// Modes returns the documentation of every mode of lists.
func Modes() []ModeDoc {
	docs := make([]ModeDoc, len(listModes))
	for i, m := range listModes {
		docs[i] = ModeDoc{Name: m.name, What: m.what, Fields: m.fields.names(), Defaults: m.defaults.names()}
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
	at     place
}
