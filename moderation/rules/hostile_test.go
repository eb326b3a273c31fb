package rules

import (
	"context"
	"strings"
	"testing"
	"time"
)

// hostileTime is what one evaluation may take here at most, on a busy machine and with the race detector. The
// aim is 5 ms; what this catches is time that grows faster than the text.
const hostileTime = time.Second

func TestHostileTextsAreJudgedInTime(t *testing.T) {
	source := string(Default()) + "# more exceptions than the default has\n"
	excepting := "lists: {a: {mode: prefix, terms: [a, aa], except: [a a, a a a]}}\nrules: [{id: r, when: listed(\"a\"), then: hold, reason: \"{{matched}}\"}]\n"
	texts := map[string]string{
		"brackets": "[](", "links": "http://a.b ", "insults": "fuck you ", "letters": "a ", "marks": "\u0301", "stars": "*_`",
		"advertising": "make money online ", "capitals": "A", "starred words": "f*ck ", "calls": "idiot, ", "shouted calls": "idiot! ", "foreign oaths": "puta ", "oaths": "cunt ",
		"signs in words": "b@stsrd f#@% d**kh**d ",
		"misspelt words": "fukc bastrad ", "Chinese": "赌", "emoji": "👩‍👩‍👧", "quotations": "> ", "lines": "\n",
	}
	for _, document := range []string{source, excepting} {
		rs := mustParse(t, document)
		rs.LoadLists() // once per process, and not by the text
		for name, text := range texts {
			facts := Neutral(strings.Repeat(text, 10_000/len([]rune(text))))
			facts.Author.Name = facts.Body[:300]
			begin := time.Now()
			rs.Evaluate(context.Background(), facts)
			if took := time.Since(begin); took > hostileTime {
				t.Errorf("10,000 characters of %s took %v", name, took)
			} else {
				t.Logf("10,000 characters of %s took %v", name, took)
			}
		}
	}
}
