package text

import (
	"slices"
	"strings"
	"sync"
	"unicode/utf8"
)

// Disguise is one way in which a term may be written: as it is, with its vowels left out, with stars in it,
// or apart.
type Disguise struct {
	// Key stands in Skeleton.Classes wherever the term may be. Skeleton.Find decides whether it is.
	Key string

	form
	term string   // as it is listed, folded
	want []wanted // one for each byte of Key; none for a long phrase
}

// form says how a disguise is compared with a text.
type form struct {
	starred      bool // the list asks for it inside longer words
	openLeft     bool // the term may end a longer word, whatever comes before
	openRight    bool // the term may begin a longer word, whatever comes after
	strict       bool // found as a whole word only, as it is written
	closed       bool // found as a whole word or plural only
	thin         bool // vowels were left out
	clipped      bool // it is the term without its vowels, and a sign may stand in the place of one
	word         bool // found as a whole word only, with endings
	stem         bool // found with an ending only, which begins with a vowel
	phrase       bool // it has several words
	long         bool // it is a long phrase, whose term is read again when it is compared
	unsplittable bool // no two words make it when they stand side by side
	native       bool // the term has letters of another alphabet
	english      bool // words of other languages are no reason not to find it
	compound     bool // found only with another word before or after it, as one word
}

// wanted is what a disguise wants of one unit.
type wanted struct {
	may    readings
	all    readings // what the letter may stand for in a text
	native rune
	count  uint16 // how often the letter stands there in the term
	hidden uint16 // how many letters of the term the stars replace; 0 for a letter
	most   uint16 // up to how many stars may do so
	first  bool   // it begins a word of the term
	digit  bool   // it is a digit
	at     bool   // it must be written as a sign
	number bool   // it must be written as a sign or digit
}

// The bounds of terms that can be disguised.
const (
	maxDisguised  = 200 // units of a term
	leastSkeleton = 3   // units of a term without its vowels
	longPhrase    = 12  // units of a phrase beyond which it is only found as it is written, letters disguised
)

// AppendDisguises appends the disguises of a term. Normally, a term matches a word, also with common endings
// and in common compounds of insults. A star at its beginning or end makes it match inside longer words on
// that side; a full stop at its end makes it match only the whole word, or the word with an s. A term that
// CanDisguise refuses has no disguises.
func AppendDisguises(all []Disguise, term string) []Disguise {
	left, right := strings.HasPrefix(term, "*"), strings.HasSuffix(term, "*")
	term, closed := withoutMarks(term)
	k := skeletons.Get().(*Skeleton)
	defer skeletons.Put(k)
	k.Read(term)
	if !closed && k.longPhrase() {
		// It finds disguised letters, and the phrase as one word. Find reads the term again when its key is met,
		// which is rare: there are tens of thousands of such phrases.
		all = append(all, Disguise{Key: string(k.Classes[:k.termSize()]), term: term, form: form{phrase: true, long: true}})
		if len(k.units) <= longestStarred && mayHaveStars(term) {
			whole := k.disguise(term)
			whole.starred, whole.openLeft, whole.openRight = left || right, left, right
			all = append(all, starredPhrases(whole, term)...)
		}
		return all
	}
	whole := k.disguise(term)
	if !whole.disguisable() {
		return all
	}
	inside := unmistakable[term]
	whole.starred = left || right
	whole.openLeft, whole.openRight = left || inside, right || inside || unmistakable[term+"*"]
	whole.unsplittable = inside || unsplittable[term]
	if closed {
		return appendSlang(append(all, closedDisguises(whole)...), term)
	}
	all = append(all, whole)
	for _, variant := range []func(Disguise) (Disguise, bool){
		oneByOne, withoutVowels, starredInside, swapped, signForVowel, crossForVowel,
		endingInIE, endingInEE, endingInIn, wordsTogether, withoutLastE,
	} {
		if d, differs := variant(whole); differs {
			all = append(all, d)
		}
	}
	all = append(append(appendSlang(all, term), endingInOr(whole)...), maskedWords(whole, term)...)
	all = append(all, digitsForVowel(whole, term)...)
	all = append(append(all, starredVowels(whole)...), nativeStars(whole)...)
	return append(all, starredPhrases(whole, term)...)
}

// appendSlang appends slang and clipped forms of a term.
func appendSlang(all []Disguise, term string) []Disguise {
	for _, spelling := range slangSpellings[term] {
		other := plainDisguise(spelling)
		other.thin, other.english = true, strings.HasSuffix(spelling, "!")
		other.closed = other.english || strings.HasSuffix(spelling, ".")
		all = append(all, other)
		for _, variant := range []func(Disguise) (Disguise, bool){oneByOne, endingInIn} {
			if d, differs := variant(other); differs {
				all = append(all, d)
			}
		}
	}
	return all
}

// Compound returns the way to find a word in compounds only, such as "mudhead" for mud: with one or more words
// that insults are usually compounded with, before it or behind it. It matches the whole compound. ok is false
// for a term without letters and digits.
func Compound(term string) (d Disguise, ok bool) {
	d = plainDisguise(strings.ToLower(term))
	d.compound = true
	return d, d.disguisable()
}

// CanDisguise reports whether a term has two letters or digits at least.
func CanDisguise(term string) bool {
	term, _ = withoutMarks(term)
	whole := plainDisguise(term)
	return whole.disguisable()
}

// withoutMarks returns a term in lower case, without stars around it, and whether a full stop closes it.
func withoutMarks(raw string) (term string, closed bool) {
	return strings.CutSuffix(strings.ToLower(strings.Trim(raw, "*")), ".")
}

func (d *Disguise) disguisable() bool {
	return len(d.want) > 1 || utf8.RuneCountInString(d.Key) > 1 || len(d.want) == 1 && d.want[0].count > 1
}

