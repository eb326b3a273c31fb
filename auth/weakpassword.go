package auth

import (
	_ "embed" // for the list of common passwords
	"slices"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"
)

// commonPasswords are the 10,000 most common passwords, in lower case, one per line. See
// commonpasswords/README.md.
//
//go:embed commonpasswords/list.txt
var commonPasswords string

const (
	// minCoreChars is the minimum length of a common password to look for within another one. Shorter words
	// occur by chance.
	minCoreChars = 4
	// minPersonalChars is the minimum length of an email or name that a password must not contain.
	minPersonalChars = 5
)

var commonList = sync.OnceValue(
	func() []string { return strings.Split(strings.TrimSuffix(commonPasswords, "\n"), "\n") },
)

func isCommon(word string) bool {
	_, found := slices.BinarySearch(commonList(), word)
	return found && len(word) >= minCoreChars
}

// isCommonVariant reports whether a lower-case password is a common one, or a disguised one: with digits and
// symbols before, after or between, look-alike digits for letters, or repeated.
func isCommonVariant(password string) bool {
	for _, form := range strippedForms(password) {
		plain := lookAlikes.Replace(form)
		for _, word := range []string{form, plain, onlyLetters(form), onlyLetters(plain)} {
			if isCommon(word) || isCommon(repeatedUnit(word)) {
				return true
			}
		}
	}
	return false
}

// strippedForms returns the forms of a password without some or all of its trailing digits and symbols, each
// with and without the leading ones.
func strippedForms(password string) []string {
	var forms []string
	for head := password; ; {
		forms = append(forms, head, strings.TrimLeftFunc(head, notLetter))
		last, size := utf8.DecodeLastRuneInString(head)
		if size == 0 || !notLetter(last) {
			return forms
		}
		head = head[:len(head)-size]
	}
}

func notLetter(r rune) bool { return !unicode.IsLetter(r) }

func onlyLetters(s string) string {
	return strings.Map(func(r rune) rune {
		if notLetter(r) {
			return -1
		}
		return r
	}, s)
}

// lookAlikes replaces digits and symbols with the letters they commonly represent.
var lookAlikes = strings.NewReplacer("0", "o", "1", "i", "3", "e", "4", "a", "5", "s", "7", "t", "@", "a",
	"$", "s", "!", "i")

// repeatedUnit returns the shortest string whose repetition is s; s itself if there is none.
func repeatedUnit(s string) string {
	for size := 1; size <= len(s)/2; size++ {
		if len(s)%size == 0 && strings.Repeat(s[:size], len(s)/size) == s {
			return s[:size]
		}
	}
	return s
}

// isRepeated reports whether a password repeats one short string, with or without symbols between.
func isRepeated(password string) bool {
	if unit := repeatedUnit(password); unit != password && utf8.RuneCountInString(unit) < MinPasswordChars {
		return true
	}
	words := strings.FieldsFunc(password, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
	return len(words) > 1 && len(slices.Compact(words)) == 1 && utf8.RuneCountInString(words[0]) < MinPasswordChars
}

// keyboardLines are adjacent keys, along the rows and down the columns of a QWERTY, QWERTZ or AZERTY
// keyboard.
var keyboardLines = []string{
	"1234567890-=",
	"qwertyuiop[]",
	"asdfghjkl;'",
	"zxcvbnm,./",
	"qwertzuiop",
	"yxcvbnm",
	"azertyuiop",
	"qsdfghjklm",
	"wxcvbn",
	"1qaz",
	"2wsx",
	"3edc",
	"4rfv",
	"5tgb",
	"6yhn",
	"7ujm",
	"8ik,",
	"9ol.",
	"0p;/",
	"1qay",
	"6zhn",
}

// isKeyboardRun reports whether nearly every key is adjacent to the one before it, as in qwertyuiop12 or
// 1qaz2wsx3edc.
func isKeyboardRun(password string) bool {
	runes := []rune(password)
	steps := 0
	for i := 1; i < len(runes); i++ {
		forth, back := string(runes[i-1:i+1]), string([]rune{runes[i], runes[i-1]})
		if slices.ContainsFunc(keyboardLines,
			func(line string) bool { return strings.Contains(line, forth) || strings.Contains(line, back) }) {
			steps++
		}
	}
	return len(runes) > 1 && steps*10 >= (len(runes)-1)*8
}

// containsPersonal reports whether a password contains an email, its local part, or a name, in any spelling.
// Short ones count only if little else remains.
func containsPersonal(password string, personal []string) bool {
	plain := compact(password)
	for _, word := range personal {
		local, _, isEmail := strings.Cut(word, "@")
		words := []string{compact(word)}
		if isEmail {
			words = append(words, compact(local))
		}
		for _, w := range words {
			if w != "" && (plain == w || utf8.RuneCountInString(w) >= minPersonalChars && strings.Contains(plain, w)) {
				return true
			}
		}
	}
	return false
}

// compact returns s in lower case without spaces and symbols.
func compact(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsMark(r) || unicode.IsDigit(r) {
			return r
		}
		return -1
	}, strings.ToLower(normalPassword(s)))
}
