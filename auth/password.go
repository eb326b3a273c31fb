package auth

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode"
	"unicode/utf8"
)

const (
	// MinPasswordChars is the minimum length of a password in characters (code points), as NIST SP 800-63B
	// counts. There are no composition rules: length makes a password hard to guess.
	MinPasswordChars = 12
	// MaxPasswordChars is the maximum length of a password in characters.
	MaxPasswordChars = 256

	// maxPasswordBytes bounds the input hashed at login. No accepted password is longer.
	maxPasswordBytes = MaxPasswordChars * 4 * 4
	// minDistinctChars rejects "aaaaaaaaaaaa" and "121212121212".
	minDistinctChars = 5
)

// PasswordContext holds the words that an attacker tries first.
type PasswordContext struct {
	Email, Name string
	Sites       []string // names of the sites and of their hosts
}

// CheckPassword validates a new password. The error is a phrase for people that says how to fix it, without
// quoting the password: "must be at least 12 characters long".
func CheckPassword(password string, p PasswordContext) error {
	if !utf8.ValidString(password) {
		return errors.New("must be valid UTF-8")
	}
	if len(password) > maxPasswordBytes {
		return fmt.Errorf("must be at most %d characters long", MaxPasswordChars)
	}
	password = normalPassword(password)
	switch chars := utf8.RuneCountInString(password); {
	case chars < MinPasswordChars:
		return fmt.Errorf("must be at least %d characters long", MinPasswordChars)
	case chars > MaxPasswordChars:
		return fmt.Errorf("must be at most %d characters long", MaxPasswordChars)
	case strings.ContainsFunc(password, unicode.IsControl):
		return errors.New("must not contain control characters")
	case distinctChars(password) < minDistinctChars:
		return fmt.Errorf("must have at least %d different characters", minDistinctChars)
	}
	return checkGuessable(strings.ToLower(password), p)
}

// checkGuessable rejects passwords that are long enough but easy to guess.
func checkGuessable(password string, p PasswordContext) error {
	switch {
	case isSequence(password):
		return errors.New("must not be a plain sequence such as 123456 or abcdef")
	case isKeyboardRun(password):
		return errors.New("must not be a row of adjacent keys, such as qwertyuiop; use several unrelated words")
	case containsPersonal(password, []string{p.Email, p.Name}):
		return errors.New("must not contain the email or the name; use words that have nothing to do with you")
	case containsPersonal(password, append([]string{"Rejoinder"}, p.Sites...)):
		return errors.New("must not contain the name of the site; use words that have nothing to do with it")
	case isCommonVariant(password):
		return errors.New(
			"must not be one of the most common passwords, even with digits or signs added; use several unrelated words",
		)
	case isRepeated(password):
		return errors.New("must not be the same word again and again; use several unrelated words")
	}
	return nil
}

func distinctChars(s string) int {
	seen := map[rune]bool{}
	for _, r := range s {
		seen[unicode.ToLower(r)] = true
	}
	return len(seen)
}

// isSequence reports whether nearly every character differs by one from its predecessor, as in 1234567890123.
func isSequence(s string) bool {
	steps, pairs, last := 0, 0, rune(-1)
	for _, r := range strings.ToLower(s) {
		if last >= 0 {
			pairs++
			if r-last == 1 || last-r == 1 {
				steps++
			}
		}
		last = r
	}
	return pairs > 0 && steps*10 >= pairs*8
}

// generatedAlphabet has 32 characters, 5 bits each, without the ambiguous i, l, o and u.
const generatedAlphabet = "0123456789abcdefghjkmnpqrstvwxyz"

// GeneratePassword generates a password of 100 bits, in five groups of four that are easy to read aloud and
// type: k7mq-… The only possible error is random's.
func GeneratePassword(random io.Reader) (string, error) {
	var drawn [20]byte
	if _, err := io.ReadFull(random, drawn[:]); err != nil {
		return "", fmt.Errorf("generate a password: %w", err)
	}
	var b strings.Builder
	for i, octet := range drawn {
		if i > 0 && i%4 == 0 {
			b.WriteByte('-')
		}
		// 256 is a multiple of 32, so every character is equally likely.
		b.WriteByte(generatedAlphabet[octet%32])
	}
	return b.String(), nil
}
