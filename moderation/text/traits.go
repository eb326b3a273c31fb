package text

import (
	"strings"
	"sync/atomic"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"
)

// traits is what normalising and splitting need to know of a single character.
type traits struct {
	normal   string // its normal form when it stands alone
	hidden   bool   // shows nothing
	boundary bool   // never combines with what precedes it
	class    wordClass
	search   searchClass
	shapes   []shape // what Skeleton reads in its place; nil for what shows nothing or separates
}

// tabled is how far traitsOf keeps tables: the two planes with all letters that
// have case or compatible forms, and emoji.
const tabled = 0x20000

// page is how many characters a table has: few, for Chinese and Japanese texts use a
// few characters of each of many hundred.
const page = 16

// tables holds the traits of some characters each, made when first needed. They
// are a cache of a pure function: usually some hundred tables of 1 kB.
var tables [tabled / page]atomic.Pointer[[page]traits]

func traitsOf(r rune) *traits {
	if r >= tabled {
		fold := cases.Fold()
		t := newTraits(&fold, r)
		return &t
	}
	table := tables[r/page].Load()
	if table == nil {
		fold := cases.Fold()
		table = new([page]traits)
		for i := range table {
			table[i] = newTraits(&fold, r/page*page+rune(i))
		}
		tables[r/page].Store(table)
	}
	return &table[r%page]
}

func newTraits(fold *cases.Caser, r rune) traits {
	s := string(r)
	t := traits{normal: foldSegment(fold, s), hidden: hidden(r), class: classOf(r), search: searchClassOf(r)}
	// The second question is for letters whose compatible form combines although
	// they don't, such as the Hangul ones of old standards.
	t.boundary = norm.NFKC.PropertiesString(s).BoundaryBefore() &&
		(t.normal == "" || norm.NFC.PropertiesString(t.normal).BoundaryBefore())
	if r >= utf8.RuneSelf && !t.hidden && !overlay(r) {
		t.shapes = shapesOf(r, t.normal)
	}
	return t
}

// foldSegment folds and composes. Folding may need another composition and the
// other way round, so it repeats until nothing changes, within a bound.
func foldSegment(fold *cases.Caser, segment string) string {
	for range 4 {
		folded := norm.NFKC.String(fold.String(norm.NFKC.String(segment)))
		next := norm.NFKC.String(strings.Map(withoutOverlay, folded))
		if next == segment {
			break
		}
		segment = next
	}
	return segment
}

// withoutOverlay drops invisible characters and the combining marks that belong to no script. Its input is
// composed text, in which marks that are part of a letter are not separate. It also folds Cherokee, which the
// case tables in use lack: its lower-case letters are newer and fold to the capitals.
func withoutOverlay(r rune) rune {
	switch {
	case hidden(r) || overlay(r):
		return -1
	case unicode.Is(unicode.Cherokee, r):
		return unicode.ToUpper(r)
	}
	return r
}

// overlay reports whether r is a combining mark that any script may use, save
// the two that make Japanese syllables voiced.
func overlay(r rune) bool {
	return r >= 0x300 && unicode.In(r, unicode.Mn, unicode.Me) && unicode.Is(unicode.Inherited, r) &&
		r != '\u3099' && r != '\u309A'
}
