package text

import (
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"rejoinder/moderation/text/timetest"
)

// tableOf returns a table of disguises, each with its place in ways as its number.
func tableOf(ways []Disguise) *DisguiseTable {
	var table DisguiseTable
	for i := range ways {
		table.Add(&ways[i])
	}
	table.Finish()
	return &table
}

// reveal returns what of s the disguises of a term are found in, the first and longest.
func reveal(s string, ways []Disguise) (found string, ok bool) {
	var k Skeleton
	k.Read(s)
	table := tableOf(ways)
	for end := range len(k.Classes) + 1 {
		for i := range ways {
			if !strings.HasSuffix(string(k.Classes[:end]), ways[i].Key) {
				continue
			}
			if from, to, is := k.Find(table, i, end); is && to-from > len(found) {
				found, ok = s[from:to], true
			}
		}
	}
	return found, ok
}

func TestDisguisedWordsAreFoundWhereTheyStand(t *testing.T) {
	for name, c := range map[string]struct{ term, in, want string }{
		"as it is":                        {"badger", "a Badger!", "Badger"},
		"a star in a word of a phrase":    {"hijo de puta", "hijo de p*ta", "hijo de p*ta"},
		"most of a word of a phrase":      {"hijo de puta", "hijo de p***", "hijo de p***"},
		"a star in a long phrase":         {"hijo de mil putas", "hijo de mil p*tas", "hijo de mil p*tas"},
		"a star in a Cyrillic phrase":     {"иди на хуй", "иди на х*й", "иди на х*й"},
		"an at sign in a Cyrillic phrase": {"иди на жопу", "иди на ж@пу", "иди на ж@пу"},
		"a circle in Japanese":            {"*バカ*", "あのバ○が", "バ○"},
		"a circle in a Japanese phrase":   {"*お前はバカ*", "お前は〇カだ、お前はバ〇だ", "お前はバ〇"},
		"digits for letters":              {"badger", "a b4dg3r.", "b4dg3r"},
		"signs for letters":               {"asses", "two @$$e$ ran", "@$$e$"},
		"one for i and for l":             {"silly", "5i11y", "5i11y"},
		"an exclamation mark for i":       {"idiot", "an id!ot", "id!ot"},
		"accents":                         {"badger", "bädgèr", "bädgèr"},
		"piled marks":                     {"fool", "f̵̼o̸͖o̷̚l̵̡", "f̵̼o̸͖o̷̚l̵̡"},
		"Cyrillic letters among Latin":    {"badger", "bаdgеr", "bаdgеr"},
		"Greek and Armenian letters":      {"sun", "ѕυո", "ѕυո"},
		"Cherokee letters":                {"test", "ᎢᎬՏᎢ", "ᎢᎬՏᎢ"},
		"styled letters":                  {"badger", "𝓫𝓪𝓭𝓰𝓮𝓻 𝕓𝕒𝕕𝕘𝕖𝕣", "𝓫𝓪𝓭𝓰𝓮𝓻"},
		"letters in squares and circles":  {"badge", "🅱🅰🅳🅶🅴", "🅱🅰🅳🅶🅴"},
		"flags":                           {"bad", "🇧🇦🇩", "🇧🇦🇩"},
		"small capitals":                  {"badger", "ʙᴀᴅɢᴇʀ", "ʙᴀᴅɢᴇʀ"},
		"full width":                      {"badger", "ｂａｄｇｅｒ", "ｂａｄｇｅｒ"},
		"invisible characters":            {"badger", "b\u200bad\u2060ger", "b\u200bad\u2060ger"},
		"stretched":                       {"badger", "baaadgerrrr", "baaadgerrrr"},
		"stretched where it is double":    {"moron pool", "moron pooool", "moron pooool"},
		"full stops between":              {"badger", "b.a.d.g.e.r", "b.a.d.g.e.r"},
		"spaces between":                  {"badger", "you b a d g e r you", "b a d g e r"},
		"spaces between doubled letters":  {"silly", "s i l l y", "s i l l y"},
		"signs and spaces between":        {"badger", "b & a & d & g & e & r", "b & a & d & g & e & r"},
		"a sign between spelled words":    {"tide mill", "T I D E & M I L L", "T I D E & M I L L"},
		"many spaces":                     {"duck", "d    u     c k", "d    u     c k"},
		"taken apart once":                {"duck", "a du ck", "du ck"},
		"hyphens":                         {"badger", "bad-ger", "bad-ger"},
		"a star for a vowel":              {"badger", "b*dger", "b*dger"},
		"a star for a Cyrillic vowel":     {"барсук", "б*рсук", "б*рсук"},
		"a star for another letter":       {"барсук", "бар*ук", "бар*ук"},
		"a number sign for it":            {"барсук", "бар#ук", "бар#ук"},
		"an at sign for a Cyrillic vowel": {"барсук", "барс@к", "барс@к"},
		"stars for the inside":            {"duck", "d**k", "d**k"},
		"an at sign for another vowel":    {"muck", "m@ck", "m@ck"},
		"a cross for a vowel":             {"muck", "mxck", "mxck"},
		"without vowels":                  {"duck", "dck", "dck"},
		"two letters changed places":      {"duck", "dcuk", "dcuk"},
		"k for ck":                        {"tuck", "tukk", "tukk"},
		"ph for f":                        {"fool", "phool", "phool"},
		"v for u":                         {"duck", "dvck", "dvck"},
		"vv for w":                        {"wolf", "vvolf", "vvolf"},
		"brackets for o":                  {"wolf", "w()lf", "w()lf"},
		"with an ending":                  {"badger", "badgering", "badger"},
		"in a compound of insults":        {"badger", "badgerface", "badger"},
		"with digits of a nickname after": {"badger", "badger666", "badger"},
		"a phrase run together":           {"tide mill", "tidemill", "tidemill"},
		"a phrase disguised":              {"tide mill", "t1de-m!ll", "t1de-m!ll"},
		"inside any word, with stars":     {"*adge*", "cadgers", "adge"},
		"a space in a telling word":       {"bastard", "you bas tard", "bas tard"},
		"and with an ending":              {"tosser", "to ssers", "to sser"},
		"a slash in a word":               {"badger", "BAD/GER", "BAD/GER"},
		"a letter a line":                 {"duck", "d\nu\nc\nk", "d\nu\nc\nk"},
		"a letter a sentence":             {"duck", "D. u. c. k.", "D. u. c. k"},
		"flags with spaces":               {"duck", "🇩 🇺 🇨 🇰", "🇩 🇺 🇨 🇰"},
		"a hyphen for the only vowel":     {"duck", "a d-ck", "d-ck"},
		"dashes for the inside":           {"duck", "d--k", "d--k"},
		"a caret for a letter":            {"duck", "d^ck du^k", "d^ck"},
		"the first letter and stars":      {"fuck", "what the f*** is", "f***"},
		"two letters and stars":           {"fuck", "what the fu**", "fu**"},
		"stars in a phrase":               {"fuck the mill", "oh f*** the mill!", "f*** the mill"},
		"stars and an ending":             {"fuck", "f***ing", "f***"},
		"stars after the word":            {"badger", "a badger***", "badger"},
		"capital I for l":                 {"hell", "heII HEIL", "heII"},
		"a doubled first letter":          {"duck", "dduck", "dduck"},
		"a ligature for it":               {"fool", "ﬀool", "ﬀool"},
		"drawn at the beginning":          {"fool", "|=ool", "|=ool"},
		"drawn at the end":                {"duck", "du|<", "du|<"},
		"slashes for n":                   {"nail", "/\\/ail", "/\\/ail"},
		"glued to another word":           {"duck", "urduck", "duck"},
		"a letter in common":              {"suck", "asssuck", "sssuck"},
		"two words with one in common":    {"mill lad", "a milllad", "milllad"},
		"in for ing":                      {"ducking", "duckin", "duckin"},
		"another vowel before r":          {"badger", "badgur", "badgur"},
		"ee for y":                        {"ducky", "duckee", "duckee"},
		"an ending instead of an e":       {"goose", "goosish", "goos"},
		"one letter of two, with digits":  {"rabble", "r4bl3", "r4bl3"},
		"doubled in a long word":          {"harbour", "harrbour", "harrbour"},
		"one letter of two in a long one": {"balladist", "baladist", "baladist"},
		"a phrase behind an I":            {"tide mill", "itidemill", "tidemill"},
		"a whole word":                    {"duck.", "a D.U.C.K", "D.U.C.K"},
		"a whole word in the plural":      {"duck.", "ducks", "duck"},
		"head after a p":                  {"dope", "dopehead", "dope"},
		"Russian":                         {"барсук", "БАРСУК!", "БАРСУК"},
		"Russian in Latin lookalikes":     {"сорок", "copok", "copok"},
		"letters drawn with Chinese ones": {"fuck", "千ㄩ匚Ҝ", "千ㄩ匚Ҝ"},
		"Chinese":                         {"獾子", "一只獾子在", "獾子"},
		"two q for two g":                 {"bagger", "a baqqer", "baqqer"},
		"a sharp s at the beginning":      {"badger", "a ßadger", "ßadger"},
		"Georgian letters":                {"fun", "fuი", "fuი"},
		"any digit for the vowel":         {"fuck", "f8ck you", "f8ck"},
		"a row of signs":                  {"fuck", "f#@% you", "f#@%"},
		"at signs only":                   {"fuck", "f@@@ing", "f@@@"},
		"a spelling that Swedish has":     {"cock", "my kock", "kock"},
	} {
		t.Run(name, func(t *testing.T) {
			got, _ := reveal(c.in, AppendDisguises(nil, c.term))
			if got != c.want {
				t.Errorf("found %q, want %q", got, c.want)
			}
		})
	}
}

