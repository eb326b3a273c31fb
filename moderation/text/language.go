package text

import (
	"math/bits"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// guessLanguage guesses the language of a text from its normalised words: a BCP 47 primary tag, or "" when it
// can't tell.
//
// If a script is used by one language, or almost only by one, the script decides: ja, ko, zh, th, el, he, hy,
// ka. Devanagari counts as hi, and Arabic script without Persian or Urdu letters as ar, although other
// languages use them too. In Latin and Cyrillic script, the stopwords of each language are counted: three are
// needed that make one language the clear best, or two if only one language has both. Slang, names and most
// one-liners stay unknown, and closely related languages (Danish and Norwegian, Czech and Slovak, Serbian and
// Croatian) are easily confused.
func guessLanguage(shown string, words []Word) string {
	letters := countScripts(words)
	total := 0
	for _, n := range letters {
		total += n
	}
	most, at := 0, -1
	for i, n := range letters {
		if n > most {
			most, at = n, i
		}
	}
	switch {
	case total < 4 || at < 0:
		return ""
	case tellingScripts[at].tag == "ja" || at == hanAt && letters[kanaAt] > 0:
		return "ja" // Chinese has no kana, Japanese is full of Chinese characters
	case most*10 < total*6:
		return ""
	case tellingScripts[at].tag == "ar":
		return arabicOrNot(words)
	case tellingScripts[at].tag != "":
		return tellingScripts[at].tag
	}
	return byStopwords(shown, words)
}

// Languages returns the tags of the languages that can be told, sorted.
func Languages() []string {
	all := []string{"fa", "ur"}
	for _, s := range tellingScripts {
		all = append(all, s.tag)
	}
	for _, s := range stopwords {
		all = append(all, s.tag)
	}
	slices.Sort(all)
	return slices.DeleteFunc(slices.Compact(all), func(tag string) bool { return tag == "" })
}

// tellingScripts says which scripts tell a language; the tag is empty where several share one.
var tellingScripts = []struct {
	table *unicode.RangeTable
	tag   string
}{
	{unicode.Latin, ""}, {unicode.Cyrillic, ""}, {unicode.Hiragana, "ja"}, {unicode.Katakana, "ja"}, {unicode.Han, "zh"},
	{unicode.Hangul, "ko"}, {unicode.Arabic, "ar"}, {unicode.Hebrew, "he"}, {unicode.Greek, "el"}, {unicode.Thai, "th"},
	{unicode.Devanagari, "hi"}, {unicode.Armenian, "hy"}, {unicode.Georgian, "ka"},
}

const (
	latinAt = 0
	kanaAt  = 2
	hanAt   = 4
	// languageWords is how many words are looked at: the language shows early.
	languageWords = 300
)

func countScripts(words []Word) []int {
	counts := make([]int, len(tellingScripts))
	for _, w := range words[:min(len(words), languageWords)] {
		for _, r := range w.Folded {
			if r < utf8.RuneSelf {
				if isASCIILetter(r) {
					counts[latinAt]++
				}
				continue
			}
			for i, s := range tellingScripts {
				if unicode.Is(s.table, r) {
					counts[i]++
					break
				}
			}
		}
	}
	return counts
}

// arabicOrNot tells Arabic from Persian and Urdu by letters that only those have.
func arabicOrNot(words []Word) string {
	persian, urdu := 0, 0
	for _, w := range words[:min(len(words), languageWords)] {
		for _, r := range w.Folded {
			switch {
			case strings.ContainsRune("ٹڈڑںےھہ", r):
				urdu++
			case strings.ContainsRune("پچژگکی", r):
				persian++
			}
		}
	}
	switch {
	case urdu > 1:
		return "ur"
	case persian > 1:
		return "fa"
	}
	return "ar"
}

// byStopwords scores every language by its stopwords; a stopword of several languages counts less for each.
// Single letters in a row are a spelled-out word and do not count. A repeated stopword may be a piece of
// another word.
func byStopwords(shown string, words []Word) string {
	scores := make([]float64, len(stopwords))
	words = words[:min(len(words), languageWords)]
	hits, common := 0, ^languageSet(0)
	first, several := "", false // stopwords
	for at, w := range words {
		if inSpelledWord(words, at) || censoredPiece(shown, w) {
			continue
		}
		of := stopwordIn(shown, w)
		for _, i := range of {
			scores[i] += 1 / float64(len(of))
		}
		candidates := languageSet(0)
		for _, r := range w.Folded {
			if r < utf8.RuneSelf {
				continue // all languages use it
			}
			if i, telling := tellingLetters[r]; telling {
				scores[i] += 0.4
				candidates |= 1 << i
			}
		}
		if len(of) > 0 {
			hits++
			several = several || first != "" && w.Folded != first
			first = w.Folded
			candidates |= setOfLanguages(of)
		}
		if candidates != 0 {
			common &= candidates
		}
	}
	best, second := bestScores(scores)
	switch {
	case !several:
		return ""
	case hits == 2 && common != 0 && common&(common-1) == 0:
		return stopwords[bits.TrailingZeros64(uint64(common))].tag
	case hits < 3 || scores[best] < 1.2 || scores[best] < 1.25*second:
		return ""
	}
	return stopwords[best].tag
}

// stopwordIn returns the languages that a word is a stopword of, by their place in stopwords. A single letter
// that stands for a word only before or behind an apostrophe, as in "l'eau" and "don't", must have one.
func stopwordIn(shown string, w Word) []int {
	if len(w.Folded) == 1 && strings.IndexByte("cdjlmnst", w.Folded[0]) >= 0 {
		before, _ := utf8.DecodeLastRuneInString(shown[:w.Start])
		after, _ := utf8.DecodeRuneInString(shown[w.End:])
		if !apostrophe(before) && !apostrophe(after) {
			return nil
		}
	}
	return languagesOf[w.Folded]
}

func apostrophe(r rune) bool { return r == '\'' || r == '’' || r == 'ʼ' }

// bestScores returns the index of the best score, and the second-best score.
func bestScores(scores []float64) (best int, second float64) {
	for i, score := range scores {
		switch {
		case i == 0:
		case score > scores[best]:
			second, best = scores[best], i
		case score > second:
			second = score
		}
	}
	return best, second
}

// languageSet is a set of languages, one bit for each of stopwords.
type languageSet uint64

func setOfLanguages(indices []int) languageSet {
	set := languageSet(0)
	for _, i := range indices {
		set |= 1 << i
	}
	return set
}

// inSpelledWord reports whether a word is one letter beside another one.
func inSpelledWord(words []Word, at int) bool {
	return letterAlone(words, at) && (letterAlone(words, at-1) || letterAlone(words, at+1))
}

// censoredPiece reports whether a word is a piece of one with a star in it: the "ta" of "p*ta" is no Swedish word.
func censoredPiece(shown string, w Word) bool {
	censors := func(at, step int) bool {
		const few = mostMisspelt
		for i := range few {
			next := at + i*step
			if next < 0 || next >= len(shown) {
				return false
			}
			if strings.IndexByte("*#", shown[next]) < 0 {
				return i > 0 && wordByte(shown[next])
			}
		}
		return false
	}
	return censors(w.Start-1, -1) || censors(w.End, 1)
}

func wordByte(c byte) bool { return isAlphanumeric(c) || c >= utf8.RuneSelf }

func letterAlone(words []Word, at int) bool {
	if at < 0 || at >= len(words) {
		return false
	}
	_, size := utf8.DecodeRuneInString(words[at].Folded)
	return size == len(words[at].Folded)
}

// languagesOf says which languages a stopword belongs to, by their place in stopwords.
var languagesOf = func() map[string][]int {
	of := map[string][]int{}
	for i, language := range stopwords {
		for _, word := range language.words {
			of[word] = append(of[word], i)
		}
	}
	return of
}()

// tellingLetters are letters that, among the languages here, only one uses much.
var tellingLetters = func() map[rune]int {
	of := map[rune]int{}
	for i, language := range stopwords {
		for _, r := range language.letters {
			of[r] = i
		}
	}
	return of
}()
