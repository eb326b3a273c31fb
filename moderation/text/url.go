package text

import (
	"fmt"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/net/idna"
)

// maxURLCharacters bounds a web address; longer ones break in mail programs and proxies.
const maxURLCharacters = 2_000

// CheckURL returns the canonical spelling of an absolute http or https address:
// scheme and host in lower case, the host in ASCII (IDNA), no default port,
// everything else escaped where it has to be. A canonical address is its own
// canonical spelling. The error is a sentence that says what is wrong: another
// scheme, no host, an invalid host or port, a user name or password, white space
// or control characters, or more than 2,000 characters.
//
// Hosts without a dot and numeric ones are accepted: inside an organisation they are real.
func CheckURL(s string) (string, error) {
	if Check(s) != nil || strings.ContainsFunc(s, func(r rune) bool { return unicode.IsControl(r) || hidden(r) }) {
		return "", Fault("The web address contains characters that no address has.")
	}
	s = strings.TrimSpace(s)
	if utf8.RuneCountInString(s) > maxURLCharacters {
		return "", tooLongURL()
	}
	if strings.ContainsFunc(s, unicode.IsSpace) {
		return "", Fault("A web address has no spaces.")
	}
	parsed, err := url.Parse(s)
	if err != nil {
		return "", Fault("The web address is not valid.")
	}
	if problem := urlProblem(parsed); problem != "" {
		return "", problem
	}
	host, ok := canonicalHost(parsed)
	if !ok {
		return "", Fault("The web address has no valid host name.")
	}
	parsed.Host = host
	canonical := parsed.String()
	if len(canonical) > maxURLCharacters {
		return "", tooLongURL()
	}
	return canonical, nil
}

func tooLongURL() Fault {
	return faultf("A web address has at most %d characters.", maxURLCharacters)
}

func urlProblem(u *url.URL) Fault {
	switch {
	case u.Scheme != "http" && u.Scheme != "https":
		return "A web address starts with http:// or https://."
	case u.Opaque != "" || u.Hostname() == "":
		return "The web address has no host name, as in https://example.org."
	case u.User != nil:
		return "A web address must not contain a user name or password."
	}
	return ""
}

// canonicalHost returns host and port as they appear in a canonical address.
func canonicalHost(u *url.URL) (string, bool) {
	host, port := strings.TrimSuffix(u.Hostname(), "."), u.Port()
	if strings.ContainsRune(host, ':') {
		address, err := netip.ParseAddr(host)
		if err != nil || address.Zone() != "" {
			return "", false
		}
		host = "[" + address.String() + "]"
	} else {
		ascii, err := idna.Lookup.ToASCII(host)
		if err != nil || !utf8.ValidString(host) || !validHost(ascii) {
			return "", false // a host may have come from escapes
		}
		host = ascii
	}
	if port == "" {
		return host, true
	}
	number, err := strconv.ParseUint(port, 10, 16)
	switch {
	case err != nil || number == 0:
		return "", false
	case u.Scheme == "http" && number == 80 || u.Scheme == "https" && number == 443:
		return host, true
	}
	return fmt.Sprintf("%s:%d", host, number), true
}

func validHost(ascii string) bool {
	if ascii == "" || len(ascii) > maxDomainBytes || strings.ToLower(ascii) != ascii {
		return false
	}
	for _, label := range strings.Split(ascii, ".") {
		if labelProblem(label) != "" {
			return false
		}
	}
	return true
}
