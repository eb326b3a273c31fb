package text

import "github.com/yuin/goldmark/util"

// maxAddressNesting bounds the parentheses inside parentheses of a link's address, as other Markdown programs
// do. The parser would read on to the end of the line for each "](", to learn that they never close.
const maxAddressNesting = 32

// hopelessAddress reports whether the text after "](" can't be a link destination: its parentheses nest too
// deep, or another angle bracket opens before the first one closes. It stops where a destination would end,
// so the time for a text with many of them is linear.
func hopelessAddress(line []byte) bool {
	at := 0
	for at < len(line) && util.IsSpace(line[at]) {
		at++
	}
	angled := at < len(line) && line[at] == '<'
	if angled {
		at++
	}
	for depth := 0; at < len(line); at++ {
		switch c := line[at]; {
		case c == '\\' && at+1 < len(line) && util.IsPunct(line[at+1]):
			at++
		case angled && (c == '<' || c == '>'):
			return c == '<'
		case angled:
		case util.IsSpace(c):
			return false
		case c == '(':
			if depth++; depth > maxAddressNesting {
				return true
			}
		case c == ')':
			if depth--; depth < 0 {
				return false
			}
		}
	}
	return false
}