func TestInnocentWordsAreNotTakenForDisguised(t *testing.T) {
	for name, c := range map[string]struct{ term, in string }{
		"inside a word":                         {"ass", "class, grass, assassin, assist, assess, Scunthorpe"},
		"the end and the beginning of two":      {"ass", "was steph has so; brass esc"},
		"words side by side":                    {"penis", "the pen is red"},
		"a possessive and a word":               {"shit", "it's hit and that’s hit"},
		"a doubled letter is another word":      {"cock", "cook"},
		"a single letter is another word":       {"boob", "Bob"},
		"a single letter of a double consonant": {"nigger", "Niger and Nigeria"},
		"a mere number":                         {"ass", "455 and 45s"},
		"a closed bracket":                      {"clit", "(lit), (lit up)"},
		"a smiley":                              {"cunt", ":(unt"},
		"a word and a number":                   {"ass", "as 5 people"},
		"the end of a sentence":                 {"anus", "so it ran. Us too."},
		"a Russian word in Russian":             {"cock", "Синий сосок у соседа, соск"},
		"e and o do not stretch by one":         {"hoe", "hooey"},
		"other words with the same consonants":  {"shit", "shot shut sheet"},
		"a question mark is no letter":          {"hi", "h? i"},
		"a whole word is no part of one":        {"duck.", "ducking, duckface, urduck, dck"},
		"two words that make no telling one":    {"creampie", "a cream pie"},
		"a phrase with an ending is another":    {"go die", "he goes; go dies, go diet"},
		"capital I is no l in a short form":     {"slut", "SIT and SIT"},
		"a note with stars":                     {"fuck", "see prices*** and f* and f**"},
		"a dash between sentences":              {"ass", "pa--ss grass--and"},
		"letters of sentences":                  {"ass", "A. S. S."},
		"initials with a hyphen and vowels":     {"mofo", "mo-fa fo-mo"},
		"drawn signs that are a table":          {"dad", "| a | d |"},
		"one letter of two":                     {"rabble", "rable"},
		"letters and a sign between two words":  {"lace", "U N C L A & C E L T"},
		"a digit in a word that is no oath":     {"badger", "b8dger"},
		"signs at the end of a sentence":        {"fuck", "f!!! you"},
	} {
		t.Run(name, func(t *testing.T) {
			if got, found := reveal(c.in, AppendDisguises(nil, c.term)); found {
				t.Errorf("%q is taken for %q", got, c.term)
			}
		})
	}
}

