package text

import (
	_ "embed"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/net/idna"
	"golang.org/x/text/unicode/norm"
)

// The lengths of RFC 5321, 4.5.3.1, in bytes. The whole is 254 because the path
// of 256 that carries it includes the angle brackets.
const (
	maxEmailBytes  = 254
	maxLocalBytes  = 64
	maxDomainBytes = 253 // in ASCII and without the root's dot, RFC 1035
	maxLabelBytes  = 63
)

// atext is what RFC 5322, 3.2.3 allows in a dot-atom beside letters and digits.
const atext = "!#$%&'*+-/=?^_`{|}~"

// CheckEmail reports whether s is one email address of the kind that mail
// systems really deliver to, or says in a sentence what is wrong with it.
//
// Accepted: a dot-atom before the @ of at most 64 bytes, in which letters, marks,
// digits and symbols of any script may appear (RFC 6531), and after it a domain
// of at least two labels of letters, digits and inner hyphens, each at most 63
// bytes, internationalised ones included.
//
// Refused although some standard allows them: quoted local parts, comments and
// folding white space, address literals such as [192.0.2.1], domains without a
// dot, domains that end in a number, a final dot, and control, invisible or
// unassigned characters. Hardly anybody has such an address, and they mostly
// occur in attempts to slip a second address or a header past a program.
func CheckEmail(s string) error {
	if err := Check(s); err != nil {
		return Fault("The email address contains characters that no address has.")
	}
	if problem := emailProblem(s); problem != "" {
		return problem
	}
	return nil
}

// EmailDomain returns the part after the @ in lower-case ASCII (IDNA), or "" if
// s is no address that CheckEmail accepts.
func EmailDomain(s string) string {
	if CheckEmail(s) != nil {
		return ""
	}
	ascii, problem := domainProblem(s[strings.LastIndexByte(s, '@')+1:])
	if problem != "" {
		return ""
	}
	return ascii
}

func emailProblem(s string) Fault {
	if s == "" {
		return "Please enter an email address, such as name@example.org."
	}
	if strings.ContainsAny(s, "\r\n") {
		return "Please enter one email address on one line."
	}
	if strings.ContainsAny(s, ",;") && strings.Count(s, "@") > 1 {
		return "Please enter a single email address."
	}
	for _, r := range s {
		switch {
		case unicode.IsSpace(r):
			return "An email address has no spaces."
		case !unicode.IsGraphic(r) || hidden(r):
			return "The email address contains an invisible character. Please type it again."
		}
	}
	local, domain, found := cutLast(s, '@')
	if !found {
		return "An email address needs an @, as in name@example.org."
	}
	if problem := localProblem(local); problem != "" {
		return problem
	}
	ascii, problem := domainProblem(domain)
	if problem != "" {
		return problem
	}
	if len(s) > maxEmailBytes || len(local)+1+len(ascii) > maxEmailBytes {
		return faultf("An email address has at most %d bytes.", maxEmailBytes)
	}
	return ""
}

func cutLast(s string, separator byte) (before, after string, found bool) {
	at := strings.LastIndexByte(s, separator)
	if at < 0 {
		return s, "", false
	}
	return s[:at], s[at+1:], true
}

func localProblem(local string) Fault {
	switch {
	case local == "":
		return "The part before the @ is missing."
	case len(local) > maxLocalBytes:
		return faultf("The part before the @ has at most %d bytes.", maxLocalBytes)
	case local[0] == '"':
		return "Quotation marks are not supported in an email address."
	case local[0] == '.' || local[len(local)-1] == '.':
		return "The part before the @ cannot start or end with a dot."
	case strings.Contains(local, ".."):
		return "The part before the @ cannot have two dots in a row."
	}
	for _, r := range local {
		switch {
		case r == '@':
			return "An email address has only one @."
		case r < utf8.RuneSelf && !alphanumeric(r) && r != '.' && !strings.ContainsRune(atext, r):
			return faultf("The part before the @ cannot contain %q.", r)
		case r >= utf8.RuneSelf && !mailable(r):
			return faultf("The part before the @ cannot contain %q.", r)
		}
	}
	return ""
}

// mailable reports whether a non-ASCII character may stand in a local part. One
// that is only another form of forbidden punctuation, such as the full-width @,
// may not: a mail system that normalises it would deliver elsewhere.
func mailable(r rune) bool {
	if !unicode.In(r, unicode.L, unicode.M, unicode.N, unicode.P, unicode.S) {
		return false
	}
	for _, plain := range norm.NFKC.String(string(r)) {
		if plain < utf8.RuneSelf && !alphanumeric(plain) && !strings.ContainsRune(atext, plain) {
			return false
		}
	}
	return true
}

func alphanumeric(r rune) bool {
	return 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9'
}

