package page

import (
	"testing"

	"rejoinder/handlers/locale"
	"rejoinder/moderation"
)

func TestReasonsOfRulesAreInTheReadersLanguage(t *testing.T) {
	german := locale.Find("de", "")
	for _, c := range []struct{ name, code, words, want string }{
		{"a shipped code has our text", "closed", "Comments are closed.", "Die Kommentare sind geschlossen."},
		{"a shipped code has the rule's own words if it has some", "closed", "We are closed.", "We are closed."},
		{"another code has the rule's own", "house-style", "Mind the house style.", "Mind the house style."},
		{"no code has the rule's own", "", "Mind the house style.", "Mind the house style."},
		{"a rule that tells nothing tells nothing", "closed", "", ""},
	} {
		view := moderation.AuthorView{ReasonCode: c.code, PublicReason: c.words}
		if got := RefusalWords(view, german); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
		statement := moderation.Statement{Code: c.code, Words: c.words, Automated: true, Locale: "en"}
		if got := StatementWords(german, &statement); got != c.want {
			t.Errorf("%s in a statement: %q, want %q", c.name, got, c.want)
		}
	}
	person := moderation.Statement{Code: "spam", Words: "Please no offers.", Locale: "en"}
	if got := StatementWords(german, &person); got != "Please no offers." {
		t.Errorf("a moderator's words are replaced by %q", got)
	}
}
