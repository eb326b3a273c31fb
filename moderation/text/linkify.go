package text

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/text"
)

// linkifier makes links of bare web addresses in running text. goldmark's own
// one knows no international host names, makes links of emails too, and its
// regular expressions cost many times as much on hostile text.
type linkifier struct{}

// Trigger implements goldmark's parser.InlineParser: an address begins at the
// start of a line or after a space (both are ' ' to goldmark) or punctuation. The
// text is cut at a trigger, so what stands inside an entity can't be one.
func (linkifier) Trigger() []byte { return []byte(" !\"$%&'()*+,-./:<=>?@[\\]^_`{|}~") }

// Parse implements goldmark's parser.InlineParser.
func (linkifier) Parse(parent ast.Node, block text.Reader, _ parser.Context) ast.Node {
	line, segment := block.PeekLine()
	if segment.Padding > 0 {
		return nil
	}
	before, at := block.PrecendingCharacter(), 0
	if c := line[0]; c != 'h' && c != 'H' && c != 'w' && c != 'W' {
		before, at = rune(c), 1
	}
	length := addressLength(string(line[at:min(len(line), at+8)]), before)
	if length == 0 {
		return nil
	}
	if length = bareAddress(string(line[at:min(len(line), at+longestAddress)])); length == 0 {
		return nil
	}
	start := segment.Start + at
	if at > 0 {
		ast.MergeOrAppendTextSegment(parent, segment.WithStop(start))
	}
	block.Advance(at + length)
	link := ast.NewAutoLink(ast.AutoLinkURL, ast.NewTextSegment(text.NewSegment(start, start+length)))
	link.SetPos(start)
	if strings.EqualFold(string(line[at:at+4]), "www.") {
		link.Protocol = []byte("http")
	}
	return link
}

// addressLength returns the length of the scheme, or of "www.", with which s
// begins, if an address may begin after the character before; otherwise 0.
func addressLength(s string, before rune) int {
	if unicode.In(before, unicode.L, unicode.N) {
		return 0
	}
	for _, scheme := range [...]string{"https://", "http://"} {
		if len(s) >= len(scheme) && strings.EqualFold(s[:len(scheme)], scheme) {
			return len(scheme)
		}
	}
	if len(s) >= 4 && strings.EqualFold(s[:4], "www.") && !strings.ContainsRune("@./-", before) {
		return 4
	}
	return 0
}

// bareAddress returns the length of the web address at the start of s, without
// the punctuation that belongs to the sentence around it, or 0 if there is none.
// The host needs a dot.
func bareAddress(s string) int {
	prefix := addressLength(s, ' ')
	if prefix == 0 {
		return 0
	}
	host := hostLength(s[prefix:])
	name := strings.TrimRight(s[prefix:prefix+host], ".-_")
	if prefix == 4 {
		name = "www." + name
	}
	if dot := strings.LastIndexByte(name, '.'); dot <= 0 || strings.HasSuffix(name, ".") {
		return 0
	}
	end := prefix + host
	if end < len(s) && s[end] == ':' {
		end++
		for end < len(s) && '0' <= s[end] && s[end] <= '9' {
			end++
		}
	}
	if end < len(s) && strings.IndexByte("/?#", s[end]) >= 0 {
		tail := tailLength(s[end:])
		if tail > maxURLCharacters {
			return 0
		}
		end += tail
	}
	end = withoutSentence(s[:end])
	canonical := s[:end]
	if prefix == 4 {
		canonical = "http://" + canonical
	}
	if _, err := CheckURL(canonical); err != nil {
		return 0
	}
	return end
}

// longestAddress is how many bytes can matter for whether an address begins a text: scheme, host, port and tail.
const longestAddress = 16 + 4*maxDomainBytes + maxURLCharacters + 16

// hostLength returns how many bytes at the start of s can be a host name.
func hostLength(s string) int {
	const longest = 4 * maxDomainBytes // bytes of UTF-8 that could still be a domain
	for i, r := range s {
		if i > longest {
			return 0
		}
		if r != '.' && r != '-' && r != '_' && !unicode.In(r, unicode.L, unicode.M, unicode.N) {
			return i
		}
	}
	return len(s)
}

// tailEnds are the ASCII characters that end path, query and fragment. Square brackets do: they are Markdown's.
var tailEnds = func() (ends [utf8.RuneSelf]bool) {
	for c := range ends {
		ends[c] = c <= ' ' || c == 0x7f || strings.IndexByte("<>\"`[]\\^{|}", byte(c)) >= 0
	}
	return ends
}()

// tailLength returns how many bytes at the start of s can be path, query and
// fragment. It looks no further than an address may be long: a text of glued
// addresses would have its end looked for from each of them.
func tailLength(s string) int {
	for i, r := range s {
		switch {
		case i > maxURLCharacters:
			return i
		case r < utf8.RuneSelf:
			if tailEnds[r] {
				return i
			}
		case unicode.IsSpace(r) || unicode.IsControl(r) || hidden(r) || unicode.In(r, unicode.P, unicode.Z):
			return i
		}
	}
	return len(s)
}

// withoutSentence returns the length of address without closing punctuation. A
// closing parenthesis stays if its opening one is part of the address.
func withoutSentence(address string) int {
	end := len(address)
	surplus := strings.Count(address, ")") - strings.Count(address, "(")
	for end > 0 {
		switch c := address[end-1]; {
		case strings.IndexByte("?!.,:;*_~'", c) >= 0:
		case c == ')' && surplus > 0:
			surplus--
		default:
			return end
		}
		end--
	}
	return end
}
