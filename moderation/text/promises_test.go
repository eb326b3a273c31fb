package text

import (
	"strings"
	"testing"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"rejoinder/moderation/text/timetest"
)

// checkText fails the test if any function breaks a promise that it makes for every text.
func checkText(t testing.TB, s string) {
	t.Helper()
	checkCleaning(t, s)
	checkNormalising(t, s)
	folded := Fold(s)
	if again := Fold(folded); again != folded {
		t.Errorf("Fold(%+q) = %+q, then %+q", s, folded, again)
	}
	if strings.Join(strings.Fields(folded), " ") != folded {
		t.Errorf("Fold(%+q) = %+q has stray white space", s, folded)
	}
	if string(Fingerprint(s)) != string(Fingerprint(folded)) {
		t.Errorf("the fingerprint of %+q changes by folding", s)
	}
}

func checkCleaning(t testing.TB, s string) {
	t.Helper()
	for name, clean := range map[string]func(string) (string, error){"Clean": Clean, "CleanLine": CleanLine} {
		cleaned, err := clean(s)
		if checked := Check(s); err != checked {
			t.Errorf("%s(%+q): error %v, but Check says %v", name, s, err, checked)
		}
		if again, _ := clean(cleaned); again != cleaned {
			t.Errorf("%s(%+q) = %+q, then %+q", name, s, cleaned, again)
		}
		if !norm.NFC.IsNormalString(cleaned) {
			t.Errorf("%s(%+q) = %+q is not composed", name, s, cleaned)
		}
		if strings.ContainsAny(cleaned, "\r\x00\x7f\u0085") || name == "CleanLine" && strings.ContainsAny(cleaned, "\n\t\u202e\u200b\u2028") {
			t.Errorf("%s(%+q) = %+q keeps what it should not", name, s, cleaned)
		}
		if err == nil && name == "CleanLine" && Visible(s) != Visible(cleaned) {
			t.Errorf("%s(%+q) = %+q changes whether there is something to see", name, s, cleaned)
		}
	}
}

func checkNormalising(t testing.TB, s string) {
	t.Helper()
	n := Normalise(s)
	if again := Normalise(n.Text).Text; again != n.Text {
		t.Errorf("Normalise(%+q) = %+q, then %+q", s, n.Text, again)
	}
	if !utf8.ValidString(n.Text) {
		t.Errorf("Normalise(%+q) = %+q is not valid UTF-8", s, n.Text)
	}
	last := 0
	for at, r := range n.Text {
		start, end := n.Original(at, at+utf8.RuneLen(r))
		if start < last || end <= start || end > len(s) || !runeBoundary(s, start) || !runeBoundary(s, end) {
			t.Fatalf("Normalise(%+q): %q at %d came from %d to %d", s, r, at, start, end)
		}
		if !strings.ContainsRune(Normalise(s[start:end]).Text, r) {
			t.Errorf("Normalise(%+q): %q at %d did not come from %+q", s, r, at, s[start:end])
		}
		last = start
	}
	words := n.Words()
	for i, word := range words {
		if word.Folded == "" || word.Start < 0 || word.End <= word.Start || word.End > len(s) ||
			!runeBoundary(s, word.Start) || !runeBoundary(s, word.End) || i > 0 && word.Start < words[i-1].Start {
			t.Fatalf("Words(%+q): bad word %+v", s, word)
		}
	}
}

func runeBoundary(s string, at int) bool {
	if at == len(s) || utf8.RuneStart(s[at]) {
		return true
	}
	// A stray continuation byte is a character of its own to Go.
	for i := range s {
		if i >= at {
			return i == at
		}
	}
	return false
}

func TestEveryCharacterKeepsEveryPromise(t *testing.T) {
	for r := rune(1); r <= utf8.MaxRune; r++ {
		if 0xD800 <= r && r < 0xE000 || 0x20100 <= r && r < 0xE0000 || r > 0xE0200 {
			continue
		}
		s := string(r)
		once := Normalise(s).Text
		if twice := Normalise(once).Text; twice != once {
			t.Errorf("Normalise(%+q) = %+q, then %+q", s, once, twice)
		}
		folded := Fold(s)
		if twice := Fold(folded); twice != folded {
			t.Errorf("Fold(%+q) = %+q, then %+q", s, folded, twice)
		}
		if upper := strings.ToUpper(s); Fold(upper) != folded && r != 'ı' {
			t.Errorf("Fold(%+q) = %+q, but of upper case %+q it is %+q", s, folded, upper, Fold(upper))
		}
	}
}

func TestWhatIsBesideACharacterDoesNotBreakThePromises(t *testing.T) {
	beside := []string{"a", "\u0301", "\u0345", "\u1100", "\u1161", "\u11a8", "\u3099", "\u200b", "\u034f", "\u093c", "\u0338", "\xff"}
	for r := rune(0xA0); r < 0x30000; r += 29 * timetest.Slowdown {
		if 0xD800 <= r && r < 0xE000 {
			continue
		}
		for _, other := range beside {
			checkText(t, string(r)+other)
			checkText(t, other+string(r))
		}
		if t.Failed() {
			return
		}
	}
}
