package rules

import (
	"fmt"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"cel.dev/cel-go/common"
)

// hintMark separates a fault's message from its hint where both travel as one text.
const hintMark = "\x00"

func faultText(message, hint string) string { return message + hintMark + hint }

// translate turns the compiler's errors about a condition into faults in the words of a ruleset. No more are
// turned than a document can have.
func translate(source string, errs []*common.Error) []Fault {
	errs = errs[:min(len(errs), maxFaults)]
	faults := make([]Fault, 0, len(errs))
	for _, err := range errs {
		f := Fault{Line: err.Location.Line(), Column: err.Location.Column() + 1}
		if message, hint, marked := strings.Cut(err.Message, hintMark); marked {
			f.Message, f.Hint = message, hint
		} else {
			f.Message, f.Hint = reword(err.Message, wordBefore(source, err.Location))
			if field := undefinedField.FindStringSubmatch(err.Message); field != nil {
				f.Line, f.Column = wordAfter(source, err.Location, field[1])
			}
			if name := undeclaredName.FindStringSubmatch(err.Message); name != nil &&
				wordBefore(source, err.Location) == name[1] {
				f.Column -= len([]rune(name[1])) // the place of a call is its bracket
			}
		}
		faults = append(faults, f)
		if strings.HasPrefix(err.Message, "Syntax error") || unavailable.MatchString(err.Message) {
			break // whatever else is wrong may follow from this
		}
	}
	return faults
}

// wordBefore returns the word that ends where the location is.
func wordBefore(source string, at common.Location) string {
	runes := []rune(source)
	before := string(runes[:offsetOf(runes, at)])
	return before[len(strings.TrimRightFunc(before, isWordRune)):]
}

// isWordRune reports whether a name of CEL can have the character.
func isWordRune(r rune) bool {
	return r == '_' || r < utf8.RuneSelf && (unicode.IsLetter(r) || unicode.IsDigit(r))
}

// wordAfter returns line and column, from 1, of the first letter of a name that follows the dot at the
// location. A dot can stand in the line before its name.
func wordAfter(source string, at common.Location, word string) (line, column int) {
	runes := []rune(source)
	line, column = at.Line(), at.Column()+1
	for _, r := range runes[offsetOf(runes, at):] {
		switch {
		case r == []rune(word)[0]:
			return line, column
		case r == '\n':
			line, column = line+1, 1
		default:
			column++
		}
	}
	return at.Line(), at.Column() + 1
}

// offsetOf returns how many characters precede the location: from 0 to all of them.
func offsetOf(source []rune, at common.Location) int {
	return min(max(valueOffset(string(source), at.Line(), at.Column()+1), 0), len(source))
}

var (
	unavailable    = regexp.MustCompile(`^undeclared reference to '(map|filter|has)'`)
	undeclaredName = regexp.MustCompile(`^undeclared reference to '([^']*)'`)
	undefinedField = regexp.MustCompile(`^undefined field '([^']*)'`)
)

// wording rewrites one kind of compiler error.
type wording struct {
	pattern *regexp.Regexp
	words   func(groups []string, before string) (message, hint string)
}

var wordings = []wording{
	{undeclaredName, undeclared},
	{undefinedField, undefinedFact},
	{regexp.MustCompile(`^found no matching overload for '([^']*)' applied to '(.*)'$`), wrongTypes},
	{regexp.MustCompile(`^type '([^']*)' does not support field selection`), func(g []string, _ string) (string, string) {
		return typeWords(g[1]) + " has no parts that could follow a dot", ""
	}},
	{regexp.MustCompile(`^expected type '([^']*)' but found '([^']*)'`), func(g []string, _ string) (string, string) {
		return fmt.Sprintf("here must be %s, but this is %s", typeWords(g[1]), typeWords(g[2])), ""
	}},
	{regexp.MustCompile(`^expression of type '([^']*)' cannot be range`), func(g []string, _ string) (string, string) {
		return typeWords(g[1]) + " cannot be gone through", "Lists can, such as links.hosts."
	}},
	{regexp.MustCompile(`^Syntax error: mismatched input '<EOF>'`), func([]string, string) (string, string) {
		return "the condition ends too early", "Something is missing here: a value, or a closing bracket."
	}},
	{regexp.MustCompile(`^Syntax error: \w+ input '((?i)and|or|not)'`), undeclared},
	{regexp.MustCompile(`^Syntax error: token recognition error at: '= *'`), func([]string, string) (string, string) {
		return "a single = means nothing in a condition", "Write == to compare."
	}},
	{regexp.MustCompile(`^Syntax error: (?s)(.*)$`), func(g []string, _ string) (string, string) {
		return "the condition cannot be read from here on: " + g[1], "Compare with the examples of \"rules facts\"."
	}},
}

