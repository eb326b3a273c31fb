package text

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// starredVowels is the term with one vowel replaced, as in "sh*t".
func starredVowels(d Disguise) []Disguise {
	if len(d.want) < 3 || !d.single() && !(d.letters() == leastSkeleton && d.want[len(d.want)-2].may != 0 && !d.native) {
		return nil
	}
	var all []Disguise
	for at := 1; at < len(d.want)-1; at++ {
		if isVowel(d.Key[at]) {
			all = append(all, d.derive(func(b *builder, i int, w wanted, class byte) {
				if i == at {
					w, class = wanted{hidden: w.count, most: w.count + 1}, '*'
				}
				b.add(w, class)
			}))
		}
	}
	if last := len(d.want) - 1; d.want[last].count == 2 && d.want[last].may == letters("ck") { // fu*k
		all = append(all, d.derive(func(b *builder, i int, w wanted, class byte) {
			if i == last {
				w.count = 1
				b.add(wanted{hidden: 1, most: 1}, '*')
			}
			b.add(w, class)
		}))
	}
	return all
}

// nativeVowels are the vowels of the Cyrillic and Greek alphabets.
const nativeVowels = "аеёиоуыэюяіїєαεηιουω"

// nativeStars is a word of another alphabet with a star for one of its letters but the first and the last, or an
// at sign for a vowel, as in "б*ядь" and "д@рак". FindCensored does so for words of Latin letters.
func nativeStars(d Disguise) []Disguise {
	if !d.native || d.phrase {
		return nil
	}
	var all []Disguise
	letters := d.letterStarts()
	for n := 1; n < len(letters)-2; n++ {
		if d.want[letters[n]].native != 0 {
			all = d.appendStarred(all, letters[n], letters[n+1])
		}
	}
	return all
}

// appendStarred appends the disguise with a star for the letter from begin to end and, if it is a vowel of another
// alphabet, with an at sign.
func (d Disguise) appendStarred(all []Disguise, begin, end int) []Disguise {
	w := d.want[begin]
	all = append(all, d.replace(begin, end, '*', wanted{hidden: w.count, most: w.count + 1, first: w.first}))
	if w.native != 0 && strings.ContainsRune(nativeVowels, w.native) {
		all = append(all, d.replace(begin, end, 'a', wanted{may: letterA, count: 1, at: true}))
	}
	return all
}

// starredPhrases is a phrase with a star for one letter of a word that is often censored, as in "hijo de p*ta", or,
// in Latin letters, with its first letter only.
func starredPhrases(d Disguise, term string) []Disguise {
	switch {
	case len(d.want) > longestStarred:
		return nil
	case ofUnspacedScript(d.want[len(d.want)-1].native):
		return starredUnspaced(d, norm.NFKD.String(term))
	case !d.phrase:
		return nil
	}
	words := strings.FieldsFunc(term, func(r rune) bool { return !unicode.IsLetter(r) })
	var all []Disguise
	letters, number := d.letterStarts(), -1
	for n := 0; n+1 < len(letters); n++ {
		begin, end := letters[n], letters[n+1]
		first, last := d.want[begin].first, end == len(d.want) || d.want[end].first
		if first {
			number++
		}
		switch {
		case number >= len(words) || !censoredWords[words[number]]:
		case first && !d.native && masked[words[number]] == 0:
			all = append(all, d.hide(number, 1))
		case !first && !last && (d.want[begin].native != 0 || isVowel(d.Key[begin])):
			all = d.appendStarred(all, begin, end)
		}
	}
	return all
}

// mayHaveStars reports whether starredPhrases may find anything, without reading the term.
func mayHaveStars(term string) bool {
	if last, _ := utf8.DecodeLastRuneInString(term); ofUnspacedScript(last) {
		return true
	}
	for word := range strings.FieldsFuncSeq(term, func(r rune) bool { return !unicode.IsLetter(r) }) {
		if censoredWords[word] {
			return true
		}
	}
	return false
}

