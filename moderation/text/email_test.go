package text

import (
	"strings"
	"testing"
)

var label = strings.Repeat("a", 63)
var longDomain = strings.Join([]string{label, label, label, strings.Repeat("a", 61)}, ".") // 253

// emailCases are addresses, each with the sentence that says what is wrong with it.
var emailCases = []struct{ name, email, want string }{
	{"an ordinary address", "ada@example.org", ""},
	{"dots, plus and hyphens", "ada.lovelace+news-1@mail.example.co.uk", ""},
	{"every sign that is allowed", "!#$%&'*+-/=?^_`{|}~@example.org", ""},
	{"letters of another script", "δοκιμή@παράδειγμα.δοκιμή", ""},
	{"an emoji before the @", "🦊@example.org", ""},
	{"a domain in punycode", "a@xn--bcher-kva.example", ""},
	{"capitals", "ADA@EXAMPLE.ORG", ""},
	{"64 bytes before the @", strings.Repeat("a", 64) + "@example.org", ""},
	{"254 bytes in all", strings.Repeat("a", 64) + "@" + longDomain[64:], ""},
	{"nothing", "", "Please enter an email address, such as name@example.org."},
	{"no @", "ada.example.org", "An email address needs an @, as in name@example.org."},
	{"two @", "ada@love@example.org", "An email address has only one @."},
	{"a full-width @", "ada＠example.org", "An email address needs an @, as in name@example.org."},
	{"a full-width @ beside a real one", "ada＠a@example.org", "The part before the @ cannot contain '＠'."},
	{"nothing before the @", "@example.org", "The part before the @ is missing."},
	{"nothing after the @", "ada@", "The part after the @ is missing."},
	{"no dot after the @", "ada@localhost", "The part after the @ needs a dot, as in example.org."},
	{"a final dot", "ada@example.org.", "The part after the @ cannot start or end with a dot."},
	{"two dots in the domain", "ada@example..org", "The part after the @ cannot have two dots in a row."},
	{"a first dot", ".ada@example.org", "The part before the @ cannot start or end with a dot."},
	{"two dots before the @", "ada..l@example.org", "The part before the @ cannot have two dots in a row."},
	{"a hyphen beside the dot", "ada@example-.org", "A hyphen cannot stand beside a dot or the @ in the part after the @."},
	{"an underscore in the domain", "ada@exa_mple.org", "The part after the @ cannot contain '_'."},
	{"an address literal", "ada@[192.0.2.1]", "Please use an address with a domain name, as in name@example.org, not with a number in brackets."},
	{"a bare number", "ada@192.0.2.1", "The part after the @ cannot end in a number."},
	{"a quoted part", `"ada l"@example.org`, "An email address has no spaces."},
	{"a quoted part without space", `"ada"@example.org`, "Quotation marks are not supported in an email address."},
	{"a comment", "ada(x)@example.org", "The part before the @ cannot contain '('."},
	{"angle brackets", "<ada@example.org>", "The part before the @ cannot contain '<'."},
	{"a list", "ada@example.org, bob@example.org", "Please enter a single email address."},
	{"a list without spaces", "ada@example.org;bob@example.org", "Please enter a single email address."},
	{"a list on lines", "ada@example.org\nbob@example.org", "Please enter one email address on one line."},
	{"a header on the next line", "ada@example.org\r\nBcc: bob@example.org", "Please enter one email address on one line."},
	{"a space around", " ada@example.org", "An email address has no spaces."},
	{"a no-break space", "ada\u00a0l@example.org", "An email address has no spaces."},
	{"a zero-width space", "ada\u200b@example.org", "The email address contains an invisible character. Please type it again."},
	{"a direction control", "ada\u202e@example.org", "The email address contains an invisible character. Please type it again."},
	{"a control character", "ada\x07@example.org", "The email address contains an invisible character. Please type it again."},
	{"NUL", "ada\x00@example.org", "The email address contains characters that no address has."},
	{"invalid UTF-8", "ada\xff@example.org", "The email address contains characters that no address has."},
	{"65 bytes before the @", strings.Repeat("a", 65) + "@example.org", "The part before the @ has at most 64 bytes."},
	{"a label of 64 bytes", "a@" + label + "a.org", "Between two dots of the part after the @ there are at most 63 characters."},
	{"255 bytes in all", "a@" + longDomain, "An email address has at most 254 bytes."},
	{"a domain that is too long", "a@" + longDomain + "a", "The part after the @ has at most 253 bytes."},
	{"a domain far too long", "a@" + strings.Repeat("é.", 1_000) + "org", "The part after the @ has at most 253 bytes."},
	{"broken punycode", "a@xn--a.org", "The part after the @ is not a valid domain name."},
}

func TestCheckEmail(t *testing.T) {
	for _, c := range emailCases {
		t.Run(c.name, func(t *testing.T) {
			got := ""
			if err := CheckEmail(c.email); err != nil {
				got = err.Error()
			}
			if got != c.want {
				t.Errorf("CheckEmail(%q) = %q, want %q", c.email, got, c.want)
			}
		})
	}
}

func TestEmailDomain(t *testing.T) {
	for email, want := range map[string]string{
		"ada@Example.ORG":    "example.org",
		"ada@bücher.example": "xn--bcher-kva.example",
		"ada@localhost":      "",
		"ada":                "",
	} {
		if got := EmailDomain(email); got != want {
			t.Errorf("EmailDomain(%q) = %q, want %q", email, got, want)
		}
	}
}

