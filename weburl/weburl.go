// Package weburl parses web page URLs as browsers do (WHATWG URL), and derives article keys from them. The
// widget does the same in the browser with the same list of tracking parameters; both sides are tested with
// testdata/keys.json.
package weburl

import (
	_ "embed"
	"net/netip"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/net/idna"
)

//go:embed tracking.txt
var trackingList string

// TrackingPattern is a regular expression, for Go and JavaScript, that matches the complete names of tracking
// parameters: those that say where a visitor came from, not what the page shows. Match it ignoring case.
var TrackingPattern = trackingPattern(trackingList)

var tracking = regexp.MustCompile("(?i)^(?:" + TrackingPattern + ")$")

// trackingPattern builds the pattern from a list of names separated by white space. A final * matches any
// ending, and # starts a comment.
func trackingPattern(list string) string {
	var names []string
	for line := range strings.Lines(list) {
		line, _, _ = strings.Cut(line, "#")
		names = append(names, strings.Fields(line)...)
	}
	return strings.ReplaceAll(strings.Join(names, "|"), "*", ".*")
}

// Key returns the article key of a page's URL: the URL as a browser writes it, without fragment and tracking
// parameters. The rest of the query is unchanged. Anything but an http(s) URL is returned unchanged.
func Key(address string) string {
	origin, rest := split(address)
	if origin == "" {
		return address
	}
	rest, _, _ = strings.Cut(rest, "#")
	path, query, _ := strings.Cut(rest, "?")
	key := origin + cleanPath(path)
	if query = cleanQuery(query); query != "" {
		key += "?" + query
	}
	return key
}

// Origin returns the origin of an http(s) URL as a browser serializes it: lower-case scheme and host, the
// host in ASCII (IDNA), and no default port. It returns "" for anything else.
func Origin(address string) string {
	origin, _ := split(address)
	return origin
}

// ignored removes the characters that browsers ignore in URLs.
var ignored = strings.NewReplacer("\t", "", "\n", "", "\r", "")

// defaultPorts are left out of an origin.
var defaultPorts = map[string]uint64{"https": 443, "http": 80}

// split returns a URL's origin and the rest.
func split(address string) (origin, rest string) {
	address = strings.TrimFunc(address, func(r rune) bool { return r <= ' ' })
	address = ignored.Replace(address)
	scheme, rest, _ := strings.Cut(address, "://")
	if scheme = strings.ToLower(scheme); scheme != "http" && scheme != "https" || !utf8.ValidString(address) {
		return "", ""
	}
	authority := rest
	if end := strings.IndexAny(rest, `/\?#`); end >= 0 {
		authority = rest[:end]
	}
	return originOf(scheme, authority), rest[len(authority):]
}

// maxAuthority bounds host and port: a name has at most 253 characters, and encoding a long one takes
// quadratic time.
const maxAuthority = 1024

func originOf(scheme, authority string) string {
	u, err := url.Parse(scheme + "://" + authority)
	if len(authority) > maxAuthority || err != nil || u.User != nil {
		return ""
	}
	host := asciiHost(u.Hostname())
	if host == "" {
		return ""
	}
	if strings.Contains(host, ":") {
		host = "[" + host + "]"
	}
	origin, port := scheme+"://"+host, u.Port()
	if port == "" {
		return origin
	}
	number, err := strconv.ParseUint(port, 10, 16)
	if err != nil {
		return ""
	}
	if number == defaultPorts[scheme] {
		return origin
	}
	return origin + ":" + strconv.FormatUint(number, 10)
}

// asciiHost returns a name as looked up in DNS (UTS 46), or an IP address in canonical form; "" for anything
// else.
func asciiHost(host string) string {
	if address, err := netip.ParseAddr(host); err == nil {
		if address.Zone() != "" {
			return ""
		}
		return address.String()
	}
	name, err := hostNames.ToASCII(host)
	if err != nil || strings.ContainsFunc(name, notInHost) {
		return ""
	}
	return name
}

// hostNames is UTS 46 with the flags that browsers set (WHATWG URL, "domain to ASCII"): they accept names
// with an underscore, or with two hyphens at any position.
var hostNames = idna.New(idna.MapForLookup(), idna.BidiRule(), idna.StrictDomainName(false), idna.CheckHyphens(false))

func notInHost(r rune) bool {
	return r != '-' && r != '.' && r != '_' && (r < '0' || r > '9') && (r < 'a' || r > 'z')
}

// cleanPath resolves dot segments and percent-encodes what a browser encodes (WHATWG URL, "path state").
func cleanPath(raw string) string {
	segments := strings.Split(strings.ReplaceAll(raw, `\`, "/"), "/")[1:]
	kept := make([]string, 0, len(segments))
	for i, segment := range segments {
		dots := strings.ReplaceAll(strings.ToLower(segment), "%2e", ".")
		switch dots {
		case "..":
			kept = kept[:max(0, len(kept)-1)]
		case ".":
		default:
			kept = append(kept, encode(segment, " \"#<>?^`{|}"))
			continue
		}
		if i == len(segments)-1 {
			kept = append(kept, "")
		}
	}
	return "/" + strings.Join(kept, "/")
}

// cleanQuery removes the tracking parameters.
func cleanQuery(raw string) string {
	pairs := strings.Split(encode(raw, " \"#'<>"), "&")
	kept := pairs[:0]
	for _, pair := range pairs {
		if name, _, _ := strings.Cut(pair, "="); !tracking.MatchString(name) {
			kept = append(kept, pair)
		}
	}
	return strings.Join(kept, "&")
}

// encode percent-encodes control characters, non-ASCII characters, and a set of ASCII characters.
func encode(text, set string) string {
	const digits = "0123456789ABCDEF"
	var b strings.Builder
	for i := range len(text) {
		c := text[i]
		if c > ' ' && c < 0x7F && strings.IndexByte(set, c) < 0 {
			b.WriteByte(c)
			continue
		}
		b.Write([]byte{'%', digits[c>>4], digits[c&15]})
	}
	return b.String()
}

// Display returns host and path of a key in readable form: letters of all scripts are decoded, as in address
// bars, and nothing else. A key that is not an http(s) URL is returned unchanged.
func Display(key string) string {
	origin, rest := split(key)
	if origin == "" {
		return key
	}
	_, host, _ := strings.Cut(origin, "://")
	path := rest
	if end := strings.IndexAny(rest, "?#"); end >= 0 {
		path = rest[:end]
	}
	return host + strings.TrimSuffix(readable(path), "/")
}

// encodedText is a run of percent-encoded bytes outside ASCII.
var encodedText = regexp.MustCompile("(?:%[89A-Fa-f][0-9A-Fa-f])+")

// readable decodes non-ASCII letters, marks and digits.
func readable(path string) string {
	return encodedText.ReplaceAllStringFunc(path, func(run string) string {
		text, err := url.PathUnescape(run)
		if err != nil || !utf8.ValidString(text) || strings.ContainsFunc(text, notInWord) {
			return run
		}
		return text
	})
}

func notInWord(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsMark(r) && !unicode.IsDigit(r) }
