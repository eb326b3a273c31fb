package rules

import (
	"strings"
	"testing"
)

// reasonOf parses a ruleset of one rule that always matches, and returns its reason for a submission with
// that many links.
func reasonOf(t *testing.T, reason string, links int) string {
	t.Helper()
	rs, err := Parse(t.Context(), []byte("default: hold\nrules: [{id: always, when: links.count >= 0, then: hold, reason: '"+reason+"'}]"))
	if err != nil {
		t.Fatal(err)
	}
	f := Neutral(strings.Repeat("https://a.example/ ", links))
	f.Author.Approved = links
	return rs.Evaluate(t.Context(), f).Hits[0].Reason
}

func TestAQuotedNumberAgreesWithItsUnit(t *testing.T) {
	for links, want := range map[int]string{0: "0 links, 0 comments.", 1: "1 link, 1 comment.", 3: "3 links, 3 comments."} {
		have := reasonOf(t, "{{links.count|link|links}}, {{ author.approved | comment | comments }}.", links)
		if have != want {
			t.Errorf("with %d: %q, want %q", links, have, want)
		}
	}
}

func TestAUnitIsRefusedWhereItMakesNoSense(t *testing.T) {
	for reason, want := range map[string]string{
		"{{author.name|name|names}}": "author.name is not a number",
		"{{matched|word|words}}":     "matched is not a number",
		"{{links.count|link}}":       "a unit needs its singular and its plural",
		"{{links.count|a|b|c}}":      "a unit needs its singular and its plural",
		"{{links.cuont|link|links}}": `there is no fact "links.cuont" to quote`,
	} {
		_, err := Parse(t.Context(), []byte("default: hold\nrules: [{id: r, when: links.count > 0, then: hold, reason: '"+reason+"'}]"))
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", reason, err, want)
		}
	}
}
