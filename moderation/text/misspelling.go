package text

import (
	"math/bits"
	"slices"
	"strings"
	"unicode"

	"rejoinder/moderation/text/dictionary"
)

// The bounds of misspellings. Shorter words are too close to others.
const (
	leastMisspelt = 5  // letters of the listed word, and of the misspelt one
	leastStrong   = 3  // the same for words that no other word contains: see unmistakable-en.txt
	mostMisspelt  = 24 // letters of a misspelt word
	leastSounds   = 4  // letters of the listed word as it sounds
)

// Misspellings finds listed words that contain one typing or spelling error: two letters swapped, a letter
// omitted or doubled, a neighbor on the keyboard, another vowel, or a letter that sounds the same. Only words
// that are not in the dictionary are considered. The index uses symmetric deletion (Garbe, SymSpell, 2012).
// It is immutable after Finish.
type Misspellings struct {
	words   []misspelt
	letters string   // of all words
	deletes []uint32 // words by the hash of their letters, with up to one left out
	buckets []uint32 // where in deletes the words of each bucket begin; one more at the end
	starred []starredWord

	adding misspellingAdder // until Finish
}

// misspelt is a listed word, as it sounds or as it is written, with each letter once in a row. With accents, it
// is a word of some other language than English: it is as it is written, but for the accents.
type misspelt struct {
	at       uint32 // where it begins in letters
	ref      int32
	length   uint8
	strong   bool
	accented bool // it is listed with accents
}

// misspellingAdder is what the index needs while words are added.
type misspellingAdder struct {
	letters []byte
	deletes []deleted
}

type deleted struct{ hash, word uint32 }

// Add adds a listed word, which Find returns as ref. Words that are too short, phrases and words of other
// letters than a to z, with or without accents, are left out.
func (m *Misspellings) Add(word string, ref int32) {
	if starredWords[word] {
		m.starred = append(m.starred, starredWord{word, ref})
	}
	plain, accented := latinLetters(word)
	strong := unmistakable[word] || unmistakable[word+"*"]
	if len(plain) < leastMisspelt && !strong || plain == "" {
		return
	}
	listed := misspelt{ref: ref, strong: strong, accented: accented}
	if accented {
		m.add(listed, plain)
		return
	}
	sounds, written := soundOf(plain), single(plain)
	if len(sounds) < leastSounds && !strong {
		return
	}
	m.add(listed, sounds)
	if written != sounds { // keys lie side by side whatever they sound like
		m.add(listed, written)
	}
}

func (m *Misspellings) add(word misspelt, letters string) {
	a := &m.adding
	word.at, word.length = uint32(len(a.letters)), uint8(len(letters))
	a.letters = append(a.letters, letters...)
	for hash := range hashesWithoutOne(letters) {
		a.deletes = append(a.deletes, deleted{hash, uint32(len(m.words))})
	}
	m.words = append(m.words, word)
}

// Finish ends the adding.
func (m *Misspellings) Finish() {
	deletes := m.adding.deletes
	m.words, m.letters, m.adding = compact(m.words), string(m.adding.letters), misspellingAdder{}
	if len(deletes) == 0 {
		return
	}
	m.buckets = make([]uint32, 1+1<<bits.Len(uint(len(deletes)/4)))
	for _, d := range deletes {
		m.buckets[1+m.bucket(d.hash)]++
	}
	for i := 1; i < len(m.buckets); i++ {
		m.buckets[i] += m.buckets[i-1]
	}
	m.deletes = make([]uint32, len(deletes))
	next := slices.Clone(m.buckets)
	for _, d := range deletes {
		at := &next[m.bucket(d.hash)]
		m.deletes[*at] = d.word
		*at++
	}
}

func (m *Misspellings) bucket(hash uint32) int { return int(hash) & (len(m.buckets) - 2) }

