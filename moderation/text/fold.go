package text

import (
	"crypto/sha256"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// Fold returns s in the form in which texts are compared: normalised (see
// Normalise), without accents and vowel points, and with every run of white
// space made one space and the ends trimmed. Folding twice is folding once.
func Fold(s string) string { return foldNormal(Normalise(s).Text) }

// foldNormal is Fold for a text in its normal form.
func foldNormal(normal string) string {
	for range 4 { // without its accents a letter may fold once more
		plain, changed := withoutAccents(normal)
		if !changed {
			break
		}
		normal = Normalise(plain).Text
	}
	return strings.Join(strings.Fields(normal), " ")
}

func withoutAccents(normal string) (plain string, changed bool) {
	if isASCII(normal) {
		return normal, false
	}
	apart := norm.NFKD.String(normal)
	stripped := strings.Map(withoutAccent, apart)
	return stripped, len(stripped) != len(apart)
}

func withoutAccent(r rune) rune {
	if overlay(r) || unicode.Is(unicode.Hebrew, r) && unicode.Is(unicode.Mn, r) {
		return -1
	}
	return r
}

// fingerprintBytes is how much of the SHA-256 a fingerprint has. It is compared with those of one site and day: if
// these are a million, one text in 70 billion shares it by chance. With their length, 7 bytes take 8 on PostgreSQL.
const fingerprintBytes = 7

// Fingerprint returns the start of the SHA-256 of the letters and digits of
// Fold(s): two texts that differ only in case, accents, punctuation, emoji or
// spacing share it. A text without any letter or digit has that of Fold(s) itself.
func Fingerprint(s string) []byte { return fingerprint(Fold(s)) }

func isASCIILetter(r rune) bool { return 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' }

func isASCIIAlphanumeric(r rune) bool { return isASCIILetter(r) || '0' <= r && r <= '9' }

// fingerprintASCII is Fingerprint for a normal text that is ASCII and has a letter or digit; nil for any other. Such
// a text need not be folded: that would change only its spaces.
func fingerprintASCII(normal string) []byte {
	essence := make([]byte, 0, len(normal))
	for i := range len(normal) {
		if normal[i] >= utf8.RuneSelf {
			return nil
		}
		if isASCIIAlphanumeric(rune(normal[i])) {
			essence = append(essence, normal[i])
		}
	}
	if len(essence) == 0 {
		return nil
	}
	sum := sha256.Sum256(essence)
	return sum[:fingerprintBytes]
}

// fingerprint is Fingerprint for a folded text.
func fingerprint(folded string) []byte {
	essence := strings.Map(func(r rune) rune {
		if r < utf8.RuneSelf {
			if isASCIIAlphanumeric(r) {
				return r
			}
			return -1
		}
		if unicode.In(r, unicode.L, unicode.M, unicode.N) {
			return r
		}
		return -1
	}, folded)
	if essence == "" {
		essence = folded
	}
	sum := sha256.Sum256([]byte(essence))
	return sum[:fingerprintBytes]
}
