package text

import (
	"net/netip"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/net/idna"
	"golang.org/x/net/publicsuffix"
	"golang.org/x/text/unicode/norm"
)

// Registrable returns the registered part of a host, in ASCII: "bbc.co.uk" for "www.bbc.co.uk". An IP address
// or a public suffix is returned as it is.
func Registrable(host string) string {
	if _, err := netip.ParseAddr(host); err == nil {
		return host
	}
	if domain, err := publicsuffix.EffectiveTLDPlusOne(host); err == nil {
		return domain
	}
	return host
}

// Mismatched reports whether the link shows a site other than the one it leads to.
func (l Link) Mismatched() bool {
	own := Registrable(l.Host)
	return slices.ContainsFunc(hostsIn(l.Text), func(shown string) bool { return Registrable(shown) != own })
}

// misleads reports whether readers may mistake the link's host for another: the text shows another host, or
// the host imitates another one. Words that are not an address promise nothing.
func (l Link) misleads() bool {
	if l.Mismatched() {
		return true
	}
	return pretends(l.Host) && len(hostsIn(l.Text)) > 0
}

// TrueHost returns the host of a canonical URL if readers of the link's text may mistake it for another;
// otherwise empty.
func TrueHost(shown, address string) string {
	if l := newLink(address, shown, span{}); l.misleads() {
		return l.Host
	}
	return ""
}

// hostsIn returns the hosts, in ASCII, that a reader finds in a link's text. Without a scheme or "www." only
// domains under a listed public suffix count, so "Node.js" and "e.g." do not.
func hostsIn(shown string) []string {
	if strings.IndexByte(shown, '.') < 0 && isASCII(shown) {
		return nil
	}
	shown = strings.Map(func(r rune) rune {
		switch {
		case hidden(r):
			return -1
		case r == '。': // also separates labels: UTS #46
			return '.'
		}
		return r
	}, norm.NFKC.String(shown))
	var hosts []string
	for _, word := range strings.Fields(shown) {
		for word != "" {
			host, rest := firstHost(word)
			if host != "" {
				hosts = append(hosts, host)
			}
			word = rest
		}
	}
	return hosts
}

// firstHost returns the first run of host characters in a word if it is a host, and the remaining text.
func firstHost(word string) (host, rest string) {
	sure := false
	if at := strings.Index(word, "://"); at >= 0 {
		word, sure = word[at+3:], true
	}
	word = strings.TrimLeftFunc(word, func(r rune) bool { return !unicode.In(r, unicode.L, unicode.N) })
	name, rest := word[:hostLength(word)], word[hostLength(word):]
	name = strings.TrimRight(name, ".-_")
	canonical, err := CheckURL("http://" + name)
	if err != nil || strings.IndexByte(name, '.') < 0 {
		return "", rest
	}
	host = newLink(canonical, "", span{}).Host
	suffix, official := publicsuffix.PublicSuffix(host)
	if !sure && !official && !strings.Contains(suffix, ".") && !strings.HasPrefix(host, "www.") {
		return "", rest
	}
	if rest != "" && strings.IndexByte("/?#:", rest[0]) >= 0 {
		rest = "" // path and query may contain any names
	}
	return host, rest
}

// pretends reports whether a host, in ASCII, contains letters that readers take for others: letters of
// several scripts in one label, or letters of one script that all resemble Latin ones under a domain of
// another script. Browsers also show such hosts in ASCII.
func pretends(host string) bool {
	if !strings.Contains(host, "xn--") {
		return false
	}
	shown, err := idna.ToUnicode(host)
	if err != nil {
		return true
	}
	labels := strings.Split(shown, ".")
	top := labels[len(labels)-1]
	return slices.ContainsFunc(labels, func(label string) bool { return !isASCII(label) && labelPretends(label, top) })
}

// labelPretends checks a non-ASCII label under a top-level domain.
func labelPretends(label, top string) bool {
	scripts := Scripts(label)
	switch {
	case MixedScripts(label), strings.ContainsFunc(label, looseMark):
		return true
	case len(scripts) > 1:
		strange := func(script string) bool { return !slices.Contains(writtenTogether, script) }
		return slices.ContainsFunc(scripts, strange) || consistsOf(label, asciiOrStroke)
	case len(scripts) == 1 && scripts[0] != "Latin" && slices.Contains(Scripts(top), scripts[0]):
		return false
	}
	turkic := top == "tr" || top == "az" || top == "kz"
	odd := func(r rune) bool { return unicode.Is(oddLatin, r) && !(turkic && r == 'ı') }
	return strings.ContainsFunc(label, odd) || consistsOf(label, twin)
}

func consistsOf(s string, of func(rune) bool) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return !of(r) })
}

func asciiOrStroke(r rune) bool { return r < utf8.RuneSelf || strings.ContainsRune(strokeLetters, r) }

func twin(r rune) bool {
	return !unicode.IsLetter(r) || strings.ContainsRune(twins, r) || unicode.Is(unicode.Cherokee, r)
}

// looseMark reports whether r is a combining mark on a letter that has no such mark in any language;
// otherwise the two would be one composed character.
func looseMark(r rune) bool { return unicode.Is(unicode.Mn, r) && unicode.Is(unicode.Inherited, r) }

// writtenTogether are the scripts whose letters occur side by side in East Asian names.
var writtenTogether = []string{"Latin", "Han", "Hiragana", "Katakana", "Hangul", "Bopomofo"}

// strokeLetters are letters that look like "/", "=" or "-" between Latin ones.
const strokeLetters = "ノソンニ一二丶丿ーㄧ"

// twins are letters that cannot be told from Latin ones, by the confusables of UTS #39.
const twins = "аԁсԍһіјӏорԛѕԝхуүѵҽє" + "αγιονρσυ" + "օոսցհյզգ"

// oddLatin are Latin letters of phonetics and old print that resemble others. Letters of alphabets in use are
// not included.
var oddLatin = &unicode.RangeTable{
	R16: []unicode.Range16{
		{0x0131, 0x0131, 1}, {0x0138, 0x0138, 1}, {0x017F, 0x017F, 1}, {0x0237, 0x0237, 1},
		{0x0250, 0x0252, 1}, {0x0255, 0x0255, 1},
		{0x0258, 0x0258, 1}, {0x025A, 0x025A, 1}, {0x025C, 0x025F, 1}, {0x0261, 0x0262, 1},
		{0x0264, 0x0267, 1}, {0x026A, 0x02AF, 1},
		{0x1D00, 0x1DBF, 1}, {0xA722, 0xA787, 1}, {0xAB30, 0xAB6F, 1},
	},
}
