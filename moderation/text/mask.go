package text

import (
	"iter"
	"slices"
	"strings"
	"unicode"
)

// masks are symbols that, several in a row, stand for omitted letters, as in "f--k" and "f***".
const masks = "*#-_"

// readMask reads a row of equal signs behind a letter that hides letters, and returns its length; 0 when
// there is none. Stars and number signs before another letter are left to readSign, which lets them stand for
// single letters too.
func (k *Skeleton) readMask(s string, at int, before *gap) int {
	c := s[at]
	if *before != joined || at == 0 || !isAlphanumeric(s[at-1]) || strings.IndexByte("@#$%&*!-_", c) < 0 {
		return 0
	}
	if end := grawlix(s, at); end > 0 {
		return k.addMask(at, end)
	}
	end := at + 1
	for end < len(s) && s[end] == c {
		end++
	}
	if strings.IndexByte(masks, c) < 0 {
		return 0
	}
	within := end < len(s) && (isAlphanumeric(s[end]) || s[end] >= 0x80)
	if end-at < 2 || end-at > maxWord || within && (c == '*' || c == '#') {
		return 0
	}
	return k.addMask(at, end)
}

func (k *Skeleton) addMask(at, end int) int {
	k.units = append(k.units, unit{start: int32(at), end: int32(end), count: uint16(end - at), kind: mask})
	k.Classes = append(k.Classes, '*')
	return end - at
}

// grawlix returns the end of a row of at least three signs that hide letters, whichever they are, as in
// "f#@%ing" and "f@@@ing"; 0 if there is none. Signs that all stand for letters, as in "$h!+", are left to readSign.
func grawlix(s string, at int) int {
	end := at
	for end < len(s) && end-at <= maxWord && strings.IndexByte("@#$%&*!", s[end]) >= 0 {
		end++
	}
	row := s[at:end]
	switch equal := strings.Count(row, row[:min(1, len(row))]) == len(row); {
	case len(row) < 3, equal && (row[0] != '@' || end == len(s) || !isAlphanumeric(s[end])):
		return 0
	case !equal && !strings.ContainsAny(row, "#%&"):
		return 0
	}
	return end
}

// masked are words that are written with their first letters only, so often that each is known by them and
// its length.
var masked = map[string]int{
	"fuck":         1,
	"shit":         1,
	"cunt":         1,
	"bitch":        1,
	"nigger":       1,
	"nigga":        2,
	"faggot":       2,
	"whore":        2,
	"pussy":        2,
	"cock":         2,
	"dick":         2,
	"slut":         2,
	"fucker":       2,
	"fucking":      2,
	"bastard":      2,
	"asshole":      2,
	"motherfucker": 2,
}

// maskedWords returns the term with all but the first letters of one of its words hidden, as "f*** off" and
// "fu** off", in each way that is known.
func maskedWords(d Disguise, term string) []Disguise {
	var all []Disguise
	words := strings.FieldsFunc(term, func(r rune) bool { return !unicode.IsLetter(r) })
	for n, word := range words {
		least, is := masked[word]
		for shown := least; is && shown <= 2; shown++ {
			all = append(all, d.hide(n, shown))
		}
	}
	return all
}

// hide returns the disguise with stars for what comes after the first units of its word number n.
func (d Disguise) hide(n, shown int) Disguise {
	word, at, hidden := -1, 0, uint16(0)
	out := d.derive(func(b *builder, i int, w wanted, class byte) {
		if at++; w.first {
			word, at = word+1, 1
		}
		if word != n || at <= shown {
			b.add(w, class)
			return
		}
		if hidden += w.count; i+1 == len(d.want) || d.want[i+1].first {
			b.add(wanted{hidden: hidden, most: hidden}, '*')
		}
	})
	out.openLeft, out.openRight, out.word = false, false, true
	return out
}

