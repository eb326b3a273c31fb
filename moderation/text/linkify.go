package text

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/text"
)

// linkifier turns bare URLs in running text into links. Goldmark's own linkifier does not support
// international host names, also links emails, and its regular expressions are many times slower on hostile
// text.
type linkifier struct{}

// addressAttribute is where linkifier records the canonical address.
const addressAttribute = "address"

// sourceText is the source as a string. Converting a part of it for each address would copy most of a text many
// times.
var sourceText = parser.NewContextKey()

func sourceString(block text.Reader, pc parser.Context) string {
	s, converted := pc.Get(sourceText).(string)
	if !converted {
		s = string(block.Source())
		pc.Set(sourceText, s)
	}
	return s
}

// Trigger implements goldmark's parser.InlineParser: ":" after "http" or "https", and "." after "www".
// addressLength checks what comes before them, since non-ASCII characters cannot be triggers.
func (linkifier) Trigger() []byte { return []byte(":.") }

// Parse implements goldmark's parser.InlineParser.
func (linkifier) Parse(parent ast.Node, block text.Reader, pc parser.Context) ast.Node {
	_, segment := block.PeekLine()
	before, isText := parent.LastChild().(*ast.Text)
	if !isText || before.Segment.Stop != segment.Start {
		return nil
	}
	source := sourceString(block, pc)
	start := beginning(source[before.Segment.Start:segment.Start]) + before.Segment.Start
	if start == segment.Start {
		return nil
	}
	preceding, _ := utf8.DecodeLastRuneInString(source[:start])
	if start == 0 {
		preceding = ' '
	}
	if addressLength(source[start:min(segment.Stop, start+8)], preceding) == 0 {
		return nil
	}
	length, address := checkedAddress(source[start:min(segment.Stop, start+longestAddress)])
	if length == 0 {
		return nil
	}
	if before.Segment.Stop = start; before.Segment.IsEmpty() {
		parent.RemoveChild(parent, before)
	}
	block.Advance(start + length - segment.Start)
	link := ast.NewAutoLink(ast.AutoLinkURL, ast.NewTextSegment(text.NewSegment(start, start+length)))
	link.SetPos(start)
	link.SetAttributeString(addressAttribute, address)
	if c := source[start]; c == 'w' || c == 'W' {
		link.Protocol = []byte("http")
	}
	return link
}

// beginning returns where the scheme or "www" at the end of s starts; len(s) if there is none.
func beginning(s string) int {
	for _, scheme := range [...]string{"https", "http", "www"} {
		if at := len(s) - len(scheme); at >= 0 && strings.EqualFold(s[at:], scheme) {
			return at
		}
	}
	return len(s)
}

// addressLength returns the length of the scheme, or of "www.", with which s
// begins, if an address may begin after the character before; otherwise 0.
func addressLength(s string, before rune) int {
	if unicode.In(before, unicode.L, unicode.N) && !solid(before) {
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
	length, _ := checkedAddress(s)
	return length
}

// checkedAddress is bareAddress with the canonical address.
func checkedAddress(s string) (length int, canonical string) {
	prefix := addressLength(s, ' ')
	if prefix == 0 {
		return 0, ""
	}
	host := hostLength(s[prefix:])
	name := strings.TrimRight(s[prefix:prefix+host], ".-_")
	if prefix == 4 {
		name = "www." + name
	}
	if dot := strings.LastIndexByte(name, '.'); dot <= 0 || strings.HasSuffix(name, ".") {
		return 0, ""
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
			return 0, ""
		}
		end += tail
	}
	end = withoutSentence(s[:end])
	address := s[:end]
	if prefix == 4 {
		address = "http://" + address
	}
	canonical, err := CheckURL(address)
	if err != nil {
		return 0, ""
	}
	return end, canonical
}

// longestAddress is the number of bytes that can decide whether a text begins with an address: scheme, host,
// port and tail.
const longestAddress = 16 + 4*maxDomainBytes + maxURLCharacters + 16

// hostLength returns how many bytes at the start of s can be a host name. A name has as many bytes as characters
// at least, so it stops soon: otherwise, each of many joined hosts would be scanned for long.
func hostLength(s string) int {
	characters := 0
	for i, r := range s {
		if !inHost(r) {
			return i - glued(s[:i])
		}
		if characters++; characters > maxDomainBytes+1 {
			return 0
		}
	}
	return len(s) - glued(s)
}

func inHost(r rune) bool {
	if r < utf8.RuneSelf {
		return r == '.' || r == '-' || r == '_' || isAlphanumeric(byte(r))
	}
	return unicode.In(r, unicode.L, unicode.M, unicode.N)
}

// glued returns how many bytes at the end of a host belong to the sentence that continues without a space, as
// in "example.comです": no top-level domain starts with ASCII letters and continues in another script.
func glued(host string) int {
	last := host[strings.LastIndexByte(host, '.')+1:]
	ascii := 0
	for ascii < len(last) && last[ascii] < utf8.RuneSelf {
		ascii++
	}
	if r, _ := utf8.DecodeRuneInString(last[ascii:]); ascii < 2 || !solid(r) {
		return 0
	}
	return len(last) - ascii
}

// tailEnds are the ASCII characters that end path, query and fragment. They include square brackets, which
// are Markdown syntax.
var tailEnds = func() (ends [utf8.RuneSelf]bool) {
	for c := range ends {
		ends[c] = c <= ' ' || c == 0x7f || strings.IndexByte("<>\"`[]\\^{|}", byte(c)) >= 0
	}
	return ends
}()

// tailLength returns how many bytes at the start of s can be path, query and fragment. It stops at the
// maximum length of a URL: otherwise, in a text of joined URLs, each of them would be scanned to the end of
// the text.
func tailLength(s string) int {
	ascii := 0 // number of bytes before the first non-ASCII one
	for i, r := range s {
		switch {
		case i > maxURLCharacters:
			return i
		case r < utf8.RuneSelf:
			if tailEnds[r] {
				return i
			}
			if i == ascii {
				ascii++
			}
		case unicode.IsSpace(r) || unicode.IsControl(r) || hidden(r) || unicode.In(r, unicode.P, unicode.Z):
			return i
		case i == ascii && isAlphanumeric(s[i-1]) && unicode.In(r, unicode.Hiragana, unicode.Hangul):
			return i // the end of the sentence, as in "https://example.com/a에서"
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
