package regex

import (
	"errors"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestEveryMatchHasARequiredByte(t *testing.T) {
	for _, tc := range []struct{ name, raw, required string }{
		{"a literal requires one of its letters", `cat`, "c"},
		{"without regard to case, both forms count, and what folds to them", `(?i)k`, "Kk\x80"},
		{"a class requires one of its characters", `[0-3]+x?`, "0123"},
		{"the rarest part of a sequence counts", `\w+@[a-z]`, "@"},
		{"of two ways, either may match", `a|(?:b|c)`, "abc"},
		{"a way without requirement leaves none", `a|b*`, ""},
		{"what may be missing is not required", `a?b*(?:c)?`, ""},
		{"repeated at least once", `(?:ab){2,3}`, "a"},
		{"repeated any number of times", `(?:ab){0,3}`, ""},
		{"any character", `.`, ""},
		{"an edge is no character", `\bq$`, "q"},
		{"characters outside ASCII", `é+`, "\x80"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			r, err := Compile(tc.raw)
			if err != nil {
				t.Fatal(err)
			}
			var got []byte
			if r.required != nil {
				for c, in := range r.required[:0x81] {
					if in {
						got = append(got, byte(c))
					}
				}
			}
			if d := cmp.Diff(tc.required, string(got)); d != "" {
				t.Error(d)
			}
		})
	}
}

func TestAnExpressionThatIsTooLargeIsRefused(t *testing.T) {
	for name, raw := range map[string]string{
		"bytes":       strings.Repeat("a", maxBytes+1),
		"repetitions": `(?:a{1,100}){1,100}`,
		"syntax":      `(a`,
	} {
		t.Run(name, func(t *testing.T) {
			_, err := Compile(raw)
			var found *Error
			if !errors.As(err, &found) || found.Reason == "" || found.Hint == "" {
				t.Errorf("error %#v, want a reason and a hint", err)
			}
		})
	}
}

func FuzzFindAllIsThatOfRegexp(f *testing.F) {
	for _, raw := range []string{`\+?\d[\d ()./-]{6,}\d`, `@\w[\w.]{3,}`, `(?:^|\s)[_(]+[l|][_)]+(?:\s|$)`, `(?i)straße|\x{FFFD}`} {
		f.Add(raw, "call 030 123-4567 or @someone (_|_) STRASSE \xff")
	}
	f.Fuzz(func(t *testing.T, raw, text string) {
		r, err := Compile(raw)
		if err != nil || len(text) > 1_000 {
			return
		}
		if d := cmp.Diff(regexp.MustCompile(raw).FindAllStringIndex(text, -1), r.FindAll(text)); d != "" {
			t.Errorf("%q in %q: %s", raw, text, d)
		}
	})
}
