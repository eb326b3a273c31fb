package text

import (
	"slices"
	"strings"

	"rejoinder/moderation/text/dictionary"
)

// The bounds of misspellings. Shorter words are too close to others.
const (
	leastMisspelt = 5  // letters of the listed word, and of the misspelt one
	leastStrong   = 3  // the same for words that no other word contains: see unmistakable-en.txt
	mostMisspelt  = 24 // letters of a misspelt word
	leastSounds   = 4  // letters of the listed word as it sounds
)

// Misspellings finds listed words with one slip of the pen or the keyboard: two letters swapped, one left out,
// one doubled, one taken from beside the right key, one vowel for another, or a letter that sounds the same.
// Only words that no dictionary knows are taken for misspelt. The index is that of symmetric deletion
// (Garbe, SymSpell, 2012). It is immutable once all words are added.
type Misspellings struct {
	words   []misspelt
	deletes map[string][]int32 // words by their letters, with up to one left out
}

// misspelt is a listed word, as it sounds or as it is written, with each letter once in a row.
type misspelt struct {
	letters string
	ref     int32
	strong  bool
}

// Add adds a listed word, which Find returns as ref. Words that are too short, phrases and words of other
// letters than a to z are left out.
func (m *Misspellings) Add(word string, ref int32) {
	strong := unmistakable[word] || unmistakable[word+"*"]
	if len(word) < leastMisspelt && !strong || strings.Trim(word, asciiLowercase) != "" {
		return
	}
	sounds := soundOf(word)
	if len(sounds) < leastSounds && !strong {
		return
	}
	if m.deletes == nil {
		m.deletes = map[string][]int32{}
	}
	m.add(misspelt{sounds, ref, strong})
	if written := single(word); written != sounds { // keys lie side by side whatever they sound like
		m.add(misspelt{written, ref, strong})
	}
}

func (m *Misspellings) add(word misspelt) {
	at := int32(len(m.words))
	m.words = append(m.words, word)
	for key := range withoutOne(word.letters) {
		m.deletes[key] = append(m.deletes[key], at)
	}
}

const asciiLowercase = "abcdefghijklmnopqrstuvwxyz"

// Find returns each listed word, by its ref, that the folded word may be a misspelling of.
func (m *Misspellings) Find(folded string) []int32 {
	if len(m.words) == 0 || len(folded) < leastStrong || len(folded) > mostMisspelt {
		return nil
	}
	folded = withoutDigits(folded)
	if strings.Trim(folded, asciiLowercase) != "" || knownWord(folded) {
		return nil
	}
	found := m.find(nil, folded)
	for _, ending := range misspeltEndings {
		if stem, ok := strings.CutSuffix(folded, ending); ok && len(stem) >= leastStrong {
			found = m.find(found, stem)
		}
	}
	return found
}

// misspeltEndings are the endings that listed words are found with although they are misspelt.
var misspeltEndings = []string{"s", "es", "ed", "er", "ers", "ing", "in", "z", "a", "as"}

func (m *Misspellings) find(found []int32, word string) []int32 {
	sounds, written := soundOf(word), single(word)
	found = m.lookUp(found, sounds, len(word) >= leastMisspelt)
	if written != sounds {
		found = m.lookUp(found, written, len(word) >= leastMisspelt)
	}
	return found
}

func (m *Misspellings) lookUp(found []int32, letters string, long bool) []int32 {
	for key := range withoutOne(letters) {
		for _, at := range m.deletes[key] {
			w := &m.words[at]
			substituted := w.strong || len(w.letters) > leastMisspelt
			if (w.strong || long) && slip(w.letters, letters, substituted) && !slices.Contains(found, w.ref) {
				found = append(found, w.ref)
			}
		}
	}
	return found
}

