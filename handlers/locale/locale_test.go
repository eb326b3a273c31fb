package locale_test

import (
	"encoding/json"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"rejoinder/handlers/locale"
)

var placeholder = regexp.MustCompile(`\{[a-z]+\}|#`)

func TestEveryLanguageHasTheSameTexts(t *testing.T) {
	english := locale.Languages()[0]
	if len(locale.Languages()) != 9 || len(english.Texts) < 100 || len(english.Counts) == 0 {
		t.Fatalf("%d languages, %d texts, %d counts", len(locale.Languages()), len(english.Texts), len(english.Counts))
	}
	for _, l := range locale.Languages() {
		if diff := cmp.Diff(slices.Sorted(maps.Keys(english.Texts)), slices.Sorted(maps.Keys(l.Texts))); diff != "" {
			t.Errorf("%s: keys of texts (-en +%s):\n%s", l.Tag, l.Tag, diff)
		}
		if diff := cmp.Diff(slices.Sorted(maps.Keys(english.Counts)), slices.Sorted(maps.Keys(l.Counts))); diff != "" {
			t.Errorf("%s: keys of counts (-en +%s):\n%s", l.Tag, l.Tag, diff)
		}
		if len(l.Months) != 12 {
			t.Errorf("%s has %d months", l.Tag, len(l.Months))
		}
		for key, text := range l.Texts {
			if strings.TrimSpace(text) != text || text == "" {
				t.Errorf("%s: %s is %q", l.Tag, key, text)
			}
			if diff := cmp.Diff(names(english.Texts[key]), names(text)); diff != "" {
				t.Errorf("%s: %s fills in other names (-en +%s):\n%s", l.Tag, key, l.Tag, diff)
			}
		}
	}
}

func names(text string) []string {
	found := placeholder.FindAllString(text, -1)
	slices.Sort(found)
	return slices.Compact(found)
}

func TestPluralAgreesWithTheNumber(t *testing.T) {
	for n, want := range map[int]string{0: "0 comments", 1: "1 comment", 2: "2 comments", 2300: "2,300 comments"} {
		if have := locale.Plural(n, "comment"); have != want {
			t.Errorf("%d: %q, want %q", n, have, want)
		}
	}
}

// forms are the plural categories that whole numbers have in each language (CLDR, without those of a million
// and more).
var forms = map[string][]string{
	"en": {"one", "other"}, "de": {"one", "other"}, "fr": {"one", "other"}, "es": {"one", "other"}, "it": {"one", "other"},
	"pl": {"few", "many", "one", "other"}, "uk": {"few", "many", "one", "other"},
	"ar": {"few", "many", "one", "other", "two", "zero"}, "ja": {"other"},
}

func TestEveryCountHasTheFormsOfItsLanguage(t *testing.T) {
	for _, l := range locale.Languages() {
		for key, by := range l.Counts {
			if diff := cmp.Diff(forms[l.Tag], slices.Sorted(maps.Keys(by))); diff != "" {
				t.Errorf("%s: %s (-needed +there):\n%s", l.Tag, key, diff)
			}
			if len(names(by["other"])) != 1 {
				t.Errorf("%s: %s does not say the number: %q", l.Tag, key, by["other"])
			}
		}
	}
}

func TestNumbersHaveTheirPluralForm(t *testing.T) {
	for _, test := range []struct {
		tag  string
		n    int
		want string
	}{
		{"en", 0, "0 comments"}, {"en", 1, "1 comment"}, {"en", 2, "2 comments"}, {"en", 1234567, "1,234,567 comments"},
		{"de", 1, "1 Kommentar"}, {"de", 12345, "12.345 Kommentare"},
		{"fr", 0, "0 commentaire"}, {"fr", 2, "2 commentaires"},
		{"pl", 1, "1 komentarz"}, {"pl", 3, "3 komentarze"}, {"pl", 5, "5 komentarzy"}, {"pl", 12, "12 komentarzy"}, {"pl", 22, "22 komentarze"},
		{"uk", 21, "21 коментар"}, {"uk", 24, "24 коментарі"}, {"uk", 11, "11 коментарів"},
		{"ar", 0, "لا توجد تعليقات"}, {"ar", 2, "تعليقان"}, {"ar", 7, "٧ تعليقات"}, {"ar", 11, "١١ تعليقًا"}, {"ar", 100, "١٠٠ تعليق"},
		{"ja", 1, "1件のコメント"},
	} {
		if got := locale.Match(test.tag, "", "").Count("comments.count", test.n); got != test.want {
			t.Errorf("%s: %d comments are %q, want %q", test.tag, test.n, got, test.want)
		}
	}
}

