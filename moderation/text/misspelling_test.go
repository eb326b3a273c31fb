package text

import (
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
)

func TestWordsAreFoundMisspelt(t *testing.T) {
	var m Misspellings
	for i, word := range []string{"idiot", "retard", "bastard", "wanker", "fuck", "tosser", "förbannad", "förbannat", "mañuna"} {
		m.Add(word, int32(i))
	}
	m.Finish()
	for name, c := range map[string]struct {
		written string
		want    bool
	}{
		"two letters swapped":                        {"bastrad", true},
		"two letters swapped at the end":             {"retadr", true},
		"a letter left out":                          {"bstard", true},
		"a letter doubled":                           {"rettard", true},
		"a key beside the right one, in a long word": {"bastsrd", true},
		"an h that nobody hears":                     {"whanker", true},
		"an h at the end":                            {"wankerh", false},
		"an end that only a foreign word would have": {"bastad", true},
		"another vowel, in a long word":              {"bastird", true},
		"letters that sound the same":                {"wancker", true},
		"digits for letters, and a slip":             {"b4stird", true},
		"with an ending":                             {"bastrads", true},
		"a short word that no other contains":        {"fukc", true},
		"another first letter":                       {"nastard", false},
		"two slips":                                  {"bsatrad", false},
		"a letter short at the end":                  {"bastar", false},
		"a word of the dictionary":                   {"toaster", false},
		"another word of the dictionary":             {"mustard", false},
		"too short to be sure":                       {"idot", false},
		"letters of another alphabet":                {"бастард", false},
		"a word with accents":                        {"förbanat", true},
		"the same without accents":                   {"forbannet", true},
		"accents on a word that is listed without":   {"bästrad", false},
		"a word of the dictionary without accents":   {"manana", false},
		"another word without accents":               {"manona", true},
		"a number":                                   {"1234567", false},
	} {
		t.Run(name, func(t *testing.T) {
			if found := len(m.Find(c.written)) > 0; found != c.want {
				t.Errorf("%q is found: %v, want %v", c.written, found, c.want)
			}
		})
	}
}

func TestWordsAreFoundWithOneLetterHidden(t *testing.T) {
	var m Misspellings
	for i, word := range []string{"bastard", "loser", "klootzak", "förbannad", "fool"} {
		m.Add(word, int32(i))
	}
	m.Finish()
	for name, c := range map[string]struct {
		before, after string
		want          bool
	}{
		"a consonant":                   {"bas", "ard", true},
		"a vowel":                       {"l", "ser", true},
		"one of two equal letters":      {"kl", "otzak", true},
		"a consonant behind two":        {"kloot", "ak", true},
		"with accents":                  {"förb", "nnad", true},
		"with an ending":                {"bast", "rds", true},
		"the first letter is not shown": {"", "astard", false},
		"two letters are missing":       {"bas", "rd", false},
		"another letter is shown":       {"bus", "ard", false},
		"too short to be sure":          {"f", "ol", false},
		"another word":                  {"hotel", "star", false},
		"too long":                      {strings.Repeat("bas", 2_000), "ard", false},
	} {
		t.Run(name, func(t *testing.T) {
			if found := len(m.FindCensored(c.before, c.after)) > 0; found != c.want {
				t.Errorf("%q, hidden, %q is found: %v, want %v", c.before, c.after, found, c.want)
			}
		})
	}
}

func TestWordsAreFoundWithStarsForAnyLetters(t *testing.T) {
	var m Misspellings
	for i, word := range []string{"bitch", "asshole", "badger"} {
		m.Add(word, int32(i))
	}
	m.Finish()
	for name, c := range map[string]struct {
		in   string
		want []string
	}{
		"in the middle":                 {"a bi**h!", []string{"bi**h"}},
		"at the end":                    {"A BIT**, an ass****", []string{"BIT**", "ass****"}},
		"number signs":                  {"as##ole", []string{"as##ole"}},
		"with an ending":                {"b**ches", []string{"b**ches"}},
		"one letter is not enough":      {"b****", nil},
		"the first letter is not shown": {"**tch", nil},
		"too few stars":                 {"bi*h", nil},
		"too many":                      {"bi***h", nil},
		"another word":                  {"ba**h", nil},
		"a word that nobody censors":    {"ba**er", nil},
		"a product":                     {"a*b*c and 2*3", nil},
	} {
		t.Run(name, func(t *testing.T) {
			var got []string
			for w := range StarredWords(c.in) {
				if len(m.FindStarred(w.Folded)) > 0 {
					got = append(got, c.in[w.Start:w.End])
				}
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("found (-want +got):\n%s", diff)
			}
		})
	}
}

