package rules

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// answers reports whether a condition holds for a body that replies to Anna Lee.
func answers(t *testing.T, rs *Ruleset, body string) bool {
	t.Helper()
	f := Neutral(body)
	f.Reply = Reply{Depth: 1, ParentName: "Anna Lee"}
	return len(rs.Evaluate(t.Context(), f).Hits) > 0
}

func speechRule(t *testing.T, when string) *Ruleset {
	t.Helper()
	return mustParse(t, fmt.Sprintf(`lists:
  insults:
    mode: loose
    fields: [body]
    terms: [idiot, stupid, moron, ugly, Idioten, dumm, con, idiota, głupi, идиот, ідіот, "غبي", domkop, fool]
  prefixes: {mode: prefix, fields: [body], terms: [バカ, aptal]}
  threats:
    mode: word
    fields: [body]
    terms: [kill you, kill him, kill them, kill yourself, shot, shoot him, burn, die, umbringen, bullet in his head]
  groups: {mode: word, fields: [body], terms: [foreigners, bakers]}
rules:
  - {id: a, when: '%s', then: hold, reason: "{{matched}}"}
  - {id: off, mode: "off", when: 'listed("insults") || listed("threats") || listed("groups") || listed("prefixes")', then: hold, reason: x}
`, when))
}

func TestAddressedInsultsAreAimedAtSomebody(t *testing.T) {
	rs := speechRule(t, `addressed("insults") || addressed("prefixes")`)
	for body, want := range map[string]bool{
		"You are an idiot.":                             true,
		"you're such a complete and utter idiot":        true,
		"U r stupid":                                    true,
		"The film was stupid, we left early.":           false,
		"your an idiot":                                 true,
		"You stupid old man!":                           true,
		"Are you stupid?":                               true,
		"You must really be an idiot to believe it.":    true,
		"You people are idiots.":                        true,
		"Idiots like you ruin every town.":              true,
		"What an idiot you are.":                        true,
		"Idiot!":                                        true,
		"What an idiot.":                                true,
		"Read the article again, moron.":                true,
		"Moron, read it again.":                         false, // "it" may be what is said to be one
		"Moron, read again.":                            true,
		"You fucking idiot":                             true,
		"Read again, you stupid old moron.":             true,
		"Der Turm steht noch, blöde Idioten.":           true,
		"Sie sind ein Idiot.":                           true,
		"Wat een domkop ben jij.":                       true,
		"No eres más que un idiota.":                    true,
		"Non capisci niente, idiota!":                   true,
		"Ale z ciebie idiota, idiota z ciebie.":         true,
		"Идиот, вот ты кто.":                            true,
		"Ne aptal bir adamsın.":                         true,
		"يا غبي اقرأ المقال":                            true,
		"You are right, the tower is ugly.":             false,
		"Ты прав, дорога идиот.":                        false,
		"Idiots, moron and fool are old words.":         false,
		"Idioten, die dort wohnen, stören mich.":        false,
		"@Ben idiot":                                    true,
		"Anna Lee is an idiot.":                         true,
		"Anna Lee, what you say is fine. Idiot.":        true,
		"Nice mill.\nIdiot\nGood bye.":                  true,
		"What an ugly building.":                        false,
		"The mayor is an idiot.":                        true,
		"The minister is a complete and vain idiot.":    true,
		"The minister is not an idiot.":                 false,
		"The minister who hired that idiot resigned.":   false,
		"The minister in the film is an idiot.":         false,
		"The man with the dog is an idiot.":             false,
		"This idiot mayor closed the lock too early":    true,
		"They used to idiot mayors and boats":           false,
		"Les élus sont cons":                            true,
		"Dziennikarz idiota tego nie sprawdził":         true,
		"Министр идиот, вот и всё":                      true,
		"Идиот этот ваш мэр":                            true,
		"Министр, а не идиот":                           false,
		"Bu bakan aptal":                                true,
		"Bu bakan aptal kararı hiç savunmadı":           false,
		"Дураком он меня назвал, и я ушёл":              false,
		"He is stupid, ugly, idiot.":                    false,
		"You can see that the new tower is ugly.":       false,
		"You know it is stupid.":                        false,
		"Do you think I'm an idiot?":                    false,
		"You are not stupid.":                           false,
		"That is idiot stuff, you know.":                false,
		"The idiot you voted for wants a car park.":     false,
		"Your stupid plan costs us the mill.":           false,
		"I was an idiot to sell the boat to my uncle.":  false,
		"Mail jo@ben.example about this idiot's plan":   false,
		"It was stupid of them to close the lock early": false,
		"Du bist ein Idiot.":                            true,
		"Du Idiot!":                                     true,
		"Ihr seid alle Idioten.":                        true,
		"Ich finde, Sie sind ein Idiot.":                true,
		"Ich finde, sie sind Idioten.":                  false,
		"Er ist ein Idiot.":                             false,
		"T'es con ou quoi":                              true,
		"Tu es vraiment con":                            true,
		"Il est con":                                    false,
		"Eres un idiota":                                true,
		"El alcalde es un idiota":                       true,
		"El gato es un idiota":                          false,
		"Sei un idiota":                                 true,
		"Jesteś głupi":                                  true,
		"És um idiota":                                  true,
		"Ты идиот":                                      true,
		"Он идиот":                                      false,
		"Ти ідіот":                                      true,
		"أنت غبي":                                       true,
		"يا غبي":                                        true,
		"هو غبي":                                        false,
		"お前は本当にバカだ":                                     true,
		"Je bent een domkop":                            true,
		"Du är en idiot":                                true,
		"Din jävla idiot":                               true,
		"Sen aptalsın":                                  true,
		"Aptalsın, bunu herkes biliyor":                 true,
	} {
		if got := answers(t, rs, body); got != want {
			t.Errorf("%q: %t, want %t", body, got, want)
		}
	}
}

