package rules

import (
	"fmt"
	"net/netip"
	"net/url"
	"strings"
	"unicode"

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
	re, p := compileRegex(raw)
	if p.problem != (problem{}) {
		return "", p.problem
	}
	if re.MatchString("") {
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
