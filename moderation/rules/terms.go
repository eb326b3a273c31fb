package rules

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"net/url"
	"strings"
	"unicode"

	"rejoinder/moderation/rules/regex"
	"rejoinder/moderation/text"
)

// Words are joined into one text with a space around each, between marks for the beginning and the end of the
// field. Neither mark can be part of a word.
const (
	fieldBegins = "\x02"
	fieldEnds   = "\x03"
)

// maxTermBytes bounds one term. The longest honest one is a URL.
const maxTermBytes = 2_000

// commonProblem is what no term of any mode may be.
func commonProblem(raw string) problem {
	switch {
	case strings.TrimSpace(raw) == "":
		return problem{"a term cannot be empty: it would match everything", "Remove the line."}
	case strings.ContainsAny(raw, "\n\r"):
		return problem{
			"a term cannot have several lines: it would match nothing",
			"Write one term a line, each after its own \"- \".",
		}
	case strings.ContainsFunc(raw, unicode.IsControl):
		return problem{"a term cannot contain control characters", "Type the term anew instead of pasting it."}
	case len(raw) > maxTermBytes:
		return problem{
			fmt.Sprintf("a term has at most %d bytes; this one has %d", maxTermBytes, len(raw)),
			"Split it, or list a part of it.",
		}
	}
	return problem{}
}

// joinWords returns the words of a term as they stand in a joined text, without the spaces around.
func joinWords(raw string) (string, problem) {
	if isJoined(raw) {
		return raw, problem{}
	}
	words := text.Words(raw)
	if len(words) == 0 {
		return "", problem{
			fmt.Sprintf("%q has neither letters nor digits, so it matches no word", raw),
			"Put it into a list of mode substring.",
		}
	}
	folded := make([]string, len(words))
	for i, w := range words {
		folded[i] = w.Folded
	}
	return strings.Join(folded, " "), problem{}
}

// isJoined reports whether a term is written as in a joined text already. Most are: lower-case letters and digits of
// ASCII, with single spaces between words.
func isJoined(raw string) bool {
	inWord := false
	for i := range len(raw) {
		switch c := raw[i]; {
		case 'a' <= c && c <= 'z', '0' <= c && c <= '9':
			inWord = true
		case c == ' ' && inWord:
			inWord = false
		default:
			return false
		}
	}
	return inWord
}

func wordTerm(raw string) (string, problem) {
	if strings.HasSuffix(raw, "*") {
		return "", problem{
			"mode word knows no wildcards",
			fmt.Sprintf("Put %q into a list of mode prefix.", strings.TrimRight(raw, "*")),
		}
	}
	joined, p := joinWords(raw)
	return " " + joined + " ", p
}

func prefixTerm(raw string) (string, problem) {
	joined, p := joinWords(strings.TrimRight(raw, "*"))
	return " " + joined, p
}

func exactTerm(raw string) (string, problem) {
	joined, p := joinWords(raw)
	return fieldBegins + " " + joined + " " + fieldEnds, p
}

func substringTerm(raw string) (string, problem) {
	normal := text.Normalise(raw).Text
	if normal == "" {
		return "", problem{"the term has only characters that show nothing", "Remove the line."}
	}
	return normal, problem{}
}

func regexTerm(raw string) (string, problem) {
	re, err := regex.Compile(raw)
	var refused *regex.Error
	if errors.As(err, &refused) {
		return "", problem{refused.Reason, refused.Hint}
	}
	if re.MatchesEmpty() {
		return "", problem{
			"this regular expression matches the empty text, so it matches everything",
			"Make at least one character of it obligatory.",
		}
	}
	return raw, problem{}
}

func domainTerm(raw string) (string, problem) {
	name := strings.TrimPrefix(strings.TrimPrefix(strings.TrimSpace(raw), "*"), ".")
	if strings.ContainsAny(name, "/:") {
		if address, err := text.CheckURL(raw); err == nil {
			return "", problem{"this is a web address, not a domain", fmt.Sprintf("Write %q.", hostOf(address))}
		}
	}
	// One label in front lets a top-level domain stand alone.
	ascii := strings.TrimPrefix(text.EmailDomain("a@a."+name), "a.")
	if ascii == "" {
		return "", problem{
			fmt.Sprintf("%q is no domain", raw),
			"Write it like \"shop.example\"; everything below it is meant too.",
		}
	}
	return ascii, problem{}
}

