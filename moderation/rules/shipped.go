package rules

import (
	"embed"
	"fmt"
	"path"
	"slices"
	"strings"
	"sync"

	"rejoinder/moderation/text"
)

//go:embed lists/*.txt
var shippedFiles embed.FS

// ShippedList is a list that comes with the program and that any ruleset may use by its name.
type ShippedList struct {
	Name      string
	About     string // what is in it
	Mode      string
	Severity  string   // "slur", "threat", "insult", "sexual", "swearing" or "charged"; empty for other lists
	Languages []string // tags of the languages in which its terms count; nil for any language
	Terms     []string
	Except    []string
}

// readShipped reads the shipped lists once.
var readShipped = sync.OnceValues(func() ([]ShippedList, error) {
	names, err := shippedFiles.ReadDir("lists")
	if err != nil {
		return nil, fmt.Errorf("read shipped lists: %w", err)
	}
	lists := make([]ShippedList, 0, len(names))
	for _, file := range names {
		source, err := shippedFiles.ReadFile(path.Join("lists", file.Name()))
		if err != nil {
			return nil, fmt.Errorf("read shipped list: %w", err)
		}
		lists = append(lists, parseShipped(strings.TrimSuffix(file.Name(), ".txt"), string(source)))
	}
	return lists, nil
})

// ShippedLists returns all lists that come with the program, by name.
func ShippedLists() ([]ShippedList, error) {
	lists, err := readShipped()
	return slices.Clone(lists), err
}

// parseShipped reads the format of the shipped lists: lines of terms with commas between them; "whole:"
// before terms that are found as whole words only, which is what the full stop says; "except:" before
// exceptions; "language:", "severity:" and "mode:" before what they name; "prefixes:" before what may be
// written in front of every term, joined to it, as Arabic articles and prepositions are; "inside: words" where
// terms stand inside longer words, as in a language that does not separate words; "#" before what is in
// the list and, below the mode, before what a group is. See expand for the short form of several terms.
func parseShipped(name, source string) ShippedList {
	s := ShippedList{Name: name}
	var prefixes []string
	inside := false
	for line := range strings.Lines(source) {
		key, value, _ := strings.Cut(strings.TrimSpace(line), ":")
		value = strings.TrimSpace(value)
		switch {
		case strings.HasPrefix(key, "#"):
			if s.Mode == "" {
				s.About = strings.TrimSpace(s.About + " " + strings.TrimSpace(strings.TrimSpace(line)[1:]))
			}
		case key == "mode":
			s.Mode = value
		case key == "severity":
			s.Severity = value
		case key == "language":
			s.Languages = splitTerms(value)
		case key == "inside":
			inside = value == "words"
		case key == "prefixes":
			prefixes = strings.Fields(value)
		case key == "except":
			s.Except = append(s.Except, splitTerms(value)...)
		case key == "whole":
			for _, term := range splitTerms(value) {
				s.Terms = append(s.Terms, term+".")
			}
		default:
			s.Terms = append(s.Terms, splitTerms(line)...)
		}
	}
	s.Terms = prefixed(s.Terms, prefixes)
	for i, term := range s.Terms {
		if inside {
			s.Terms[i] = "*" + term + "*"
		}
	}
	return s
}

// prefixed adds to the terms those with a prefix.
func prefixed(terms, prefixes []string) []string {
	plain := len(terms)
	for _, term := range terms[:plain] {
		for _, prefix := range prefixes {
			terms = append(terms, prefix+term)
		}
	}
	return terms
}

func splitTerms(line string) []string {
	var terms []string
	for _, term := range strings.Split(line, ",") {
		if term = strings.TrimSpace(term); term != "" {
			terms = append(terms, expand(term)...)
		}
	}
	return terms
}

// expand returns the terms that a short form stands for: "idiot(|s|ic)" stands for idiot, idiots and idiotic.
// A term may have several such groups. White space is made single.
func expand(term string) []string {
	before, rest, has := strings.Cut(term, "(")
	group, after, closed := strings.Cut(rest, ")")
	if !has || !closed || !strings.Contains(group, "|") {
		return []string{strings.Join(strings.Fields(term), " ")}
	}
	var terms []string
	for _, part := range strings.Split(group, "|") {
		terms = append(terms, expand(before+part+after)...)
	}
	return terms
}

func (s ShippedList) sameName(other ShippedList) bool { return s.Name == other.Name }

