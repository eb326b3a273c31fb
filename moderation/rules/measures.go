package rules

import "unicode"

// measures is what one pass over a text counts.
type measures struct {
	characters int
	lines      int
	letters    int
	cased      int // letters that are capital or could be
	upper      int
	longestRun int
}

func measure(s string) measures {
	m := measures{lines: 1}
	var last rune = -1
	run := 0
	for _, r := range s {
		m.characters++
		if r == '\n' {
			m.lines++
		}
		m.letter(r)
		switch {
		case unicode.IsSpace(r):
			run = 0
		case r == last:
			run++
		default:
			run = 1
		}
		last = r
		m.longestRun = max(m.longestRun, run)
	}
	return m
}

func (m *measures) letter(r rune) {
	switch {
	case 'a' <= r && r <= 'z':
		m.letters++
		m.cased++
	case 'A' <= r && r <= 'Z':
		m.letters++
		m.cased++
		m.upper++
	case r < 0x80:
	case unicode.IsLetter(r):
		m.letters++
		if unicode.IsUpper(r) || unicode.IsTitle(r) {
			m.cased++
			m.upper++
		} else if unicode.ToUpper(r) != r {
			m.cased++
		}
	}
}

// capitals returns the share of capital letters among those that could be.
func (m measures) capitals() float64 {
	if m.cased == 0 {
		return 0
	}
	return float64(m.upper) / float64(m.cased)
}
