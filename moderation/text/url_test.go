package text

import (
	"net/url"
	"strings"
	"testing"
)

const (
	scheme  = "A web address starts with http:// or https://."
	noHost  = "The web address has no host name, as in https://example.org."
	badHost = "The web address has no valid host name."
	invalid = "The web address is not valid."
	tooLong = "A web address has at most 2000 characters."
	strange = "The web address contains characters that no address has."
)

// urlCases are web addresses, each with its canonical spelling or the sentence that
// says what is wrong with it.
var urlCases = []struct{ name, in, want, problem string }{
	{"an ordinary address", "https://example.org/a?b=c#d", "https://example.org/a?b=c#d", ""},
	{"scheme and host in capitals", "HTTPS://Example.ORG/A", "https://example.org/A", ""},
	{"a default port", "http://example.org:80/", "http://example.org/", ""},
	{"the other scheme's port", "http://example.org:443", "http://example.org:443", ""},
	{"an international host", "https://Bücher.example/é", "https://xn--bcher-kva.example/%C3%A9", ""},
	{"a host with a final dot", "http://example.org./", "http://example.org/", ""},
	{"an IPv4 host", "http://192.0.2.1:8080/", "http://192.0.2.1:8080/", ""},
	{"an IPv6 host", "http://[2001:DB8::1]/", "http://[2001:db8::1]/", ""},
	{"a host without a dot", "http://intranet/wiki", "http://intranet/wiki", ""},
	{"white space around", " https://example.org\n", "", strange},
	{"spaces around", "  https://example.org ", "https://example.org", ""},
	{"nothing", "", "", scheme},
	{"no scheme", "example.org", "", scheme},
	{"a path", "/a", "", scheme},
	{"no scheme but slashes", "//example.org", "", scheme},
	{"another scheme", "ftp://example.org", "", scheme},
	{"a script", "javascript:alert(1)", "", scheme},
	{"a script after spaces", " javascript://example.org/%0aalert(1)", "", scheme},
	{"an email", "mailto:a@example.org", "", scheme},
	{"no slashes", "http:example.org", "", noHost},
	{"no host", "https:///a", "", noHost},
	{"a port and no host", "https://:443", "", noHost},
	{"a user name", "https://bank.example@evil.example/", "", "A web address must not contain a user name or password."},
	{"a space inside", "https://example.org/a b", "", "A web address has no spaces."},
	{"a tab inside", "https://exa\tmple.org", "", strange},
	{"an invisible character", "https://exa\u200bmple.org", "", strange},
	{"NUL", "https://example.org/\x00", "", strange},
	{"invalid UTF-8", "https://example.org/\xff", "", strange},
	{"a backslash", `https://example.org\@evil.example`, "", invalid},
	{"an underscore in the host", "https://a_b.example.org", "", badHost},
	{"an empty label", "https://a..b", "", badHost},
	{"a port that is no port", "https://example.org:port", "", invalid},
	{"a port that is too high", "https://example.org:65536", "", badHost},
	{"a port with zeros in front", "http://example.org:08080/", "http://example.org:8080/", ""},
	{"port zero", "http://example.org:0/", "", badHost},
	{"a bad escape", "https://example.org/%zz", "", invalid},
	{"a zone", "http://[fe80::1%25eth0]/", "", badHost},
	{"too long", "https://example.org/" + strings.Repeat("a", 1_981), "", tooLong},
	{"as long as allowed", "https://example.org/" + strings.Repeat("a", 1_980), "https://example.org/" + strings.Repeat("a", 1_980), ""},
	{"too long once escaped", "https://example.org/" + strings.Repeat("é", 1_000), "", tooLong},
}

func TestCheckURL(t *testing.T) {
	for _, c := range urlCases {
		t.Run(c.name, func(t *testing.T) {
			got, err := CheckURL(c.in)
			problem := ""
			if err != nil {
				problem = err.Error()
			}
			if got != c.want || problem != c.problem {
				t.Errorf("CheckURL(%q) = %q, %q; want %q, %q", c.in, got, problem, c.want, c.problem)
			}
		})
	}
}

func FuzzCheckURL(f *testing.F) {
	for _, seed := range []string{"https://example.org/a?b#c", "http://[::1]:80/", "HTTP://É.example:443", "http://a%2eb/", "https://a/%2F;?#%00", "http://a?b", "http://1.1", "http://0x7f.1/"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, s string) {
		canonical, err := CheckURL(s)
		if err != nil {
			if canonical != "" {
				t.Errorf("CheckURL(%q) = %q with error %v", s, canonical, err)
			}
			return
		}
		if again, err := CheckURL(canonical); err != nil || again != canonical {
			t.Errorf("CheckURL(%q) = %q, then %q, %v", s, canonical, again, err)
		}
		u, err := url.Parse(canonical)
		if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || u.User != nil || !isASCII(u.Host) {
			t.Errorf("CheckURL(%q) = %q parses as %+v, %v", s, canonical, u, err)
		}
	})
}
