package text

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestAddressesThatAreNoLinksAreFound(t *testing.T) {
	for body, want := range map[string][]string{
		"See spammer[.]example for more.":             {"spammer.example"},
		"hxxps://shop.spammer.example/offer":          {"shop.spammer.example"},
		"hxxp://spammer[.]example now":                {"spammer.example"},
		"https://spammer[.]example":                   {"spammer.example"},
		"spammer dot com":                             {"spammer.com"},
		"Visit SPAMMER DOT COM":                       {"spammer.com"},
		"shop dot spammer dot com":                    {"shop.spammer.com"},
		"spammer (dot) com, or spammer(dot)org":       {"spammer.com", "spammer.org"},
		"spam . com":                                  {"spam.com"},
		"spammer .com":                                {"spammer.com"},
		"cheap-pills.shop has it":                     {"cheap-pills.shop"},
		"BIT.LY/abc and bit.ly/x":                     {"bit.ly", "bit.ly"},
		"t.co/xyz.":                                   {"t.co"},
		"spammer。com":                                 {"spammer.com"},
		"bücher.de/x":                                 {"xn--bcher-kva.de"},
		"**spammer.com**":                             {"spammer.com"},
		"spammer&#46;com":                             {"spammer.com"},
		"spam&#109;er&period;com":                     {"spammer.com"},
		`spammer\.com`:                                {"spammer.com"},
		"spammer.&#8203;com, sp&shy;ammer.org":        {"spammer.com", "spammer.org"},
		"spammer [&#100;ot] com":                      {"spammer.com"},
		"`spammer`.`com`":                             {"spammer.com"},
		"\u202emoc.remmaps\u202c":                     {"spammer.com"},
		"[the map](https://maps.example/a.com)":       nil,
		"[spammer.com](https://b.example/)":           nil,
		"http://\u0430pple.com/ here":                 nil,
		"http://a.example/ and b.com":                 {"b.com"},
		"[shop.com](http://shop.com/) http://c.com/x": nil,
		"www.shop.com":                                nil,
		"Mail jo.smith@mail.shop.com, please.":        nil,
		"jo [at] mail [dot] com":                      nil,
		"Nice.It was good. So there.":                 nil,
		"It closed at 5.30 p.m. in the U.S. and e.g. in main.py or Node.js.": nil,
		"The dot com bubble and the .com years":                              nil,
		"nice mill.it was old":                                               nil,
		"ASP.NET, asp.net":                                                   nil,
		"今日は。明日もまた。":                                                         nil,
		"WhatsApp +1 213 555 0100":                                           nil,
		"Wait ... what? . ok":                                                nil,
		"[x](y) [dot] (dot)":                                                 nil,
	} {
		var got []string
		for _, h := range Read(body).DisguisedHosts() {
			got = append(got, h.Host)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%q (-want +got):\n%s", body, diff)
		}
	}
}

func TestLookingForDisguisedAddressesStaysCheap(t *testing.T) {
	for _, unit := range []string{"a . ", "a.", "a dot ", "[.]", "a[.]", "aaaaaaaa", ".", " .", "(dot) ", "shop.com ", "http://a.b ", "a。"} {
		body := strings.Repeat(unit, 10_000/len(unit))
		r := Read(body)
		began := time.Now()
		findDisguised(r.Shown, r.linked)
		if took := time.Since(began); took > 50*time.Millisecond {
			t.Errorf("%q: 10,000 bytes take %v", unit, took)
		}
	}
}

func BenchmarkFindDisguised(b *testing.B) {
	for b.Loop() {
		findDisguised(strings.Repeat("The mill by the harbour was built when the tide was in. ", 9), nil)
	}
}
