package rules

import (
	_ "embed"
	"strings"
	"sync"

	"rejoinder/moderation/text"
)

//go:embed domains/disposable.txt
var disposableFile string

// disposable are the domains whose addresses are thrown away after use.
var disposable = readDomains(disposableFile)

// shorteners are the domains of the shipped list of that name. A list that is not there has none; a test sees
// to it.
var shorteners = sync.OnceValue(func() domainSet {
	set := domainSet{names: map[string]bool{}}
	lists, err := readShipped()
	if err != nil {
		return set
	}
	for _, l := range lists {
		if l.Name == "link-shorteners" {
			terms, _ := l.expand()
			for _, name := range terms {
				set.names[name] = true
			}
		}
	}
	return set
})

// domainSet is a set of domains with all that is below them.
type domainSet struct {
	names map[string]bool
	parts []string // a domain is in the set whose own name contains one of them
}

// readDomains reads a list: names between spaces; a line that begins with # says what is in the list, and one
// that begins with ~ holds parts of names.
func readDomains(file string) domainSet {
	set := domainSet{names: map[string]bool{}}
	for line := range strings.Lines(file) {
		words := strings.Fields(line)
		switch {
		case len(words) == 0 || words[0] == "#":
		case words[0] == "~":
			set.parts = append(set.parts, words[1:]...)
		default:
			for _, name := range words {
				set.names[name] = true
			}
		}
	}
	return set
}

// has reports whether a host, in lower-case ASCII, is in the set or below one that is.
func (s domainSet) has(host string) bool {
	for rest := host; rest != ""; {
		if s.names[rest] {
			return true
		}
		_, rest, _ = strings.Cut(rest, ".")
	}
	if len(s.parts) == 0 {
		return false
	}
	own, _, _ := strings.Cut(text.Registrable(host), ".")
	for _, part := range s.parts {
		if strings.Contains(own, part) {
			return true
		}
	}
	return false
}