func networkTerm(raw string) (string, problem) {
	prefix, p := parseNetwork(raw)
	return prefix.String(), p
}

// parseNetwork reads a network, or a single address as the network of one.
func parseNetwork(raw string) (netip.Prefix, problem) {
	raw = strings.TrimSpace(raw)
	if address, err := netip.ParseAddr(raw); err == nil {
		address = address.Unmap().WithZone("")
		return netip.PrefixFrom(address, address.BitLen()), problem{}
	}
	prefix, err := netip.ParsePrefix(raw)
	if err != nil || prefix.Addr().Is4In6() {
		return netip.Prefix{}, problem{
			fmt.Sprintf("%q is no network", raw),
			"Write it like \"192.0.2.0/24\" or \"2001:db8::/32\".",
		}
	}
	if prefix != prefix.Masked() {
		return netip.Prefix{}, problem{
			fmt.Sprintf("%q has bits set beyond its length", raw),
			fmt.Sprintf("Write %q.", prefix.Masked()),
		}
	}
	return prefix, problem{}
}

func emailTerm(raw string) (string, problem) {
	raw = strings.TrimSpace(raw)
	local, domain, found := strings.Cut(raw, "@")
	if strings.Count(raw, "@") > 1 {
		return "", problem{"a term is one email address", "Write one address a line, each after its own \"- \"."}
	}
	if !found {
		return "", problem{
			"this is no email address",
			"Write it like \"name@mail.example\", or \"@mail.example\" for everybody there.",
		}
	}
	if local == "" || local == "*" {
		if ascii := text.EmailDomain("a@" + domain); ascii != "" {
			return "@" + ascii, problem{}
		}
	} else if email := canonicalEmail(raw); email != "" {
		return email, problem{}
	}
	return "", problem{
		"this is no email address",
		"Write it like \"name@mail.example\", or \"@mail.example\" for everybody there.",
	}
}

// canonicalEmail returns the form in which emails are compared: the local part folded, the domain in
// lower-case ASCII. It is empty for what is no email address.
func canonicalEmail(email string) string {
	domain := text.EmailDomain(email)
	if domain == "" {
		return ""
	}
	return text.Fold(email[:strings.LastIndexByte(email, '@')]) + "@" + domain
}

// hostOf returns the host of a canonical web address, without its port.
func hostOf(address string) string {
	parsed, err := url.Parse(address)
	if err != nil {
		return ""
	}
	return strings.ToLower(parsed.Hostname())
}

// termCollector collects the checked terms of a document until they are compiled.
type termCollector struct {
	count  int            // of all terms, exceptions included
	filled map[int32]bool // lists with terms that are no exceptions
	listed []listTerm
	loose  *disguised // the document's own terms of mode loose, in parts numbered by own
	own    map[termRef]uint16
	shared [][]termRef // of each part of shippedLoose; nil for none
	words  [][]termRef // of each part of shippedWords; nil for none
}

// note counts terms of a list.
func (t *termCollector) note(ref termRef, count int) {
	if t.filled == nil {
		t.filled, t.own, t.loose = map[int32]bool{}, map[termRef]uint16{}, &disguised{}
	}
	t.count += count
	t.filled[ref.list] = t.filled[ref.list] || !ref.except && count > 0
}

func (t *termCollector) add(ref termRef, compiled string) {
	t.note(ref, 1)
	t.listed = append(t.listed, listTerm{ref, compiled})
}

// addLoose adds a term of mode loose of the document's own.
func (t *termCollector) addLoose(ref termRef, term string, ways []text.Disguise) {
	t.note(ref, 1)
	part, known := t.own[ref]
	if !known {
		part = uint16(len(t.own)) // there are two for each list at most
		t.own[ref] = part
	}
	t.loose.add(term, ref.except, ways, part)
}

// compile compiles all terms. If ctx ends, the result is unusable.
func (t *termCollector) compile(ctx context.Context, lists []list) *matcher {
	m := newMatcher(ctx, lists, t.listed)
	m.sharedWords = t.words
	if t.shared != nil {
		m.loose = append(m.loose, looseTerms{shippedLoose, t.shared})
	}
	if len(t.own) > 0 {
		refs := make([][]termRef, len(t.own))
		for ref, part := range t.own {
			refs[part] = []termRef{ref}
		}
		if t.loose.build(ctx); t.loose.finder != nil {
			m.loose = append(m.loose, looseTerms{func() *disguised { return t.loose }, refs})
		}
	}
	return m
}