func reword(message, before string) (string, string) {
	for _, w := range wordings {
		if groups := w.pattern.FindStringSubmatch(message); groups != nil {
			return w.words(groups, before)
		}
	}
	return "the condition is not valid: " + message, ""
}

// knownFunctions is what conditions may call, for hints.
var knownFunctions = []string{
	askListed,
	askListedCount,
	askListedShare,
	askInNetwork,
	askNear,
	askAddressed,
	askQuoted,
	askByAuthor,
	askHarmless,
	askOfPerson,
	"all",
	"exists",
	"exists_one",
	"contains",
	"startsWith",
	"endsWith",
	"matches",
	"size",
}

func undeclared(g []string, _ string) (string, string) {
	switch g[1] {
	case "map", "filter", "has":
		return g[1] + " is not available in conditions", "Of the loops there are all, exists and exists_one."
	case "and", "or", "not", "AND", "OR", "NOT":
		return "there is no word " + g[1] + " in conditions", "Write && for and, || for or, ! for not."
	}
	known := append(factPaths(), knownFunctions...)
	known = append(known, groupNames()...)
	return fmt.Sprintf("there is no fact and no function %q", g[1]), didYouMean(g[1], known, "")
}

func undefinedFact(g []string, group string) (string, string) {
	if familyIndex[group] != nil {
		return fmt.Sprintf("%q cannot be the name of an outside classifier", g[1]),
			"A name has lower-case letters, digits and underscores, at most 32 in all, and begins with a letter."
	}
	if factIndex[group] == nil { // white space before the dot
		return fmt.Sprintf("no fact is called %q there",
			g[1]), didYouMean(g[1], factPaths(), "Write group and name together, as text.length.")
	}
	var names []string
	for i := range registry {
		if registry[i].group == group {
			names = append(names, registry[i].name)
		}
	}
	hint := didYouMean(g[1], names, "Its facts are "+strings.Join(names, ", ")+".")
	return fmt.Sprintf("the group %s has no fact %q", group, g[1]), hint
}

var symbols = regexp.MustCompile(`^_?([^_\w]+)_?$`)

func wrongTypes(g []string, _ string) (string, string) {
	instance, args, member := strings.Cut(strings.TrimSuffix(strings.TrimPrefix(g[2], "("), ")"), ".(")
	if !member {
		args = instance
	}
	words := make([]string, 0, 2)
	for _, arg := range strings.Split(args, ", ") {
		if arg != "" {
			words = append(words, typeWords(arg))
		}
	}
	list := strings.Join(words, " and ")
	switch {
	case symbols.MatchString(g[1]):
		return fmt.Sprintf("%s does not work with %s", symbols.FindStringSubmatch(g[1])[1], list), ""
	case member && list == "":
		return fmt.Sprintf("%s on %s needs to be told something in its brackets", g[1], typeWords(instance)), ""
	case member:
		return fmt.Sprintf("%s on %s does not work with %s", g[1], typeWords(instance), list), ""
	case list == "":
		return fmt.Sprintf("%s needs something in its brackets", g[1]), ""
	}
	return fmt.Sprintf("%s does not work with %s", g[1], list), ""
}
