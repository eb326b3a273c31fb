package rules

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"rejoinder/moderation/text"
)

// factOf returns what a fact is for a submission.
func factOf(t *testing.T, path string, f *Facts) any {
	t.Helper()
	i, ok := findFact(path)
	if !ok {
		t.Fatalf("there is no fact %s", path)
	}
	e := &evaluation{}
	e.reset(t.Context(), mustParse(t, "rules: []\n"), f)
	return i.get(e)
}

func TestFactsOfTheText(t *testing.T) {
	for _, c := range []struct {
		name, fact, body string
		want             any
	}{
		{"normalised text is in lower case, without what shows nothing", "text.normalised", "Ｃａ\u200bＳino Año", "casino año"},
		{"a plain text has no emoji", "text.emoji", "Nice :)", 0},
		{"a family and a flag are two emoji", "text.emoji", "👨‍👩‍👧 🇫🇷", 2},
		{"zero-width spaces are hidden characters", "text.hidden", "ca\u200bsi\u200bno", 2},
		{"the selector of an emoji is not", "text.hidden", "❤\ufe0f", 0},
		{"scripts come in the order of their first letters", "text.scripts", "Это Rejoinder", []string{"Cyrillic", "Latin"}},
		{"digits have no script", "text.scripts", "42", []string{}},
		{"a Cyrillic letter in an English word is a mixed word", "text.mixed_words", "cаsino and саsino", 2},
		{"words of several scripts side by side are not", "text.mixed_words", "Это casino", 0},
		{"an ordinary English sentence is English", "text.language", "This is what they said about the town.", "en"},
		{"a German one is German", "text.language", "Das ist nicht das, was wir von der Stadt gehört haben.", "de"},
		{"of one word nothing is said", "text.language", "Super", ""},
		{"without links none is short", "links.shorteners", "bit of ly", 0},
		{"a shortener in any case and below a domain counts", "links.shorteners", "https://BIT.ly/x http://www.tinyurl.com/y http://ably.example/", 2},
		{"an ASCII host is not international", "links.international", "http://bank.example/", 0},
		{"a host with other letters is", "links.international", "http://bücher.example/ and http://shop.xn--80ak6aa92e.example/", 2},
		{"a link that shows where it leads does not mislead", "links.mismatched", "[www.bank.com/login](https://bank.com/) https://bank.com/", 0},
		{"a link that shows another site does", "links.mismatched", "[bank.com](https://evil.example/) [https://my.bank.co.uk/x](http://bank.co.uk.evil.net/)", 2},
		{"a site below a provider's domain is a site of its own", "links.mismatched", "[me.github.io](https://you.github.io/)", 1},
		{"words are no addresses", "links.mismatched", "[Node.js, e.g. here](https://example.org/) [v1.2.3](https://example.org/)", 0},
		{"another spelling of the same host is the same", "links.mismatched", "[BÜCHER.de](https://xn--bcher-kva.de/)", 0},
	} {
		if diff := cmp.Diff(c.want, factOf(t, c.fact, Neutral(c.body))); diff != "" {
			t.Errorf("%s: %s (-want +got):\n%s", c.name, c.fact, diff)
		}
	}
}

func TestAddressesToBeThrownAwayAreKnownByDomain(t *testing.T) {
	for email, want := range map[string]bool{
		"a@mailinator.com": true, "a@eu.Mailinator.com": true, "a@my-tempmail-box.net": true, "a@yopmail.com": true,
		"a@gmail.com": false, "a@mail.example": false, "a@tempmail.some-university.edu": false, "a@contemporary.example": false,
		"a@web.de": false, "a@temporal.io": false,
	} {
		f := Neutral("")
		f.Author.Email = email
		if got := factOf(t, "author.disposable", f); got != want {
			t.Errorf("%s: %t, want %t", email, got, want)
		}
	}
	if got := factOf(t, "author.disposable", &Facts{Author: Author{EmailDomain: "yopmail.com"}}); got != true {
		t.Error("of a past submission only the domain is known, and that is enough")
	}
}

func TestTheListsOfDomainsHoldDomainsEachOnce(t *testing.T) {
	for name, set := range map[string]domainSet{"shorteners": shorteners(), "disposable": disposable} {
		if least := map[string]int{"shorteners": 100, "disposable": 400}[name]; len(set.names) < least {
			t.Errorf("%s has only %d domains", name, len(set.names))
		}
		for host := range set.names {
			if text.Registrable(host) != host && host != "cool.fr.nf" && host != "jetable.fr.nf" && host != "nospam.ze.tm" {
				t.Errorf("%s: %q is not a domain that somebody registered, but %q", name, host, text.Registrable(host))
			}
		}
	}
}

func TestFactsOfTheName(t *testing.T) {
	for name, want := range map[string]string{
		"Jo":                      "",
		"jo@mail.example":         "author.name_is_email",
		"Jo <jo@mail.example>":    "author.name_is_email",
		"Jo @ home":               "",
		"Call 0176 123 45 67":     "author.name_has_phone",
		"+1 (213) 555-0100":       "author.name_has_phone",
		"WhatsApp:213555010012":   "author.name_has_phone",
		"Jo 1985-2010":            "",
		"Agent 007":               "",
		"www.cheap-shoes.example": "author.name_has_link",
		"cheap-shoes.com":         "author.name_has_link",
		"cheap-shoes dot com":     "author.name_has_link",
		"Dr. Jo St.John":          "",
		"J.R.R. Tolkien":          "",
	} {
		f := Neutral("")
		f.Author.Name = name
		for _, fact := range []string{"author.name_is_email", "author.name_has_phone", "author.name_has_link"} {
			if got := factOf(t, fact, f); got != (fact == want) {
				t.Errorf("%q: %s is %v", name, fact, got)
			}
		}
	}
}

