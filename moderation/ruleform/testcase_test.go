package ruleform

import (
	"errors"
	"strings"
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

func TestTestsAreDropped(t *testing.T) {
	const source = `rules:
  - {id: a, then: hold}
# all of them
tests:
  - name: first
    body: |
      # a heading
    expect: {action: hold}
  # about the second
  - name: second
    expect: {action: hold}

  # about the third
  - name: third
    expect: {action: hold}
# the defaults
default: hold
`
	for name, tc := range map[string]struct {
		lines []int
		want  string
	}{
		"the first":  {[]int{5}, "tests:\n  # about the second\n  - name: second\n"},
		"the second": {[]int{10}, "    expect: {action: hold}\n  # about the third\n  - name: third\n"},
		"the last":   {[]int{14}, "    expect: {action: hold}\n\n# the defaults\ndefault: hold\n"},
		"two":        {[]int{5, 14}, "tests:\n  # about the second\n  - name: second\n    expect: {action: hold}\n\n# the defaults\n"},
		"all":        {[]int{5, 10, 14}, "# all of them\n# the defaults\ndefault: hold\n"},
		"none":       {nil, source},
	} {
		t.Run(name, func(t *testing.T) {
			doc, err := Read([]byte(source))
			if err != nil {
				t.Fatal(err)
			}
			changed, err := doc.DropTests(tc.lines)
			if err != nil {
				t.Fatal(err)
			}
			if got := string(changed.Source()); !strings.Contains(got, tc.want) {
				t.Errorf("the document became\n%s\nwithout\n%s", got, tc.want)
			}
		})
	}
}

func TestTestsInFlowStyleAreNotDropped(t *testing.T) {
	doc, err := Read([]byte("rules: []\ntests: [{name: a, expect: {action: hold}}]\n"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := doc.DropTests([]int{2}); !errors.Is(err, ErrUnwritable) {
		t.Errorf("err = %v", err)
	}
}