// latinLetters returns a word in the letters a to z, and whether it has accents; empty if it has other
// letters.
func latinLetters(word string) (plain string, accented bool) {
	if allBetween(word, 'a', 'z') {
		return word, false
	}
	if strings.ContainsFunc(word, notLatin) {
		return "", false
	}
	letters := make([]byte, 0, len(word))
	for _, r := range normalText(word) {
		letter := dictionary.Plain(r)
		if letter == 0 {
			return "", false
		}
		accented = accented || r != rune(letter)
		letters = append(letters, letter)
	}
	return string(letters), accented
}

// allBetween reports whether every byte of s is between low and high.
func allBetween(s string, low, high byte) bool {
	for i := range len(s) {
		if s[i] < low || s[i] > high {
			return false
		}
	}
	return true
}

func notLatin(r rune) bool {
	return r == ' ' || r > unicode.MaxLatin1 && !unicode.In(r, unicode.Latin, unicode.Mn)
}

// Find returns each listed word, by its ref, that the folded word may be a misspelling of. A word with accents
// may be one of a word with accents only.
func (m *Misspellings) Find(folded string) []int32 {
	if len(m.words) == 0 || len(folded) < leastStrong || len(folded) > mostMisspelt {
		return nil
	}
	folded = withoutDigits(folded)
	plain, accented := latinLetters(folded)
	if plain == "" || knownWord(folded) {
		return nil
	}
	s := slipSearch{Misspellings: m, written: plain, accented: accented}
	s.find(plain, len(plain) >= leastMisspelt)
	for _, ending := range misspeltEndings {
		if stem, ok := strings.CutSuffix(plain, ending); ok && len(stem) >= leastStrong {
			s.find(stem, len(stem) > leastMisspelt || len(stem) == leastMisspelt && !foreignEndings[ending])
		}
	}
	return s.found
}

// FindCensored returns each listed word, by its ref, that two pieces of a word with one sign between them are
// meant for, as in "bas*ard": the sign hides one letter, or one of two equal ones.
func (m *Misspellings) FindCensored(before, after string) []int32 {
	before, _ = latinLetters(before)
	after, _ = latinLetters(after)
	if len(m.words) == 0 || before == "" || after == "" || len(before)+len(after) > mostMisspelt {
		return nil
	}
	found := m.appendCensored(nil, before, after)
	for _, ending := range misspeltEndings {
		if stem, ok := strings.CutSuffix(after, ending); ok && stem != "" {
			found = m.appendCensored(found, before, stem)
		}
	}
	return found
}

// appendCensored looks for words that are kept as they are written, and for those with each letter once in a row.
func (m *Misspellings) appendCensored(found []int32, before, after string) []int32 {
	found = m.appendHidden(found, before, after)
	if b, a := single(before), single(after); len(b)+len(a) < len(before)+len(after) {
		found = m.appendHidden(found, b, a)
	}
	return found
}

func (m *Misspellings) appendHidden(found []int32, before, after string) []int32 {
	shown := len(before) + len(after)
	if shown < leastMisspelt-1 {
		return found
	}
	bucket := m.bucket(addToHash(addToHash(fnvOffset, before), after))
	for _, at := range m.deletes[m.buckets[bucket]:m.buckets[bucket+1]] {
		w := &m.words[at]
		listed := m.letters[w.at : w.at+uint32(w.length)]
		if (len(listed) == shown || len(listed) == shown+1) && strings.HasPrefix(listed, before) &&
			strings.HasSuffix(listed, after) && !slices.Contains(found, w.ref) {
			found = append(found, w.ref)
		}
	}
	return found
}

// misspeltEndings are the endings that listed words are found with although they are misspelt.
var misspeltEndings = []string{"s", "es", "ed", "er", "ers", "ing", "in", "z", "a", "as"}

// foreignEndings are endings of other languages, too: behind a short word, they are no English ending.
var foreignEndings = map[string]bool{"in": true, "a": true, "as": true}

// slipSearch is a search for the words that a written word may be a misspelling of.
type slipSearch struct {
	*Misspellings
	written  string // without accents
	accented bool   // it has accents
	ordinary bool   // with other accents, it is a word of the dictionary; valid once asked is set
	asked    bool
	long     bool // what is looked up is not short
	found    []int32
}