func TestWordsThatSignsHideAreReadAsTheirLetters(t *testing.T) {
	for in, want := range map[string][]string{
		"a b@stsrd":               {"bastsrd"},
		"b@d words, $illy ones":   {"bad", "silly"},
		"bаdger with a foreign а": {"badger"},
		"b4dger, 2nd, café":       nil,
		"барсук и сурок":          nil,
		"$5 @ 3 !!":               nil,
		"Nooo!!!! a b@d!!!":       {"bad"},
	} {
		var k Skeleton
		k.Read(in)
		var got []string
		for w := range k.Veiled() {
			got = append(got, w.Folded)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("in %q (-want +got):\n%s", in, diff)
		}
	}
}

func TestMisspellingsTakeBoundedTime(t *testing.T) {
	var m Misspellings
	m.Add(strings.Repeat("ab", 60), 0)
	m.Finish()
	if m.Find(strings.Repeat("ab", 5_000)) != nil {
		t.Error("a word of 10,000 letters is found")
	}
}

// Signs beside letters are read twice: as letters, and as separators.
func TestASignIsALetterAndASeparator(t *testing.T) {
	for name, c := range map[string]struct{ term, in string }{
		"in front of a word":              {"badger", "@badger"},
		"a currency sign in front":        {"badger", "€badger"},
		"a digit in front":                {"badger", "1badger"},
		"stars between letters":           {"badger", "b*a*d*g*e*r"},
		"at signs between letters":        {"moron", "m@o@r@o@n"},
		"a full-width exclamation mark":   {"ship", "sh！p"},
		"a plus at the end":               {"chart", "char+"},
		"a stroke and a three for b":      {"bitter", "l3itter"},
		"emphasis inside a word":          {"idiot", "id**i**ot"},
		"a phrase over the end of a line": {"kill time", "kill\ntime"},
		"a phrase over quoted lines":      {"kill time", Read("> kill\n> time").Shown},
		"a phrase over items of a list":   {"kill time", Read("- kill\n- time").Shown},
	} {
		t.Run(name, func(t *testing.T) {
			ways := AppendDisguises(nil, c.term)
			if _, ok := reveal(c.in, ways); ok {
				return
			}
			var k Skeleton
			k.Read(c.in)
			if !k.ReadApart() {
				t.Fatal("there is no other reading")
			}
			table := tableOf(ways)
			for end := range len(k.Classes) + 1 {
				for i := range ways {
					if strings.HasSuffix(string(k.Classes[:end]), ways[i].Key) {
						if _, _, ok := k.Find(table, i, end); ok {
							return
						}
					}
				}
			}
			t.Errorf("%q is not found in %q", c.term, c.in)
		})
	}
}

// confusableSeed stands in for the table of UTS #39 where there is none.
const confusableSeed = "0430 ;\t0061 ;\tMA\t# а\n03BF ;\t006F ;\tMA\t# ο\n039C ;\t004D ;\tMA\t# Μ\n"

func TestEveryCharacterThatUTS39TakesForALetterIsReadAsIt(t *testing.T) {
	read := 0
	for line := range strings.Lines(string(corpus(t, "unicode/confusables.txt", confusableSeed))) {
		line, _, _ = strings.Cut(line, "#")
		columns := strings.Split(line, ";")
		if len(columns) < 3 {
			continue
		}
		character, err := strconv.ParseInt(strings.TrimSpace(strings.TrimPrefix(columns[0], "\ufeff")), 16, 32)
		target, err2 := strconv.ParseInt(strings.TrimSpace(columns[1]), 16, 32) // an error if there are several
		letter := byte(target | 0x20)
		if character == 'ɯ' || character == '˛' { // a turned m, and a mark that shows nothing by itself
			continue
		}
		if err != nil || err2 != nil || target > 'z' || letter < 'a' || letter > 'z' || character < utf8.RuneSelf {
			continue
		}
		read++
		var k Skeleton
		k.Read(string(rune(character)))
		near := classOfReadings(letters(string(letter)))
		if len(k.Classes) == 0 || k.Classes[0] != near && k.units[0].native == 0 {
			t.Errorf("%c (U+%04X) is read as %q, want %q", character, character, k.Classes, near)
		}
	}
	if read == 0 {
		t.Fatal("no characters were read")
	}
}