func TestTheWritersOwnThreatsAreTold(t *testing.T) {
	rs := speechRule(t, `by_author("threats")`)
	for body, want := range map[string]bool{
		"I will kill you.":                                   true,
		"I'm going to kill you":                              true,
		"i'd gladly kill him":                                true,
		"We are gonna kill them all":                         true,
		"I told you that I will kill you.":                   true,
		"Someone should put a bullet in his head.":           true,
		"They should be shot.":                               true,
		"I hope you die.":                                    true,
		"I hope they burn.":                                  true,
		"Let's kill them":                                    true,
		"Kill yourself.":                                     true,
		"Please just die":                                    true,
		"Ich werde dich umbringen":                           true,
		"He said he would kill him.":                         false,
		"She wrote: I will kill you.":                        false,
		"He shouted \"I will kill you\" and left the court.": false,
		"> I will kill you\n\nThis is what he sent.":         false,
		"The paper claims that I will kill you.":             false,
		"I read about a man who was shot.":                   false,
		"Frost will kill them.":                              false,
		"I would never kill him.":                            false,
		"Many people die of it.":                             false,
		"Er wollte sie umbringen":                            false,
	} {
		if got := answers(t, rs, body); got != want {
			t.Errorf("%q: %t, want %t", body, got, want)
		}
	}
}

func TestQuotedMatchesStandInQuotationsOnly(t *testing.T) {
	rs := speechRule(t, `quoted("insults") || quoted("prefixes")`)
	for body, want := range map[string]bool{
		"> You idiot\n\nThat is no way to talk.":       true,
		"> You\n> idiot\n\nThat is no way to talk.":    true,
		"He called me “an idiot” last week.":           true,
		"Fined for calling the referee a lying idiot.": true,
		"They call it progress, you idiot.":            false,
		"He called me \"an idiot\" last week.":         true,
		"Er nannte mich „einen Idioten“ und ging.":     true,
		"Il m'a dit « idiot » hier.":                   true,
		"「バカ」と言われた":                                    true,
		"> You idiot\n\nNo, you are the idiot.":        false,
		"The word idiot was painted on his door.":      true,
		"Das Wort Idioten stand an der Wand.":          true,
		"Man hat mich dumm genannt.":                   true,
		"İnsanlara aptal demek işe yaramaz.":           true,
		"人をバカと呼んでも何も解決しない":                             true,
		"Dare dell'idiota alla gente non serve.":       true,
		"\"Aptal\" kelimesi, aptal kelimesi demek.":    true,
		"I have a word for you: idiot.":                false,
		"The word is that you are an idiot.":           false,
		"You idiot":                                    false,
		"> You idiot":                                  false,
		"\"You idiot\"":                                false,
		"A 5\" pipe, you idiot, and a 6\" pipe.":       false,
		"He said \"hello.\n\nYou idiot, he meant \"x":  false,
		"A fine day.": false,
	} {
		if got := answers(t, rs, body); got != want {
			t.Errorf("%q: %t, want %t", body, got, want)
		}
	}
}

func TestHarmlessTermsInsultNobody(t *testing.T) {
	rs := speechRule(t, `harmless("insults")`)
	for body, want := range map[string]bool{
		"I felt like such an idiot afterwards.":     true,
		"I am an idiot, I know.":                    true,
		"I'm not an idiot.":                         true,
		"Ich bin so ein Idiot!":                     true,
		"Soy un idiota.":                            true,
		"Qué idiota soy, olvidé las llaves.":        true,
		"El idiota que soy no lo vio.":              true,
		"Eres un idiota, soy su hermana.":           false,
		"Que idiota sou, esqueci as chaves.":        true,
		"Я идиот, признаю.":                         true,
		"I met an idiot.":                           false,
		"Ich Idiot habe den Zug verpasst.":          true,
		"I think that you are an idiot.":            false,
		"I am surrounded by idiots.":                false,
		"I am an idiot to listen to such an idiot.": false,
		"Ich finde, du bist ein Idiot.":             false,
		"A fine day.":                               false,
		"Our parrot is such a moron.":               true,
		"We are all idiots before coffee.":          true,
		"The villain is a complete moron.":          true,
		"The new station is ugly.":                  true,
		"This stupid printer ate my ticket.":        true,
		"My old car is a stubborn moron.":           true,
		"Unser Hamster ist so dumm.":                true,
		"Мой пёс идиот.":                            true,
		"My dog knows that you are an idiot.":       false,
		"You dog, you idiot.":                       false,
		"The dog bit that idiot of a postman.":      false,
		"My neighbour is a moron.":                  false,
		"The idiot in the film is my favourite.":    true,
		"Der Idiot aus dem Film gefällt mir.":       true,
		"You idiot, the film is good.":              false,
		"The idiot next door never saw the film.":   false,
		"Haha, you fool, that was last week.":       true,
		"You fool ;-)":                              true,
		"Haha, you moron.":                          false,
		"You fool, nobody asked you.":               false,
		"Haha, you fool. You are an idiot.":         false,
	} {
		if got := answers(t, rs, body); got != want {
			t.Errorf("%q: %t, want %t", body, got, want)
		}
	}
}

