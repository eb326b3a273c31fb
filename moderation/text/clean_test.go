package text

import (
	"errors"
	"testing"
)

func TestClean(t *testing.T) {
	cases := []struct {
		name, in, want string
		err            error
	}{
		{"plain text stays", "Hello,\n\tworld! ", "Hello,\n\tworld! ", nil},
		{"line ends become one kind", "a\r\nb\rc\n", "a\nb\nc\n", nil},
		{"controls go", "a\x01b\x1bc\x7fd\u0085e\u009ff", "abcdef", nil},
		{"letters are composed", "e\u0301", "é", nil},
		{"letters that meet when a control goes are composed", "e\x01\u0301", "é", nil},
		{"emoji and other scripts stay", "👨‍👩‍👧 نص ไทย", "👨‍👩‍👧 نص ไทย", nil},
		{"invalid UTF-8 is refused", "a\xc3(", "", ErrUTF8},
		{"a surrogate is refused", "a\xed\xa0\x80", "", ErrUTF8},
		{"NUL is refused", "a\x00b", "", ErrNUL},
		{"nothing stays nothing", "", "", nil},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			got, err := Clean(c.in)
			if got != c.want || !errors.Is(err, c.err) {
				t.Errorf("Clean(%+q) = %+q, %v; want %+q, %v", c.in, got, err, c.want, c.err)
			}
			checkText(t, c.in)
		})
	}
}

func TestCleanLine(t *testing.T) {
	cases := []struct {
		name, in, want string
		err            error
	}{
		{"a name stays", "Ada Lovelace-King (née Byron)", "Ada Lovelace-King (née Byron)", nil},
		{"line breaks become a space", "Ada\r\nLovelace\u2028King", "Ada Lovelace King", nil},
		{"white space is collapsed and trimmed", "\u3000 Ada \t\u00a0 Lovelace ", "Ada Lovelace", nil},
		{"text direction controls go", "Ada\u202eecalevoL\u2066\u200f", "AdaecalevoL", nil},
		{"zero-width characters go", "A\u200bd\u2060a\ufeff\u00ad", "Ada", nil},
		{"a joiner between Latin letters goes", "ad\u200dmin\u200c", "admin", nil},
		{"a joiner between Persian letters stays", "می\u200cخواهم", "می\u200cخواهم", nil},
		{"a joiner between Hindi letters stays", "क्\u200dष", "क्\u200dष", nil},
		{"an emoji family stays together", "👨\u200d👩\u200d👧", "👨\u200d👩\u200d👧", nil},
		{"an emoji selector stays with its emoji", "❤\ufe0f", "❤\ufe0f", nil},
		{"an emoji selector after a letter goes", "Ada\ufe0f", "Ada", nil},
		{"a keycap stays whole", "1\ufe0f\u20e3", "1\ufe0f\u20e3", nil},
		{"fillers go", "\u3164\u115f\u1160\uffa0\u2800", "", nil},
		{"tag characters go", "Ada\U000e0041\U000e0062", "Ada", nil},
		{"invalid UTF-8 is refused", "\xff", "", ErrUTF8},
		{"NUL is refused", "a\x00", "", ErrNUL},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			got, err := CleanLine(c.in)
			if got != c.want || !errors.Is(err, c.err) {
				t.Errorf("CleanLine(%+q) = %+q, %v; want %+q, %v", c.in, got, err, c.want, c.err)
			}
			checkText(t, c.in)
		})
	}
}

func TestVisible(t *testing.T) {
	for s, want := range map[string]bool{
		"":                         false,
		" \t\n\u00a0\u3000":        false,
		"\u200b\u200d\ufeff\u202e": false,
		"\u3164\u2800\u115f\uffa0": false, // fillers are letters and symbols to Unicode
		"\u0301\u0302":             false,
		"\ue000":                   false, // no agreed shape
		"a":                        true,
		"\u200ba":                  true,
		"。":                        true,
		"7":                        true,
		"👍":                        true,
		"क":                        true,
		"\u06dd":                   false, // shows, but only around digits
	} {
		if got := Visible(s); got != want {
			t.Errorf("Visible(%+q) = %v, want %v", s, got, want)
		}
	}
}

func TestCharacters(t *testing.T) {
	for s, want := range map[string]int{"": 0, "abc": 3, "é": 1, "日本": 2, "𝒜": 1, "👨\u200d👩": 3} {
		if got := Characters(s); got != want {
			t.Errorf("Characters(%q) = %d, want %d", s, got, want)
		}
	}
}

func FuzzClean(f *testing.F) {
	for _, seed := range []string{"a\r\n\x01b", "e\x01\u0301\u0323", "می\u200cخواهم\u200d", "1\ufe0f\u20e3👨\u200d👩", "\u1100\u200d\u1161", "\xff"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, s string) { checkCleaning(t, s) })
}
