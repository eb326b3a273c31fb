package text

import (
	"sort"
	"unicode/utf8"
)

// mapping leads from a derived text back to the text that it was made from.
type mapping struct {
	original string
	runs     []run // in order, without gaps in out; nil if both texts are equal byte for byte
}

// run says which bytes of the original a stretch of the derived text came from.
type run struct {
	out, outEnd int
	src, srcEnd int
	inStep      bool // byte for byte; otherwise the stretch stands for the source as a whole
}

// Original returns the byte span of the original text from which the bytes
// start to end of the derived text came. The span begins and ends at characters
// of the original; for start == end it is empty.
func (m *mapping) Original(start, end int) (int, int) {
	if m.runs == nil {
		return start, end
	}
	if start >= end {
		at := m.source(start, false)
		return at, at
	}
	// Text in an applied direction override runs backwards, so the last character may come first.
	return min(m.source(start, false), m.source(end-1, false)), max(m.source(start, true), m.source(end-1, true))
}

// source returns where in the original the byte at position at begins, or, with
// last, where its character ends.
func (m *mapping) source(at int, last bool) int {
	i := sort.Search(len(m.runs), func(i int) bool { return m.runs[i].outEnd > at })
	if i == len(m.runs) {
		return len(m.original)
	}
	r := m.runs[i]
	switch {
	case r.inStep:
		return m.snap(r.src+at-r.out, last)
	case last:
		return r.srcEnd
	}
	return r.src
}

// snap returns where the character around the byte at position at begins, or ends.
func (m *mapping) snap(at int, last bool) int {
	for at > 0 && !utf8.RuneStart(m.original[at]) {
		at--
	}
	if last {
		_, size := utf8.DecodeRuneInString(m.original[at:])
		at += size
	}
	return at
}

// record appends a run, or lengthens the last one if both are in step.
func (m *mapping) record(r run) {
	if last := len(m.runs) - 1; r.inStep && last >= 0 && m.runs[last].inStep && m.runs[last].srcEnd == r.src {
		m.runs[last].outEnd, m.runs[last].srcEnd = r.outEnd, r.srcEnd
		return
	}
	m.runs = append(m.runs, r)
}
