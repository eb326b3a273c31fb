package rules

import "testing"

func TestTermsOfAListCountInItsLanguageOnly(t *testing.T) {
	for _, c := range []struct {
		name, list, site, body string
		want                   bool
	}{
		{"a French word in a French comment", "{language: fr, terms: [retard]}", "", "Le train est en retard, et je ne suis pas content.", true},
		{"an English word in a French comment", "{language: en, terms: [retard]}", "", "Le train est en retard, et je ne suis pas content.", false},
		{"any of several languages", "{language: [de, fr], terms: [retard]}", "", "Le train est en retard, et je ne suis pas content.", true},
		{"a list without a language", "{terms: [retard]}", "", "Le train est en retard, et je ne suis pas content.", true},
		{"a list of any language", "{language: any, terms: [retard]}", "", "Le train est en retard, et je ne suis pas content.", true},
		{"a shipped list made to count everywhere", "{shipped: insults-de, language: any}", "", "He called me an Arschloch and they all laughed about it.", true},
		{"a shipped list in another language", "{shipped: insults-de}", "", "He called me an Arschloch and they all laughed about it.", false},
		{"a short comment of the site's language", "{language: en, terms: [idiot]}", "en", "idiot", true},
		{"a short comment, and the word is English by default", "{language: en, terms: [idiot]}", "", "idiot", true},
		{"one word of another language speaks against it", "{language: en, terms: [kys]}", "", "Kys og klem", false},
		{"words around it of another language", "{language: en, terms: [polak]}", "en", "Dumny Polak", false},
		{"a short foreign word", "{language: sv, terms: [fan]}", "en", "fan", false},
		{"a long foreign word", "{language: de, terms: [hurensohn]}", "en", "Hurensohn", true},
		{"a foreign word that another language knows", "{language: de, terms: [hourly]}", "en", "hourly", false},
		{"a short foreign word among words that only its language has", "{language: it, terms: [vacca]}", "en", "Brutta vacca, mettiti a dieta", true},
		{"a short foreign word among English ones", "{language: sv, terms: [kossa]}", "en", "Kossa kitchen opens today", false},
		{"a foreign phrase, whatever languages its words are of", "{language: es, terms: [ten cuidado tú]}", "en", "Ten cuidado tú", true},
		{"a phrase in a short comment that resembles another language", "{language: es, terms: [dos dedos de frente]}", "en",
			"No tienes ni dos dedos de frente.", true},
		{"an unknown word that resembles a foreign one", "{mode: loose, language: nl, terms: [rotzak]}", "en", "Rettssak.", false},
		{"an unknown word that resembles one of the site's", "{mode: loose, language: nl, terms: [rotzak]}", "nl", "Rettssak.", true},
		{"a short word of the site's language that is not English", "{language: sv, terms: [fan]}", "sv", "fan", true},
	} {
		t.Run(c.name, func(t *testing.T) {
			facts := Neutral(c.body)
			facts.SiteLanguage = c.site
			v := evaluate(t, "lists: {a: "+c.list+"}\nrules: [{id: r, when: listed(\"a\"), then: hold, reason: x}]\n", facts)
			if got := len(v.Hits) == 1; got != c.want {
				t.Errorf("found is %v, want %v", got, c.want)
			}
		})
	}
}
