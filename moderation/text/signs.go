package text

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// readSign reads what is neither a letter nor a digit at position at, and returns its length.
func (k *Skeleton) readSign(s string, at int, before *gap) int {
	c := s[at]
	if !k.apart {
		if length := max(k.readDrawn(s, at, before), k.readMask(s, at, before)); length > 0 {
			k.signs = true
			return length
		}
	}
	if length := insertion(s, at); length > 0 {
		k.signs = true
		if k.apart {
			return length
		}
	}
	switch {
	case c == '\'' && *before == joined:
	case !k.apart && k.signStands(s, at):
		k.signs = true
		may := substitutes[c]
		kind, class := sign, byte('*')
		if may != 0 {
			class = classOfReadings(may)
		} else {
			kind = censor
		}
		k.add(unit{start: int32(at), end: int32(at + 1), may: may, count: 1, before: *before, kind: kind}, class)
		*before = joined
	case c == '\n' && *before < lined:
		*before = lined
	case c == '\n' || (c == '.' || c == '?' || c == '!') && at+1 < len(s) && isSpaceByte(s[at+1]):
		*before = broken
	case c == ' ' || c == '\t' || c == '\r':
		*before = max(*before, spacing)
	default:
		*before = max(*before, pointed)
	}
	return 1
}

// The length of a remark inside a word, in bytes: a shorter one is rather an ending, as in "friend(s)".
const (
	leastInsertion = 2
	mostInsertion  = 24
)

// insertion returns the length of a remark in brackets inside a word, as in "fo(haha)ol"; 0 if there is none.
func insertion(s string, at int) int {
	bracket := strings.IndexByte("([{", s[at])
	if bracket < 0 || at == 0 || !isAlphanumeric(s[at-1]) && s[at-1] < utf8.RuneSelf {
		return 0
	}
	rest := s[at+1 : min(len(s), at+2+mostInsertion)]
	end := strings.IndexByte(rest, ")]}"[bracket])
	if end < leastInsertion || strings.ContainsFunc(rest[:end], func(r rune) bool { return !unicode.IsLetter(r) }) {
		return 0
	}
	behind := at + 1 + end + 1
	if behind == len(s) || !isAlphanumeric(s[behind]) && s[behind] < utf8.RuneSelf {
		return 0
	}
	return behind - at
}

// signStands reports whether the sign at position at stands for a letter, judging by what is around it.
func (k *Skeleton) signStands(s string, at int) bool {
	after := at+1 < len(s) && (isAlphanumeric(s[at+1]) || s[at+1] >= utf8.RuneSelf)
	inside := at > 0 && !isSpaceByte(s[at-1]) && at+1 < len(s) && !isSpaceByte(s[at+1])
	switch s[at] {
	case '@', '$':
		return true
	case '+':
		if at > 0 && (s[at-1] == '!' || isAlphanumeric(s[at-1]) && !inside) { // sh!+, shi+
			return true
		}
		fallthrough
	case '!', '|':
		if s[at] == '|' && after && (at == 0 || isSpaceByte(s[at-1])) { // |oser
			return true
		}
		return inside && (after || strings.IndexByte("!|+$@*", s[at+1]) >= 0) &&
			(isAlphanumeric(s[at-1]) || s[at-1] >= utf8.RuneSelf || s[at-1] == '!' || s[at-1] == '+')
	case '^':
		return after && at > 0 && isAlphanumeric(s[at-1])
	case '*', '#', '%', '&':
		afterCensor := len(k.units) > 0 && k.units[len(k.units)-1].kind == censor
		return at > 0 && (isAlphanumeric(s[at-1]) || letterBefore(s, at) || s[at-1] == s[at] && afterCensor) &&
			at+1 < len(s) &&
			(after || s[at+1] == s[at])
	case '(':
		return after && k.unclosed(s, at, 0, ')')
	case '<':
		return after && k.unclosed(s, at, 1, '>')
	}
	return false
}

// letterBefore reports whether a letter beyond ASCII stands right before position at.
func letterBefore(s string, at int) bool {
	if s[at-1] < utf8.RuneSelf {
		return false
	}
	r, _ := utf8.DecodeLastRuneInString(s[:at])
	return unicode.IsLetter(r)
}

// unclosed reports whether a bracket is never closed and is no mouth of a smiley either.
func (k *Skeleton) unclosed(s string, at, which int, closing byte) bool {
	if k.closer[which] < 0 {
		k.closer[which] = strings.LastIndexByte(s, closing) + 1
	}
	return at >= k.closer[which] && (at == 0 || strings.IndexByte(":;=-", s[at-1]) < 0)
}

// wideSign reports whether a character is a compatible form of a sign that stands for a letter, such as the
// full-width exclamation mark.
func wideSign(normal string) bool {
	return len(normal) == 1 && !isAlphanumeric(normal[0]) && substitutes[normal[0]] != 0
}

// continues reports whether s goes on without a space.
func continues(s string) bool { return s != "" && !isSpaceByte(s[0]) }

// strokeThree reports whether s begins with a stroke and a 3 that draw a b, as in "l3ig": a letter follows.
func strokeThree(s string) bool {
	return len(s) > 2 && s[1] == '3' && (s[2]|0x20 >= 'a' && s[2]|0x20 <= 'z')
}

// besideLetter reports whether a letter stands right before or after position at.
func besideLetter(s string, at int) bool {
	letter := func(i int) bool {
		return i >= 0 && i < len(s) && (s[i]|0x20 >= 'a' && s[i]|0x20 <= 'z' || s[i] >= utf8.RuneSelf)
	}
	return letter(at-1) || letter(at+1)
}

// atEdge reports whether the digit at position at is one of a few at the beginning or end of a word.
func atEdge(s string, at int) bool {
	const few = 4
	end := func(step int) bool {
		for i := range few {
			switch next := at + step*(i+1); {
			case next < 0 || next >= len(s) || s[next] < utf8.RuneSelf && !isAlphanumeric(s[next]):
				return true
			case s[next] < '0' || s[next] > '9':
				return false
			}
		}
		return false
	}
	return end(-1) || end(1)
}

func isAlphanumeric(c byte) bool {
	return 'a' <= c|0x20 && c|0x20 <= 'z' || '0' <= c && c <= '9'
}

func isSpaceByte(c byte) bool { return c == ' ' || c == '\t' || c == '\n' || c == '\r' }
