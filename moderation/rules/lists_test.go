package rules

import (
	"fmt"
	"math/rand/v2"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"rejoinder/moderation/text"
)

func TestListsFindTheirTerms(t *testing.T) {
	cases := []struct {
		name, list string
		set        func(*Facts)
		want       []string // what fired, in the original words
	}{
		{"word finds words whatever their case", "terms: [mill]", body("The Mill and the MILL's wheel, not the miller."), []string{"Mill", "MILL"}},
		{"word finds phrases across punctuation and lines", "terms: [tide mill]", body("tide-mill, Tide\nmill; tides mill"), []string{"tide-mill", "Tide\nmill"}},
		{"word finds what overlaps", "terms: [a b, b c, b]", body("a b c"), []string{"a b", "b c", "b"}},
		{"word finds digits", "terms: [419]", body("a 419 scam, 4190"), []string{"419"}},
		{"word keeps accents apart", "terms: [ano]", body("el año"), nil},
		{"word folds compatible forms", "terms: [viagra]", body("ｖｉａｇｒａ Ⓥⓘⓐⓖⓡⓐ v\u200diagra"), []string{"ｖｉａｇｒａ", "Ⓥⓘⓐⓖⓡⓐ", "v\u200diagra"}},
		{"word finds Chinese without spaces", "terms: [赌场]", body("最好的赌场在这里"), []string{"赌场"}},
		{"word looks into the name by default", "terms: [mill]", func(f *Facts) { f.Author.Name = "The Mill" }, []string{"Mill"}},
		{"word looks only where it is told", "{fields: [author_url], terms: [mill]}", body("mill"), nil},
		{"an exception covers what it contains", "{terms: [ass], except: [ass and cart]}", body("an ass and cart, an ASS"), []string{"ASS"}},
		{"an exception of another list covers nothing", "{terms: [ass]}", body("an ass and cart"), []string{"ass"}},
		{"prefix finds beginnings", "{mode: prefix, terms: [pharma]}", body("Pharmacy, pharma, biopharma"), []string{"Pharmacy", "pharma"}},
		{"prefix of a phrase needs its first words whole", "{mode: prefix, terms: [free mon]}", body("free money, carefree money"), []string{"free money"}},
		{"prefix excepts words", "{mode: prefix, terms: [pharma], except: [pharmac]}", body("pharmacy pharmaceuticals pharmafraud"), []string{"pharmafraud"}},
		{"exact finds the whole field", "{mode: exact, terms: [First!]}", body("  FIRST "), []string{"FIRST"}},
		{"exact finds nothing inside", "{mode: exact, terms: [first]}", body("first of all"), nil},
		{"substring finds the inside of words", "{mode: substring, terms: [gra]}", body("viaGRA"), []string{"GRA"}},
		{"substring finds punctuation", "{mode: substring, terms: ['!!1']}", body("wow!!1"), []string{"!!1"}},
		{"substring maps back what folding lengthened", "{mode: substring, terms: [ss]}", body("Straße"), []string{"ß"}},
		{"regex finds what it matches, as written", "{mode: regex, terms: ['[A-Z]{3}\\d']}", body("abc1 ABC1"), []string{"ABC1"}},
		{"regex excepts what another matches", "{mode: regex, terms: ['\\w+ing'], except: ['(?i)thing']}", body("A thing, running"), []string{"running"}},
		{"domain finds links and what is below", "{mode: domain, terms: [evil.example]}", body("http://evil.example/a https://www.evil.example notevil.example http://notevil.example/"), []string{"http://evil.example/a", "https://www.evil.example"}},
		{"domain finds whole top-level domains", "{mode: domain, terms: ['*.bad']}", body("see http://x.bad/"), []string{"http://x.bad/"}},
		{"domain finds international names", "{mode: domain, terms: [bücher.example]}", body("http://xn--bcher-kva.example/"), []string{"http://xn--bcher-kva.example/"}},
		{"domain finds the website", "{mode: domain, terms: [evil.example]}", func(f *Facts) { f.Author.URL = "http://Evil.example/x" }, []string{"http://Evil.example/x"}},
		{"domain excepts what is below", "{mode: domain, terms: [host.example], except: [good.host.example]}", body("http://good.host.example/ http://bad.host.example/"), []string{"http://bad.host.example/"}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			facts := Neutral("")
			c.set(facts)
			v := evaluate(t, "lists:\n  a: "+braced(c.list)+"\nrules: [{id: r, when: listed(\"a\"), then: hold, reason: x}]\n", facts)
			var got []string
			if len(v.Hits) > 0 {
				for _, s := range v.Hits[0].Spans {
					e := evaluation{writing: newWriting(facts)}
					got = append(got, e.asWritten(fieldNamed(s.Field))[s.Start:s.End])
				}
			}
			slices.Sort(got)
			slices.Sort(c.want)
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("found (-want +got):\n%s", diff)
			}
		})
	}
}

func body(s string) func(*Facts) { return func(f *Facts) { f.Body = s } }

func braced(list string) string {
	if strings.HasPrefix(list, "{") {
		return list
	}
	return "{" + list + "}"
}

