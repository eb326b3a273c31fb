package auth

import (
	"crypto/rand"
	"errors"
	"math"
	"regexp"
	"strings"
	"testing"
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
		"the email":                                     {"ADA@paper.example", "must not be the email or the name"},
		"the name":                                      {"Ada of the Harbour ", "must not be the email or the name"},
		"a line break":                                  {"a quiet harbour\nat dawn", "must not contain control characters"},
		"a NUL":                                         {"a quiet harbour\x00at dawn", "must not contain control characters"},
		"broken UTF-8":                                  {"a quiet harbour \xff", "must be valid UTF-8"},
	} {
		t.Run(name, func(t *testing.T) {
			got := ""
			if err := CheckPassword(test.password, adaEmail, "Ada of the Harbour", ""); err != nil {
				got = err.Error()
			}
			if got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
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
		if err := CheckPassword(password); err != nil {
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