// Veiled yields the words of the text that was read of which signs or look-alike letters hide some letters,
// with the letters that these stand for: "d1ckh@ed" as "dickhaed". Words whose only disguise are digits, and
// words of another alphabet, are left out.
func (k *Skeleton) Veiled() iter.Seq[Word] {
	return func(yield func(Word) bool) {
		if !k.signs && k.foreign == 0 {
			return
		}
		var letters [mostMisspelt]byte
		for begin, end := 0, 0; begin < len(k.units); begin = end {
			for end = begin + 1; end < len(k.units) && k.units[end].before == joined; {
				end++
			}
			last := end
			for last > begin && k.text[k.units[last-1].start] == '!' { // the end of a sentence
				last--
			}
			if last-begin < leastStrong || last-begin > mostMisspelt {
				continue
			}
			word, ok := k.unveiled(letters[:0], begin, last)
			from, to := int(k.units[begin].start), int(k.units[last-1].end)
			if ok && !yield(Word{Folded: string(word), Start: from, End: to}) {
				return
			}
		}
	}
}

// unveiled appends the letters that a word stands for. ok is false if nothing hides one, or if some have no
// reading.
func (k *Skeleton) unveiled(word []byte, begin, end int) (_ []byte, ok bool) {
	veiled, plain := 0, 0
	for i := begin; i < end; i++ {
		u := &k.units[i]
		if u.may == 0 || u.kind == censor || u.kind == mask || len(word)+2 > mostMisspelt {
			return word, false
		}
		switch hidden := u.kind == sign && !u.digit || u.native != 0; {
		case hidden:
			veiled++
		case u.kind == letter:
			plain++
		}
		letter := k.letterOf(u)
		for range min(u.count, 2) {
			word = append(word, letter)
		}
	}
	return word, veiled > 0 && plain > 0
}

// letterOf returns the letter that a unit is, or the first that it may stand for.
func (k *Skeleton) letterOf(u *unit) byte {
	if c := k.text[u.start] | 0x20; u.kind == letter && asciiLetter(c) && u.may&letters(string(c)) != 0 {
		return c
	}
	for i := range byte(26) {
		if u.may&(1<<i) != 0 {
			return 'a' + i
		}
	}
	return 0
}

// starredWord is a listed word that people often write with stars for some of its letters.
type starredWord struct {
	word string
	ref  int32
}

// leastShown is how many letters of a word must be shown for stars to hide any of the others.
const leastShown = 2

// FindStarred returns each listed word, by its ref, that a word of small letters and stars stands for, a star
// for each hidden letter, as in "bi**h": only words that are often written so.
func (m *Misspellings) FindStarred(pattern string) []int32 {
	if len(pattern)-strings.Count(pattern, "*") < leastShown {
		return nil
	}
	var found []int32
	for _, w := range m.starred {
		ending, ok := fitsStars(pattern, w.word)
		ok = ok && (ending == "" || slices.Contains(misspeltEndings, ending))
		if ok && !slices.Contains(found, w.ref) {
			found = append(found, w.ref)
		}
	}
	return found
}

// fitsStars reports whether a pattern begins like a word, and returns what comes after it. The first letter is
// shown.
func fitsStars(pattern, word string) (ending string, ok bool) {
	if len(pattern) < len(word) || pattern[0] != word[0] {
		return "", false
	}
	for i := range len(word) {
		if pattern[i] != '*' && pattern[i] != word[i] {
			return "", false
		}
	}
	return pattern[len(word):], true
}

// StarredWords yields the words of a text in which stars or number signs stand for letters, in small letters
// and stars. It takes time linear in the length of the text.
func StarredWords(text string) iter.Seq[Word] {
	return func(yield func(Word) bool) {
		for at := 0; ; {
			star := strings.IndexAny(text[at:], "*#")
			if star < 0 {
				return
			}
			begin, end := at+star, at+star
			for begin > at && asciiLetter(text[begin-1]) {
				begin--
			}
			for end < len(text) && (asciiLetter(text[end]) || text[end] == '*' || text[end] == '#') {
				end++
			}
			at = end
			if begin == end-1 || text[begin] == '*' || text[begin] == '#' || end-begin > mostMisspelt {
				continue
			}
			word := strings.ReplaceAll(strings.ToLower(text[begin:end]), "#", "*")
			if !yield(Word{Folded: word, Start: begin, End: end}) {
				return
			}
		}
	}
}

func asciiLetter(c byte) bool { return 'a' <= c|0x20 && c|0x20 <= 'z' }
