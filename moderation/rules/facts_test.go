package rules

import (
	"context"
	"encoding/json"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/google/go-cmp/cmp/cmpopts"
	"rejoinder/moderation/text"
)

// everyFact is a submission in which no fact has its neutral value.
func everyFact() *Facts {
	return &Facts{
		Body: "Plain words, and http://www.shop.example/ too.",
		Author: Author{
			Name: "Jo Planted", URL: "http://jo.example/", Email: "planted.secret@planted.example", Confirmed: true, Recognised: true,
			Approved: 1, Rejected: 2, Spam: 3, Pending: 4, FirstSeenHours: 5.25, HoursSinceNegative: 1.0 / 3, LastDecided: "spam", URLNew: true, NamesModerator: true,
		},
		Address:    netip.MustParseAddr("203.0.113.77"),
		Form:       Form{Kind: "json", Honeypot: true, AgeKnown: true, AgeSeconds: 0.1, PasteKnown: true, Pasted: 26},
		Velocity:   Velocity{Author: Rate{6, 7, 8}, Address: Rate{9, 10, 11}, Article: Rate{12, 13, 14}},
		Similarity: Similarity{Author: 15, SameParent: 26, Article: 16, Site: 17, NearArticle: 24, NearSite: 25},
		Article:    Article{AgeHours: 18.5, Closed: true, Comments: 19, Tags: []string{"sport", "news"}},
		Reply:      Reply{Depth: 20, ToSelf: true, ToStaff: true},
		Edit:       Edit{Is: true, Status: "approved", LinksAdded: 21, LengthAdded: -22, Rewritten: 0.75, NewHosts: 27, Replies: 28},
		Spam:       SpamScore{Known: true, Score: 0.9375, Model: 23, Words: []Place{{0, 5}, {6, 11}}},
		Blocks:     Blocks{Action: "reject", Kinds: []string{"email", "prefix"}, IDs: []string{"b1", "b2"}},
		External:   map[string]*External{"toxicity": {Available: true, Score: 0.95, Label: "THREAT"}},
	}
}

func TestFrozenFactsHoldNothingThatNamesAnybody(t *testing.T) {
	f := everyFact()
	frozen, err := json.Marshal(f)
	if err != nil {
		t.Fatal(err)
	}
	for _, secret := range []string{"planted.secret", "203.0.113", "Jo", "jo.example", "Plain", "shop.example"} {
		if strings.Contains(string(frozen), secret) {
			t.Errorf("the frozen facts contain %q: %s", secret, frozen)
		}
	}
}

func TestUnfrozenFactsAreTheSame(t *testing.T) {
	f := everyFact()
	frozen, err := json.Marshal(f)
	if err != nil {
		t.Fatal(err)
	}
	back, err := Unfreeze(frozen, Kept{Body: f.Body, AuthorName: f.Author.Name, AuthorURL: f.Author.URL,
		AuthorEmail: f.Author.Email, AddressPrefix: netip.MustParsePrefix("203.0.113.0/24")})
	if err != nil {
		t.Fatal(err)
	}
	want := *f
	want.Author.EmailDomain = "planted.example"
	ignore := cmpopts.IgnoreFields(Facts{}, "Address", "AddressPrefix")
	if diff := cmp.Diff(&want, back, ignore); diff != "" {
		t.Errorf("facts (-want +got):\n%s", diff)
	}
}

func TestUnfrozenFactsAreJudgedAlike(t *testing.T) {
	var source strings.Builder
	source.WriteString("lists: {net: {mode: cidr, terms: [203.0.113.0/24]}, hosts: {mode: domain, fields: [author_email], terms: [planted.example]}}\nrules:\n")
	source.WriteString("  - {id: net, when: in_network(\"net\"), then: hold, reason: x}\n")
	source.WriteString("  - {id: host, when: listed(\"hosts\"), then: hold, reason: x}\n")
	for _, doc := range Registry() {
		condition, _ := json.Marshal(doc.Example)
		path := strings.ReplaceAll(doc.Path, memberVariable, "toxicity")
		id := strings.NewReplacer(".", "-").Replace(path)
		source.WriteString("  - {id: " + id + ", when: " + string(condition) + ", then: hold, reason: \"{{" + path + "}}\"}\n")
	}
	rs := mustParse(t, source.String())
	f := everyFact()
	want := rs.Evaluate(context.Background(), f)
	if len(want.Hits) < 10 {
		t.Fatalf("only %d rules fired", len(want.Hits))
	}
	frozen, err := json.Marshal(f)
	if err != nil {
		t.Fatal(err)
	}
	back, err := Unfreeze(frozen, Kept{Body: f.Body, AuthorName: f.Author.Name, AuthorURL: f.Author.URL,
		AddressPrefix: netip.MustParsePrefix("203.0.113.0/24")})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, rs.Evaluate(context.Background(), back)); diff != "" {
		t.Errorf("verdict (-before +after):\n%s", diff)
	}
}

