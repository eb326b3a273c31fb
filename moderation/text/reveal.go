package text

import (
	"strings"
)

// longTerm is from how many units on a term is another word no more for a letter that is doubled, or not.
const longTerm = 7

// maxWord is how far Find looks for the ends of a word, in units. What is longer is no word.
const maxWord = 40

// Find decides whether a disguise of a table, whose Key ends before position end of Classes, is really there,
// and returns where in the original text. It takes bounded time, whatever the text.
func (k *Skeleton) Find(t *DisguiseTable, number, end int) (from, to int, ok bool) {
	d := &k.sought
	t.unpack(d, number)
	if d.long {
		*d = plainDisguise(d.term)
	}
	begin := end - len(d.want)
	splits, stops, short, ok := k.fits(d, begin)
	if !ok || !k.meant(d, begin, end) {
		return 0, 0, false
	}
	left, right := k.wordBegin(begin), k.wordEnd(end)
	if left < 0 || right < 0 {
		return 0, 0, false
	}
	switch whole := left == begin && right == end; {
	case d.compound:
		if ok = splits == 0 && !whole && !short && k.compoundAround(left, begin, end, right); ok {
			begin, end = left, right
		}
	case d.strict:
		ok = splits == 0 && (left == begin || d.openLeft) && (right == end || d.openRight)
	case d.closed && splits == 0:
		ok = left == begin && (whole || right == end+1 && k.Classes[end] == 's')
	case d.closed:
		ok = whole && k.split(d, begin, end, splits, stops)
	case d.stem:
		ending := k.spell(end, right)
		ok = splits == 0 && k.goodBefore(d, left, begin, end) && strings.IndexAny(ending, vowels+"y") == 0 &&
			isEnding(ending, k.Classes[end-1])
	case splits > 0:
		ok = left == begin && (whole || d.unsplittable && usualEnding(k.spell(end, right))) &&
			k.split(d, begin, end, splits, stops)
	case d.word:
		ok = left == begin && (whole || isEnding(k.spell(end, right), k.Classes[end-1]))
	case short:
		ok = whole || left == begin && right-end > 3 && isCompound(k.spell(end, right), k.Classes[end-1])
	case !whole:
		ok = k.goodBefore(d, left, begin, end) && k.goodAfter(d, begin, end, right)
	}
	if !ok || !d.strict && splits == 0 && k.ordinary(d, left, right) {
		return 0, 0, false
	}
	return int(k.units[begin].start), int(k.units[end-1].end), true
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

// split reports whether a match with gaps is one word that was taken apart.
func (k *Skeleton) split(d *Disguise, begin, end, splits int, stops bool) bool {
	switch {
	case stops: // each letter is a sentence or line of its own
		return splits == len(d.want)-1 && splits >= leastSkeleton && !d.phrase
	case d.clipped:
		return splits == 1 && k.hyphenForVowel(begin, end)
	case k.units[begin].count == d.want[0].count+1 || k.signJoinsWords(d, begin, end):
		return false
	}
	return !d.thin && k.pulledApart(d, begin, end)
}

// signJoinsWords reports whether a sign stands alone in some gaps of a match but not in all: it stands between
// words then, as in "P E A C E & L O V E", and not between the letters of one.
func (k *Skeleton) signJoinsWords(d *Disguise, begin, end int) bool {
	alone, other := false, false
	for at := begin + 1; at < end; at++ {
		if k.units[at].before == joined || d.want[at-begin].first {
			continue
		}
		gap := k.text[k.units[at-1].end:k.units[at].start]
		if sign := strings.TrimSpace(gap); sign != "" && isSpaceByte(gap[0]) && isSpaceByte(gap[len(gap)-1]) {
			alone = true
		} else {
			other = true
		}
	}
	return alone && other
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
		if w.at && (u.kind != sign || u.digit) || w.number && u.kind != sign {
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
		if !d.repeats(i, u.count, k.Classes[begin+i]) {
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

// repeats reports whether a letter of a class that stands count times in a row may be the wanted one. Three or more are
// stretched. A doubled letter is often another word ("cook"), so it counts only where English hardly doubles.
func (d *Disguise) repeats(i int, count uint16, class byte) bool {
	w := &d.want[i]
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