func TestSomeWordsAreFoundInCompoundsOnly(t *testing.T) {
	way, ok := Compound("mud")
	if !ok {
		t.Fatal("mud has no way to be found in compounds")
	}
	for in, want := range map[string]string{
		"a mudhead":   "mudhead",
		"m0dhead":     "",
		"MUD-FACE":    "",
		"bigmud":      "bigmud",
		"poomudsock":  "poomudsock",
		"mudhôle":     "mudhôle",
		"mud":         "",
		"muds":        "",
		"muding":      "",
		"the mud pie": "",
		"mudguard":    "",
	} {
		if got, _ := reveal(in, []Disguise{way}); got != want {
			t.Errorf("in %q, %q is found, want %q", in, got, want)
		}
	}
	if _, ok := Compound("!"); ok {
		t.Error("a sign is found in compounds")
	}
}

func TestExceptionsAreMeantAsTheyAreWritten(t *testing.T) {
	for name, c := range map[string]struct {
		term, in string
		want     bool
	}{
		"in any case":              {"Cocktail", "COCKTAIL", true},
		"not disguised":            {"cocktail", "c0cktail", false},
		"not in a longer word":     {"cocktail", "cocktails", false},
		"in a longer word, if so":  {"cocktail*", "cocktails", true},
		"not with y for i":         {"dikes", "dykes", false},
		"a phrase":                 {"moby dick", "Moby Dick", true},
		"not taken apart":          {"cocktail", "cock tail", false},
		"before a longer word":     {"*sucker", "goatsucker", true},
		"not stretched":            {"cocky", "cockyyyy", false},
		"a whole word is no part":  {"tail", "cocktail", false},
		"capital I is an i":        {"titan", "TITAN", true},
		"a phrase across a hyphen": {"moby dick", "Moby-Dick", true},
	} {
		t.Run(name, func(t *testing.T) {
			way, ok := Undisguised(c.term)
			if !ok {
				t.Fatal("the exception has no form")
			}
			if _, got := reveal(c.in, []Disguise{way}); got != c.want {
				t.Errorf("found is %v, want %v", got, c.want)
			}
		})
	}
}

