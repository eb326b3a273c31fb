package rulewords_test

import (
	"testing"

	"rejoinder/handlers/locale"
	"rejoinder/handlers/rulewords"
)

func TestReasonsAreTranslatedWithTheirValues(t *testing.T) {
	german := locale.Find("de", "")
	for _, tc := range []struct{ name, reason, want string }{
		{"several of something, and texts", "Has 3 links: “a.example”, “b.example”.", "Enthält 3 Links: „a.example“, „b.example“."},
		{"one of something", "Has 1 link: “a.example”.", "Enthält 1 Link: „a.example“."},
		{"two numbers", "4 comments of this commenter came within a minute, 9 within an hour.",
			"4 Kommentare dieses Nutzers kamen innerhalb einer Minute, 9 innerhalb einer Stunde."},
		{"a duration with decimal places", "Was sent 1.5 seconds after the form was opened.",
			"Wurde 1,5 Sekunden nach dem Öffnen des Formulars gesendet."},
		{"a list whose finds are not quoted", `The sender is blocked by the list "bad-networks".`,
			"Der Absender ist gesperrt durch die Liste „bad networks“."},
		{"more items than fit", "Has insults: “a”, “b” and 7 more.", "Enthält Beleidigungen: „a“, „b“ und 7 weitere."},
		{"values that have names", "A moderator's block fits, by “host”, “name”.",
			"Eine Sperre der Moderation trifft zu: ein Link, ein Name."},
		{"a rule that failed", `The rule "pace" could not be evaluated: it took too many steps. The comment is held to be safe.`,
			"Die Regel \"pace\" konnte nicht ausgewertet werden: zu viele Schritte. Zur Sicherheit wartet der Kommentar."},
		{"no values", "Is mostly written in capitals.", "Ist überwiegend in Großbuchstaben geschrieben."},
		{"a site's own reason", "Mentions our rival.", "Mentions our rival."},
	} {
		if got := rulewords.Reason(german, tc.reason); got != tc.want {
			t.Errorf("%s:\ngot  %s\nwant %s", tc.name, got, tc.want)
		}
	}
}

func TestReasonsStayInEnglishWhereALanguageLacksThem(t *testing.T) {
	const reason = "Has 3 links: “a.example”."
	for _, tag := range []string{"en", "es"} {
		if got := rulewords.Reason(locale.Find(tag, ""), reason); got != reason {
			t.Errorf("%s: %s", tag, got)
		}
	}
}