// longestStarred is how many units a phrase has at most that is also found with a star.
const longestStarred = 40

// starredUnspaced is a term of a script without spaces with a star for one letter of an often censored word in it, but
// for the first: "バ○". The term is decomposed, so that each of its runes is a letter or a mark in the key.
func starredUnspaced(d Disguise, term string) []Disguise {
	runes, letters := []rune(term), d.letterStarts()
	if len(runes) != len(letters)-1 {
		return nil
	}
	var all []Disguise
	for word := range censoredWords {
		at := strings.Index(term, word)
		if at < 0 || !ofUnspacedScript(runes[0]) {
			continue
		}
		first := utf8.RuneCountInString(term[:at])
		behind := first + utf8.RuneCountInString(word)
		for n := first + 1; n < behind; n++ {
			next := n + 1
			for next < behind && soundMark(runes[next]) {
				next++
			}
			if !soundMark(runes[n]) {
				all = d.appendStarred(all, letters[n], letters[next])
			}
		}
	}
	return all
}

// letterStarts returns where the letters of the term begin in its key, and its end: one of another alphabet that looks
// like no Latin one has several bytes.
func (d Disguise) letterStarts() []int {
	var starts []int
	for i := range len(d.Key) {
		if utf8.RuneStart(d.Key[i]) {
			starts = append(starts, i)
		}
	}
	return append(starts, len(d.Key))
}

// replace returns the disguise with one unit in the place of those from begin to end.
func (d Disguise) replace(begin, end int, class byte, with wanted) Disguise {
	return d.derive(func(b *builder, i int, w wanted, old byte) {
		switch {
		case i == begin:
			b.add(with, class)
		case i < begin || i >= end:
			b.add(w, old)
		}
	})
}

// firstVowel returns the first inner vowel of a term of one word; -1 when there is none.
func (d Disguise) firstVowel() int {
	if d.single() {
		for i := 1; i < len(d.want)-1; i++ {
			if isVowel(d.Key[i]) && d.want[i].may&letters(vowels) != 0 && d.want[i].count == 1 {
				return i
			}
		}
	}
	return -1
}

// swapped is a short term with its vowel one place further on, as in "fcuk".
func swapped(d Disguise) (Disguise, bool) {
	at := d.firstVowel()
	if at < 0 || d.letters() != leastSkeleton+1 || len(d.want) != leastSkeleton {
		return d, false
	}
	apart, _ := oneByOne(d)
	apart.want[at], apart.want[at+1] = apart.want[at+1], apart.want[at]
	key := []byte(apart.Key)
	key[at], key[at+1] = key[at+1], key[at]
	apart.Key = string(key)
	return apart, true
}

// signForVowel is the term as in "f@ck".
func signForVowel(d Disguise) (Disguise, bool) {
	return d.replaceVowel('a', wanted{may: letters("a"), count: 1, at: true})
}

// crossForVowel is the term as in "fxck".
func crossForVowel(d Disguise) (Disguise, bool) {
	return d.replaceVowel('x', wanted{may: letters("x"), count: 1})
}

// digitsForVowel is a word that is often disguised with any digit or sign for its first vowel, as in "f8ck".
func digitsForVowel(d Disguise, term string) []Disguise {
	if masked[term] == 0 {
		return nil
	}
	var all []Disguise
	for _, class := range []byte("aeiostb") { // of the letters that digits and signs look like
		w := wanted{may: likeClass(class), count: 1, number: true}
		if way, differs := d.replaceVowel(class, w); differs {
			all = append(all, way)
		}
	}
	return all
}

// likeClass returns the letters of a class.
func likeClass(class byte) (r readings) {
	for letter := range byte(26) {
		if one := readings(1) << letter; classOfReadings(one) == class {
			r |= one
		}
	}
	return r
}

