package wordlists

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"rejoinder/moderation/text"
)

// offensive are the single words of the shipped lists by language: a swear word is left out of its own
// language only.
type offensive map[string]map[string]bool

// offensiveLists are the beginnings of the names of the lists that count. The others hold ordinary words too.
var offensiveLists = []string{"profanity-", "insults-", "slurs-", "sexual-", "threats-"}

// readOffensive reads the lists in a directory. The language of a list is in its name, as in slurs-en.txt.
func readOffensive(dir string) (offensive, error) {
	paths, err := filepath.Glob(filepath.Join(dir, "*.txt"))
	if err != nil || len(paths) == 0 {
		return nil, fmt.Errorf("find lists of offensive words in %s: %d files, %w", dir, len(paths), err)
	}
	found := offensive{}
	for _, path := range paths {
		name := strings.TrimSuffix(filepath.Base(path), ".txt")
		for _, prefix := range offensiveLists {
			if rest, ok := strings.CutPrefix(name, prefix); ok {
				code, _, _ := strings.Cut(rest, "-")
				if err := found.readList(path, code); err != nil {
					return nil, err
				}
			}
		}
	}
	return found, nil
}

// readList adds the terms of one list that are single words. Exceptions (except:) are ordinary words.
func (o offensive) readList(path, code string) error {
	data, err := os.ReadFile(path)
	if err != nil {
		return fmt.Errorf("read list of offensive words: %w", err)
	}
	if o[code] == nil {
		o[code] = map[string]bool{}
	}
	for _, line := range strings.Split(string(data), "\n") {
		key, terms, keyed := strings.Cut(line, ":")
		if strings.HasPrefix(line, "#") || keyed && key != "whole" {
			continue
		}
		if !keyed {
			terms = line
		}
		for _, term := range strings.Split(terms, ",") {
			words := text.Words(strings.Trim(strings.TrimSpace(term), "*"))
			if len(words) == 1 && len(words[0].Folded) > 2 {
				o[code][words[0].Folded] = true
			}
		}
	}
	return nil
}

// endings are what a plain derived form adds to a term.
var endings = map[string][]string{
	"de": {"e", "n", "s", "en", "er", "es", "em", "ern", "in", "innen"},
	"en": {"s", "es", "ed", "ing", "ty"}, // not "er": dang and danger, butt and butter
	"es": {"s", "es"}, "fr": {"s", "e", "es"}, "pt": {"s", "es"},
	"nl": {"s", "en", "e", "je", "jes"}, "sv": {"s", "en", "ar", "arna", "or", "orna", "n", "t", "et"},
	"tr": {"ler", "lar", "i", "ı"},
}

// shortestStem is the length in bytes from which a term has derived forms in a language with inflected
// endings: a shorter one begins too many other words.
const shortestStem = 4

// related are the languages whose offensive words a language has borrowed or shares, besides its own.
var related = map[string][]string{"uk": {"en", "ru"}, "ru": {"en", "uk"}}

// hasRelated reports whether a word is offensive in its own language or, unless it is in shared, in a related
// one. English swear words are known everywhere.
func (o offensive) hasRelated(word, code string, shared map[string]bool) bool {
	others := related[code]
	if others == nil {
		others = []string{"en"}
	}
	return o.has(word, code) ||
		!shared[word] && slices.ContainsFunc(others, func(other string) bool {
			return o[other][word] || o[other][strings.TrimSuffix(word, "s")]
		})
}

// has reports whether a word of a language is offensive: a term, or a term with an ending.
func (o offensive) has(word, code string) bool {
	terms := o[code]
	if terms[word] {
		return true
	}
	for _, ending := range endings[code] {
		stem, ok := strings.CutSuffix(word, ending)
		if !ok || len(stem) < shortestStem && ending != "s" {
			continue
		}
		if terms[stem] {
			return true
		}
		if n := len(stem); n > shortestStem && stem[n-1] == stem[n-2] && terms[stem[:n-1]] { // slut, slutty
			return true
		}
	}
	return false
}

// inAny reports whether a word is offensive in any language.
func (o offensive) inAny(word string) bool {
	for code := range o {
		if o.has(word, code) {
			return true
		}
	}
	return false
}
