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
	Name   string
	About  string // what is in it
	Mode   string
	Terms  []string
	Except []string
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
// exceptions; "mode:" before the mode; "#" before what is in the list and, below the mode, before what a
// group is.
func parseShipped(name, source string) ShippedList {
	s := ShippedList{Name: name}
	for line := range strings.Lines(source) {
		line = strings.TrimSpace(line)
		if about, is := strings.CutPrefix(line, "#"); is {
			if s.Mode == "" {
				s.About = strings.TrimSpace(s.About + " " + strings.TrimSpace(about))
			}
		} else if mode, is := strings.CutPrefix(line, "mode:"); is {
			s.Mode = strings.TrimSpace(mode)
		} else if words, is := strings.CutPrefix(line, "except:"); is {
			s.Except = append(s.Except, splitTerms(words)...)
		} else if words, is := strings.CutPrefix(line, "whole:"); is {
			for _, term := range splitTerms(words) {
				s.Terms = append(s.Terms, term+".")
			}
		} else {
			s.Terms = append(s.Terms, splitTerms(line)...)
		}
	}
	return s
}

func splitTerms(line string) []string {
	var terms []string
	for _, term := range strings.Split(line, ",") {
		if term = strings.TrimSpace(term); term != "" {
			terms = append(terms, term)
		}
	}
	return terms
}

// shipped returns the shipped lists that a list refers to: one name, or several.
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
		switch {
		case !ok:
		case i < 0:
			c.doc.fault(item, fmt.Sprintf("there is no shipped list %q", name),
				didYouMean(name, names, "There are "+strings.Join(names, ", ")+"."))
		case slices.ContainsFunc(lists, func(s ShippedList) bool { return s.Name == name }):
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
		compiled, p := l.mode.term(raw)
		if p == (problem{}) {
			if p = c.addTerm(ref, compiled, l.mode); p != (problem{}) {
				c.doc.faultAt(l.at, p.message, p.hint)
				return false
			}
		}
		return true
	}
	for _, s := range shipped {
		if len(c.listTerms)+len(s.Terms)+len(s.Except) > MaxTerms {
			c.doc.faultAt(l.at, fmt.Sprintf("with the shipped list %q, the lists have more than %d terms", s.Name, MaxTerms),
				"Several rules can ask about the same list.")
			return
		}
		for _, term := range s.Terms {
			if !add(term, termRef{list: index}) {
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

//go:embed default.yaml
var defaultSource []byte

// Default returns the source of the ruleset that sites start with.
func Default() []byte { return slices.Clone(defaultSource) }
