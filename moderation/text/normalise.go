package text

import (
	"strings"
	"unicode/utf8"

	"golang.org/x/text/cases"
)

// Normalised is a text in the form in which words are matched, together with the
// way back to the text as it was written.
type Normalised struct {
	// Text is the normal form.
	Text string

	mapping
}

// Normalise returns s in compatibility form (NFKC) and case-folded, without invisible characters and without
// combining marks that belong to no alphabet (a letter struck through, a pile of accents). Accented letters
// stay: "año" is not "ano". It is idempotent, replaces invalid UTF-8 by U+FFFD, and takes time linear in the
// length of s.
func Normalise(s string) Normalised {
	if isASCII(s) {
		return Normalised{Text: strings.ToLower(s), mapping: mapping{original: s}}
	}
	n := normaliser{Normalised: Normalised{mapping: mapping{original: s}}}
	n.out.Grow(len(s))
	for pos := 0; pos < len(s); {
		if c := s[pos]; c < utf8.RuneSelf && (pos+1 == len(s) || s[pos+1] < utf8.RuneSelf) {
			n.emitByte(c, pos)
			pos++
			continue
		}
		found := segmentAt(s, pos)
		n.emit(n.normalSegment(found.shown), found.src, found.srcEnd)
		pos = found.next
	}
	n.Text = n.out.String()
	return n.Normalised
}

// normalText returns the text of Normalise for a text in lower case. It allocates nothing for a normal one.
func normalText(s string) string {
	for at, r := range s {
		if r < utf8.RuneSelf {
			continue
		}
		if t := traitsOf(r); t.hidden || !t.boundary || !strings.HasPrefix(s[at:], t.normal) || t.normal == "" ||
			utf8.RuneLen(r) != len(t.normal) {
			return Normalise(s).Text
		}
	}
	return s
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

// segment is a character with all that combines with it.
type segment struct {
	shown       string // without what shows nothing; may be empty
	src, srcEnd int    // from its first shown character to its last
	next        int    // where the next segment begins
}

// segmentAt returns the segment of s at pos.
func segmentAt(s string, pos int) segment {
	found := segment{src: pos, srcEnd: pos}
	var several []byte // made only when the segment is not one stretch of s
	for found.next = pos; found.next < len(s); {
		at := found.next
		r, size := utf8.DecodeRuneInString(s[at:])
		if traits := traitsOf(r); !traits.hidden {
			if found.srcEnd == found.src {
				found.src = at
			} else if traits.boundary {
				break
			}
			if several == nil && found.srcEnd > found.src && found.srcEnd != at {
				several = append(several, s[found.src:found.srcEnd]...)
			}
			if several != nil {
				several = append(several, s[at:at+size]...)
			}
			found.srcEnd = at + size
		}
		found.next += size
	}
	if found.shown = s[found.src:found.srcEnd]; several != nil {
		found.shown = string(several)
	}
	return found
}

// normalSegment brings one segment to its normal form, single characters by table.
func (n *normaliser) normalSegment(segment string) string {
	if r, size := utf8.DecodeRuneInString(segment); size == len(segment) && size > 0 {
		return traitsOf(r).normal
	}
	if n.fold == nil {
		caser := cases.Fold()
		n.fold = &caser
	}
	return foldSegment(n.fold, segment)
}

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}
