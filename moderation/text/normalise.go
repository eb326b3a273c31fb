package text

import (
	"sort"
	"strings"
	"sync/atomic"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"
)

// Normalised is a text in the form in which words are matched, together with the
// way back to the text as it was written.
type Normalised struct {
	// Text is the normal form.
	Text string

	original string
	runs     []run // in order, without gaps in out; nil when Text and original run in step
}

// run says which bytes of the original a stretch of the normal form came from.
type run struct {
	out, outEnd int
	src, srcEnd int
	inStep      bool // byte for byte; otherwise the stretch stands for the source as a whole
}

// Normalise returns s with compatible forms made one (NFKC), case folded, and
// with characters that show nothing removed, as are marks laid over letters that
// do not belong to any alphabet (a letter struck through, a pile of accents).
// Accented letters stay what they are: "año" is not "ano". Normalising a normal
// form changes nothing. Invalid UTF-8 becomes U+FFFD. Linear in the length of s.
func Normalise(s string) Normalised {
	if isASCII(s) {
		return Normalised{Text: strings.ToLower(s), original: s}
	}
	n := normaliser{Normalised: Normalised{original: s}}
	n.out.Grow(len(s))
	for pos := 0; pos < len(s); {
		if c := s[pos]; c < utf8.RuneSelf && (pos+1 == len(s) || s[pos+1] < utf8.RuneSelf) {
			n.emitByte(c, pos)
			pos++
			continue
		}
		segment, end := segmentAt(s, pos)
		n.emit(n.normalSegment(segment), pos, end)
		pos = end
	}
	n.Text = n.out.String()
	return n.Normalised
}

// Original returns the byte span of the original text from which the bytes
// start to end of Text came. The span begins and ends at characters of the
// original; for start == end it is empty.
func (n Normalised) Original(start, end int) (int, int) {
	if n.runs == nil {
		return start, end
	}
	if start >= end {
		at := n.source(start, false)
		return at, at
	}
	return n.source(start, false), n.source(end-1, true)
}

// source returns where in the original the byte at position at of Text begins,
// or, with last, where its character ends.
func (n Normalised) source(at int, last bool) int {
	i := sort.Search(len(n.runs), func(i int) bool { return n.runs[i].outEnd > at })
	if i == len(n.runs) {
		return len(n.original)
	}
	r := n.runs[i]
	switch {
	case r.inStep:
		return n.snap(r.src+at-r.out, last)
	case last:
		return r.srcEnd
	}
	return r.src
}

// snap returns where the character around the byte at position at begins, or ends.
func (n Normalised) snap(at int, last bool) int {
	for at > 0 && !utf8.RuneStart(n.original[at]) {
		at--
	}
	if last {
		_, size := utf8.DecodeRuneInString(n.original[at:])
		at += size
	}
	return at
}

type normaliser struct {
	Normalised
	out  strings.Builder
	fold *cases.Caser // made when first needed
}

// emitByte appends one ASCII character, in step with the source.
func (n *normaliser) emitByte(c byte, pos int) {
	if 'A' <= c && c <= 'Z' {
		c += 'a' - 'A'
	}
	n.out.WriteByte(c)
	n.record(run{out: n.out.Len() - 1, outEnd: n.out.Len(), src: pos, srcEnd: pos + 1, inStep: true})
}

// emit appends what the source bytes pos to end have become.
func (n *normaliser) emit(normal string, pos, end int) {
	if normal == "" {
		return
	}
	out := n.out.Len()
	n.out.WriteString(normal)
	n.record(run{out: out, outEnd: n.out.Len(), src: pos, srcEnd: end, inStep: normal == n.original[pos:end]})
}

// record appends a run, or lengthens the last one if both are in step.
func (n *normaliser) record(r run) {
	if last := len(n.runs) - 1; r.inStep && last >= 0 && n.runs[last].inStep && n.runs[last].srcEnd == r.src {
		n.runs[last].outEnd, n.runs[last].srcEnd = r.outEnd, r.srcEnd
		return
	}
	n.runs = append(n.runs, r)
}

// segmentAt returns the shown characters of s at pos up to the next one that
// does not combine with them, and where that one is.
func segmentAt(s string, pos int) (segment string, end int) {
	var several []byte
	from, length := pos, 0 // the one shown character, as long as it is one
	for end = pos; end < len(s); {
		r, size := utf8.DecodeRuneInString(s[end:])
		if !hidden(r) {
			switch {
			case length == 0:
				from, length = end, size
			case boundary(r, s[end:]):
				return segmentText(s[from:from+length], several), end
			case several == nil:
				several = append([]byte(s[from:from+length]), s[end:end+size]...)
			default:
				several = append(several, s[end:end+size]...)
			}
		}
		end += size
	}
	return segmentText(s[from:from+length], several), end
}

// boundary reports whether r, with which rest begins, never combines with what
// precedes it. The second question is for letters whose compatible form does,
// such as the Hangul ones of old standards.
func boundary(r rune, rest string) bool {
	if !norm.NFKC.PropertiesString(rest).BoundaryBefore() {
		return false
	}
	normal := normalRune(r)
	return normal == "" || norm.NFC.PropertiesString(normal).BoundaryBefore()
}

func segmentText(one string, several []byte) string {
	if several != nil {
		return string(several)
	}
	return one
}

// normalSegment brings one segment to its normal form, single characters by table.
func (n *normaliser) normalSegment(segment string) string {
	if r, size := utf8.DecodeRuneInString(segment); size == len(segment) && size > 0 {
		return normalRune(r)
	}
	if n.fold == nil {
		caser := cases.Fold()
		n.fold = &caser
	}
	return foldSegment(n.fold, segment)
}

// foldSegment folds and composes. Folding may need another composition and the
// other way round, so it repeats until nothing changes; twice is the most that
// was seen over all of Unicode, and the bound is there only to be one.
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

// tabled is how far normalRune keeps tables: the two planes with all letters
// that have case or compatible forms, and emoji.
const tabled = 0x20000

// tables holds the normal forms of 256 characters each, made when first needed.
// They are a cache of a pure function: at most about 3 MB, and usually a few pages.
var tables [tabled / 256]atomic.Pointer[[256]string]

// normalRune returns the normal form of a single character.
func normalRune(r rune) string {
	if r >= tabled {
		fold := cases.Fold()
		return foldSegment(&fold, string(r))
	}
	table := tables[r/256].Load()
	if table == nil {
		fold := cases.Fold()
		table = new([256]string)
		for i := range table {
			table[i] = foldSegment(&fold, string(r/256*256+rune(i)))
		}
		tables[r/256].Store(table)
	}
	return table[r%256]
}

// withoutOverlay drops what shows nothing and the combining marks of no
// particular script. It sees composed text: whatever is part of a letter of some
// alphabet is no longer a mark of its own. Cherokee, whose small letters are
// younger and fold to the capitals, is left out by the case tables in use.
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

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}
