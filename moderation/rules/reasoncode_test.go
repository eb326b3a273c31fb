package rules

import (
	"encoding/json"
	"strings"
	"testing"
)

func TestAVerdictHasTheCodeOfTheReasonThatIsTold(t *testing.T) {
	for _, c := range []struct {
		name, rules, told, code string
	}{
		{"the rule that decided", `
  - {id: a, when: "true", then: hold, reason: x, public_reason: A, reason_code: links}
  - {id: b, when: "true", then: reject, reason: x, public_reason: B, reason_code: closed}`, "B", "closed"},
		{"the one whose reason is told", `
  - {id: a, when: "true", then: hold, priority: 1, reason: x, reason_code: silent}
  - {id: b, when: "true", then: hold, reason: x, public_reason: B, reason_code: wording}`, "B", "wording"},
		{"the one that decided, if no reason is told", `
  - {id: a, when: "true", then: hold, reason: x, reason_code: spam_like}`, "", "spam_like"},
		{"none in shadow", `
  - {id: a, when: "true", then: hold, mode: shadow, reason: x, public_reason: A, reason_code: links}`, "", ""},
	} {
		v := mustParse(t, "rules:"+c.rules+"\n").Evaluate(t.Context(), Neutral("x"))
		if v.PublicReason() != c.told || v.ReasonCode() != c.code {
			t.Errorf("%s: %q, %q, want %q, %q", c.name, v.PublicReason(), v.ReasonCode(), c.told, c.code)
		}
		kept, err := json.Marshal(v)
		if err != nil || c.code != "" && !strings.Contains(string(kept), `"reason_code":"`+c.code+`"`) {
			t.Errorf("%s: the code is not kept: %s, %v", c.name, kept, err)
		}
	}
}

func TestAReasonCodeIsOneWord(t *testing.T) {
	for _, code := range []string{"Links", "two words", "''", strings.Repeat("a", 41), "a.b"} {
		faults := faultsOf(t, oneRule("id: x", "when: true", "then: hold", "reason: x", "reason_code: "+code))
		if len(faults) != 1 || !strings.HasPrefix(faults[0], "6:18 /rules/0/reason_code: ") {
			t.Errorf("%s: %q", code, faults)
		}
	}
}
