package wordlists

import (
	"cmp"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"rejoinder/moderation/text"
	"rejoinder/moderation/text/dictionary"
)

// Build returns the words of all sources with their languages. sourceDir holds the files of docs/dictionary.md;
// listDir holds the lists of offensive words, which are left out.
func Build(sourceDir, listDir string) (map[string]dictionary.Set, error) {
	bad, err := readOffensive(listDir)
	if err != nil {
		return nil, err
	}
	webs, err := readWebs(sourceDir)
	if err != nil {
		return nil, err
	}
	words := map[string]dictionary.Set{}
	names := map[string]bool{}
	for _, l := range sources {
		own, err := l.words(sourceDir, webs, names)
		if err != nil {
			return nil, fmt.Errorf("language %s: %w", l.code, err)
		}
		for word := range own {
			if !bad.has(word, l.code) {
				words[word] |= dictionary.SetOf(l.code)
			}
		}
	}
	if err := readNames(sourceDir, names); err != nil {
		return nil, err
	}
	for name := range names {
		if !bad.inAny(name) {
			words[name] = words[name].WithName()
		}
	}
	return words, nil
}

// spelling says how a word was written.
type spelling uint8

const (
	lower spelling = 1 << iota
	title
	upper
)

// webList are the words of a Tesseract list with their spellings.
type webList map[string]spelling

func readWebs(dir string) (map[string]webList, error) {
	webs := map[string]webList{}
	for _, l := range sources {
		path, err := webPath(dir, l.web)
		if err != nil {
			return nil, err
		}
		web := webList{}
		err = readTesseract(path, func(raw string) {
			eachWord(raw, func(word string, s spelling) { web[word] |= s })
		})
		if err != nil {
			return nil, err
		}
		webs[l.code] = web
	}
	return webs, nil
}

// words returns the words of a language. It adds capitalised words of the lists made by hand to names.
func (l language) words(dir string, webs map[string]webList, names map[string]bool) (map[string]bool, error) {
	own := map[string]bool{}
	web := webs[l.code]
	add := func(raw string, stem bool) {
		eachWord(raw, func(word string, s spelling) {
			if l.keep == everyForm || stem || web[word] != 0 {
				own[word] = true
				if s == title {
					names[word] = true
				}
			}
		})
	}
	for _, name := range l.plain {
		if err := eachLine(filepath.Join(dir, plainDir, name), func(raw string) { add(raw, false) }); err != nil {
			return nil, err
		}
	}
	for _, name := range l.hunspell {
		err := readHunspell(filepath.Join(dir, hunspellDir, name), add)
		if err != nil {
			return nil, err
		}
	}
	if l.trustWeb {
		for word, s := range web {
			if s&(lower|title) != 0 && !isForeign(word, l.code, webs) {
				own[word] = true
			}
		}
	}
	return own, nil
}

// foreignLists is the number of other languages whose Web pages have an English word from which on it counts as
// foreign in a language without a list made by hand.
const foreignLists = 3

// isForeign reports whether a word on the Web pages of a language is English.
func isForeign(word, code string, webs map[string]webList) bool {
	if webs["en"][word]&lower == 0 {
		return false
	}
	others := 0
	for other, web := range webs {
		if other != code && other != "en" && web[word] != 0 {
			others++
		}
	}
	return others >= foreignLists
}

func readNames(dir string, names map[string]bool) error {
	add := func(raw string) {
		eachWord(raw, func(word string, s spelling) {
			if s == title {
				names[word] = true
			}
		})
	}
	if err := eachLine(filepath.Join(dir, peopleFile), add); err != nil {
		return err
	}
	places, err := filepath.Glob(filepath.Join(dir, placesGlob))
	if err != nil {
		return fmt.Errorf("find names of places: %w", err)
	}
	for _, path := range places {
		code := filepath.Base(filepath.Dir(filepath.Dir(path)))
		if slices.ContainsFunc(sources, func(l language) bool { return l.code == code }) {
			if err := readCatalogue(path, add); err != nil {
				return err
			}
		}
	}
	return nil
}

// The shortest and the longest word, in letters. Shorter ones are too many, longer ones too rare.
const (
	shortest = 3
	longest  = 20
)

// eachWord calls word for the words of a raw entry, in the form that look-ups use. An entry with digits has none.
func eachWord(raw string, word func(string, spelling)) {
	if strings.ContainsAny(raw, "0123456789@/._&") {
		return
	}
	for _, w := range text.Words(raw) {
		letters := utf8.RuneCountInString(w.Folded)
		if letters >= shortest && letters <= longest && oneScript(w.Folded) {
			word(w.Folded, spellingOf(raw[w.Start:w.End]))
		}
	}
}

func spellingOf(word string) spelling {
	first, size := utf8.DecodeRuneInString(word)
	switch {
	case !unicode.IsUpper(first):
		return lower
	case strings.ToUpper(word) == word && len(word) > size:
		return upper
	}
	return title
}

// oneScript reports whether a word consists of letters of one of the scripts of the dictionary.
func oneScript(word string) bool {
	return slices.ContainsFunc([]*unicode.RangeTable{unicode.Latin, unicode.Cyrillic, unicode.Arabic},
		func(script *unicode.RangeTable) bool {
			return !strings.ContainsFunc(word, func(r rune) bool {
				return r >= 0x700 || !unicode.Is(script, r) && r != dotAbove || !unicode.IsLetter(r) && r != dotAbove
			})
		})
}

// dotAbove follows the i of a Turkish word that began with a capital İ.
const dotAbove = '\u0307'

// Count returns how many words each language has, and how many names there are, in lines sorted by language.
func Count(words map[string]dictionary.Set) []string {
	counts := map[string]int{}
	for _, set := range words {
		for _, code := range set.Codes() {
			counts[code]++
		}
	}
	var lines []string
	for _, code := range slices.SortedFunc(maps.Keys(counts), cmp.Compare[string]) {
		lines = append(lines, fmt.Sprintf("%s %d", code, counts[code]))
	}
	return lines
}