func TestAnEditCountsHostsThatAreNew(t *testing.T) {
	for after, want := range map[string]int{
		"See http://a.example/x and http://a.example/y": 0,
		"See http://b.example/":                         1,
		"See http://a.example/ and c[.]example":         1,
		"See hxxp://d.example/ and http://e.example/":   2,
		"Nothing": 0,
	} {
		if got := EditOf("approved", text.Read("See http://a.example/"), text.Read(after)).NewHosts; got != want {
			t.Errorf("%q: %d, want %d", after, got, want)
		}
	}
}

func TestWhatTheClassifierSaidIsQuotedAndHighlighted(t *testing.T) {
	rs := mustParse(t, `rules:
  - id: reads-like-spam
    when: text.spam_known && text.spam_score > 0.9
    then: hold
    reason: "Reads like spam ({{text.spam_score}}): {{text.spam_words}}"
`)
	f := Neutral("Buy cheap pills now")
	f.Spam = SpamScore{Known: true, Score: 0.95, Model: 1, Words: []Place{{10, 15}, {4, 9}}}
	v := rs.Evaluate(t.Context(), f)
	if v.Action != Hold || len(v.Hits) != 1 {
		t.Fatalf("the verdict is %+v", v)
	}
	if diff := cmp.Diff("Reads like spam (0.95): “pills”, “cheap”", v.Hits[0].Reason); diff != "" {
		t.Errorf("reason (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]Span{{"body", 4, 9}, {"body", 10, 15}}, v.Hits[0].Spans); diff != "" {
		t.Errorf("spans (-want +got):\n%s", diff)
	}
	f.Spam = SpamScore{}
	if v := rs.Evaluate(t.Context(), f); len(v.Hits) != 0 {
		t.Errorf("while the classifier is silent the rule fires: %+v", v)
	}
	f.Spam, f.Body = SpamScore{Known: true, Score: 0.95, Words: []Place{{4, 9}, {10, 15}, {16, 19}}}, "Buy cheap"
	if diff := cmp.Diff([]string{"cheap"}, factOf(t, "text.spam_words", f)); diff != "" {
		t.Errorf("words of a text that is shorter now (-want +got):\n%s", diff)
	}
}

func TestARuleAboutTheScoreMustAskWhetherItIsKnown(t *testing.T) {
	_, err := Parse(t.Context(), []byte("rules:\n  - {id: a, when: text.spam_score > 0.9, then: hold, reason: x}\n"))
	if err == nil {
		t.Error("the score may be used before it is known")
	}
}

func TestWhatTheHostilityModelSaidIsQuotedAndHighlighted(t *testing.T) {
	rs := mustParse(t, `rules:
  - id: reads-hostile
    when: text.hostile_score > 0.6
    then: hold
    reason: "Reads like abuse ({{text.hostile_score}}): {{text.hostile_words}}"
`)
	v := rs.Evaluate(t.Context(), Neutral("My friend, you are a mor\u200bon."))
	if v.Action != Hold || len(v.Hits) != 1 {
		t.Fatalf("the verdict is %+v", v)
	}
	want := Span{"body", 21, 29}
	if !slices.Contains(v.Hits[0].Spans, want) {
		t.Errorf("spans are %v, without %v", v.Hits[0].Spans, want)
	}
	if reason := v.Hits[0].Reason; !strings.Contains(reason, "“mor on”") {
		t.Errorf("the reason is %q", reason)
	}
	for _, body := range []string{"", "The council has decided to close the bridge.", "I am gay and I live in Leeds."} {
		if v := rs.Evaluate(t.Context(), Neutral(body)); len(v.Hits) != 0 {
			t.Errorf("%q is held: %s", body, v.Hits[0].Reason)
		}
	}
}

func TestTheScoreForHostilityIsFromZeroToOne(t *testing.T) {
	for body, want := range map[string][2]float64{
		"":                        {0, 0},
		"Ты был на собрании?":     {0, 0},
		"You are a stupid idiot.": {0.9, 1},
		"Thank you for the map.":  {0, 0.1},
	} {
		got, ok := factOf(t, "text.hostile_score", Neutral(body)).(float64)
		if !ok || got < want[0] || got > want[1] {
			t.Errorf("%q scores %v, want %v", body, got, want)
		}
	}
}

func TestDisguisedAddressesAreListedAndPointedAt(t *testing.T) {
	rs := mustParse(t, `lists: {blocked: {mode: domain, terms: [spammer.example]}}
rules:
  - {id: listed, when: 'listed("blocked")', then: spam, reason: "{{matched}}"}
  - {id: disguised, when: 'links.disguised > 0 && links.count == 0', then: hold, reason: "{{links.disguised_hosts}}"}
`)
	v := rs.Evaluate(t.Context(), Neutral("Go to hxxps://shop.spammer[.]example/x today"))
	if len(v.Hits) != 2 {
		t.Fatalf("the hits are %+v", v.Hits)
	}
	want := []Span{{"body", 6, 36}}
	for i, reason := range []string{"“hxxps://shop.spammer[.]example”", "“shop.spammer.example”"} {
		if v.Hits[i].Reason != reason || !cmp.Equal(want, v.Hits[i].Spans) {
			t.Errorf("hit %d: %q at %v, want %q at %v", i, v.Hits[i].Reason, v.Hits[i].Spans, reason, want)
		}
	}
}
