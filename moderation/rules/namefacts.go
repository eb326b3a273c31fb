package rules

import (
	"strings"
	"unicode"

	"rejoinder/moderation/text"
)

// hasEmail reports whether a word of a name is an email address.
func hasEmail(name string) bool {
	for _, word := range strings.Fields(name) {
		if word = strings.Trim(word, "()[]<>{}.,:;\"'"); strings.Contains(word, "@") && text.CheckEmail(word) == nil {
			return true
		}
	}
	return false
}

// The least digits of a phone number: with the prefix of a country or of a long-distance call, and without.
// Years and postcodes have fewer.
const (
	prefixedPhoneDigits = 7
	plainPhoneDigits    = 9
)

// hasPhone reports whether a name has a phone number in it: a run of digits with signs of phone numbers between.
func hasPhone(name string) bool {
	digits, prefixed, plus := 0, false, false
	for _, r := range name + "x" {
		switch {
		case unicode.IsDigit(r):
			if digits == 0 {
				prefixed = plus || r == '0'
			}
			digits++
		case r == '+' && digits == 0:
			plus = true
		case strings.ContainsRune(" -–./()", r):
		default:
			if digits >= plainPhoneDigits || prefixed && digits >= prefixedPhoneDigits {
				return true
			}
			digits, plus = 0, false
		}
	}
	return false
}