func (s *slipSearch) find(word string, long bool) {
	s.long = long
	sounds, written := soundOf(word), single(word)
	s.lookUp(word, func(w *misspelt, listed string) bool {
		if w.accented {
			return (slip(listed, word, len(listed) > leastMisspelt) || single(listed) == written) && !s.lacksAccents()
		}
		return word == written && s.slipped(w, listed, word)
	})
	for _, letters := range slices.Compact([]string{written, sounds}) {
		if letters != word && !s.accented {
			s.lookUp(letters, func(w *misspelt, listed string) bool { return s.slipped(w, listed, letters) })
		}
	}
}

// slipped reports whether letters are a listed word without accents but for one slip.
func (s *slipSearch) slipped(w *misspelt, listed, letters string) bool {
	return !w.accented && !s.accented && slip(listed, letters, w.strong || len(listed) > leastMisspelt)
}

// lookUp adds the words that letters may be meant for, of those that have all letters but one in common.
func (s *slipSearch) lookUp(letters string, meant func(w *misspelt, listed string) bool) {
	for hash := range hashesWithoutOne(letters) {
		bucket := s.bucket(hash)
		for _, at := range s.deletes[s.buckets[bucket]:s.buckets[bucket+1]] {
			w := &s.words[at]
			if (w.strong || s.long) && meant(w, s.letters[w.at:w.at+uint32(w.length)]) &&
				!slices.Contains(s.found, w.ref) {
				s.found = append(s.found, w.ref)
			}
		}
	}
}

// lacksAccents reports whether the written word is an ordinary one whose writer left out accents, as many do.
func (s *slipSearch) lacksAccents() bool {
	if !s.asked {
		s.ordinary, s.asked = dictionary.KnownWithAccents(s.written), true
	}
	return s.ordinary
}

// withoutDigits returns a word with its digits read as letters; the word itself if it has none or nothing else.
func withoutDigits(word string) string {
	if allBetween(word, 'a', 'z') || !strings.ContainsAny(word, "0123456789") || allBetween(word, '0', '9') {
		return word
	}
	return digitLetters.Replace(word)
}

var digitLetters = strings.NewReplacer("0", "o", "1", "i", "2", "z", "3", "e", "4", "a", "5", "s", "6", "g", "7", "t",
	"8", "b", "9", "g")

// knownWord reports whether a dictionary knows a word, or the word that it is a form of.
func knownWord(folded string) bool {
	if dictionary.Known(folded) || rareWords[folded] {
		return true
	}
	for _, ending := range [...]string{"s", "es", "ed", "d", "ing", "er", "ly"} {
		stem, ok := strings.CutSuffix(folded, ending)
		if ok && len(stem) > leastSkeleton && dictionary.Known(stem) &&
			(ending[0] != 'd' || dictionary.Languages(stem).Has("en")) {
			return true
		}
	}
	return false
}

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

// hashesWithoutOne yields the hash of s and of every string that is s without one letter (FNV-1a).
func hashesWithoutOne(s string) func(yield func(uint32) bool) {
	return func(yield func(uint32) bool) {
		if !yield(addToHash(fnvOffset, s)) {
			return
		}
		for i, before := 0, uint32(fnvOffset); i < len(s); i++ {
			if !yield(addToHash(before, s[i+1:])) {
				return
			}
			before = addToHash(before, s[i:i+1])
		}
	}
}

const (
	fnvOffset = 2166136261
	fnvPrime  = 16777619
)

func addToHash(hash uint32, s string) uint32 {
	for i := range len(s) {
		hash = (hash ^ uint32(s[i])) * fnvPrime
	}
	return hash
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
	case -1: // doubled with a neighbour, one key too many, or an h that nobody hears
		return other[1:] == rest && (beside(written[at-1], other[0]) ||
			rest != "" && (other[0] == 'h' || beside(rest[0], other[0])))
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