// Len returns the number of units that the term has when it is written so.
func (d *Disguise) Len() int { return len(d.Key) }

// closedDisguises returns the ways to write a term that is found as a whole word only. Without its vowels it
// would be another word too often.
func closedDisguises(d Disguise) []Disguise {
	d.closed, d.openLeft, d.openRight = true, false, false
	all := []Disguise{d}
	for _, variant := range []func(Disguise) (Disguise, bool){oneByOne, starredInside, signForVowel} {
		if way, differs := variant(d); differs {
			all = append(all, way)
		}
	}
	return append(append(all, starredVowels(d)...), nativeStars(d)...)
}

// Undisguised returns the one way to write a term that is meant as it is: a whole word or phrase, in any case
// and with any accents, not pulled apart and, unless a star at an end says otherwise, not part of a longer
// word. It is for exceptions. ok is false for a term without letters and digits.
func Undisguised(term string) (d Disguise, ok bool) {
	d = plainDisguise(strings.ToLower(strings.Trim(term, "*")))
	d.strict, d.openLeft, d.openRight = true, strings.HasPrefix(term, "*"), strings.HasSuffix(term, "*")
	for i := range d.want {
		d.want[i].may = d.want[i].all
	}
	return d, len(d.want) > 0
}

func plainDisguise(term string) Disguise {
	k := skeletons.Get().(*Skeleton)
	defer skeletons.Put(k)
	k.Read(term)
	return k.disguise(term)
}

// termSize returns how many units of a term count.
func (k *Skeleton) termSize() int {
	for i := maxDisguised; i < len(k.units); i++ {
		if utf8.RuneStart(k.Classes[i]) {
			return i
		}
	}
	return len(k.units)
}

// longPhrase reports whether a term that was read is a phrase with many letters.
func (k *Skeleton) longPhrase() bool {
	size := k.termSize()
	return size > longPhrase && slices.ContainsFunc(k.units[1:size], func(u unit) bool { return u.before != joined })
}

// disguise returns the way to write a term as it is. The term was read.
func (k *Skeleton) disguise(term string) Disguise {
	size := k.termSize()
	d := Disguise{Key: string(k.Classes[:size]), term: normalText(term), want: make([]wanted, 0, size)}
	for i, u := range k.units[:size] {
		w := wanted{may: u.may, all: u.may, digit: u.digit, native: u.native, count: u.count}
		w.first = i == 0 || u.before != joined
		if exact := letters(asciiLetters(term[u.start:u.end])); exact != 0 && u.native == 0 {
			w.may = exact & u.may // a letter of the term means itself; what it may stand for is the text's affair
			if w.may == 0 {
				w.may = u.may
			}
		}
		d.native = d.native || u.native != 0
		d.phrase = d.phrase || i > 0 && w.first
		d.want = append(d.want, w)
	}
	return d
}

// skeletons keeps memory for reading terms.
var skeletons = sync.Pool{New: func() any { return new(Skeleton) }}

// asciiLetters returns the ASCII letters of s in lower case.
func asciiLetters(s string) string {
	return strings.Map(func(r rune) rune {
		if r |= 0x20; 'a' <= r && r <= 'z' {
			return r
		}
		return -1
	}, s)
}

// oneByOne is the term with its repeated letters one by one, as they are in "a s s".
func oneByOne(d Disguise) (Disguise, bool) {
	if !slices.ContainsFunc(d.want, func(w wanted) bool { return w.count > 1 }) {
		return d, false
	}
	out := d.derive(func(b *builder, _ int, w wanted, class byte) {
		for i := range min(w.count, 4) {
			one := w
			one.count, one.first = 1, w.first && i == 0
			b.add(one, class)
		}
	})
	return out, len(out.want) != len(d.want)
}

const vowels = "aeiou"

func isVowel(class byte) bool { return strings.IndexByte(vowels, class) >= 0 }

// single reports whether the term is one word of Latin letters, and long enough to be recognised when some
// are missing.
func (d Disguise) single() bool {
	for i, w := range d.want {
		if i > 0 && w.first || w.native != 0 || w.may == 0 {
			return false
		}
	}
	return d.letters() > leastSkeleton
}

// letters counts the letters of the term.
func (d Disguise) letters() int {
	n := 0
	for _, w := range d.want {
		n += int(w.count)
	}
	return n
}

// withoutVowels is the term as in "fck".
func withoutVowels(d Disguise) (Disguise, bool) {
	if !d.single() {
		return d, false
	}
	out := d.derive(func(b *builder, _ int, w wanted, class byte) {
		if !isVowel(class) || w.may&letters("lyv") != 0 {
			b.add(w, class)
		}
	})
	if len(out.want) < 2 || out.letters() < leastSkeleton || len(out.want) < leastSkeleton+len(d.want)-len(out.want)-1 && out.want[len(out.want)-1].may != letters("ck") || len(out.want) == len(d.want) {
		return d, false
	}
	out.clipped = true
	out.want[0].first, out.thin, out.openLeft, out.openRight = true, true, false, false
	return out, d.want[0].may == out.want[0].may
}

// starredInside is the term as in "f**k", with exactly one star for each letter.
func starredInside(d Disguise) (Disguise, bool) {
	if !d.single() {
		return d, false
	}
	last, hidden := len(d.want)-1, uint16(0)
	out := d.derive(func(b *builder, i int, w wanted, class byte) {
		switch {
		case i == 0:
			b.add(w, class)
			return
		case i < last:
			hidden += w.count
			return
		case w.count > 1 && w.may&letters("ck") == letters("ck"): // of ck, the k is left
			hidden++
		}
		b.add(wanted{hidden: hidden, most: hidden}, '*')
		b.add(w, class)
	})
	return out, true
}
