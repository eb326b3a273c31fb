package ruleform

import "strings"

// scanner walks through a CEL expression and knows which characters stand in strings, comments and brackets.
type scanner struct {
	source string
	at     int
	depth  int // of open brackets
	broken bool
}

// next moves behind the next token that is no white space, and returns where it starts. ok is false at the end.
func (s *scanner) next() (start int, ok bool) {
	for s.at < len(s.source) {
		switch c := s.source[s.at]; {
		case c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f':
			s.at++
		case strings.HasPrefix(s.source[s.at:], "//"):
			end := strings.IndexByte(s.source[s.at:], '\n')
			if end < 0 {
				s.at = len(s.source)
			} else {
				s.at += end
			}
		default:
			start = s.at
			s.token()
			return start, true
		}
	}
	return s.at, false
}

// token moves behind the token that starts here.
func (s *scanner) token() {
	rest := s.source[s.at:]
	switch c := rest[0]; {
	case c == '"' || c == '\'':
		s.text(false)
	case isWord(c):
		end := 1
		for end < len(rest) && isWord(rest[end]) {
			end++
		}
		word := strings.ToLower(rest[:end])
		s.at += end
		if end < len(rest) && (rest[end] == '"' || rest[end] == '\'') && len(word) <= 2 && strings.Trim(word, "rb") == "" {
			s.text(strings.Contains(word, "r"))
		}
	case strings.HasPrefix(rest, "||"), strings.HasPrefix(rest, "&&"):
		s.at += 2
	default:
		switch c {
		case '(', '[', '{':
			s.depth++
		case ')', ']', '}':
			s.depth--
			s.broken = s.broken || s.depth < 0
		}
		s.at++
	}
}

func isWord(c byte) bool {
	return c == '_' || c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= 0x80
}

// text moves behind a string literal.
func (s *scanner) text(raw bool) {
	quote := s.source[s.at : s.at+1]
	if triple := strings.Repeat(quote, 3); strings.HasPrefix(s.source[s.at:], triple) {
		quote = triple
	}
	s.at += len(quote)
	for s.at < len(s.source) {
		switch {
		case strings.HasPrefix(s.source[s.at:], quote):
			s.at += len(quote)
			return
		case s.source[s.at] == '\\' && !raw:
			s.at = min(s.at+2, len(s.source))
		default:
			s.at++
		}
	}
	s.broken = true
}

// split returns the parts of an expression between an operator that stands outside all brackets. whole is
// false if brackets or quotation marks do not match.
func split(source, operator string) (parts []string, whole bool) {
	s := scanner{source: source}
	from := 0
	for {
		start, ok := s.next()
		if !ok {
			break
		}
		if s.depth == 0 && source[start:s.at] == operator {
			parts = append(parts, strings.TrimSpace(source[from:start]))
			from = s.at
		}
	}
	parts = append(parts, strings.TrimSpace(source[from:]))
	return parts, !s.broken && s.depth == 0
}

// ternary reports whether an expression has a conditional operator outside all brackets.
func ternary(source string) bool {
	parts, _ := split(source, "?")
	return len(parts) > 1
}

// hasComment reports whether an expression has a comment.
func hasComment(source string) bool {
	s := scanner{source: source}
	end := 0
	for {
		start, ok := s.next()
		if strings.Contains(source[end:start], "//") {
			return true
		}
		if !ok {
			return false
		}
		end = s.at
	}
}

// inParentheses returns what stands in the parentheses that enclose the whole expression.
func inParentheses(source string) (inner string, ok bool) {
	if !strings.HasPrefix(source, "(") {
		return "", false
	}
	s := scanner{source: source}
	s.next()
	for s.depth > 0 {
		if _, ok := s.next(); !ok {
			return "", false
		}
	}
	if s.broken || s.at != len(source) {
		return "", false
	}
	return strings.TrimSpace(source[1 : s.at-1]), true
}