func TestTheNearestLanguageIsChosen(t *testing.T) {
	for _, test := range []struct{ name, asked, accepted, site, want string }{
		{"what the page asks for wins", "de", "fr", "es", "de"},
		{"a region is no other language", "pt-BR", "de-AT,en;q=0.5", "es", "de"},
		{"the browser's first that there is", "", "nl, it;q=0.8, en;q=0.9", "es", "en"},
		{"what the browser refuses is not taken", "", "nl;q=0.5", "uk", "uk"},
		{"the site's when nobody says anything", "", "", "pl-PL", "pl"},
		{"English when nothing fits", "xx", "tlh", "vo", "en"},
		{"nonsense is passed over", "'; DROP--", "%%%%", "ja", "ja"},
		{"Arabic of any country", "ar-EG", "", "", "ar"},
	} {
		if got := locale.Match(test.asked, test.accepted, test.site).Tag; got != test.want {
			t.Errorf("%s: %s, want %s", test.name, got, test.want)
		}
	}
}

func TestDatesAreWrittenAsInTheLanguage(t *testing.T) {
	at := time.Date(2026, 3, 5, 7, 8, 9, 0, time.FixedZone("", -3600))
	for tag, want := range map[string]string{
		"en": "5 March 2026 at 08:08 UTC", "de": "5. März 2026 um 08:08 Uhr (UTC)", "es": "5 de marzo de 2026 a las 08:08 UTC",
		"pl": "5 marca 2026, 08:08 UTC", "ja": "2026年3月5日 08:08 UTC", "ar": "٥ مارس ٢٠٢٦، ٠٨:٠٨ UTC",
	} {
		if got := locale.Match(tag, "", "").Moment(at); got != want {
			t.Errorf("%s: %q, want %q", tag, got, want)
		}
	}
}

func TestANameWithBracesIsNotFilledIn(t *testing.T) {
	if got := locale.Match("en", "", "").Text("feed.entry", "name", "{title}", "title", "Quay"); got != "{title} on Quay" {
		t.Errorf("got %q", got)
	}
}

func TestPlaceholdersWithoutAValueStay(t *testing.T) {
	l, err := locale.Parse([]byte(`{"tag": "en", "texts": {"a": "{x} and {y}, {x}{} {z", "b": "{x"}}`))
	if err != nil {
		t.Fatal(err)
	}
	for want, got := range map[string]string{
		"{x} and {y}, {x}{} {z": l.Text("a"), "1 and {y}, 1{} {z": l.Text("a", "x", 1), "true and {x}, true{} {z": l.Text("a", "y", "{x}", "x", true),
		"{x": l.Text("b", "x", 1), "c": l.Text("c", "x", 1),
	} {
		if got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
	for _, wrong := range []string{"", "{", `{"tag": "no language"}`} {
		if l, err := locale.Parse([]byte(wrong)); err == nil {
			t.Errorf("%s is %v", wrong, l)
		}
	}
}

func TestWaitingIsRoundedUp(t *testing.T) {
	l := locale.Match("de", "", "")
	for d, want := range map[time.Duration]string{0: "", time.Millisecond: "1 Sekunde", 59 * time.Second: "59 Sekunden", 61 * time.Second: "2 Minuten"} {
		if got := l.Wait(d); got != want {
			t.Errorf("%s: %q, want %q", d, got, want)
		}
	}
}

func TestTheWidgetGetsItsTexts(t *testing.T) {
	for _, l := range locale.Languages() {
		var words map[string]any
		if err := json.Unmarshal([]byte(l.Words()), &words); err != nil || len(words) != 21 {
			t.Errorf("%s: %v, %v", l.Tag, words, err)
		}
		for name, word := range words {
			if s, ok := word.(string); ok && (s == "" || strings.Contains(s, ".") && !strings.Contains(s, " ") && l.Tag != "ja") {
				t.Errorf("%s: %s is %q", l.Tag, name, s)
			}
		}
	}
}