func TestPraiseIsNoInsult(t *testing.T) {
	rs := mustParse(t, string(Default()))
	for body, want := range map[string]Action{
		"He's a beast, an absolute animal on the pitch.": Approve,
		"What a beast, three goals!":                     Approve,
		"You are an absolute animal.":                    Hold,
		"Co za bestia, strzelił trzy gole!":              Approve,
		"Ты с ума сошёл, молодец!":                       Approve,
		"Ты с ума сошёл, идиот!":                         Hold,
		"Ти здурів, молодець!":                           Approve,
		"Bravo, you idiot.":                              Hold,
		"Lächerlich!":                                    Approve,
		"Du bist lächerlich!":                            Hold,
		"Rats! I missed it.":                             Approve,
	} {
		if got := rs.Evaluate(t.Context(), Neutral(body)).Action; got != want {
			t.Errorf("%q gives %v, want %v", body, got, want)
		}
	}
}

func TestNearCountsTheWordsBetween(t *testing.T) {
	for words, bodies := range map[int]map[string]bool{
		0: {"stupid foreigners": true, "foreigners, stupid": true, "stupid lazy foreigners": false, "stupid": false},
		2: {"Foreigners are so stupid": true, "Foreigners are often rather stupid": false,
			"stupid x x x x foreigners x x x x x stupid bakers": true},
	} {
		rs := speechRule(t, fmt.Sprintf(`near("insults", "groups", %d)`, words))
		for body, want := range bodies {
			if got := answers(t, rs, body); got != want {
				t.Errorf("%d words, %q: %t, want %t", words, body, got, want)
			}
		}
	}
	v := speechRule(t, `near("insults", "groups", 1)`).Evaluate(t.Context(), Neutral("An idiot said that: foreigners are stupid, and left."))
	if got := v.Hits[0].Reason; got != "“foreigners”, “stupid”" {
		t.Errorf("the reason quotes %s, not the two that are near", got)
	}
}

func TestQuestionsAboutSentencesAreChecked(t *testing.T) {
	lists := "lists: {a: {mode: word, fields: [author_name], terms: [x]}, b: {mode: word, terms: [x]}}\n"
	for when, want := range map[string]string{
		`near("b", "b")`:       "near takes the names of two lists and a number of words",
		`near("b", "b", 101)`:  "the number of words between must be a whole number from 0 to 100",
		`near("b", "b", "x")`:  "the number of words between must be a whole number from 0 to 100",
		`near("b", "c", 1)`:    `there is no list "c"`,
		`addressed("a")`:       `the list "a" does not look into the body`,
		`quoted("b", "body")`:  "quoted takes the name of one list",
		`by_author(text.body)`: "by_author takes names in quotation marks, so that they can be checked now",
		`addresed("b")`:        `there is no fact and no function "addresed"`,
	} {
		faults := faultsOf(t, lists+"rules:\n  - {id: r, when: '"+when+"', then: hold, reason: x}\n")
		if len(faults) != 1 || !strings.HasSuffix(faults[0], want) {
			t.Errorf("%s: %q, want %q", when, faults, want)
		}
	}
}

func TestQuestionsAboutSentencesStayCheapOnHostileTexts(t *testing.T) {
	rs := speechRule(t, `near("insults", "groups", 3) || addressed("insults") || quoted("insults") || by_author("threats") ||
		harmless("insults")`)
	for name, unit := range map[string]string{
		"insults": "idiot ", "insults and groups": "idiot x x x x x foreigners ", "quotations": "\"idiot\" ", "lines": "> idiot\n",
		"sentences": "He is an idiot. ", "quotation marks": "\"“«", "commas": "idiot, ", "short sentences": "idiot! he is. ",
		"teasing": "haha fool ",
	} {
		f := Neutral(strings.Repeat(unit, 10_000/len(unit)))
		began := time.Now()
		for range 10 {
			rs.Evaluate(t.Context(), f)
		}
		if took := time.Since(began) / 10; took > 100*time.Millisecond {
			t.Errorf("%s: 10,000 bytes take %v", name, took)
		}
	}
}
