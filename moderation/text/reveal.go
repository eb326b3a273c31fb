package text

import (
	"slices"
	"strings"

	"rejoinder/moderation/text/dictionary"
)

// longTerm is from how many units on a term is another word no more for a letter that is doubled, or not.
const longTerm = 7

// maxWord is how far Find looks for the ends of a word, in units. What is longer is no word.
const maxWord = 40

// Find decides whether the disguise, whose Key ends before position end of Classes, is really there, and
// returns where in the original text. It takes bounded time, whatever the text.
func (k *Skeleton) Find(d *Disguise, end int) (from, to int, ok bool) {
	if d.want == nil {
		phrase := plainDisguise(d.term)
		d = &phrase
	}
	begin := end - len(d.Key)
	splits, stops, short, ok := k.fits(d, begin)
	if !ok || !k.meant(d, begin, end) {
		return 0, 0, false
	}
	left, right := k.wordBegin(begin), k.wordEnd(end)
	if left < 0 || right < 0 {
		return 0, 0, false
	}
	switch whole := left == begin && right == end; {
	case d.strict:
		ok = splits == 0 && (left == begin || d.openLeft) && (right == end || d.openRight)
	case d.closed && splits == 0:
		ok = left == begin && (whole || right == end+1 && k.Classes[end] == 's')
	case d.closed:
		ok = whole && k.split(d, begin, end, splits, stops)
	case d.stem:
		ending := k.spell(end, right)
		ok = splits == 0 && k.goodBefore(d, left, begin, end) && strings.IndexAny(ending, vowels+"y") == 0 &&
			isEnding(ending, d)
	case splits > 0:
		ok = left == begin && (whole || d.unsplittable && usualEnding(k.spell(end, right))) &&
			k.split(d, begin, end, splits, stops)
	case d.word:
		ok = left == begin && (whole || isEnding(k.spell(end, right), d))
	case short:
		ok = whole || left == begin && right-end > 3 && isCompound(k.spell(end, right), true, d)
	case !whole:
		ok = k.goodBefore(d, left, begin, end) && k.goodAfter(d, begin, end, right)
	}
	if !ok || !d.strict && splits == 0 && k.ordinary(d, left, right) {
		return 0, 0, false
	}
	return int(k.units[begin].start), int(k.units[end-1].end), true
}

// ordinary reports whether the word between two units is in a dictionary, as it is written, and is not the term
// itself.
func (k *Skeleton) ordinary(d *Disguise, left, right int) bool {
	if d.phrase || d.starred {
		return false
	}
	word := k.folded(left, right)
	if ending, form := strings.CutPrefix(word, d.term); form && slices.Contains(inflections, ending) {
		return false
	}
	return dictionary.Known(word)
}

// inflections are the endings of forms of a word. With other endings it is another word, which may be innocent.
var inflections = []string{"", "s", "es", "ed", "d", "ing"}

