package main

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var (
	codeBlock   = regexp.MustCompile("(?s)```(sh|json)\n(.*?)```")
	secretLine  = regexp.MustCompile(`Secret, which is not shown again: (rjk_[\w-]{43})\n`)
	requestName = regexp.MustCompile(`urn:uuid:[0-9a-f-]+`)
)

// TestTheExamplesOfServerKeysDoWhatTheySay runs the commands of docs/server-keys.md one after the other, with the
// program and curl, and compares what they print with what the document shows behind them.
func TestTheExamplesOfServerKeysDoWhatTheySay(t *testing.T) {
	t.Parallel()
	raw, err := os.ReadFile("../../docs/server-keys.md")
	if err != nil {
		t.Fatal(err)
	}
	env := []string{"REJOINDER_DATA_DIR=" + t.TempDir()}
	runProgram(t, env, "", "migrate")
	runProgram(t, env, "", "site", "add", "--slug", "gazette", "--name", "The Gazette", "--origin", "https://gazette.example")
	p := startProgram(t, env, "serve")
	shell := newDocShell(t, append(env, "SERVER="+p.url))
	compared, printed := 0, ""
	for _, block := range codeBlock.FindAllStringSubmatch(string(raw), -1) {
		if block[1] == "sh" {
			printed = shell.run(block[2])
			if secret := secretLine.FindStringSubmatch(printed); secret != nil {
				shell.env = append(shell.env, "KEY="+secret[1])
			}
			continue
		}
		compared++
		var want, got any
		if err := json.Unmarshal([]byte(block[2]), &want); err != nil {
			t.Fatalf("%v:\n%s", err, block[2])
		}
		if err := json.Unmarshal([]byte(requestName.ReplaceAllString(printed, "…")), &got); err != nil {
			t.Fatalf("%v:\n%s", err, printed)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("the document shows something else (-document +program):\n%s", diff)
		}
	}
	if compared < 4 {
		t.Errorf("only %d examples were compared", compared)
	}
}

// docShell runs commands of the documents, in which rejoinder is this program.
type docShell struct {
	t   *testing.T
	env []string
}

func newDocShell(t *testing.T, env []string) *docShell {
	t.Helper()
	dir := t.TempDir()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	script := "#!/bin/sh\n" + runAsProgram + "=1 exec '" + self + "' \"$@\"\n"
	if err := os.WriteFile(filepath.Join(dir, "rejoinder"), []byte(script), 0o700); err != nil { //nolint:gosec // it is run
		t.Fatal(err)
	}
	return &docShell{t, append(env, "PATH="+dir+":"+os.Getenv("PATH"))}
}

func (s *docShell) run(commands string) string {
	s.t.Helper()
	cmd := exec.CommandContext(s.t.Context(), "sh", "-euc", commands)
	cmd.Env = s.env
	var out, errs strings.Builder
	cmd.Stdout, cmd.Stderr = &out, &errs
	if err := cmd.Run(); err != nil {
		s.t.Fatalf("%s\n%v: %s", commands, err, errs.String())
	}
	return out.String()
}

func TestServerKeysAreAdministeredOnTheCommandLine(t *testing.T) {
	t.Parallel()
	env := []string{"REJOINDER_DATA_DIR=" + t.TempDir()}
	runProgram(t, env, "", "site", "add", "--slug", "gazette", "--name", "The Gazette")
	for _, tc := range []struct {
		name string
		args []string
		code int
		says []string
	}{
		{"a key needs a name and scopes", []string{"add", "--site", "gazette"}, exitMisused, []string{"--name is required", "--scope is required"}},
		{"… that exist", []string{"add", "--name", "cms", "--scope", "articles,write"}, exitMisused, []string{"must be articles, read"}},
		{"… and a site that exists", []string{"add", "--name", "cms", "--scope", "read", "--site", "gazett"}, exitFailed, []string{`did you mean "gazette"?`}},
		{"… and a time that is one", []string{"add", "--name", "cms", "--scope", "read", "--days", "-1"}, exitMisused, []string{"--days"}},
		{"… and a limit that lets it work", []string{"add", "--name", "cms", "--scope", "read", "--per-minute", "0"}, exitMisused, []string{"from 1 to 60000"}},
		{"a key is added", []string{"add", "--name", "cms", "--scope", "articles", "--scope", "read", "--site", "gazette"}, exitDone, []string{"Added key cms.", "rjk_"}},
		{"… and another of that name", []string{"add", "--name", "cms", "--scope", "export", "--days", "0"}, exitDone, []string{"rjk_"}},
		{"the list names both", []string{"list"}, exitDone, []string{"articles,read  gazette", "export         all      active  never             never"}},
		{"a name that two keys have selects none", []string{"revoke", "--name", "cms"}, exitFailed, []string{"2 keys have the name", "--id"}},
		{"an unknown key is not found", []string{"revoke", "--name", "csm"}, exitFailed, []string{"no such key"}},
		{"a key must be named", []string{"rotate"}, exitMisused, []string{"--name or --id"}},
		{"an overlap has a limit", []string{"rotate", "--name", "other", "--overlap", "721h"}, exitFailed, []string{"no such key"}},
		{"another key is added", []string{"add", "--name", "other", "--scope", "read"}, exitDone, []string{"rjk_"}},
		{"… and not rotated with an overlap that is too long", []string{"rotate", "--name", "other", "--overlap", "721h"}, exitMisused, []string{"--overlap must be from 0 to 30 days"}},
		{"… but rotated", []string{"rotate", "--name", "other"}, exitDone, []string{"Rotated key other.", "rjk_", "The old secret is valid until"}},
		{"… and revoked", []string{"revoke", "--name", "other"}, exitDone, []string{"Revoked key other."}},
		{"… after which it is not rotated", []string{"rotate", "--name", "other"}, exitFailed, []string{"add a new one"}},
	} {
		stdout, stderr, code := runProgram(t, env, "", append([]string{"key"}, tc.args...)...)
		out := stdout + stderr
		if code != tc.code {
			t.Errorf("%s: exit code %d, want %d: %s", tc.name, code, tc.code, out)
		}
		for _, says := range tc.says {
			if !strings.Contains(out, says) {
				t.Errorf("%s: does not say %q: %s", tc.name, says, out)
			}
		}
	}
}