func TestListsOfSendersFindThemWithoutShowingThem(t *testing.T) {
	cases := []struct {
		name, list     string
		email, address string
		want           bool
	}{
		{"an address, whatever its case", "{mode: email, terms: [A.B@Mail.example]}", "a.b@mail.EXAMPLE", "", true},
		{"another address", "{mode: email, terms: [a@mail.example]}", "b@mail.example", "", false},
		{"everybody of a domain", "{mode: email, terms: ['@mail.example']}", "b@mail.example", "", true},
		{"not what is below it", "{mode: email, terms: ['@mail.example']}", "b@x.mail.example", "", false},
		{"everybody but one", "{mode: email, terms: ['@mail.example'], except: [b@mail.example]}", "b@mail.example", "", false},
		{"a domain and what is below it", "{mode: domain, fields: [author_email], terms: [mail.example]}", "b@x.mail.example", "", true},
		{"a network", "{mode: cidr, terms: [192.0.2.0/24]}", "", "192.0.2.200", true},
		{"another network", "{mode: cidr, terms: [192.0.2.0/24]}", "", "192.0.3.1", false},
		{"a network in IPv6 clothes", "{mode: cidr, terms: [192.0.2.0/24]}", "", "::ffff:192.0.2.1", true},
		{"a network of IPv6", "{mode: cidr, terms: ['2001:db8::/32']}", "", "2001:db8:1::1", true},
		{"everything of IPv4 is nothing of IPv6", "{mode: cidr, terms: [0.0.0.0/0]}", "", "2001:db8::1", false},
		{"a network but one address", "{mode: cidr, terms: [192.0.2.0/24], except: [192.0.2.7]}", "", "192.0.2.7", false},
		{"an unknown address", "{mode: cidr, terms: [0.0.0.0/0, '::/0']}", "", "", false},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			facts := Neutral("Hello.")
			facts.Author.Email = c.email
			if c.address != "" {
				facts.Address = netip.MustParseAddr(c.address)
			}
			v := evaluate(t, "lists: {a: "+c.list+"}\nrules: [{id: r, when: listed(\"a\"), then: hold, reason: \"{{matched}}\"}]\n", facts)
			if got := len(v.Hits) == 1; got != c.want {
				t.Fatalf("found is %v, want %v", got, c.want)
			}
			if c.want && (v.Hits[0].Spans != nil || v.Hits[0].Reason != `the list "a"`) {
				t.Errorf("the hit shows more than it may: %+v", v.Hits[0])
			}
		})
	}
}

func TestEveryModeIsDocumented(t *testing.T) {
	for _, m := range Modes() {
		if m.What == "" || m.Takes == "" || m.Returns == "" || len(m.Fields) == 0 || len(m.Defaults) == 0 {
			t.Errorf("the mode %s is not documented: %+v", m.Name, m)
		}
		if _, err := Parse(t.Context(), []byte("lists: {a: "+m.Example+"}\n"+oneRule("id: x", "when: listed('a')", "then: hold", "reason: x"))); err != nil {
			t.Errorf("the example of mode %s: %v", m.Name, err)
		}
		for _, f := range m.Defaults {
			if !slices.Contains(m.Fields, f) {
				t.Errorf("the mode %s looks into %s by default, where it makes no sense", m.Name, f)
			}
		}
	}
}

func TestListedCountCountsEveryOccurrence(t *testing.T) {
	source := "lists: {a: {terms: [mill, wheel]}}\nrules: [{id: r, when: 'listed_count(\"a\", \"body\") == 250', then: hold, reason: x}]\n"
	v := evaluate(t, source, Neutral(strings.Repeat("mill, wheel. ", 125)))
	if len(v.Hits) != 1 {
		t.Fatalf("the rule did not fire: %s", outcome(v))
	}
	if len(v.Hits[0].Spans) != maxSpans {
		t.Errorf("the hit has %d spans, want %d", len(v.Hits[0].Spans), maxSpans)
	}
}

func TestTheAutomatonFindsWhatSearchingEachKeyFinds(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	some := func(most int) string {
		letters := make([]byte, 1+random.IntN(most))
		for i := range letters {
			letters[i] = "ab "[random.IntN(3)]
		}
		return string(letters)
	}
	for round := range 300 {
		var keys []termKey
		for i := range 1 + random.IntN(12) {
			keys = append(keys, termKey{some(5), uint32(i)})
		}
		text := some(60)
		want := map[string]int{}
		for _, k := range keys {
			for at := range text {
				if strings.HasPrefix(text[at:], k.text) {
					want[fmt.Sprint(k.text, "|", at)] = 1
				}
			}
		}
		got := map[string]int{}
		scanAutomaton(newAutomaton(t.Context(), keys), text, func(o occurrence) {
			got[fmt.Sprint(text[o.start:o.end], "|", o.start)]++
		})
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatalf("round %d (-want +got):\n%s", round, diff)
		}
	}
}

func TestTermsAreJoinedAsTheirWords(t *testing.T) {
	terms := []string{"a", "9", "act now", "4u", "x 1 y", "", " ", "a ", " a", "a  b", "A b", "a-b", "it's", "caf\u00e9", "a\tb", "0o", "l33t 1o1"}
	for _, s := range shippedOf(t, modeWord) {
		of, frames := s.phrases(slices.Concat(s.terms, s.whole, s.except))
		terms = append(terms, of...)
		for _, piece := range slices.Concat(frames...) {
			terms = append(terms, piece.ways...)
		}
	}
	plain := 0
	for _, term := range terms {
		var words []string
		for _, w := range text.Words(term) {
			words = append(words, w.Folded)
		}
		if joined, _ := joinWords(term); joined != strings.Join(words, " ") {
			t.Errorf("%q becomes %q, want %q", term, joined, words)
		}
		if isJoined(term) {
			plain++
		}
	}
	if t.Logf("%d of %d terms are joined as they are", plain, len(terms)); plain < len(terms)/4 {
		t.Error("the short cut is taken too rarely")
	}
}
