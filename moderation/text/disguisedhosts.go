package text

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/net/publicsuffix"
)

// DisguisedHost is a web address in a comment that is written so that it is no link.
type DisguisedHost struct {
	Host       string // lower-case ASCII
	Start, End int    // the span in the Markdown source, in bytes
}

// MaxDisguisedHosts bounds the disguised addresses of one comment.
const MaxDisguisedHosts = 100

// The kinds of separators between the labels of a host, from the one that says least to the surest.
const (
	plainDot  = iota // "shop.com", "shop。com"
	apartDot         // "shop . com", "shop .com", "shop dot com"
	markedDot        // "shop[.]com", "shop (dot) com"
)

// sureTops are top-level domains that are no words: behind a plain dot one makes a host. "Is", "it", "so", "me"
// and the like only count in front of a path: people leave out the space behind a full stop.
var sureTops = wordSet(strings.Fields("com net org info biz xyz shop online site club store icu vip ru cn uk fr pl nl ch tv app dev casino " +
	"bet click loan win buzz live work space website tech gov edu mil ua jp se at cz hu kr br ca au nz tk ml ga cf gq cyou"))

// apartTops are those that count even where spaces stand around the dot.
var apartTops = wordSet(strings.Fields("com net org info biz xyz shop ru cn uk icu vip cyou tk casino bet"))

// notNames stand before "dot com" where nobody means a host: "the dot com bubble".
var notNames = wordSet(strings.Fields("the this that these those a an old first every early late big many of in and or to is was new your my our"))

// DisguisedHosts returns the hosts of URLs in the comment that are not links: URLs with an altered scheme
// ("hxxp://"), with dots that are marked or spelled out, or without a scheme. Email addresses do not count.
// It searches the shown text, so neither entities nor emphasis hide a URL.
func (r *Reading) DisguisedHosts() []DisguisedHost {
	r.hosts.Do(func() {
		r.disguised = findDisguised(r.Shown, r.linked)
		for i := range r.disguised {
			h := &r.disguised[i]
			h.Start, h.End = r.Source(h.Start, h.End)
		}
	})
	return r.disguised
}

// Hosts returns the hosts of the links and of the disguised addresses, each once, in order.
func (r *Reading) Hosts() []string {
	var hosts []string
	for _, l := range r.Links {
		hosts = append(hosts, l.Host)
	}
	for _, h := range r.DisguisedHosts() {
		hosts = append(hosts, h.Host)
	}
	slices.Sort(hosts)
	return slices.Compact(hosts)
}

// findDisguised finds the disguised addresses of a shown text outside its links. Their spans are in that text.
func findDisguised(body string, links []linkedText) []DisguisedHost {
	if !mayDisguise(body) {
		return nil
	}
	var found []DisguisedHost
	reached := 0 // nothing before is looked at again
	for at := 0; at < len(body) && len(found) < MaxDisguisedHosts; {
		for len(links) > 0 && links[0].End <= at {
			links = links[1:]
		}
		if len(links) > 0 && links[0].Start <= at {
			at, reached = links[0].End, links[0].End
			continue
		}
		kind, dot := dotAt(body, at)
		if dot == 0 {
			at++
			continue
		}
		h, ok := hostAround(body, reached, Span{at, at + dot}, kind)
		if ok && (len(links) == 0 || h.End <= links[0].Start) {
			found = append(found, h)
		}
		at += dot
		if ok || kind == plainDot {
			at = max(at, h.End)
			reached = at
		}
	}
	return found
}

// mayDisguise reports whether the body has a sign of a disguised address at all: most have none.
func mayDisguise(body string) bool {
	for at := 0; ; at++ {
		dot := strings.IndexByte(body[at:], '.')
		if dot < 0 {
			break
		}
		at += dot
		next, _ := utf8.DecodeRuneInString(body[at+1:])
		if at > 0 && body[at-1] == ' ' || next == ']' || next == ')' || next == '}' || inLabel(next) {
			return true
		}
	}
	return strings.ContainsFunc(body, otherDot) || spellsDot(body)
}

// spellsDot reports whether a text contains "dot", in any case.
func spellsDot(s string) bool {
	const lower = 'a' - 'A'
	for i := 1; i+1 < len(s); i++ {
		if s[i]|lower == 'o' && s[i-1]|lower == 'd' && s[i+1]|lower == 't' {
			return true
		}
	}
	return false
}

// otherDot reports whether a character looks like a full stop. Browsers treat some of them as one.
func otherDot(r rune) bool {
	switch r {
	case '。', '．', '｡', '․', '•', '·', '∙', '⋅':
		return true
	}
	return false
}

// dotAt returns the kind and length of what stands for the dot of a host at a position; length 0 for
// nothing.
func dotAt(body string, at int) (kind, length int) {
	c := body[at]
	switch {
	case c == '.':
		return plainDot, 1
	case c == ' ':
		return spacedDotAt(body, at)
	case c == '[' || c == '(' || c == '{':
		return markedDot, markedLength(body[at:])
	case c >= utf8.RuneSelf:
		if r, size := utf8.DecodeRuneInString(body[at:]); otherDot(r) {
			return plainDot, size
		}
	}
	return plainDot, 0
}

// spacedDotAt measures " . ", " .", " dot " and " (dot) " at a space.
func spacedDotAt(body string, at int) (kind, length int) {
	rest := body[at+1:]
	switch {
	case strings.HasPrefix(rest, ". "):
		return apartDot, 3
	case strings.HasPrefix(rest, "."):
		return apartDot, 2
	case len(rest) > 4 && strings.EqualFold(rest[:4], "dot "):
		return apartDot, 5
	case rest != "" && strings.IndexByte("[({", rest[0]) >= 0:
		if n := markedLength(rest); n > 0 {
			n++
			if at+n < len(body) && body[at+n] == ' ' {
				n++
			}
			return markedDot, n
		}
	}
	return plainDot, 0
}

