package ruleform

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestATestIsAddedAndNothingElseChanges(t *testing.T) {
	added := TestCase{Name: "“Hm: yes” is held", Body: "Hm: yes\n# not a comment", Action: "hold",
		Facts: []TestFact{{"author.approved", "0"}, {"author.recognised", "false"}}}
	for name, tc := range map[string]struct{ source, want string }{
		"without tests": {"rules:\n  - id: a # mine\n    then: hold\n", `rules:
  - id: a # mine
    then: hold

tests:
  - name: "“Hm: yes” is held"
    body: "Hm: yes\n# not a comment"
    facts: {author.approved: 0, author.recognised: false}
    expect: {action: hold}
`},
		"behind others": {"tests:\n- name: first\n  expect: {action: hold}\n# about rules\nrules: []\n", `tests:
- name: first
  expect: {action: hold}

- name: "“Hm: yes” is held"
  body: "Hm: yes\n# not a comment"
  facts: {author.approved: 0, author.recognised: false}
  expect: {action: hold}
# about rules
rules: []
`},
	} {
		t.Run(name, func(t *testing.T) {
			doc, err := Read([]byte(tc.source))
			if err != nil {
				t.Fatal(err)
			}
			changed, err := doc.AddTest(added)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tc.want, string(changed.Source())); diff != "" {
				t.Error(diff)
			}
		})
	}
	doc, err := Read([]byte("tests: [{name: a, expect: {action: hold}}]\n"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := doc.AddTest(added); !errors.Is(err, ErrUnwritable) {
		t.Errorf("a list in brackets: %v", err)
	}
}
