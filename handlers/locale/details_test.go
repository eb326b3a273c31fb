package locale_test

import (
	"testing"

	"rejoinder/handlers/locale"
)

func TestTextsWithTheirValuesAreTranslated(t *testing.T) {
	german := locale.Find("de", "")
	for english, want := range map[string]string{
		"Must be a number from 0 to 1000.": "Muss eine Zahl von 0 bis 1.000 sein.",
		"169.254.169.254 is not a public address. Operators can permit it with outbound-networks.": "169.254.169.254 ist keine " +
			"öffentliche Adresse. Wer den Server betreibt, kann sie mit outbound-networks erlauben.",
		"The file can't be imported: byte 90: the packed file is damaged or incomplete: unexpected EOF.": "Die Datei lässt sich nicht " +
			"importieren: Byte 90: die komprimierte Datei ist beschädigt oder unvollständig: unerwartetes Ende der Datei.",
		"From site settings: mode at_once, 2 held words.": "Aus den Einstellungen: Modus at_once, 2 zurückhaltende Wörter.",
		"Some text that no catalogue has.":                "Some text that no catalogue has.",
		"At most 99999999999999999999 origins.":           "Höchstens 99999999999999999999 Ursprünge.",
	} {
		if got := german.Detail(english); got != want {
			t.Errorf("Detail(%q) = %q, want %q", english, got, want)
		}
		if got := locale.Find("en", "").Detail(english); got != english {
			t.Errorf("in English, Detail(%q) = %q", english, got)
		}
	}
}