// markedLength measures a dot in brackets: "[.]", "(dot)", "{ . }".
func markedLength(s string) int {
	end := strings.IndexAny(s[:min(len(s), 10)], "])}")
	if end < 0 {
		return 0
	}
	switch strings.ToLower(strings.Trim(s[1:end], " ")) {
	case ".", "dot":
		return end + 1
	}
	return 0
}

// maxLabels bounds the labels of a host.
const maxLabels = 10

// hostAround reads the host around its first dot. The span of the result is set even if it is not a host.
func hostAround(body string, from int, dot Span, kind int) (DisguisedHost, bool) {
	start := labelStart(body, from, dot.Start)
	name, top, end := withoutHidden(body[start:dot.Start]), "", dot.End
	labels := []string{name}
	for at := dot.End; len(labels) < maxLabels; {
		to := labelEnd(body, at)
		label := withoutHidden(body[at:to])
		if label == "" {
			break
		}
		labels, top, end = append(labels, label), label, to
		if end == len(body) {
			break
		}
		next, length := dotAt(body, end)
		if length == 0 || next == apartDot && kind == plainDot {
			break
		}
		kind, at = max(kind, next), end+length
	}
	scheme := schemeBefore(body[:start])
	h := DisguisedHost{Start: start - scheme, End: end}
	if name == "" || top == "" || isEmail(body, start, end) {
		return h, false
	}
	if !writtenAs(body, Span{start, end}, labels).plausible(kind, scheme > 0) {
		return h, false
	}
	address, err := CheckURL("http://" + strings.ToLower(strings.Join(labels, ".")))
	if err == nil {
		h.Host = newLink(address, "", span{}).Host
	}
	return h, strings.Contains(h.Host, ".") && !products[h.Host]
}

// products are names that are written like hosts.
var products = wordSet(strings.Fields("asp.net vb.net ado.net ml.net"))

// writtenHost is what may be a host as it is written.
type writtenHost struct {
	name, top string // its first and last label
	path      bool   // a path follows
}

func writtenAs(body string, at Span, labels []string) writtenHost {
	rest := body[at.End:]
	return writtenHost{labels[0], labels[len(labels)-1], len(rest) > 1 && rest[0] == '/' && rest[1] > ' '}
}

// plausible reports whether it is meant as a host.
func (w writtenHost) plausible(kind int, scheme bool) bool {
	if scheme || kind == markedDot {
		return isTopLabel(w.top)
	}
	top := strings.ToLower(w.top)
	sameCase := w.top == top || w.top == strings.ToUpper(w.top) && w.name == strings.ToUpper(w.name)
	if _, official := publicsuffix.PublicSuffix(top); !official || !sameCase {
		return false
	}
	if kind == apartDot {
		return apartTops[top] && len(w.name) >= 3 && !notNames[strings.ToLower(w.name)]
	}
	return (sureTops[top] || w.path) && hasLetter(w.name)
}

// isTopLabel reports whether a label is two letters or more, as a top-level domain is.
func isTopLabel(label string) bool {
	letters := 0
	for _, r := range label {
		if !unicode.IsLetter(r) {
			return false
		}
		letters++
	}
	return letters >= 2
}

func hasLetter(s string) bool { return strings.ContainsFunc(s, unicode.IsLetter) }

// isEmail reports whether a host belongs to an email address: "@" stands before it, or behind what looks like
// one, or an "at" in brackets before it.
func isEmail(body string, start, end int) bool {
	before := strings.ToLower(strings.TrimRight(body[max(0, start-8):start], " "))
	return strings.HasSuffix(before, "@") || strings.HasSuffix(before, "[at]") || strings.HasSuffix(before, "(at)") ||
		end < len(body) && body[end] == '@'
}

// schemeBefore returns the length of a disguised or plain scheme at the end of s: "hxxps://", "http[:]//".
func schemeBefore(s string) int {
	slashes := strings.TrimRight(s, "/")
	if len(s)-len(slashes) < 1 {
		return 0
	}
	word := strings.TrimRight(slashes, ":[]")
	if len(word) == len(slashes) {
		return 0
	}
	for _, scheme := range []string{"hxxps", "hxxp", "https", "http", "h**ps", "h**p"} {
		if n := len(word) - len(scheme); n >= 0 && strings.EqualFold(word[n:], scheme) {
			return len(s) - n
		}
	}
	return 0
}

// hostLabelBytes bounds a label: 63 characters in ASCII, more bytes in other scripts.
const hostLabelBytes = 128

// labelStart returns where the host begins whose first dot stands at an end: there may be no dot before.
func labelStart(body string, from, end int) int {
	start := end
	for start > from && end-start < hostLabelBytes {
		r, size := utf8.DecodeLastRuneInString(body[from:start])
		if !inLabel(r) {
			break
		}
		start -= size
	}
	return start
}

func labelEnd(body string, start int) int {
	end := start
	for end < len(body) && end-start < hostLabelBytes {
		r, size := utf8.DecodeRuneInString(body[end:])
		if !inLabel(r) {
			break
		}
		end += size
	}
	return end
}

func inLabel(r rune) bool {
	return r == '-' || 'a' <= r|0x20 && r|0x20 <= 'z' || '0' <= r && r <= '9' ||
		r >= utf8.RuneSelf && (unicode.In(r, unicode.L, unicode.N, unicode.M) || hidden(r))
}

// withoutHidden returns a label without the characters in it that show nothing.
func withoutHidden(label string) string {
	if isASCII(label) {
		return label
	}
	return strings.Map(func(r rune) rune {
		if hidden(r) {
			return -1
		}
		return r
	}, label)
}
