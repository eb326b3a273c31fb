package rules

import (
	"slices"
	"strings"
	"testing"
)

func TestTheExamplesOfFunctionsCompileAndNoFunctionIsLeftOut(t *testing.T) {
	var documented []string
	for _, doc := range Functions() {
		name, _, _ := strings.Cut(doc.Call, "(")
		documented = append(documented, name)
		mustParse(t, `lists:
  insults: {mode: word, terms: [fool]}
  groups: {mode: word, terms: [bakers]}
  threats: {mode: word, terms: [kill]}
rules: [{id: a, when: '`+doc.Example+`', then: hold, reason: x}]
`)
		if !strings.Contains(doc.Example, name+"(") {
			t.Errorf("the example of %s does not call it", name)
		}
	}
	for _, name := range knownFunctions[:slices.Index(knownFunctions, "all")] {
		if !slices.Contains(documented, name) {
			t.Errorf("%s is not documented", name)
		}
	}
}

func TestEveryWordOfTheGrammarsHasAKnownRole(t *testing.T) {
	for line := range strings.Lines(personsFile) {
		fields := strings.Fields(line)
		if fields[0] != "#" && (len(fields) < 3 || roleNames[fields[1]] == 0) {
			t.Errorf("%q has no role or no words", line)
		}
	}
	if len(grammars()) != 14 {
		t.Errorf("%d languages are known, not 14", len(grammars()))
	}
}
