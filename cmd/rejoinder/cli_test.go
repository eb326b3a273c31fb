package main

import (
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"rejoinder/privacy"
)

func TestCommandsReturnExitCodes(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	env := []string{"REJOINDER_DATA_DIR=" + dir}
	bad := filepath.Join(dir, "bad.yaml")
	if err := os.WriteFile(bad, []byte("rules:\n  - id: a\n    when: links.cuont > 2\n    then: hold\n    reason: x\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	extending := filepath.Join(dir, "extending.yaml")
	for file, source := range map[string]string{
		filepath.Join(dir, "house.yaml"): "rules:\n  - {id: a, when: links.count > 2, then: hold, reason: x}\ndefault: approve\n",
		extending:                        "extends: house\ntests:\n  - {name: a text, body: Hello, expect: {action: approve}}\n",
	} {
		if err := os.WriteFile(file, []byte(source), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, tc := range []struct {
		name  string
		args  []string
		stdin string
		code  int
		says  []string // on standard output or standard error
	}{
		{"no command shows help", nil, "", exitDone, []string{"serve", "moderator", "rules"}},
		{"an unknown command is a usage error", []string{"srve"}, "", exitMisused, []string{"srve", "--help"}},
		{"an unknown flag is a usage error", []string{"serve", "--dmeo"}, "", exitMisused, []string{`--dmeo; did you mean "--demo"?`, "rejoinder serve --help"}},
		{"a bad setting is a usage error", []string{"migrate", "--addr", "x"}, "", exitMisused, []string{"addr (from --addr)"}},
		{"a database without a schema needs one", []string{"migrate", "--check"}, "", exitFailed, []string{"rejoinder migrate"}},
		{"migrate makes the database", []string{"migrate"}, "", exitDone, []string{"this program's schema"}},
		{"a site is added", []string{"site", "add", "--slug", "gazette", "--name", "The Gazette", "--origin", "https://gazette.example"},
			"", exitDone, []string{"Added site gazette", `<rejoinder-thread site="gazette">`, "REJOINDER_PUBLIC_URL"}},
		{"its decisions are exported", []string{"decisions", "export", "--site", "gazette", "--from", "2026-01-01"}, "", exitDone, []string{"id,decided_at,"}},
		{"… as JSON", []string{"decisions", "export", "--site", "gazette", "--format", "json"}, "", exitDone, []string{`{"site":"gazette","decisions":[`}},
		{"an import is as nice as a process can be", []string{"import", "--site", "gazette", "--nice", "20", "-"}, "", exitMisused,
			[]string{"--nice must be from 0 to 19, not 20"}},
		{"an export needs a site", []string{"decisions", "export"}, "", exitMisused, []string{"--site"}},
		{"… that exists", []string{"decisions", "export", "--site", "nosuch"}, "", exitFailed, []string{`no site "nosuch"`}},
		{"… and times that are some", []string{"decisions", "export", "--site", "gazette", "--to", "noon"}, "", exitMisused, []string{"--to"}},
		{"a ruleset that never ends is read no further than one may be long", []string{"rules", "check", "/dev/zero"}, "", exitMisused,
			[]string{"/dev/zero has more than 1048576 bytes"}},
		{"… from the standard input, too", []string{"rules", "check", "-"}, strings.Repeat("#\n", 1<<20), exitMisused,
			[]string{"the standard input has more than 1048576 bytes"}},
		{"a site is not added twice", []string{"site", "add", "--slug", "gazette", "--name", "The Gazette"},
			"", exitFailed, []string{`a site "gazette" already`, "site change"}},
		{"a site is changed", []string{"site", "change", "--slug", "gazette", "--name", "Our Gazette", "--origin", "https://gazette.example",
			"--origin", "https://www.gazette.example", "--votes", "up", "--reports", "false", "--close-after-days", "30"},
			"", exitDone, []string{"Changed site gazette.", "Our Gazette", "https://gazette.example https://www.gazette.example"}},
		{"… and listed with what was changed and what was not", []string{"site", "list"}, "", exitDone,
			[]string{"SLUG", "MODE", "WAITING", "gazette  Our Gazette", "https://gazette.example https://www.gazette.example"}},
		{"… and shown with what was changed and what was not", []string{"site", "show", "--slug", "gazette"}, "", exitDone,
			[]string{"Comments appear:", "Votes:                     up\n", "Reports:                   false\n", "Edit window minutes:       15\n", "Close after days:          30\n"}},
		{"… if it exists", []string{"site", "show", "--slug", "gazete"}, "", exitFailed, []string{`did you mean "gazette"?`}},
		{"… and loses its origins", []string{"site", "change", "--slug", "gazette", "--origin", ""}, "", exitDone, []string{"Changed site gazette."}},
		{"… of which its code warns", []string{"site", "embed", "--slug", "gazette"}, "", exitDone, []string{"The site has no origins yet"}},
		{"a site lets its readers be signed in", []string{"site", "change", "--slug", "gazette", "--identity", "optional",
			"--avatar-origins", "https://img.gazette.example"}, "", exitDone, []string{"Changed site gazette."}},
		{"… by a secret that is printed once", []string{"site", "identity-key", "add", "--site", "gazette", "--name", "Website"},
			"", exitDone, []string{"Added identity key", "(Website)"}},
		{"… and listed without it", []string{"site", "identity-key", "list", "--site", "gazette"}, "", exitDone, []string{"Website", "secret", "HS256"}},
		{"… by no private address", []string{"site", "identity-key", "add", "--site", "gazette", "--name", "X", "--url", "https://10.1.2.3/keys"},
			"", exitMisused, []string{"--url", "10.1.2.3 is not a public address"}},
		{"… by keys in a file", []string{"site", "identity-key", "add", "--site", "gazette", "--name", "X", "--public-keys", extending},
			"", exitMisused, []string{"neither PEM nor a JWK set"}},
		{"a key that is removed is one of the site's", []string{"site", "identity-key", "remove", "--site", "gazette", "--id", "x"},
			"", exitFailed, []string{`no identity key "x"`}},
		{"all faults of a change are named", []string{"site", "change", "--slug", "gazette", "--reports", "perhaps", "--max-depth", "-1"},
			"", exitMisused, []string{"--reports: ", "--max-depth: "}},
		{"… also those that the site finds", []string{"site", "change", "--slug", "gazette", "--votes", "down", "--max-depth", "9999", "--name", ""},
			"", exitMisused, []string{"--votes: ", "--max-depth: ", "--name: "}},
		{"a change says what", []string{"site", "change", "--slug", "gazette"}, "", exitMisused, []string{"say what to change"}},
		{"… and of which site", []string{"site", "change", "--name", "X"}, "", exitMisused, []string{"--slug"}},
		{"… that exists", []string{"site", "change", "--slug", "gazete", "--name", "X"}, "", exitFailed, []string{`no site "gazete"; did you mean "gazette"?`}},
		{"the code for pages has the public URL", []string{"site", "embed", "--slug", "gazette", "--public-url", "https://comments.gazette.example"},
			"", exitDone, []string{`<script type="module" src="https://comments.gazette.example/embed.js"></script>`, `<rejoinder-thread site="gazette">`,
				`<a href="https://comments.gazette.example/sites/gazette/page?article=KEY">`}},
		{"a moderator's site exists", []string{"moderator", "add", "--email", "x@gazette.example", "--name", "X", "--site", "gazett", "--generate-password"},
			"", exitFailed, []string{`did you mean "gazette"?`}},
		{"rules are of a site that exists", []string{"rules", "list", "--site", "gazettte"}, "", exitFailed, []string{`did you mean "gazette"?`}},
		{"… also those that are tried", []string{"rules", "try", "--site", "gazettte"}, "A comment.", exitFailed, []string{`did you mean "gazette"?`}},
		{"a document is tried without a site", []string{"rules", "try", "--rules", extending, "--as", "known"}, "Hello", exitDone, []string{"Verdict: approve"}},
		{"… and without one there must be a document", []string{"rules", "try"}, "A comment.", exitMisused, []string{"--site"}},
		{"… that is sound", []string{"rules", "try", "--rules", bad}, "A comment.", exitFailed, []string{"faults: 1"}},
		{"nothing near a site is guessed", []string{"rules", "list", "--site", "tribune"}, "", exitFailed, []string{`no site "tribune"; rejoinder site list`}},
		{"a command that is nearly one is named", []string{"site", "lsit"}, "", exitMisused, []string{`"lsit"; did you mean "list"?`, "rejoinder site --help"}},
		{"a backup goes somewhere", []string{"backup"}, "", exitMisused, []string{"--into"}},
		{"… that can be made", []string{"backup", "--into", filepath.Join(bad, "backups")}, "", exitFailed, []string{"--into", "bad.yaml"}},
		{"all faults of a site are named", []string{"site", "add", "--slug", "No Slug", "--origin", "gazette.example/path"},
			"", exitMisused, []string{"--slug", "--name", "--origin"}},
		{"a password is not an argument", []string{"moderator", "add", "--email", "e@gazette.example", "--name", "Eve"},
			"", exitMisused, []string{"--password-stdin"}},
		{"a moderator is added", []string{"moderator", "add", "--email", "e@gazette.example", "--name", "Eve", "--role", "admin", "--password-stdin"},
			"a long passphrase of her own\n", exitDone, []string{"Added admin Eve"}},
		{"a short password is refused", []string{"moderator", "add", "--email", "f@gazette.example", "--name", "Fay", "--password-stdin"},
			"short\n", exitMisused, []string{"the password must"}},
		{"a password is generated", []string{"moderator", "add", "--email", "g@gazette.example", "--name", "Gil", "--site", "gazette", "--generate-password"},
			"", exitDone, []string{"Added moderator Gil", "to be changed at the first sign-in: "}},
		{"moderators are listed", []string{"moderator", "list"}, "", exitDone,
			[]string{"e@gazette.example", "admin", "all", "active", "g@gazette.example", "gazette", "off"}},
		{"the last admin stays", []string{"moderator", "disable", "--email", "e@gazette.example"}, "", exitFailed, []string{"Eve is the last admin"}},
		{"a moderator is disabled", []string{"moderator", "disable", "--email", "g@gazette.example"}, "", exitDone, []string{"Disabled Gil."}},
		{"… and listed as such", []string{"moderator", "list"}, "", exitDone, []string{"disabled"}},
		{"… and enabled", []string{"moderator", "enable", "--email", "g@gazette.example"}, "", exitDone, []string{"Enabled Gil."}},
		{"an account is unlocked", []string{"moderator", "unlock", "--email", "e@gazette.example"}, "", exitDone, []string{"Forgot the failed sign-ins of Eve"}},
		{"a password is reset", []string{"moderator", "reset-password", "--email", "e@gazette.example"}, "", exitDone, []string{"Password of Eve, to be changed"}},
		{"a second factor that is off is not reset", []string{"moderator", "reset-second-factor", "--email", "e@gazette.example"},
			"", exitFailed, []string{"Eve has no second factor"}},
		{"an account that is not linked is not unlinked", []string{"moderator", "unlink", "--email", "e@gazette.example"},
			"", exitFailed, []string{"Eve is not linked to an identity provider"}},
		{"a moderator is changed", []string{"moderator", "change", "--email", "g@gazette.example", "--name", "Gila", "--role", "writer", "--site", ""},
			"", exitDone, []string{"Changed writer Gila."}},
		{"… and listed", []string{"moderator", "list"}, "", exitDone, []string{"Gila", "writer"}},
		{"… to another email", []string{"moderator", "change", "--email", "g@gazette.example", "--new-email", "gila@gazette.example"},
			"", exitDone, []string{"Changed writer Gila."}},
		{"… which signs in from then on", []string{"moderator", "enable", "--email", "gila@gazette.example"}, "", exitDone, []string{"Enabled Gila."}},
		{"the old email is nobody's", []string{"moderator", "enable", "--email", "g@gazette.example"}, "", exitFailed, []string{"no moderator with that email"}},
		{"an email is one moderator's only", []string{"moderator", "change", "--email", "gila@gazette.example", "--new-email", "E@gazette.example"},
			"", exitFailed, []string{"another moderator has this email"}},
		{"an email has an @", []string{"moderator", "change", "--email", "gila@gazette.example", "--new-email", "gila"},
			"", exitMisused, []string{"--new-email must be one email address"}},
		{"a change says what changes", []string{"moderator", "change", "--email", "gila@gazette.example"},
			"", exitMisused, []string{"--new-email, --name, --role or --site"}},
		{"the last admin keeps the role", []string{"moderator", "change", "--email", "e@gazette.example", "--role", "viewer"},
			"", exitFailed, []string{"Eve is the last admin"}},
		{"a role is one that exists", []string{"moderator", "change", "--email", "gila@gazette.example", "--role", "boss"},
			"", exitMisused, []string{"--role must be"}},
		{"a language is set", []string{"moderator", "language", "--email", "e@gazette.example", "--language", "de"},
			"", exitDone, []string{"Eve's console and mail are in de (Deutsch)."}},
		{"… and listed", []string{"moderator", "list"}, "", exitDone, []string{"LANGUAGE", "de"}},
		{"… and left to the browser", []string{"moderator", "language", "--email", "e@gazette.example"},
			"", exitDone, []string{"in the language of the browser"}},
		{"an unknown language is refused", []string{"moderator", "language", "--email", "e@gazette.example", "--language", "tlh"},
			"", exitMisused, []string{"must be one of en, de"}},
		{"an unknown moderator is named so", []string{"moderator", "enable", "--email", "z@gazette.example"}, "", exitFailed, []string{"no moderator with that email"}},
		{"a moderator must be named", []string{"moderator", "enable"}, "", exitMisused, []string{"--email"}},
		{"the default ruleset has no faults", []string{"rules", "check", "-"}, defaultRuleset(t), exitDone, []string{"no faults"}},
		{"a fault of a ruleset has line and column", []string{"rules", "check", bad}, "", exitFailed, []string{bad + ":3:"}},
		{"a base stands beside the file", []string{"rules", "check", extending}, "", exitDone, []string{"1 test passed"}},
		{"a missing file is a usage error", []string{"rules", "check", filepath.Join(dir, "none")}, "", exitMisused, []string{"none"}},
		{"a database with a schema needs nothing", []string{"migrate", "--check"}, "", exitDone, []string{"this program's schema"}},
		{"shipped lists and modes are listed", []string{"rules", "lists"}, "", exitDone, []string{"link-shorteners", "profanity-en", "mode loose", "Example: {mode: cidr"}},
		{"keys are listed", []string{"keys", "list"}, "", exitDone, []string{"sealing", "index", "tokens", "access tokens", "primary"}},
		{"ping fails without a server", []string{"ping", "--addr", freeAddress(t)}, "", exitFailed, []string{"no server responds", "/healthz"}},
		{"keys are rotated", []string{"keys", "rotate"}, "", exitDone, []string{"Made new keys"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			out, errs, code := runProgram(t, env, tc.stdin, tc.args...)
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
}

func TestHelpShowsACommandsOwnFlags(t *testing.T) {
	t.Parallel()
	help := func(args ...string) string {
		t.Helper()
		out, errs, code := runProgram(t, nil, "", args...)
		if code != exitDone {
			t.Fatalf("%v: exit code %d: %s", args, code, errs)
		}
		return out
	}
	try := help("rules", "try", "--help")
	if lines := strings.Count(try, "\n"); lines > 40 || !strings.Contains(try, "--fact") || strings.Contains(try, "--query-timeout") ||
		!strings.Contains(try, "rejoinder help settings") {
		t.Errorf("%d lines:\n%s", lines, try)
	}
	serve, topic := help("serve", "--help"), help("help", "settings")
	for _, s := range settings {
		if !strings.Contains(serve, "--"+s.name+" ") || !strings.Contains(topic, "--"+s.name+" ") {
			t.Errorf("--%s is not in the help of serve and of settings", s.name)
		}
	}
	if strings.Index(serve, "--demo") > strings.Index(serve, "--addr") || strings.Contains(serve, "help settings") {
		t.Errorf("serve does not begin with its own flag:\n%s", serve)
	}
	if strings.Contains(help("rules", "check", "--help"), "help settings") {
		t.Error("a command that takes no settings speaks of them")
	}
}

func TestATakenPortNamesItsSetting(t *testing.T) {
	t.Parallel()
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	env := []string{"REJOINDER_DATA_DIR=" + t.TempDir()}
	for _, tc := range []struct {
		args []string
		want string
	}{
		{[]string{"--addr", taken.Addr().String()}, "--addr or REJOINDER_ADDR"},
		{[]string{"--addr", "127.0.0.1:0", "--metrics-addr", taken.Addr().String()}, "--metrics-addr or REJOINDER_METRICS_ADDR"},
		{[]string{"--addr", "192.0.2.1:80"}, "--addr or REJOINDER_ADDR"}, // an unassigned address (RFC 5737)
	} {
		_, errs, code := runProgram(t, env, "", append([]string{"serve"}, tc.args...)...)
		if code != exitFailed || !strings.Contains(errs, tc.want) {
			t.Errorf("%v: exit code %d: %s", tc.args, code, errs)
		}
	}
}

func defaultRuleset(t *testing.T) string {
	t.Helper()
	out, errs, code := runProgram(t, nil, "", "rules", "default")
	if code != exitDone || out == "" {
		t.Fatalf("rules default: exit code %d: %s", code, errs)
	}
	return out
}

func TestDemoGreetsTwiceWithTheSamePassword(t *testing.T) {
	t.Parallel()
	env := []string{"REJOINDER_DATA_DIR=" + t.TempDir()}
	first := startProgram(t, env, "serve", "--demo")
	if !strings.Contains(first.log.String(), "Back them up") {
		t.Errorf("the first start does not speak of the new keys:\n%s", first.log)
	}
	password := first.password(t)
	first.stop(t)
	if code := first.cmd.ProcessState.ExitCode(); code != exitDone {
		t.Errorf("a server told to stop exits with %d\n%s", code, first.log)
	}
	second := startProgram(t, env, "serve", "--demo")
	if second.password(t) != password || strings.Contains(second.log.String(), "Back them up") {
		t.Errorf("the second banner differs:\n%s", second.banner)
	}
	second.signIn(t)
}

func TestDemoSetsANewPasswordWhenItsFileIsGone(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	env := []string{"REJOINDER_DATA_DIR=" + dir}
	first := startProgram(t, env, "serve", "--demo")
	password := first.password(t)
	first.stop(t)
	if err := os.Remove(filepath.Join(dir, demoPasswordFile)); err != nil {
		t.Fatal(err)
	}
	second := startProgram(t, env, "serve", "--demo")
	if second.password(t) == password {
		t.Error("the password is the one that was in the file")
	}
	second.signIn(t)
}

func TestTheDemoArticleMovesWithItsServer(t *testing.T) {
	t.Parallel()
	env := []string{"REJOINDER_DATA_DIR=" + t.TempDir()}
	startProgram(t, env, "serve", "--demo").stop(t)
	p := startProgram(t, env, "serve", "--demo")
	var list struct{ Items []struct{ URL string } }
	call(t, http.MethodGet, p.url+"/api/v1/sites/demo/articles", p.signIn(t), nil, &list)
	if len(list.Items) != 1 || list.Items[0].URL != p.url+"/demo" {
		t.Errorf("the articles are %v, want %s/demo", list.Items, p.url)
	}
}

func TestEmailsAreReadableAfterKeysWereRotated(t *testing.T) {
	t.Parallel()
	env := []string{"REJOINDER_DATA_DIR=" + t.TempDir()}
	p := startProgram(t, env, "serve", "--demo")
	id := leaveComment(t, p, "ada@mail.example", "Before the keys change.")
	p.stop(t)
	if _, errs, code := runProgram(t, env, "", "keys", "rotate"); code != exitDone {
		t.Fatalf("keys rotate: %s", errs)
	}
	p = startProgram(t, env, "serve", "--demo")
	leaveComment(t, p, "ada@mail.example", "After the keys changed, by the same person.")
	token := p.signIn(t)
	var revealed struct{ Email string }
	status := call(t, http.MethodPost, p.url+"/api/v1/comments/"+id+"/email-reveal", token, map[string]string{"reason": "A test."}, &revealed)
	if status != http.StatusOK || revealed.Email != "ada@mail.example" {
		t.Errorf("status %d, email %q", status, revealed.Email)
	}
	var seen struct {
		Commenter struct {
			Counts map[string]int `json:"counts"`
		} `json:"commenter"`
	}
	call(t, http.MethodGet, p.url+"/api/v1/comments/"+id+"/moderation", token, nil, &seen)
	if n := seen.Commenter.Counts["pending"]; n != 2 {
		t.Errorf("the commenter has %d pending comments, want 2: known again after the rotation", n)
	}
}

// leaveComment posts to the demo article and returns the comment's id.
func leaveComment(t *testing.T, p *program, email, body string) string {
	t.Helper()
	var answer struct{ Comment struct{ ID string } }
	status := call(t, http.MethodPost, p.url+"/api/v1/sites/demo/comments", "", map[string]any{
		"article": map[string]string{"key": "welcome"}, "author_name": "Ada", "author_email": email, "body": body,
	}, &answer)
	if status != http.StatusCreated {
		t.Fatalf("post a comment: status %d\n%s", status, p.log)
	}
	return answer.Comment.ID
}

func TestCommandsThatCreateKeysRemindOfABackup(t *testing.T) {
	t.Parallel()
	env := []string{"REJOINDER_DATA_DIR=" + t.TempDir()}
	site := []string{"site", "add", "--name", "The Gazette", "--slug"}
	if _, errs, _ := runProgram(t, env, "", append(site, "gazette")...); !strings.Contains(errs, "Back them up") {
		t.Errorf("the command that made the keys says %q", errs)
	}
	if _, errs, code := runProgram(t, env, "", append(site, "herald")...); code != exitDone || errs != "" {
		t.Errorf("the next command says %q", errs)
	}
}

func TestKeysOfAnotherDatabaseAreRefused(t *testing.T) {
	t.Parallel()
	mine, other := t.TempDir(), t.TempDir()
	database := "REJOINDER_DATABASE_URL=sqlite:" + filepath.Join(mine, "mine.db")
	add := func(env ...string) (errs string, code int) {
		_, errs, code = runProgram(t, env, "a long passphrase of her own\n",
			"moderator", "add", "--email", "eve@gazette.example", "--name", "Eve", "--password-stdin")
		return errs, code
	}
	for _, env := range [][]string{{"REJOINDER_DATA_DIR=" + mine, database}, {"REJOINDER_DATA_DIR=" + other}} {
		if errs, code := add(env...); code != exitDone {
			t.Fatal(errs)
		}
	}
	errs, code := add("REJOINDER_DATA_DIR="+other, database)
	if code != exitFailed || !strings.Contains(errs, "belong to another database") {
		t.Errorf("with the keys of another database: exit code %d: %s", code, errs)
	}
	if _, errs, code := runProgram(t, []string{"REJOINDER_DATA_DIR=" + mine, database}, "", "migrate"); code != exitDone {
		t.Errorf("with its own keys: %s", errs)
	}
}

func TestLostKeysAreNotReplacedByNewOnes(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	env := []string{"REJOINDER_DATA_DIR=" + dir}
	p := startProgram(t, env, "serve", "--demo")
	leaveComment(t, p, "ada@mail.example", "Sealed with the first keys.")
	p.stop(t)
	if err := os.Remove(filepath.Join(dir, privacy.FileName)); err != nil {
		t.Fatal(err)
	}
	_, errs, code := runProgram(t, env, "", "migrate")
	if code != exitFailed || !strings.Contains(errs, "restore the key file from its backup") {
		t.Errorf("exit code %d: %s", code, errs)
	}
	if _, err := os.Stat(filepath.Join(dir, privacy.FileName)); err == nil {
		t.Error("new keys were made")
	}
}