// deliberate says why CheckEmail refuses an address that a standard allows, or "".
func deliberate(email string) string {
	local, domain, _ := cutLast(email, '@')
	switch {
	case strings.HasPrefix(local, `"`):
		return "a quoted local part"
	case strings.HasPrefix(domain, "["):
		return "an address literal"
	case !strings.Contains(domain, "."):
		return "a domain without a dot"
	case strings.Trim(domain[strings.LastIndexByte(domain, '.')+1:], "0123456789") == "":
		return "a domain that ends in a number"
	case strings.ContainsFunc(local, func(r rune) bool { return !mailable(r) && r >= 0x7F }):
		return "a control or unassigned character"
	}
	return ""
}

func TestEmailsOfRFC5321AreJudgedAsTheStandardDoesSaveForTheDocumentedDifferences(t *testing.T) {
	const seed = "test@example.org\tvalid\t\t\tvalid\n.test@example.org\tinvalid\t\t\tinvalid\n\"test\"@example.org\tvalid\t\t\tvalid\ntest@example.org\\r\\n \tvalid\t\t\tinvalid\n"
	agreed, differed := 0, map[string]int{}
	for _, row := range rows(t, corpus(t, "email/isemail_3.05.tsv", seed)) {
		email, valid := row[0], row[len(row)-1] == "valid"
		err := CheckEmail(email)
		reason := deliberate(email)
		switch {
		case valid == (err == nil):
			agreed++
		case valid && reason != "":
			differed[reason]++
		default:
			t.Errorf("CheckEmail(%q) = %v, but RFC 5321 says valid: %v", email, err, valid)
		}
	}
	if agreed == 0 {
		t.Fatal("no cases were read")
	}
	t.Logf("%d agreed; refused on purpose: %v", agreed, differed)
}

func TestEmailsOfJSONSchemaAreJudgedAlikeSaveForTheDocumentedDifferences(t *testing.T) {
	const seed = "joe@example.com\tvalid\temail\ta\nδοκιμή@example.com\tvalid\tidn-email\tb\n2962\tinvalid\temail\tc\njoe@[127.0.0.1]\tvalid\temail\td\n"
	agreed, differed := 0, map[string]int{}
	for _, row := range rows(t, corpus(t, "email/json_schema_suite.tsv", seed)) {
		email, valid := row[0], row[1] == "valid"
		err := CheckEmail(email)
		reason := deliberate(email)
		switch {
		case valid == (err == nil):
			agreed++
		case valid && reason != "":
			differed[reason]++
		default:
			t.Errorf("CheckEmail(%q) = %v, but the suite says valid: %v", email, err, valid)
		}
	}
	if agreed == 0 {
		t.Fatal("no cases were read")
	}
	t.Logf("%d agreed; refused on purpose: %v", agreed, differed)
}

func FuzzCheckEmail(f *testing.F) {
	for _, seed := range []string{"ada@example.org", "\"a b\"@c.d", "a@[::1]", "a@xn--a.b", "é@ü.ß", "a@b@c", "a＠b.c", "a@b。c", "\xff@\x00", "a@b.c\r\nd"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, email string) {
		if CheckEmail(email) != nil {
			if EmailDomain(email) != "" {
				t.Errorf("EmailDomain(%q) gives a domain of a refused address", email)
			}
			return
		}
		if len(email) > 254 || strings.Count(email, "@") != 1 || strings.ContainsAny(email, " \t\r\n\x00<>,;:\"()[]\\") {
			t.Errorf("CheckEmail accepts %q", email)
		}
		domain := EmailDomain(email)
		if !isASCII(domain) || !strings.Contains(domain, ".") || CheckEmail("a@"+domain) != nil {
			t.Errorf("EmailDomain(%q) = %q", email, domain)
		}
	})
}

func TestSuggestEmailFindsMistypedDomains(t *testing.T) {
	for typed, want := range map[string]string{
		"rita@gmial.com":      "rita@gmail.com",
		"rita@gmai.com":       "rita@gmail.com",
		"rita@gmaill.com":     "rita@gmail.com",
		"rita@GMIAL.com":      "rita@gmail.com",
		"rita@gmail.con":      "rita@gmail.com",
		"rita@gmail.co":       "rita@gmail.com",
		"rita@gmial.con":      "rita@gmail.com",
		"rita@hotmial.com":    "rita@hotmail.com",
		"rita@hotmial.fr":     "rita@hotmail.fr",
		"rita@hormial.com":    "rita@hotmail.com",
		"rita@outlok.de":      "rita@outlook.de",
		"rita@yaho.co.uk":     "rita@yahoo.co.uk",
		"rita@iclod.com":      "rita@icloud.com",
		"rita@t-onlien.de":    "rita@t-online.de",
		"rita@gmx.ed":         "rita@gmx.de",
		"rita+a@web.dee":      "rita+a@web.de",
		"rita@harbour.con":    "rita@harbour.com",
		"o’hara@gmial.com":    "o’hara@gmail.com",
		"rita@protonmial.com": "rita@protonmail.com",
	} {
		if got := SuggestEmail(typed); got != want {
			t.Errorf("%s: got %q, want %q", typed, got, want)
		}
	}
}

func TestSuggestEmailLeavesOtherDomainsAlone(t *testing.T) {
	for _, typed := range []string{
		"rita@gmail.com", "rita@Gmail.com", "rita@mail.com", "rita@email.com", "rita@ymail.com", "rita@gmx.de", "rita@gmx.com",
		"rita@gmx.net", "rita@web.de", "rita@cloud.com", "rita@live.nl", "rita@hotmail.ch", "rita@outlook.hu", "rita@gmail.example",
		"rita@harbour.example", "rita@harbour.co", "rita@wed.de", "rita@love.com", "rita@gazette.com", "rita@mail.gmial.com", "rita",
		"rita@", "", "rita@localhost", "rita@gmial.museum",
	} {
		if got := SuggestEmail(typed); got != "" {
			t.Errorf("%s: got %q, want none", typed, got)
		}
	}
}
