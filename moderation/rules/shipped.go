package rules

import (
	"embed"
	"fmt"
	"path"
	"slices"
	"strings"
	"sync"
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
	Terms     int      // as they are listed; many stand for several
	Except    int      // exceptions, counted likewise
}

// shippedFile is a shipped list whose terms are not written out yet: all terms together take megabytes.
type shippedFile struct {
	ShippedList          // without terms
	terms       []string // lines in the short form
	whole       []string // the same, of terms that are found as whole words only
	compounded  []string // the same, of terms that are found in compounds only
	except      []string // the same, of exceptions
	prefixes    []string // what may be written in front of every term
	inside      bool     // terms stand inside longer words
	plain       bool     // terms are also found without their accents
	part        int      // number of its terms among the parts of all lists; that of its exceptions follows
}

// readShipped reads the shipped lists once.
var readShipped = sync.OnceValues(func() ([]shippedFile, error) {
	names, err := shippedFiles.ReadDir("lists")
	if err != nil {
		return nil, fmt.Errorf("read shipped lists: %w", err)
	}
	lists := make([]shippedFile, 0, len(names))
	for _, file := range names {
		source, err := shippedFiles.ReadFile(path.Join("lists", file.Name()))
		if err != nil {
			return nil, fmt.Errorf("read shipped list: %w", err)
		}
		list := parseShipped(strings.TrimSuffix(file.Name(), ".txt"), string(source))
		list.part = partsOfList * len(lists)
		lists = append(lists, list)
	}
	return lists, nil
})

// ShippedLists returns all lists that come with the program, by name.
func ShippedLists() ([]ShippedList, error) {
	files, err := readShipped()
	lists := make([]ShippedList, len(files))
	for i, s := range files {
		lists[i] = s.ShippedList
		lists[i].Terms = listed(s.terms) + listed(s.whole) + listed(s.compounded)
		lists[i].Except = listed(s.except)
	}
	return lists, err
}

// listed counts the terms of some lines.
func listed(lines []string) (count int) {
	for _, line := range lines {
		for term := range strings.SplitSeq(line, ",") {
			if strings.TrimSpace(term) != "" {
				count++
			}
		}
	}
	return count
}

// parseShipped parses a shipped list. Each line is one of these:
//
//   - comma-separated terms; see expand for the short form of several terms. In a list of mode word, up to five
//     other words of the sentence may stand in the place of "…"
//   - "whole:" and terms that match only whole words, as if they ended with a full stop
//   - "compounds:" and terms of mode loose that match only compounds with words that are usual in insults
//   - "except:" and exceptions
//   - "language:", "severity:" or "mode:" and a value
//   - "prefixes:" and what may be joined to the front of every term, such as Arabic articles and prepositions
//   - "accents: optional" if terms also match without their accents, as people type them
//   - "inside: words" if terms also match inside words, as in languages that are written without spaces
//   - "#" and a comment; above the mode, it describes the list
func parseShipped(name, source string) shippedFile {
	s := shippedFile{ShippedList: ShippedList{Name: name}}
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
			s.inside = value == "words"
		case key == "accents":
			s.plain = value == "optional"
		case key == "prefixes":
			s.prefixes = strings.Fields(value)
		case key == "except":
			s.except = append(s.except, value)
		case key == "whole":
			s.whole = append(s.whole, value)
		case key == "compounds":
			s.compounded = append(s.compounded, value)
		default:
			s.terms = append(s.terms, line)
		}
	}
	return s
}

// expand writes out the terms and the exceptions.
func (s *shippedFile) expand() (terms, except []string) {
	for _, line := range s.terms {
		terms = append(terms, splitTerms(line)...)
	}
	for _, line := range s.whole {
		for _, term := range splitTerms(line) {
			terms = append(terms, term+".")
		}
	}
	terms = s.variants(terms)
	for i, term := range terms {
		if s.inside {
			terms[i] = "*" + term + "*"
		}
	}
	for _, line := range s.except {
		except = append(except, splitTerms(line)...)
	}
	return terms, except
}