func TestTermsWithoutTwoLettersHaveNoDisguise(t *testing.T) {
	for _, term := range []string{"", "*", "a", "...", "👍", "*x*"} {
		if ways := AppendDisguises(nil, term); ways != nil {
			t.Errorf("%q has %d disguises, want none", term, len(ways))
		}
	}
}

func TestHostileTextsAreReadInLinearTime(t *testing.T) {
	ways := AppendDisguises(nil, "motherbadger")
	for _, piece := range []string{"a", "mo", "(", "<a", "|_|", "*", "m*", "\u0301", "ﷺ", "\xff", "獾", "m o t h e r ", "/\\"} {
		s := strings.Repeat(piece, 10_000/utf8.RuneCountInString(piece))
		best := time.Hour // of several runs: what the text costs, not what else the machine does
		for range 5 {
			began := time.Now()
			reveals(s, ways)
			if best = min(best, time.Since(began)); best <= 100*time.Millisecond*timetest.Slowdown {
				break
			}
		}
		if best > 100*time.Millisecond*timetest.Slowdown {
			t.Errorf("10,000 characters of %q took %v", piece, best)
		}
	}
}

// reveals looks for the ways as an automaton would, without quadratic comparisons.
func reveals(s string, ways []Disguise) {
	table := tableOf(ways)
	var k Skeleton
	k.Read(s)
	for end := range len(k.Classes) + 1 {
		for i := range ways {
			if at := end - len(ways[i].Key); at >= 0 && string(k.Classes[at:end]) == ways[i].Key {
				k.Find(table, i, end)
			}
		}
	}
}

func FuzzDisguises(f *testing.F) {
	for _, seed := range []string{"b.a.d.g.e.r", "((<|_|", "ﷺa*b", "\xff\u0301", "獾子", "ph vv ck", "🇧🇦🇩", "a''b’’c"} {
		f.Add(seed, "badger")
		f.Add("x "+seed, seed)
	}
	f.Fuzz(func(t *testing.T, s, term string) {
		var k, again Skeleton
		k.Read(s)
		again.Read("something else")
		again.Read(s)
		if string(k.Classes) != string(again.Classes) {
			t.Errorf("reading %+q again gives %q, then %q", s, k.Classes, again.Classes)
		}
		ways := AppendDisguises(nil, term)
		if plain, ok := Undisguised(term); ok {
			ways = append(ways, plain)
		}
		table := tableOf(ways)
		for end := range len(k.Classes) + 1 {
			for i := range ways {
				if at := end - len(ways[i].Key); at < 0 || string(k.Classes[at:end]) != ways[i].Key {
					continue
				}
				if from, to, ok := k.Find(table, i, end); ok && (from < 0 || to > len(s) || from >= to || !utf8.RuneStart(s[from])) {
					t.Errorf("%+q is found in %+q at %d to %d", term, s, from, to)
				}
			}
		}
	})
}

func BenchmarkSkeleton(b *testing.B) {
	s := strings.Repeat("The mill by the harbour was built when the tide still reached the old wall. ", 7)[:500]
	var k Skeleton
	b.ReportAllocs()
	for b.Loop() {
		k.Read(s)
	}
}
