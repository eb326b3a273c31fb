package auth

import (
	"crypto/rand"
	"errors"
	"math"
	"regexp"
	"slices"
	"strings"
	"testing"
)

const (
	ownWords  = "must not contain the email or the name; use words that have nothing to do with you"
	siteWords = "must not contain the name of the site; use words that have nothing to do with it"
	common    = "must not be one of the most common passwords, even with digits or signs added; use several unrelated words"
	keys      = "must not be a row of adjacent keys, such as qwertyuiop; use several unrelated words"
)

func TestCheckPassword(t *testing.T) {
	for name, test := range map[string]struct{ password, want string }{
		"a sentence is fine":                            {adaPassword, ""},
		"letters of one kind are fine if they are many": {"correcthorsebattery", ""},
		"emoji and other scripts are fine":              {"пароль от старой дачи 🌻", ""},
		"exactly the least length is fine":              {"qwmzrtplkvbn", ""},
		"exactly the greatest length is fine":           {strings.Repeat("abqz ", 51) + "x", ""},
		"one character too few":                         {"qwmzrtplkvb", "must be at least 12 characters long"},
		"one character too many":                        {strings.Repeat("abqz ", 51) + "xy", "must be at most 256 characters long"},
		"megabytes":                                     {strings.Repeat("abqz ", 1<<20), "must be at most 256 characters long"},
		"characters are counted, not bytes":             {"äöüßéèêñçøå", "must be at least 12 characters long"},
		"nothing":                                       {"", "must be at least 12 characters long"},
		"one letter over and over":                      {strings.Repeat("aA", 10), "must have at least 5 different characters"},
		"counting up":                                   {"1234567890123", "must not be a plain sequence such as 123456 or abcdef"},
		"the alphabet backwards":                        {"zyxwvutsrqponm", "must not be a plain sequence such as 123456 or abcdef"},
		"the email":                                     {"ADA@paper.example", ownWords},
		"the email with more":                           {"my ada@paper.example!", ownWords},
		"the name":                                      {"Ada of the Harbour ", ownWords},
		"the name, written otherwise":                   {"2024 ada-of_the.HARBOUR", ownWords},
		"a word of the name only":                       {"the harbour lies asleep", ""},
		"the site's name":                               {"Morning Courier 2024", siteWords},
		"the site's host":                               {"thegazette#secret", siteWords},
		"the product's name":                            {"rejoinder-moderator", siteWords},
		"a common password with digits":                 {"password1234", common},
		"one in capitals with a year and a sign":        {"Sunshine2024!", common},
		"one behind digits":                             {"20242024dragon", common},
		"one with digits for letters":                   {"p4$$w0rd!!!!", common},
		"one with signs between":                        {"i.l.o.v.e.y.o.u", common},
		"one twice":                                     {"baseballbaseball", common},
		"one over and over, with a year":                {"Dragon-Dragon-2024", common},
		"one that ends with a digit, and more of them":  {"blink182182182", common},
		"common words among others":                     {"dragon summer teapot", ""},
		"a word twice":                                  {"pergola pergola", "must not be the same word again and again; use several unrelated words"},
		"keys along a row":                              {"qwertyuiop[]", keys},
		"keys down the columns":                         {"1qaz2wsx3edc", keys},
		"keys of another keyboard":                      {"azertyuiop123", keys},
		"a line break":                                  {"a quiet harbour\nat dawn", "must not contain control characters"},
		"a NUL":                                         {"a quiet harbour\x00at dawn", "must not contain control characters"},
		"broken UTF-8":                                  {"a quiet harbour \xff", "must be valid UTF-8"},
	} {
		t.Run(name, func(t *testing.T) {
			got := ""
			p := PasswordContext{Email: adaEmail, Name: "Ada of the Harbour", Sites: []string{"Morning Courier", "thegazette", "demo", ""}}
			if err := CheckPassword(test.password, p); err != nil {
				got = err.Error()
			}
			if got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}

func TestTheListOfCommonPasswordsIsComplete(t *testing.T) {
	lines := commonList()
	if len(lines) != 10_000 || !slices.IsSorted(lines) || len(slices.Compact(slices.Clone(lines))) != len(lines) {
		t.Errorf("%d lines, sorted: %v", len(lines), slices.IsSorted(lines))
	}
	for _, line := range lines {
		if line == "" || line != strings.ToLower(strings.TrimSpace(line)) {
			t.Errorf("the line %q can never be found", line)
		}
		padded := line + strings.Repeat("9", max(0, MinPasswordChars-len(line)))
		if err := CheckPassword(padded, PasswordContext{}); err == nil {
			t.Errorf("%q is accepted", padded)
		}
	}
}

func TestGeneratePassword(t *testing.T) {
	form := regexp.MustCompile(`^([0-9a-hjkmnp-tv-z]{4}-){4}[0-9a-hjkmnp-tv-z]{4}$`)
	seen := map[string]bool{}
	signs := map[rune]bool{}
	for range 200 {
		password, err := GeneratePassword(rand.Reader)
		if err != nil {
			t.Fatal(err)
		}
		if !form.MatchString(password) {
			t.Errorf("%q does not look as promised", password)
		}
		if err := CheckPassword(password, PasswordContext{}); err != nil {
			t.Errorf("%q %v", password, err)
		}
		if seen[password] {
			t.Errorf("%q came twice", password)
		}
		seen[password] = true
		for _, r := range strings.ReplaceAll(password, "-", "") {
			signs[r] = true
		}
	}
	if bits := 20 * math.Log2(float64(len(signs))); bits < 80 {
		t.Errorf("%.0f bits, want at least 80", bits)
	}
	if _, err := GeneratePassword(brokenRandom{}); !errors.Is(err, errBrokenRandom) {
		t.Errorf("with broken randomness: %v", err)
	}
}
