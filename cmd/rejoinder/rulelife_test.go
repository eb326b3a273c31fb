package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const draftDocument = `extends: default
rules:
  - {id: shouting, mode: off}
  - {id: coupon, when: 'text.folded.contains("coupon")', then: hold, reason: Offers a coupon.}
tests:
  - {name: a coupon is held, body: "My coupon!", expect: {action: hold, rules: [coupon]}}
`

func TestARulesetIsSavedAndActivatedOnTheCommandLine(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	env := []string{"REJOINDER_DATA_DIR=" + dir}
	write := func(name, source string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(source), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	draft := write("draft.yaml", draftDocument)
	failing := write("failing.yaml", strings.ReplaceAll(draftDocument, "action: hold", "action: spam"))
	broken := write("broken.yaml", "extends: default\nlists:\n  blocked-domains: {mode: cidr}\n")
	doubtful := write("doubtful.yaml", "lists:\n  words: {terms: [$hit]}\nrules:\n"+
		"  - {id: odd, when: 'listed(\"words\") && links.count < 0', then: hold, reason: x}\n")
	untested := write("untested.yaml", "extends: default\n")
	if _, errs, code := runProgram(t, env, "", "site", "add", "--slug", "gazette", "--name", "The Gazette"); code != exitDone {
		t.Fatal(errs)
	}
	for _, tc := range []struct {
		name  string
		args  []string
		stdin string
		code  int
		says  []string
	}{
		{"tests pass", []string{"test", draft}, "", exitDone, []string{"1 test passed"}},
		{"a test fails", []string{"test", failing}, "", exitFailed, []string{failing + ":6:", "expected spam", "faults: 1"}},
		{"no tests are no success", []string{"test", untested}, "", exitFailed, []string{"has no tests"}},
		{"warnings come with their place and a hint", []string{"check", doubtful}, "", exitDone, []string{
			doubtful + ":2:19: warning: \"$\" does not count in mode word", "    Mode substring finds signs",
			doubtful + ":4:21: warning: the rule \"odd\" can never fire"}},
		{"a fault in the base names the base", []string{"check", broken}, "", exitFailed, []string{"default:", "a list of mode cidr"}},
		{"a draft is tried", []string{"try", "--site", "gazette", "--rules", draft, "--fact", "author.approved=0"}, "My coupon!",
			exitDone, []string{"Verdict: hold", "Offers a coupon."}},
		{"a comment is a newcomer's", []string{"try", "--site", "gazette", "--rules", draft}, "Hello.", exitDone, []string{"Verdict: hold"}},
		{"or a known commenter's", []string{"try", "--site", "gazette", "--rules", draft, "--as", "known"}, "Hello.", exitDone,
			[]string{"Verdict: approve"}},
		{"nobody else's", []string{"try", "--site", "gazette", "--as", "friend"}, "Hello.", exitMisused, []string{"newcomer or known"}},
		{"an unknown fact is a usage error", []string{"try", "--site", "gazette", "--body", "x", "--fact", "author.aproved=0"}, "",
			exitMisused, []string{"Did you mean"}},
		{"a fault of a tried document has its place", []string{"try", "--site", "gazette", "--rules", broken, "--body", "x"}, "",
			exitFailed, []string{"default:"}},
		{"a draft is backtested", []string{"backtest", "--site", "gazette", "--days", "7", draft}, "", exitDone,
			[]string{"0 submissions", "coupon", "Never fired"}},
		{"a period too long is a usage error", []string{"backtest", "--site", "gazette", "--days", "400"}, "", exitMisused, []string{"--days", "366"}},
		{"what fails its tests is not activated", []string{"activate", "--site", "gazette", failing}, "", exitFailed, []string{"faults: 1"}},
		{"the active one is still the first", []string{"export", "--site", "gazette"}, "", exitDone, []string{"The ruleset that every site starts with"}},
		{"a document is activated", []string{"activate", "--site", "gazette", "--note", "Coupons.", draft}, "", exitDone, []string{"Version 2 judges"}},
		{"the same again does nothing", []string{"activate", "--site", "gazette", draft}, "", exitDone, []string{"This is version 2"}},
		{"versions are listed", []string{"list", "--site", "gazette"}, "", exitDone, []string{"2\t", "\tactive\tCoupons."}},
		{"versions are compared", []string{"diff", "--site", "gazette", "--against", "1"}, "", exitDone,
			[]string{"rule coupon: added", "rule shouting: changed", "+ off"}},
		{"the queue is previewed", []string{"rerun", "--site", "gazette", "--preview"}, "", exitDone, []string{`"preview": true`}},
		{"only the active version decides", []string{"rerun", "--site", "gazette", "--version", "1"}, "", exitFailed, []string{"--preview"}},
		{"health is printed", []string{"health", "--site", "gazette"}, "", exitDone, []string{"version 2 active", "coupon", "new"}},
		{"going back is activating", []string{"activate", "--site", "gazette", "--version", "1"}, "", exitDone, []string{"Version 1 judges"}},
		{"file and version are usageError", []string{"activate", "--site", "gazette", "--version", "1", draft}, "", exitMisused, []string{"either"}},
		{"a comparison with nothing is a usage error", []string{"diff", "--site", "gazette"}, "", exitMisused, []string{"--against", "diff --help"}},
		{"version 0 is a usage error", []string{"export", "--site", "gazette", "--version", "0"}, "", exitMisused,
			[]string{`--version must be a whole number from 1 to 2147483647, not "0"`}},
		{"a version that is no number is a usage error", []string{"rerun", "--site", "gazette", "--version", "x"}, "", exitMisused,
			[]string{`--version must be a whole number from 1 to 2147483647, not "x"`}},
		{"days that are no number are usageError", []string{"health", "--site", "gazette", "--days", "x"}, "", exitMisused,
			[]string{`--days must be a whole number, not "x"`}},
		{"no days are usageError", []string{"health", "--site", "gazette", "--days", "0"}, "", exitMisused, []string{"--days", "1 to 366"}},
		{"an unknown answer to yes or no is a usage error", []string{"rerun", "--site", "gazette", "--preview=perhaps"}, "", exitMisused,
			[]string{`--preview must be true or false, not "perhaps"`}},
		{"no file is a usage error", []string{"test"}, "", exitMisused, []string{"test takes 1 argument, not 0 (see rejoinder rules test --help)"}},
		{"an unknown version", []string{"export", "--site", "gazette", "--version", "9"}, "", exitFailed, []string{"no such version"}},
		{"an unknown site", []string{"health", "--site", "nowhere"}, "", exitFailed, []string{`no site "nowhere"`}},
		{"no site is a usage error", []string{"health"}, "", exitMisused, []string{"--site"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			out, errs, code := runProgram(t, env, tc.stdin, append([]string{"rules"}, tc.args...)...)
			if code != tc.code {
				t.Errorf("exit code %d, want %d\n%s%s", code, tc.code, out, errs)
			}
			for _, want := range tc.says {
				if !strings.Contains(out+errs, want) {
					t.Errorf("it does not say %q:\n%s%s", want, out, errs)
				}
			}
		})
	}
	out, _, _ := runProgram(t, env, "", "rules", "export", "--site", "gazette", "--version", "2")
	if out != draftDocument {
		t.Errorf("the saved document comes back as %q", out)
	}
	out, _, _ = runProgram(t, env, "", "rules", "backtest", "--site", "gazette", "--json", "--version", "2")
	var report struct{ Version, Submissions int }
	if err := json.Unmarshal([]byte(out), &report); err != nil || report.Version != 2 {
		t.Errorf("%v: %s", err, out)
	}
}