// domainProblem returns the domain in lower-case ASCII, or what is wrong with it.
func domainProblem(domain string) (ascii string, problem Fault) {
	switch {
	case domain == "":
		return "", "The part after the @ is missing."
	case domain[0] == '[':
		return "", "Please use an address with a domain name, as in name@example.org, not with a number in brackets."
	case strings.HasPrefix(domain, ".") || strings.HasSuffix(domain, "."):
		return "", "The part after the @ cannot start or end with a dot."
	case strings.Contains(domain, ".."):
		return "", "The part after the @ cannot have two dots in a row."
	case len(domain) > 4*maxDomainBytes: // what IDNA is asked to work on stays bounded
		return "", faultf("The part after the @ has at most %d bytes.", maxDomainBytes)
	}
	ascii = strings.ToLower(domain)
	if strings.ContainsFunc(domain, func(r rune) bool { return r >= utf8.RuneSelf }) || strings.Contains(ascii, "xn--") {
		var err error
		if ascii, err = idna.Lookup.ToASCII(domain); err != nil {
			return "", "The part after the @ is not a valid domain name."
		}
	}
	labels := strings.Split(ascii, ".")
	for _, label := range labels {
		if problem := labelProblem(label); problem != "" {
			return "", problem
		}
	}
	switch {
	case len(labels) < 2:
		return "", "The part after the @ needs a dot, as in example.org."
	case len(ascii) > maxDomainBytes:
		return "", faultf("The part after the @ has at most %d bytes.", maxDomainBytes)
	case strings.Trim(labels[len(labels)-1], "0123456789") == "":
		return "", "The part after the @ cannot end in a number."
	}
	return ascii, ""
}

func labelProblem(label string) Fault {
	for _, r := range label {
		if !alphanumeric(r) && r != '-' {
			return faultf("The part after the @ cannot contain %q.", r)
		}
	}
	switch {
	case label == "":
		return "The part after the @ is not a valid domain name."
	case len(label) > maxLabelBytes:
		return faultf("Between two dots of the part after the @ there are at most %d characters.", maxLabelBytes)
	case label[0] == '-' || label[len(label)-1] == '-':
		return "A hyphen cannot stand beside a dot or the @ in the part after the @."
	}
	return ""
}

//go:embed mailproviders.txt
var mailProviderList string

// mailProvider is a provider's name with the endings of its domains.
type mailProvider struct {
	name    string
	endings []string
}

var mailProviders = parseMailProviders(mailProviderList)

func parseMailProviders(list string) (providers []mailProvider) {
	for line := range strings.Lines(list) {
		line, _, _ = strings.Cut(line, "#")
		if words := strings.Fields(line); len(words) > 0 {
			providers = append(providers, mailProvider{words[0], words[1:]})
		}
	}
	return providers
}

// endingSlips are mistyped endings of domains. None of them is a top-level domain.
var endingSlips = map[string]string{
	"con": "com", "cpm": "com", "cim": "com", "clm": "com", "vom": "com", "xom": "com", "ocm": "com", "cmo": "com",
	"comm": "com", "coom": "com", "ccom": "com", "ner": "net", "nte": "net", "nett": "net", "ogr": "org", "orgg": "org",
	"ed": "de", "dee": "de", "rf": "fr",
}

// shortenedCom are endings that are top-level domains, but mistyped after the name of a provider that has .com.
var shortenedCom = []string{"co", "cm", "om"}

// SuggestEmail returns the address that was probably meant if the domain of an email is mistyped: the domain of
// a common provider with one or two slips, or an ending that does not exist. It returns "" for all others,
// domains of known providers among them.
func SuggestEmail(email string) string {
	domain := EmailDomain(email)
	if domain == "" {
		return ""
	}
	meant := meantDomain(domain)
	if meant == "" {
		return ""
	}
	return email[:strings.LastIndexByte(email, '@')+1] + meant
}

// meantDomain returns the domain that a mistyped one stands for; empty if it is not known to be mistyped.
func meantDomain(domain string) string {
	at := strings.LastIndexByte(domain, '.')
	ending, slipped := endingSlips[domain[at+1:]]
	if slipped {
		domain = domain[:at+1] + ending
	}
	name, rest, _ := strings.Cut(domain, ".")
	best, distance := "", 3
	for _, p := range mailProviders {
		near := editDistance(name, p.name, min(distance, p.slips()+1))
		if near >= distance || near > p.slips() {
			continue
		}
		if to := p.ending(rest, near > 0); to != "" {
			best, distance = p.name+"."+to, near
		}
	}
	switch {
	case best == domain && !slipped, best == "" && !slipped:
		return ""
	case best == "":
		return domain
	}
	return best
}

// slips is how many slips a name may have: short ones have too many neighbours that are other domains.
func (p mailProvider) slips() int {
	switch n := len(p.name); {
	case n < 5:
		return 0
	case n < 7:
		return 1
	}
	return 2
}

// ending returns which of the provider's endings is meant; empty if it has none like that. Of a name without
// slips, every other ending is accepted as it is.
func (p mailProvider) ending(typed string, slipped bool) string {
	switch {
	case slices.Contains(p.endings, typed):
		return typed
	case slices.Contains(shortenedCom, typed) && slices.Contains(p.endings, "com"):
		return "com"
	case slipped:
		return ""
	}
	return typed
}