// folded returns the text of some units in its normal form.
func (k *Skeleton) folded(begin, end int) string {
	if begin == end {
		return ""
	}
	return Normalise(k.text[k.units[begin].start:k.units[end-1].end]).Text
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
	if before != k.spell(begin, end) && shared != 1 && isCompound(before, false, d) {
		return true
	}
	if k.Classes[begin] == 'c' { // spelled once, however often it stands there
		shared = min(shared, 1)
	}
	if d.distinct() && k.compounded(left, begin) {
		return true
	}
	return 0 < shared && shared <= 2 && isCompound(before+strings.Repeat(k.spell(begin, begin+1)[:1], shared), false, d)
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
	if isCompound(after, true, d) || d.distinct() && k.compounded(end, right) {
		return true
	}
	shared := int(k.units[end-1].count) - int(d.want[len(d.want)-1].count)
	return shared == 1 && isCompound(k.spell(end-1, end)[:1]+after, true, d)
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

// spaced reports whether there is white space between the units.
func (k *Skeleton) spaced(begin, end int) bool {
	for at := begin + 1; at < end; at++ {
		if k.units[at].before == spacing {
			return true
		}
	}
	return false
}

// usualEnding reports whether s, as from spell, is an ending that any noun or verb may have.
func usualEnding(s string) bool {
	return s == "s" || s == "ing" || s == "in" || s == "er" || s == "ers"
}

// split reports whether a match with gaps is one word that was taken apart.
func (k *Skeleton) split(d *Disguise, begin, end, splits int, stops bool) bool {
	switch {
	case stops: // each letter is a sentence or line of its own
		return splits == len(d.want)-1 && splits >= leastSkeleton && !d.phrase
	case d.clipped:
		return splits == 1 && k.hyphenForVowel(begin, end)
	case k.units[begin].count == d.want[0].count+1:
		return false
	}
	return !d.thin && k.pulledApart(d, begin, end)
}

// hyphenForVowel reports whether one sign, and nothing else, stands in the place of the vowel, as in "f-ck".
func (k *Skeleton) hyphenForVowel(begin, end int) bool {
	for at := begin + 1; at < end; at++ {
		if u := &k.units[at]; u.before != joined {
			return u.before == pointed && u.start-k.units[at-1].end == 1
		}
	}
	return false
}

// fits compares unit by unit and counts the gaps that the term itself does not have. stops says that the end
// of a sentence or line is among them, and short that a letter of the term is missing: the c or the k of ck.
func (k *Skeleton) fits(d *Disguise, begin int) (splits int, stops, short, ok bool) {
	units := k.units[begin:]
	lacking, disguised := false, false // one letter for two is another word ("Niger"), unless digits stand in it or it is long
	for i := range d.want {
		w, u := &d.want[i], &units[i]
		if i > 0 && u.before != joined {
			if u.before == broken && w.first {
				return 0, false, false, false
			}
			stops = stops || u.before >= lined && !w.first
			if !w.first {
				splits++
			}
		}
		if w.hidden > 0 {
			if u.count < w.hidden || u.count > w.most {
				return 0, false, false, false
			}
			continue
		}
		if w.at && (u.kind != sign || u.digit) {
			return 0, false, false, false
		}
		if !k.letterFits(d, begin, i) {
			return 0, false, false, false
		}
		disguised = disguised || u.kind == sign
		if u.count == 1 && w.count == 2 && !d.strict && !d.thin && len(d.want) > leastSkeleton+1 &&
			w.may&letters(vowels) == 0 &&
			w.may != letters("ck") {
			lacking = true
			continue
		}
		short = short || u.count < w.count || w.count > 1 && w.may == letters("ck") && u.may&realK == 0
		if !d.repeats(i, u.count) {
			return 0, false, false, false
		}
	}
	return splits, stops, short, !lacking || disguised || len(d.want) >= longTerm && !d.phrase
}

// letterFits reports whether the ith unit from begin on may stand for the ith letter of the term.
func (k *Skeleton) letterFits(d *Disguise, begin, i int) bool {
	w, u := &d.want[i], &k.units[begin+i]
	yForI := w.may == onlyY && u.may&onlyI != 0 && (i == len(d.want)-1 || len(d.want) > leastSkeleton+2 && !d.strict)
	switch {
	case u.native != 0 && w.native != 0:
		return u.native == w.native
	case u.may&w.may == 0 && !k.lForI(begin+i, w) && !yForI:
		return false
	case w.may == letters("k") && u.may&realK == 0 && !d.strict && i > 0:
		return false
	case d.thin && u.may == capitalI && w.may == letters("l"):
		return false
	case d.strict:
		other := u.may != w.may && !(u.may == capitalI && w.may == letters("i"))
		return !other && u.digit == w.digit && (u.kind != sign || u.digit)
	}
	return true
}

// repeats reports whether a letter that stands count times in a row may be the wanted one. Three or more are
// stretched. A doubled letter is often another word ("cook"), so it counts only where English hardly doubles.
func (d *Disguise) repeats(i int, count uint16) bool {
	w, class := &d.want[i], d.Key[i]
	last := i == len(d.want)-1
	switch {
	case count == w.count:
		return true
	case d.strict:
		return false
	case class == 'c':
		mixed := w.may == letters("ck") // of ck, one is enough
		return count > 2 && count >= w.count || mixed && w.count > 1 && !d.thin || last && count > w.count
	case count < w.count:
		return false
	case count > w.count+1:
		return true
	case len(d.want) >= longTerm && !d.phrase:
		return true
	case class == 'e' || class == 'o':
		return false
	}
	return i == 0 || last || isVowel(class) && len(d.want) > leastSkeleton+1
}

// lForI reports whether an l stands for an i: between two consonants it can be nothing else.
func (k *Skeleton) lForI(at int, w *wanted) bool {
	return w.may&letters("i") != 0 && k.units[at].may&letters("l") != 0 && at > 0 && at+1 < len(k.units) &&
		k.units[at].before == joined && k.units[at+1].before == joined &&
		!isVowel(k.Classes[at-1]) && !isVowel(k.Classes[at+1])
}

// digits reports whether the units are digits, as at the end of a nickname.
func (k *Skeleton) digits(begin, end int) bool {
	for i := begin; i < end; i++ {
		if !k.units[i].digit {
			return false
		}
	}
	return true
}

// meant reports whether the matched units can be a word at all: not a mere number, and not a word of another
// alphabet in a text of that alphabet.
func (k *Skeleton) meant(d *Disguise, begin, end int) bool {
	kinds, native, latin, digits := [4]int{}, 0, 0, 0
	for i := begin; i < end; i++ {
		u := &k.units[i]
		kinds[u.kind] += int(u.count)
		if u.digit {
			digits += int(u.count)
		}
		switch {
		case u.native != 0:
			native++
		case u.kind == letter:
			latin++
		}
	}
	switch {
	case d.native:
		return native > 0 || len(d.want) > leastSkeleton
	case native > 0 && latin == 0 && k.foreign > native && k.latin < k.foreign:
		return false
	}
	return !k.units[begin].digit ||
		2*digits <= 3*(kinds[letter]+kinds[sign]-digits) // "@55" may be a word, "455" is a number
}

// wordBegin returns where the word around a unit begins; -1 when that is too far away.
func (k *Skeleton) wordBegin(at int) int {
	for far := at - maxWord; at > 0 && k.units[at].before == joined && k.units[at-1].kind != mask; at-- {
		if at <= far {
			return -1
		}
	}
	return at
}

// wordEnd returns where the word before position at ends; -1 when that is too far away.
func (k *Skeleton) wordEnd(at int) int {
	for far := at + maxWord; at < len(k.units) && k.units[at].before == joined && k.units[at].kind != mask; at++ {
		if at >= far {
			return -1
		}
	}
	return at
}

// pulledApart reports whether the pieces of a match look like one word that was taken apart, as in "f u c k"
// or "fu ck", and not like words that happen to stand side by side, as in "pen is".
func (k *Skeleton) pulledApart(d *Disguise, begin, end int) bool {
	longest, common, marked, bare, mere := 0, true, false, false, false
	for at := begin; at < end; {
		next, hasLetter := at+1, k.units[at].kind == letter
		for next < end && k.units[next].before == joined {
			hasLetter = hasLetter || k.units[next].kind == letter
			next++
		}
		length := int(k.units[next-1].end - k.units[at].start)
		if next == at+1 && k.units[at].count == 1 { // one character, of whatever bytes
			length = 1
		}
		mere = mere || !hasLetter
		longest = max(longest, length)
		piece := k.spell(at, next)
		common = common && shortWords[piece]
		marked = marked || at > begin && k.units[at].before == pointed
		bare = bare || !strings.ContainsAny(piece, vowels+"y")
		at = next
	}
	return !common && !(mere && longest > 1) &&
		(bare || marked || longest <= 2 || d.unsplittable) // a piece without a vowel is no word
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

func isEnding(s string, d *Disguise) bool {
	return wordEndings[s] || d.Key[len(d.Key)-1] == 'e' && (s == "d" || s == "r" || s == "rs")
}

// isCompound reports whether s is made of words that are usual in compounds, one after the other, and, at the
// end, an ending.
func isCompound(s string, last bool, d *Disguise) bool {
	if s == "" || last && (isEnding(s, d) || compoundEnds[s]) {
		return true
	}
	if len(s) > maxWord {
		return false
	}
	for n := 2; n <= min(len(s), maxCompoundPart); n++ {
		if (n > 2 && compoundParts[s[:n]] || !last && compoundBeginnings[s[:n]]) && isCompound(s[n:], last, d) {
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
