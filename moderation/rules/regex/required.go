package regex

import (
	"regexp/syntax"
	"unicode"
	"unicode/utf8"
)

// byteSet is a set of bytes. All bytes of characters outside ASCII are in it together or not at all.
type byteSet [256]bool

// in reports whether s has a byte of the set.
func (b *byteSet) in(s string) bool {
	for i := range len(s) {
		if b[s[i]] {
			return true
		}
	}
	return false
}

func (b *byteSet) size() int {
	n := 0
	for _, in := range b {
		if in {
			n++
		}
	}
	return n
}

// addRange adds the characters from low to high.
func (b *byteSet) addRange(low, high rune) {
	for c := low; c <= min(high, utf8.RuneSelf-1); c++ {
		b[c] = true
	}
	if high >= utf8.RuneSelf {
		for c := utf8.RuneSelf; c < len(b); c++ {
			b[c] = true
		}
	}
}

func (b *byteSet) addAll(other *byteSet) {
	for c, in := range other {
		b[c] = b[c] || in
	}
}

// requiredBytes returns a set of which every match has at least one byte, the smallest that is found easily;
// nil if there is none. Most texts have no digit and no @, so an expression for telephone numbers or account
// names need not search them.
func requiredBytes(re *syntax.Regexp) *byteSet {
	switch re.Op {
	case syntax.OpLiteral:
		return smallest(len(re.Rune), func(i int) *byteSet { return literalBytes(re.Rune[i], re.Flags) })
	case syntax.OpCharClass:
		var b byteSet
		for i := 0; i < len(re.Rune); i += 2 {
			b.addRange(re.Rune[i], re.Rune[i+1])
		}
		return &b
	case syntax.OpConcat:
		return smallest(len(re.Sub), func(i int) *byteSet { return requiredBytes(re.Sub[i]) })
	case syntax.OpAlternate:
		var b byteSet
		for _, way := range re.Sub {
			of := requiredBytes(way)
			if of == nil {
				return nil
			}
			b.addAll(of)
		}
		return &b
	case syntax.OpCapture, syntax.OpPlus:
		return requiredBytes(re.Sub[0])
	case syntax.OpRepeat:
		if re.Min > 0 {
			return requiredBytes(re.Sub[0])
		}
	}
	return nil
}

func literalBytes(c rune, flags syntax.Flags) *byteSet {
	var b byteSet
	b.addRange(c, c)
	if flags&syntax.FoldCase != 0 {
		for other := unicode.SimpleFold(c); other != c; other = unicode.SimpleFold(other) {
			b.addRange(other, other)
		}
	}
	return &b
}

// smallest returns the smallest of n sets, some of which may be nil.
func smallest(n int, set func(i int) *byteSet) *byteSet {
	var least *byteSet
	for i := range n {
		if b := set(i); b != nil && (least == nil || b.size() < least.size()) {
			least = b
		}
	}
	return least
}
