package wordlists

import (
	"cmp"
	_ "embed"
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

// Build returns the words of all sources with their languages. sourceDir holds the files of
// docs/dictionary.md; listDir holds the lists of offensive words, which are left out.
func Build(sourceDir, listDir string) (map[string]dictionary.Set, error) {
	bad, err := readOffensive(listDir)
	if err != nil {
		return nil, err
	}
	w, err := readWebs(sourceDir)
	if err != nil {
		return nil, err
	}
	shared, names := readShared(), map[string]bool{}
	byLanguage := map[string]map[string]bool{}
	for _, l := range sources {
		if byLanguage[l.code], err = l.words(sourceDir, w, names); err != nil {
			return nil, fmt.Errorf("language %s: %w", l.code, err)
		}
	}
	words := map[string]dictionary.Set{}
	for _, l := range sources {
		own := byLanguage[l.code]
		if l.trustWeb {
			w.addTo(own, l, shared[l.code], byLanguage["en"])
		}
		for word := range own {
			if !bad.hasRelated(word, l.code, shared[l.code]) {
				words[word] |= dictionary.SetOf(l.code)
			}
		}
	}
	if err := readNames(sourceDir, w, names); err != nil {
		return nil, err
	}
	for name := range names {
		if !bad.inAny(name) {
			words[name] = words[name].WithName()
		}
	}
	return words, nil
}

//go:embed shared.txt
var sharedText string

// readShared returns the words of shared.txt by language.
func readShared() map[string]map[string]bool {
	shared := map[string]map[string]bool{}
	for _, line := range strings.Split(sharedText, "\n") {
		code, words, ok := strings.Cut(line, ": ")
		if !ok || strings.HasPrefix(line, "#") {
			continue
		}
		if shared[code] == nil {
			shared[code] = map[string]bool{}
		}
		for _, word := range strings.Fields(words) {
			shared[code][strings.ToLower(word)] = true
		}
	}
	return shared
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

// webs are the Tesseract lists by language.
type webs map[string]webList

func readWebs(dir string) (webs, error) {
	w := webs{}
	for _, l := range sources {
		path, err := webPath(dir, l.web)
		if err != nil {
			return nil, err
		}
		list := webList{}
		err = readTesseract(path, func(raw string) {
			eachWord(raw, func(word string, s spelling) { list[word] |= s })
		})
		if err != nil {
			return nil, err
		}
		w[l.code] = list
	}
	return w, nil
}

// words returns the words of the lists of a language that were made by hand. It adds capitalised words to
// names.
func (l language) words(dir string, w webs, names map[string]bool) (map[string]bool, error) {
	own, web := map[string]bool{}, w[l.code]
	add := func(raw string, stem bool) {
		keepAll := l.keep == everyForm || l.keep == attestedForms && stem
		if !keepAll && !strings.ContainsAny(raw, "-' ") && web[strings.ToLower(raw)] == 0 {
			return // most forms end here, before the costly steps
		}
		eachWord(raw, func(word string, s spelling) {
			if keepAll || web[word] != 0 {
				own[word] = true
				if s == title && w.hasName(word) {
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
		if err := readHunspell(filepath.Join(dir, hunspellDir, name), add); err != nil {
			return nil, err
		}
	}
	return own, nil
}

// addTo adds the words of a Tesseract list that are not foreign there. A word that is always capitalised is a
// name or a foreign word, except in German.
func (w webs) addTo(own map[string]bool, l language, shared, english map[string]bool) {
	for word, s := range w[l.code] {
		common := s&lower != 0 || s&title != 0 && l.code == "de"
		if common && (shared[word] || !english[word] || !w.isForeign(word, l.code, english)) {
			own[word] = true
		}
	}
}

// foreignLists is the number of other languages whose Web pages have an English word from which on it counts
// as foreign in a language without a list made by hand.
const foreignLists = 3

// inflections are endings of a language that a foreign word does not take.
var inflections = map[string][]string{
	"de": {"e", "en", "er", "n", "es", "em", "ung", "lich", "isch"},
	"sv": {"en", "et", "ar", "er", "erna", "arna", "na", "ade", "ens", "ets", "n"},
}

// isForeign reports whether an English word on the Web pages of another language is foreign there: still
// other languages have it too, and this one has no inflected form of it.
func (w webs) isForeign(word, code string, english map[string]bool) bool {
	others := 0
	for other, web := range w {
		if other != code && other != "en" && web[word] != 0 {
			others++
		}
	}
	return others >= foreignLists && !slices.ContainsFunc(inflected(word, code), func(form string) bool {
		return w[code][form] != 0 && !english[form]
	})
}

// inflected returns forms that a word could have in a language.
func inflected(word, code string) []string {
	var forms []string
	for _, ending := range inflections[code] {
		forms = append(forms, word+ending)
	}
	if stem := strings.TrimRight(word, "aeio"); code == "it" && len(stem) == len(word)-1 {
		for _, vowel := range "aeio" {
			if form := stem + string(vowel); form != word {
				forms = append(forms, form)
			}
		}
	}
	return forms
}

// readNames adds the names of people, and those of places that some Tesseract list has.
func readNames(dir string, w webs, names map[string]bool) error {
	add := func(raw string, attested bool) {
		eachWord(raw, func(word string, s spelling) {
			if s != lower && (!attested || w.hasName(word)) {
				names[word] = true
			}
		})
	}
	if err := eachLine(filepath.Join(dir, peopleFile), func(raw string) { add(raw, false) }); err != nil {
		return err
	}
	places, err := filepath.Glob(filepath.Join(dir, placesGlob))
	if err != nil {
		return fmt.Errorf("find names of places: %w", err)
	}
	for _, path := range places {
		code := filepath.Base(filepath.Dir(filepath.Dir(path)))
		if slices.ContainsFunc(sources, func(l language) bool { return l.code == code }) {
			if err := readCatalogue(path, func(raw string) { add(raw, true) }); err != nil {
				return err
			}
		}
	}
	return nil
}

// hasName reports whether a word is capitalised in a Tesseract list. Arabic has no capitals.
func (w webs) hasName(word string) bool {
	for code, web := range w {
		if web[word]&(title|upper) != 0 || code == "ar" && web[word] != 0 {
			return true
		}
	}
	return false
}

// The shortest and the longest word, in letters. Shorter ones are too many, longer ones too rare.
const (
	shortest = 3
	longest  = 20
)

// eachWord calls word for the words of a raw entry, in the form that look-ups use. An entry with digits has
// none.
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
	case unicode.IsLower(first):
		return lower
	case !unicode.IsUpper(first): // a script without capitals
		return lower | title
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