// withoutDigits returns a word with its digits read as letters; the word itself if it has none or nothing else.
func withoutDigits(word string) string {
	if !strings.ContainsAny(word, "0123456789") || strings.Trim(word, "0123456789") == "" {
		return word
	}
	return digitLetters.Replace(word)
}

var digitLetters = strings.NewReplacer("0", "o", "1", "i", "2", "z", "3", "e", "4", "a", "5", "s", "6", "g", "7", "t",
	"8", "b", "9", "g")

// knownWord reports whether a dictionary knows a word, or the word that it is a form of.
func knownWord(folded string) bool {
	if dictionary.Known(folded) {
		return true
	}
	for _, ending := range [...]string{"s", "es", "ed", "d", "ing", "er", "ly"} {
		if stem, ok := strings.CutSuffix(folded, ending); ok && len(stem) > leastSkeleton && dictionary.Known(stem) {
			return true
		}
	}
	return false
}

// WordLanguages returns the languages in which a word, as it is written, is an ordinary one, as far as the
// dictionary knows.
func WordLanguages(word string) []string { return dictionary.Languages(Normalise(word).Text).Codes() }

// soundOf spells a word as it sounds: letters that sound alike are one, and doubled letters are single.
func soundOf(word string) string { return single(sameSounds.Replace(word)) }

// single returns a word with each letter once in a row.
func single(word string) string {
	var b [2 * mostMisspelt]byte
	letters := b[:0]
	for i := range len(word) {
		if i > 0 && word[i] == word[i-1] || len(letters) == len(b) {
			continue
		}
		letters = append(letters, word[i])
	}
	return string(letters)
}

var sameSounds = strings.NewReplacer("ph", "f", "ck", "k", "qu", "kw", "q", "k", "c", "k", "z", "s", "x", "ks",
	"oo", "u", "ee", "i", "y", "i", "j", "g")

// withoutOne yields s and every string that is s without one letter.
func withoutOne(s string) func(yield func(string) bool) {
	return func(yield func(string) bool) {
		if !yield(s) {
			return
		}
		for i := range len(s) {
			if !yield(s[:i] + s[i+1:]) {
				return
			}
		}
	}
}

// slip reports whether written is meant with at most one slip. The first letter is always right. Another letter in
// the place of one counts only if substituted is set: short words are too close to others.
func slip(meant, written string, substituted bool) bool {
	if meant == written {
		return true
	}
	if meant[0] != written[0] {
		return false
	}
	at := 0
	for at < min(len(meant), len(written)) && meant[at] == written[at] {
		at++
	}
	switch rest, other := meant[at:], written[at:]; len(meant) - len(written) {
	case 1: // left out, but not at the end
		return rest[1:] == other && other != ""
	case -1: // doubled with a neighbour, or one key too many
		return other[1:] == rest && (beside(written[at-1], other[0]) || rest != "" && beside(rest[0], other[0]))
	case 0:
		if rest[1:] == other[1:] {
			return substituted && (beside(rest[0], other[0]) || isVowel(rest[0]) && isVowel(other[0]))
		}
		return len(rest) > 1 && rest[0] == other[1] && rest[1] == other[0] && rest[2:] == other[2:]
	}
	return false
}

// beside reports whether two keys are neighbours on a keyboard.
func beside(a, b byte) bool {
	rowA, columnA := keyAt(a)
	rowB, columnB := keyAt(b)
	if rowA < 0 || rowB < 0 {
		return false
	}
	distance := columnA - columnB
	switch rowA - rowB {
	case 0:
		return distance == 1 || distance == -1
	case 1: // a is below b, half a key to the right
		return distance == 0 || distance == -1
	case -1:
		return distance == 0 || distance == 1
	}
	return false
}

func keyAt(letter byte) (row, column int) {
	for row, keys := range [...]string{"qwertyuiop", "asdfghjkl", "zxcvbnm"} {
		if column = strings.IndexByte(keys, letter); column >= 0 {
			return row, column
		}
	}
	return -1, -1
}
