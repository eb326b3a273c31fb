package text

import "strings"

// masks are the signs of which several in a row stand for letters that the writer left out, as in "f--k" and "f***".
const masks = "*#-_"

// readMask reads a row of equal signs behind a letter that hides letters, and returns its length; 0 when there is none.
// Stars and number signs before another letter are left to readSign, which lets them stand for single letters too.
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

// masked are words that are written with their first letters only, so often that each is known by them and its length.
var masked = map[string]int{"fuck": 1, "shit": 1, "cunt": 1, "bitch": 1, "nigger": 1, "nigga": 2, "faggot": 2, "whore": 2,
	"pussy": 2, "cock": 2, "dick": 2, "slut": 2, "fucker": 2, "fucking": 2, "bastard": 2, "asshole": 2, "motherfucker": 2}

// maskedWord returns the term with all but its first letters hidden, as "f***" and "fu**", in each way that is known.
func maskedWord(d Disguise, term string) []Disguise {
	least, is := masked[term]
	if !is {
		return nil
	}
	var all []Disguise
	for shown := least; shown <= 2; shown++ {
		hidden := uint16(0)
		all = append(all, d.derive(func(i int, w wanted, class byte) ([]wanted, []byte) {
			switch {
			case i < shown:
				return []wanted{w}, []byte{class}
			case i == len(d.want)-1:
				hidden += w.count
				return []wanted{{hidden: hidden, most: hidden}}, []byte{'*'}
			}
			hidden += w.count
			return nil, nil
		}))
		last := &all[len(all)-1]
		last.openLeft, last.openRight, last.word = false, false, true
	}
	return all
}
