package text

import (
	"slices"
	"strings"

	"rejoinder/moderation/text/dictionary"
)

// ordinary reports whether the word between two units is in a dictionary or rare, as it is written, and is not the
// term itself.
func (k *Skeleton) ordinary(d *Disguise, left, right int) bool {
	if d.starred || d.phrase && k.spaced(left, right) {
		return false
	}
	word := strings.Trim(k.folded(left, right), "()<>") // "(until" is no disguise
	if contracted(word, d.term) {
		return true
	}
	if ending, form := strings.CutPrefix(word, d.term); form && slices.Contains(inflections, ending) {
		return false
	}
	if k.asked != word || word == "" { // one word is often asked about for several disguises
		k.asked, k.known, k.english = word, dictionary.Known(word) || rareWords[word], false
		k.english = k.known && (rareWords[word] || dictionary.Languages(word).Has("en"))
	}
	return k.english || k.known && !d.english
}

// contracted reports whether a word is contracted, such as "he'll", from another than the term.
func contracted(word, term string) bool {
	stem, ending, _ := strings.Cut(word, "'")
	return slices.Contains(contractions, ending) && stem != term
}

var contractions = []string{"ll", "re", "ve", "d", "m"}

// inflections are the endings of forms of a word. With other endings it is another word, which may be innocent.
var inflections = []string{"", "s", "es", "ed", "d", "ing"}

// folded returns the text of some units in its normal form.
func (k *Skeleton) folded(begin, end int) string {
	if begin == end {
		return ""
	}
	written := k.text[k.units[begin].start:k.units[end-1].end]
	if k.written != written { // one word is often asked about for several disguises
		k.written, k.normal = written, Normalise(written).Text
	}
	return k.normal
}

// distinct reports whether other words hardly ever contain the term.
func (d *Disguise) distinct() bool { return d.unsplittable || !d.thin && d.letters() > leastSkeleton+1 }

// compounded reports whether a piece of a longer word is a word that a dictionary knows, so that the term and
// the piece are compounded. Short pieces are in too many words, and so are affixes.
func (k *Skeleton) compounded(begin, end int) bool {
	piece := k.folded(begin, end)
	return len(piece) > leastSkeleton && !affixes[piece] && dictionary.Languages(piece).Has("en")
}

// affixes are words that others begin or end with without being compounds.
var affixes = wordSet(strings.Fields("able anti auto hyper inter less like mega over post pseudo self semi super trans under"))

// goodBefore reports whether what stands before a match in its word may stand there. A letter in common may
// be written once, as in "asssucker".
func (k *Skeleton) goodBefore(d *Disguise, left, begin, end int) bool {
	shared := int(k.units[begin].count) - int(d.want[0].count)
	if left == begin || d.openLeft && shared != 1 {
		return true
	}
	before := k.spell(left, begin)
	if d.phrase && (k.spaced(begin, begin+len(d.want)) || before == "i") {
		return before == "i" && d.firstWord() > 1
	}
	if before != k.spell(begin, end) && shared != 1 && isCompound(before, 0) {
		return true
	}
	if k.Classes[begin] == 'c' { // spelled once, however often it stands there
		shared = min(shared, 1)
	}
	if d.distinct() && k.compounded(left, begin) {
		return true
	}
	return 0 < shared && shared <= 2 && isCompound(before+strings.Repeat(k.spell(begin, begin+1)[:1], shared), 0)
}

// compoundAround reports whether a match is compounded with usual words before it, behind it, or both. Endings
// make no compound.
func (k *Skeleton) compoundAround(left, begin, end, right int) bool {
	before, after := k.spell(left, begin), k.spell(end, right)
	class := k.Classes[end-1]
	if before == "" && isEnding(after, class) && !compoundParts[after] {
		return false
	}
	return isCompound(before, 0) && isCompound(after, class)
}

// firstWord returns how many letters the first word of a phrase has.
func (d *Disguise) firstWord() int {
	letters := 0
	for i, w := range d.want {
		if i > 0 && w.first {
			break
		}
		letters += int(w.count)
	}
	return letters
}

// goodAfter reports whether what stands after a match in its word may stand there.
func (k *Skeleton) goodAfter(d *Disguise, begin, end, right int) bool {
	if right == end || d.openRight || k.digits(end, right) {
		return true
	}
	after := k.spell(end, right)
	if d.phrase {
		return k.phraseEnding(d, begin, end, after)
	}
	if isCompound(after, k.Classes[end-1]) || d.distinct() && k.compounded(end, right) {
		return true
	}
	shared := int(k.units[end-1].count) - int(d.want[len(d.want)-1].count)
	return shared == 1 && isCompound(k.spell(end-1, end)[:1]+after, k.Classes[end-1])
}

// phraseEnding reports whether the last word of a phrase may end so. A short word with an ending is another
// word ("go dies"), unless the phrase is written as one.
func (k *Skeleton) phraseEnding(d *Disguise, begin, end int, after string) bool {
	if !usualEnding(after) {
		return false
	}
	length := 0
	for i := len(d.want) - 1; i > 0 && !d.want[i].first; i-- {
		length += int(d.want[i].count)
	}
	if length >= leastSkeleton {
		return true
	}
	return !k.spaced(begin, end)
}

// usualEnding reports whether s, as from spell, is an ending that any noun or verb may have.
func usualEnding(s string) bool {
	return s == "s" || s == "ing" || s == "in" || s == "er" || s == "ers"
}

// spell returns the units as text, a letter for each, twice where it is doubled. Letters that sound alike are
// one.
func (k *Skeleton) spell(begin, end int) string {
	var b [2 * maxWord]byte
	word := b[:0]
	for i := begin; i < end && len(word) < len(b)-1; i++ {
		class := k.Classes[i]
		if class == 'i' && k.units[i].may == letterY {
			class = 'y'
		}
		for _, other := range []byte("ilgbvu") {
			if (class == 'i' || class == 'b' || class == 'u') && k.units[i].may&letters(string(other)) != 0 {
				class = other
				break
			}
		}
		word = append(word, class)
		if k.units[i].count == 2 && class != 'c' {
			word = append(word, class)
		}
	}
	return string(word)
}

// isEnding reports whether s is an ending of a word whose last letter is of a class.
func isEnding(s string, class byte) bool {
	return wordEndings[s] || class == 'e' && (s == "d" || s == "r" || s == "rs")
}

// isCompound reports whether s is made of words that are usual in compounds, one after the other, and, at the
// end, an ending. behind is the class of the letter that s stands behind; 0 if it stands in front of a word.
func isCompound(s string, behind byte) bool {
	last := behind != 0
	if s == "" || last && (isEnding(s, behind) || compoundEnds[s]) {
		return true
	}
	if len(s) > maxWord {
		return false
	}
	for n := 2; n <= min(len(s), maxCompoundPart); n++ {
		if (n > 2 && compoundParts[s[:n]] || !last && compoundBeginnings[s[:n]]) && isCompound(s[n:], behind) {
			return true
		}
	}
	return false
}

// spellings returns the set of words, spelled as by spell.
func spellings(words []string) map[string]bool {
	set := map[string]bool{}
	var k Skeleton
	for _, word := range words {
		k.Read(word)
		set[k.spell(0, len(k.units))] = true
	}
	return set
}
