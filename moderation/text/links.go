package text

import (
	"net/url"
	"strings"
	"unicode/utf8"
)

// Link is one web address that a reader of a comment comes across.
type Link struct {
	URL        string // canonical, see CheckURL
	Host       string // lower-case ASCII, without port
	Text       string // what the reader sees of it
	Start, End int    // the span in the Markdown source, in bytes
}

func newLink(address, label string, at span) Link {
	link := Link{URL: address, Text: label, Start: at.start, End: at.end}
	if parsed, err := url.Parse(address); err == nil {
		link.Host = parsed.Hostname()
	}
	return link
}

// spelledOut finds the addresses in s outside the covered stretches.
func spelledOut(s string, covered []linkedText) []Link {
	var found []Link
	for at := 0; at < len(s); {
		for len(covered) > 0 && covered[0].End <= at {
			covered = covered[1:]
		}
		if len(covered) > 0 && covered[0].Start <= at {
			at = covered[0].End
			continue
		}
		offset := strings.IndexAny(s[at:], "hHwW")
		if offset < 0 {
			break
		}
		if offset > 0 {
			at += offset
			continue // the stretches are to be looked at again
		}
		length := 0
		if begins(s, at) {
			length = bareAddress(s[at:])
		}
		if length > 0 {
			found = append(found, spelledLink(s, span{at, at + length}))
		}
		at += max(length, 1)
	}
	return found
}

// begins reports whether an address may begin at a position. One with a scheme
// may begin anywhere, even glued to a word: a reader recognises it all the same.
func begins(s string, at int) bool {
	before, _ := utf8.DecodeLastRuneInString(s[:at])
	return addressLength(s[at:], ' ') > 4 || addressLength(s[at:], before) > 0
}

func spelledLink(s string, at span) Link {
	shown := s[at.start:at.end]
	address := shown
	if addressLength(shown, ' ') == 4 {
		address = "http://" + address
	}
	canonical, err := CheckURL(address)
	if err != nil { // bareAddress has checked it
		canonical = address
	}
	return newLink(canonical, shown, at)
}
