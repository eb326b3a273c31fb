package text

import (
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
	if *before != joined || at == 0 || !isAlphanumeric(s[at-1]) || strings.IndexByte(masks, c) < 0 {
		return 0
	}
	end := at + 1
	for end < len(s) && s[end] == c {
		end++
	}
	within := end < len(s) && (isAlphanumeric(s[end]) || s[end] >= 0x80)
	if end-at < 2 || end-at > maxWord || within && (c == '*' || c == '#') {
		return 0
	}
	k.units = append(k.units, unit{start: int32(at), end: int32(end), count: uint16(end - at), kind: mask})
	k.Classes = append(k.Classes, '*')
	return end - at
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