// variants adds to terms of the list those without accents and with prefixes.
func (s *shippedFile) variants(terms []string) []string {
	return prefixed(s.spellings(terms), s.prefixes)
}

// spellings adds to terms of the list those without accents.
func (s *shippedFile) spellings(terms []string) []string {
	if s.plain {
		return withoutAccents(terms)
	}
	return terms
}

// plainLetters are letters as people type them who have no key for the accent, or do not bother.
var plainLetters = strings.NewReplacer(
	"á", "a", "à", "a", "â", "a", "ã", "a", "ä", "a", "ą", "a", "ç", "c", "ć", "c", "é", "e", "è", "e", "ê", "e", "ë", "e",
	"ę", "e", "ğ", "g", "í", "i", "ì", "i", "î", "i", "ï", "i", "ı", "i", "ł", "l", "ñ", "n", "ń", "n", "ó", "o", "ò", "o",
	"ô", "o", "õ", "o", "ö", "o", "œ", "oe", "ş", "s", "ś", "s", "ú", "u", "ù", "u", "û", "u", "ü", "u", "ź", "z", "ż", "z",
	"ё", "е", "أ", "ا", "إ", "ا", "آ", "ا", "ة", "ه", "ى", "ي")

// withoutAccents adds to the terms those that have accents without them.
func withoutAccents(terms []string) []string {
	for _, term := range terms[:len(terms):len(terms)] {
		if plain := plainLetters.Replace(term); plain != term {
			terms = append(terms, plain)
		}
	}
	return terms
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

// splitTerms returns the terms of a line without frames, which phrases reads.
func splitTerms(line string) []string {
	var terms []string
	for _, term := range strings.Split(line, ",") {
		if term = strings.TrimSpace(term); term != "" && !strings.Contains(term, frameGap) {
			terms = append(terms, expand(term)...)
		}
	}
	return terms
}

// expand returns the terms that a short form stands for: "idiot(|s|ic)" stands for idiot, idiots and idiotic.
// A term may have several such groups. White space is made single.
func expand(term string) []string {
	terms := combine(term)
	for i, t := range terms {
		if terms[i] = strings.TrimSpace(t); strings.Contains(t, "  ") {
			terms[i] = strings.Join(strings.Fields(t), " ")
		}
	}
	return terms
}

// combine is expand with all white space as it is.
func combine(term string) []string {
	before, rest, has := strings.Cut(term, "(")
	group, after, closed := strings.Cut(rest, ")")
	if !has || !closed || !strings.Contains(group, "|") {
		return []string{term}
	}
	var terms []string
	for part := range strings.SplitSeq(group, "|") {
		terms = append(terms, combine(before+part+after)...)
	}
	return terms
}

// inFamily reports whether the list is one of those with the same name in every language: insults-de is in the
// family insults.
func (s ShippedList) inFamily(family string) bool {
	return len(s.Languages) == 1 && s.Name == family+"-"+s.Languages[0]
}

// shipped returns the shipped lists that a list refers to: one name, or several. "insults-*" stands for the
// lists insults-de, insults-en and so on.
func (c *compiler) shipped(values map[string]node) []shippedFile {
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
	var lists []shippedFile
	named := func(name string) bool {
		return slices.ContainsFunc(lists, func(s shippedFile) bool { return s.Name == name })
	}
	for _, item := range items {
		name, ok := c.doc.words(item, "the name of a shipped list")
		i := slices.Index(names, name)
		family, all := strings.CutSuffix(name, "-*")
		switch {
		case !ok:
		case all && slices.ContainsFunc(known, func(s shippedFile) bool { return s.inFamily(family) }):
			for _, s := range known {
				if s.inFamily(family) && !named(s.Name) {
					lists = append(lists, s)
				}
			}
		case i < 0:
			c.doc.fault(item, fmt.Sprintf("there is no shipped list %q", name),
				didYouMean(name, names, "There are "+strings.Join(names, ", ")+"."))
		case named(name):
			c.doc.fault(item, fmt.Sprintf("the shipped list %q is named twice", name), "Remove one of the two.")
		default:
			lists = append(lists, known[i])
		}
	}
	return lists
}

// sameMode keeps the shipped lists that are of the list's mode, and refuses the others.
func (c *compiler) sameMode(at node, shipped []shippedFile, mode *listMode) []shippedFile {
	return slices.DeleteFunc(shipped, func(s shippedFile) bool {
		if s.Mode != mode.name {
			c.doc.fault(at,
				fmt.Sprintf("the shipped list %q is of mode %s, and this list of mode %s", s.Name, s.Mode, mode.name),
				"Make it a list of its own, and ask about both.")
		}
		return s.Mode != mode.name
	})
}

// addShipped adds the terms of shipped lists to a list.
func (c *compiler) addShipped(shipped []shippedFile, index int32, l *list) {
	for _, s := range shipped {
		languages, ok := c.languageSet(s.Languages)
		if !ok {
			c.doc.faultAt(l.at, tooManyLanguages, "Use the same languages for several lists.")
			return
		}
		terms, except := termRef{list: index, languages: languages}, termRef{list: index, except: true}
		var p problem
		switch l.mode.name {
		case modeLoose:
			p = c.share(&c.terms.shared, &s, terms, except)
		case modeWord:
			p = c.share(&c.terms.words, &s, terms, except)
		default:
			p = c.addExpanded(&s, terms, except, l.mode)
		}
		if p != (problem{}) {
			c.doc.faultAt(l.at, p.message, p.hint)
			return
		}
		l.except = l.except || len(s.except) > 0
	}
}

// maxSharing is how many lists of a ruleset may use the same shipped list: each of its matches counts for all of them.
const maxSharing = 20

// share adds a shipped list whose terms are compiled once for all rulesets. However many they are, they cost a ruleset
// nothing, so they count as one term. used is what the parts of all lists stand for.
func (c *compiler) share(used *[][]termRef, s *shippedFile, terms, except termRef) problem {
	if *used == nil {
		files, _ := readShipped() // shipped reports the error
		*used = make([][]termRef, partsOfList*len(files))
	}
	own := (*used)[s.part : s.part+partsOfList]
	if len(own[0]) == maxSharing {
		return problem{fmt.Sprintf("more than %d lists use the shipped list %q", maxSharing, s.Name),
			"Several rules can ask about the same list."}
	}
	c.terms.note(terms, 1)
	c.terms.note(except, min(len(s.except), 1))
	own[0], own[1] = append(own[0], terms), append(own[1], except)
	return problem{}
}

// addExpanded adds the terms of a shipped list of another mode. They need no checks: a test has made them.
func (c *compiler) addExpanded(s *shippedFile, ref, exceptRef termRef, mode *listMode) problem {
	terms, except := s.expand()
	if p := c.shippedRoom(s, len(terms)+len(except)); p != (problem{}) {
		return p
	}
	for _, raw := range terms {
		if compiled, p := mode.term(raw); p == (problem{}) {
			c.terms.add(ref, compiled)
		}
	}
	for _, raw := range except {
		if compiled, p := mode.term(raw); p == (problem{}) {
			c.terms.add(exceptRef, compiled)
		}
	}
	return problem{}
}

// shippedRoom rejects a shipped list with more terms than the others leave of the limit.
func (c *compiler) shippedRoom(s *shippedFile, count int) problem {
	if c.terms.count+count <= MaxTerms {
		return problem{}
	}
	return problem{fmt.Sprintf("with the shipped list %q, the lists have more than %d terms", s.Name, MaxTerms),
		"Several rules can ask about the same list."}
}

// partsOfList is how many parts a shipped list has: its terms, and behind them its exceptions.
const partsOfList = 2