func (d Disguise) replaceVowel(class byte, w wanted) (Disguise, bool) {
	at := d.firstVowel()
	if at < 0 || d.Key[at] == class {
		return d, false
	}
	return d.derive(func(b *builder, i int, old wanted, was byte) {
		if i == at {
			old, was = w, class
		}
		b.add(old, was)
	}), true
}

// endingInIE is a term in y as in "pussie".
func endingInIE(d Disguise) (Disguise, bool) {
	last := len(d.want) - 1
	if d.letters() <= leastSkeleton || d.want[last].may != letters("y") || d.native {
		return d, false
	}
	return d.derive(func(b *builder, i int, w wanted, class byte) {
		if i == last {
			b.add(wanted{may: letters("i"), count: 1}, 'i')
			w, class = wanted{may: letters("e"), count: 1}, 'e'
		}
		b.add(w, class)
	}), true
}

// endingInEE is a term in y as in "pussee".
func endingInEE(d Disguise) (Disguise, bool) {
	last := len(d.want) - 1
	if d.letters() <= leastSkeleton || d.want[last].may != onlyY || d.native {
		return d, false
	}
	return d.derive(func(b *builder, i int, w wanted, class byte) {
		if i == last {
			w, class = wanted{may: letters("e"), count: 2}, 'e'
		}
		b.add(w, class)
	}), true
}

// wordsTogether is a phrase written as one word, where a word ends with the letter with which the next
// begins: in "balllicker" they are one unit.
func wordsTogether(d Disguise) (Disguise, bool) {
	if !d.phrase || !d.meets() {
		return d, false
	}
	together := d
	together.want, together.Key, together.phrase = nil, "", false
	for i, w := range d.want {
		if last := len(together.want) - 1; last >= 0 && together.want[last].may == w.may && together.Key[last] == d.Key[i] {
			together.want[last].count += w.count
			continue
		}
		w.first = i == 0
		together.want, together.Key = append(together.want, w), together.Key+d.Key[i:i+1]
	}
	together.word = true
	return together, d.phrase && len(together.want) < len(d.want)
}

// meets reports whether a word of a phrase ends with the letter with which the next begins.
func (d Disguise) meets() bool {
	for i := 1; i < len(d.want); i++ {
		if d.want[i].may == d.want[i-1].may && d.Key[i] == d.Key[i-1] {
			return true
		}
	}
	return false
}

// withoutLastE is a term in e as in "whoring".
func withoutLastE(d Disguise) (Disguise, bool) {
	last := len(d.want) - 1
	if d.letters() <= leastSkeleton+1 || d.phrase || d.native || d.want[last].may != letters("e") || d.want[last].count > 1 {
		return d, false
	}
	out := d.derive(func(b *builder, i int, w wanted, class byte) {
		if i < last {
			b.add(w, class)
		}
	})
	out.stem = true
	return out, true
}

// endingInIn is a term in ing as in "shaggin".
func endingInIn(d Disguise) (Disguise, bool) {
	last := len(d.want) - 1
	if last < leastSkeleton+1 || d.native || !strings.HasSuffix(d.Key, "inb") || d.want[last].may != letters("g") || d.want[last].count > 1 {
		return d, false
	}
	out := d.derive(func(b *builder, i int, w wanted, class byte) {
		if i < last {
			b.add(w, class)
		}
	})
	out.word, out.openRight = true, false
	return out, true
}

// endingInOr is a longer term in er with another vowel there, which sounds the same.
func endingInOr(d Disguise) []Disguise {
	at := len(d.want) - 2
	if d.letters() <= leastSkeleton+2 || d.native || d.phrase || !strings.HasSuffix(d.Key, "er") || d.want[at].count > 1 || d.want[at+1].count > 1 {
		return nil
	}
	var all []Disguise
	for _, vowel := range "aiou" {
		all = append(all, d.derive(func(b *builder, i int, w wanted, class byte) {
			if i == at {
				w, class = wanted{may: letters(string(vowel)), count: 1}, byte(vowel)
			}
			b.add(w, class)
		}))
		all[len(all)-1].word = true
	}
	return all
}
