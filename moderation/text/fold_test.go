package text

import (
	"bytes"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestFold(t *testing.T) {
	for name, c := range map[string]struct{ in, want string }{
		"case":                       {"Straße ΣΊΣΥΦΟΣ", "strasse σισυφοσ"},
		"accents":                    {"Año à la crème", "ano a la creme"},
		"compatible forms":           {"ﬁne ℌello ｗｉｄｅ ①", "fine hello wide 1"},
		"mathematical letters":       {"𝓕𝓻𝓮𝓮 𝕞𝕠𝕟𝕖𝕪", "free money"},
		"zero-width characters":      {"f\u200br\u2060e\u00ade", "free"},
		"struck and piled letters":   {"f\u0336r\u0336e\u0334e\u0301\u0302\u0303", "free"},
		"white space":                {"\n a \t\u00a0\u3000b\r\n", "a b"},
		"Turkish capital i":          {"İstanbul", "istanbul"},
		"Cherokee":                   {"ꭰ", "Ꭰ"},
		"Arabic vowel points":        {"مُحَمَّد", "محمد"},
		"Hebrew vowel points":        {"שָׁלוֹם", "שלום"},
		"Japanese stays voiced":      {"がカ\u3099", "がガ"},
		"Hindi keeps its vowels":     {"कि के", "कि के"},
		"Hangul composes":            {"\u1112\u1161\u11ab", "한"},
		"emoji lose their selectors": {"❤\ufe0f👍🏽", "❤👍🏽"},
		"invalid bytes":              {"a\xffb", "a\ufffdb"},
	} {
		t.Run(name, func(t *testing.T) {
			if got := Fold(c.in); got != c.want {
				t.Errorf("Fold(%+q) = %+q, want %+q", c.in, got, c.want)
			}
			checkText(t, c.in)
		})
	}
}

func TestASCIIIsReadLikeEverythingElse(t *testing.T) {
	texts := []string{"", " ", "a", "Ab  c9.\tD\n", "...", "snake_case it's", strings.Repeat("x", 2*maxSearchWord), "dOt\x7f\x01z"}
	for _, s := range append(texts, slices.Collect(maps.Values(hostile))...) {
		s = strings.Map(func(r rune) rune { return min(r, 0x7f) }, s)
		if diff := cmp.Diff(append(SearchWords(s), "ß"), SearchWords(s+" ß")); diff != "" {
			t.Errorf("search words of %.50q:\n%s", s, diff)
		}
		r := Read(s)
		if !bytes.Equal(r.Fingerprint(), Fingerprint(r.Shown)) {
			t.Errorf("the fingerprint of %.50q differs", s)
		}
	}
}

func TestFingerprint(t *testing.T) {
	for name, c := range map[string]struct {
		a, b string
		same bool
	}{
		"the same text":                        {"Buy now!", "Buy now!", true},
		"other case, punctuation and spacing":  {"Buy now!", "  b-u-y\nNOW ", true},
		"other letters":                        {"Buy now!", "Buy new!", false},
		"other digits":                         {"page 1", "page 2", false},
		"disguised by styled letters":          {"free money", "𝓕𝓻𝓮𝓮 𝕞𝕠𝕟𝕖𝕪", true},
		"an emoji more":                        {"nice", "nice 👍", true},
		"only emoji, the same":                 {"👍 👍", "👍\n👍", true},
		"only emoji, others":                   {"👍", "👎", false},
		"only punctuation, others":             {"...", "!!!", false},
		"only emoji is not nothing":            {"👍", "", false},
		"vowel signs make different Hindi":     {"कि", "के", false},
		"text and the text of its emptied one": {"a", "", false},
	} {
		t.Run(name, func(t *testing.T) {
			a, b := Fingerprint(c.a), Fingerprint(c.b)
			if len(a) != fingerprintBytes || bytes.Equal(a, b) != c.same {
				t.Errorf("same fingerprint for %q and %q: %v, want %v", c.a, c.b, bytes.Equal(a, b), c.same)
			}
		})
	}
}

func TestWords(t *testing.T) {
	type word struct{ Folded, Original string }
	for name, c := range map[string]struct {
		in   string
		want []word
	}{
		"nothing":                         {"", nil},
		"only punctuation":                {"... !? 👍", nil},
		"plain words":                     {"Free MONEY, now!", []word{{"free", "Free"}, {"money", "MONEY"}, {"now", "now"}}},
		"digits belong to words":          {"win v1agra 100%", []word{{"win", "win"}, {"v1agra", "v1agra"}, {"100", "100"}}},
		"apostrophes and hyphens part":    {"viagra's e-mail don’t", []word{{"viagra", "viagra"}, {"s", "s"}, {"e", "e"}, {"mail", "mail"}, {"don", "don"}, {"t", "t"}}},
		"accents stay":                    {"Año", []word{{"año", "Año"}}},
		"accents are composed":            {"An\u0303o", []word{{"año", "An\u0303o"}}},
		"invisible characters are inside": {"fr\u200bee\u2060 x", []word{{"free", "fr\u200bee"}, {"x", "x"}}},
		"struck letters":                  {"f\u0336ree", []word{{"free", "f\u0336ree"}}},
		"styled letters":                  {"𝓕𝓻𝓮𝓮 ﬁx", []word{{"free", "𝓕𝓻𝓮𝓮"}, {"fix", "ﬁx"}}},
		"a letter that folds to two":      {"Straße!", []word{{"strasse", "Straße"}}},
		"Chinese by letter":               {"买东西 now", []word{{"买", "买"}, {"东", "东"}, {"西", "西"}, {"now", "now"}}},
		"Japanese by script":              {"このバカー者", []word{{"こ", "こ"}, {"の", "の"}, {"バカー", "バカー"}, {"者", "者"}}},
		"Thai by letter with marks":       {"ดีมา", []word{{"ดี", "ดี"}, {"ม", "ม"}, {"า", "า"}}},
		"Korean by word":                  {"안녕 하세요", []word{{"안녕", "안녕"}, {"하세요", "하세요"}}},
		"Hindi by word":                   {"नमस्ते दुनिया", []word{{"नमस्ते", "नमस्ते"}, {"दुनिया", "दुनिया"}}},
		"Russian in capitals":             {"ПРИВЕТ, Мир", []word{{"привет", "ПРИВЕТ"}, {"мир", "Мир"}}},
	} {
		t.Run(name, func(t *testing.T) {
			var got []word
			for _, w := range Words(c.in) {
				got = append(got, word{w.Folded, c.in[w.Start:w.End]})
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			checkText(t, c.in)
		})
	}
}

func TestAListedTermIsFoundInATextSplitTheSameWay(t *testing.T) {
	for term, s := range map[string]string{"free money": "get FREE, mon\u200bey!", "傻逼": "你这傻逼啊", "don't": "I DON’T"} {
		terms, words := Words(term), Words(s)
		found := false
		for i := 0; i+len(terms) <= len(words) && !found; i++ {
			found = true
			for j := range terms {
				found = found && terms[j].Folded == words[i+j].Folded
			}
		}
		if !found {
			t.Errorf("%q is not found in %q", term, s)
		}
	}
}

func FuzzFold(f *testing.F) {
	for _, seed := range []string{"Straße", "\u1100\u3153", "e\u0345\u0301", "ﷺ", "𝓕\u0336", "カ\uff9e", "\u0130\u0307", "\xff\u200b", "ΐ\u0345", "\uab70\u13f8"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, s string) { checkText(t, s) })
}

func BenchmarkWords(b *testing.B) {
	for name, s := range map[string]string{
		"ASCII":    "The council voted on Tuesday to widen the bridge, and nobody asked the people who live beside it what they think of it. ",
		"Cyrillic": "Во вторник совет проголосовал за расширение моста, и никто не спросил тех, кто живёт рядом с ним, что они думают. ",
		"Mixed":    "The café’s owner said: “naïve” — and left… It wasn’t the first time, was it? The façade is still there, über alles. ",
	} {
		for len(s) < 500 {
			s += s
		}
		s = s[:500]
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				Words(s)
			}
		})
	}
}