func TestWhatIsLeftOfAnAddressLiesInANetworkOrNot(t *testing.T) {
	left := &Facts{AddressPrefix: netip.MustParsePrefix("203.0.113.0/24")}
	for network, want := range map[string]bool{"203.0.0.0/16": true, "203.0.113.0/24": true, "203.0.113.0/25": false, "198.51.100.0/24": false} {
		v := evaluate(t, "lists: {n: {mode: cidr, terms: ["+network+"]}}\nrules:\n"+
			"  - {id: a, when: in_network(\"n\"), then: hold, reason: x}\n  - {id: b, when: in_network(\""+network+"\"), then: hold, reason: x}\n", left)
		if got := len(v.Hits); got != map[bool]int{true: 2, false: 0}[want] {
			t.Errorf("%s: %d rules fired", network, got)
		}
	}
}

func TestFactsOfATextAreCounted(t *testing.T) {
	f := Neutral("")
	f.Author.URL, f.Author.Email = "http://Bücher.example:8080/x", "Jo@Mail.EXAMPLE"
	f.Body = "HÉllo 日本!!!!!\nSee http://www.shop.co.uk/, http://WWW.shop.co.uk/x and http://192.0.2.1/."
	want := map[string]any{
		"text.length": 88, "text.lines": 2, "text.longest_run": 5, "text.words": 21, "text.letters": 48,
		"links.count": 3, "links.hosts": []string{"www.shop.co.uk", "192.0.2.1"}, "links.domains": []string{"shop.co.uk", "192.0.2.1"},
		"author.url_host": "xn--bcher-kva.example", "author.email_domain": "mail.example",
		"network.known": false, "reply.is": false, "author.approved": 25,
	}
	rs := mustParse(t, "rules: []\n")
	e := &evaluation{}
	e.reset(t.Context(), rs, f)
	got := map[string]any{}
	for path := range want {
		i, ok := findFact(path)
		if !ok {
			t.Fatalf("there is no fact %s", path)
		}
		got[path] = i.get(e)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("facts (-want +got):\n%s", diff)
	}
}

func TestCapitalsAreAShareOfTheLettersThatHaveThem(t *testing.T) {
	for text, want := range map[string]float64{"": 0, "日本": 0, "aB": 0.5, "ÀÉ": 1, "ß": 0, "A1!": 1, "ABCd": 0.75} {
		if got := measure(text).capitals(); got != want {
			t.Errorf("the capitals of %q are %g, want %g", text, got, want)
		}
	}
}

func TestHoursSince(t *testing.T) {
	now := time.Date(2024, 5, 1, 12, 0, 0, 0, time.UTC)
	cases := []struct {
		name string
		then time.Time
		want float64
	}{
		{"never", time.Time{}, Never},
		{"an hour and a half ago", now.Add(-90 * time.Minute), 1.5},
		{"still to come", now.Add(time.Hour), 0},
	}
	for _, c := range cases {
		if got := HoursSince(c.then, now); got != c.want {
			t.Errorf("%s: %g, want %g", c.name, got, c.want)
		}
	}
}

func TestAnEditSaysWhatItChanges(t *testing.T) {
	got := EditOf("approved", text.Read("Nice."), text.Read("Nice: http://a.example/ and http://b.example/"))
	if diff := cmp.Diff(Edit{Is: true, Status: "approved", LinksAdded: 2, LengthAdded: 40, Rewritten: 7. / 8, NewHosts: 2}, got); diff != "" {
		t.Errorf("edit (-want +got):\n%s", diff)
	}
	if shorter := EditOf("pending", text.Read("See http://a.example/"), text.Read("See")); shorter.LinksAdded != 0 || shorter.LengthAdded != -18 || shorter.Rewritten != 0 {
		t.Errorf("removing a link gives %+v", shorter)
	}
}

func TestFrozenFactsThatAreNoFactsAreRefused(t *testing.T) {
	if _, err := Unfreeze([]byte(`{"form":`), Kept{}); err == nil {
		t.Error("broken JSON is accepted")
	}
}