// inFamily reports whether the list is one of those with the same name in every language: insults-de is in the
// family insults.
func (s ShippedList) inFamily(family string) bool {
	return len(s.Languages) == 1 && s.Name == family+"-"+s.Languages[0]
}

// shipped returns the shipped lists that a list refers to: one name, or several. "insults-*" stands for the
// lists insults-de, insults-en and so on.
func (c *compiler) shipped(values map[string]node) []ShippedList {
	n, has := values["shipped"]
	if !has {
		return nil
	}
	known, err := readShipped()
	if err != nil {
		c.doc.fault(n, "the shipped lists cannot be read: "+err.Error(), "")
		return nil
	}
	names := make([]string, len(known))
	for i, s := range known {
		names[i] = s.Name
	}
	items := []node{n}
	if len(n.Content) > 0 {
		items = c.doc.items(n, "shipped")
	}
	var lists []ShippedList
	for _, item := range items {
		name, ok := c.doc.words(item, "the name of a shipped list")
		i := slices.Index(names, name)
		family, all := strings.CutSuffix(name, "-*")
		switch {
		case !ok:
		case all && slices.ContainsFunc(known, func(s ShippedList) bool { return s.inFamily(family) }):
			for _, s := range known {
				if s.inFamily(family) && !slices.ContainsFunc(lists, s.sameName) {
					lists = append(lists, s)
				}
			}
		case i < 0:
			c.doc.fault(item, fmt.Sprintf("there is no shipped list %q", name),
				didYouMean(name, names, "There are "+strings.Join(names, ", ")+"."))
		case slices.ContainsFunc(lists, known[i].sameName):
			c.doc.fault(item, fmt.Sprintf("the shipped list %q is named twice", name), "Remove one of the two.")
		default:
			lists = append(lists, known[i])
		}
	}
	return lists
}

// sameMode keeps the shipped lists that are of the list's mode, and refuses the others.
func (c *compiler) sameMode(at node, shipped []ShippedList, mode *listMode) []ShippedList {
	return slices.DeleteFunc(shipped, func(s ShippedList) bool {
		if s.Mode != mode.name {
			c.doc.fault(at,
				fmt.Sprintf("the shipped list %q is of mode %s, and this list of mode %s", s.Name, s.Mode, mode.name),
				"Make it a list of its own, and ask about both.")
		}
		return s.Mode != mode.name
	})
}

// addShipped adds the terms of shipped lists to a list. They need no checks: a test has made them.
func (c *compiler) addShipped(shipped []ShippedList, index int32, l *list) {
	add := func(raw string, ref termRef) bool {
		var p problem
		if l.mode.engine == looseEngine {
			p = c.addLoose(listTerm{termRef: ref, compiled: raw, ways: shippedWays(raw, ref.except)})
		} else if compiled, ill := l.mode.term(raw); ill == (problem{}) {
			p = c.addTerm(ref, compiled, l.mode)
		}
		if p != (problem{}) {
			c.doc.faultAt(l.at, p.message, p.hint)
		}
		return p == (problem{})
	}
	for _, s := range shipped {
		if len(c.listTerms)+len(s.Terms)+len(s.Except) > MaxTerms {
			c.doc.faultAt(l.at, fmt.Sprintf("with the shipped list %q, the lists have more than %d terms", s.Name, MaxTerms),
				"Several rules can ask about the same list.")
			return
		}
		languages, ok := c.languageSet(s.Languages)
		if !ok {
			c.doc.faultAt(l.at, tooManyLanguages, "Use the same languages for several lists.")
			return
		}
		for _, term := range s.Terms {
			if !add(term, termRef{list: index, languages: languages}) {
				return
			}
		}
		for _, term := range s.Except {
			if !add(term, termRef{list: index, except: true}) {
				return
			}
			l.except = true
		}
	}
}

// waysOfShipped are the ways to write the terms of shipped lists, by shippedTerm. All rulesets share them: they
// take most of the time of compiling a ruleset, and of its memory.
var waysOfShipped sync.Map

type shippedTerm struct {
	raw    string
	except bool
}

func shippedWays(raw string, except bool) []text.Disguise {
	term := shippedTerm{raw, except}
	ways, known := waysOfShipped.Load(term)
	if !known {
		ways, _ = waysOfShipped.LoadOrStore(term, waysToWrite(raw, except))
	}
	return ways.([]text.Disguise)
}

//go:embed default.yaml
var defaultSource []byte

// Default returns the source of the ruleset that sites start with.
func Default() []byte { return slices.Clone(defaultSource) }
