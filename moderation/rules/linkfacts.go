package rules

import "strings"

// shortened counts the links that lead through a link shortener.
func (e *evaluation) shortened() int {
	n := 0
	for _, l := range e.links() {
		if shorteners().has(l.Host) {
			n++
		}
	}
	return n
}

// international counts the links whose host is written in ASCII only for machines: it has letters of other
// alphabets.
func (e *evaluation) international() int {
	n := 0
	for _, l := range e.links() {
		if strings.HasPrefix(l.Host, "xn--") || strings.Contains(l.Host, ".xn--") {
			n++
		}
	}
	return n
}

// mismatched counts the links that show one site and lead to another.
func (e *evaluation) mismatched() int {
	n := 0
	for _, l := range e.links() {
		if l.Mismatched() {
			n++
		}
	}
	return n
}
