package classify

import (
	"math"
	"strings"
	"unicode"
)

// shapes is how many things the shape of a text says.
const shapes = 11

// counted is what of a text does not lie in its words.
type counted struct {
	runes, letters, capitals, foreign int
	digits, marks, shouts             int
	lineEnds, longestRun              int
}

// shapeOf puts each thing about a text on a coarse scale of its own, so that each step can be learned by
// itself.
func shapeOf(body, folded string, words int) [shapes]int {
	c := count(body)
	addresses := strings.Count(folded, "http") + strings.Count(folded, "www.")
	return [shapes]int{
		level(c.runes), level(words), min(addresses, 3), level(c.digits), level(c.shouts), level(c.lineEnds),
		share(c.capitals, c.letters), share(c.digits, c.runes), share(c.marks, c.runes), share(c.foreign, c.letters),
		min(c.longestRun, 6),
	}
}

func count(body string) counted {
	var c counted
	last, run := rune(-1), 0
	for _, r := range body {
		c.runes++
		if run++; r != last {
			last, run = r, 1
		}
		c.longestRun = max(c.longestRun, run)
		c.add(r)
	}
	return c
}

func (c *counted) add(r rune) {
	switch {
	case 'a' <= r && r <= 'z':
		c.letters++
	case r == '\n':
		c.lineEnds++
	case unicode.IsSpace(r):
	case unicode.IsLetter(r):
		c.letters++
		if unicode.IsUpper(r) {
			c.capitals++
		}
		if r > unicode.MaxLatin1 {
			c.foreign++
		}
	case unicode.IsDigit(r):
		c.digits++
	default:
		c.marks++
		if r == '!' || r == '?' {
			c.shouts++
		}
	}
}

// level puts a count on a scale in which each step is half as much again.
func level(n int) int {
	if n <= 0 {
		return 0
	}
	return 1 + int(math.Log(float64(n))/math.Log(1.5))
}

// share puts a part of a whole on a scale of ten; none of it is a step of its own.
func share(part, whole int) int {
	if part == 0 || whole == 0 {
		return 0
	}
	return 1 + part*9/whole
}
