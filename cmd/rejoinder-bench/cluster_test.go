package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// settingsOf returns the settings of a configuration, without comments, and without those that differ between machines.
func settingsOf(text, comment string, differs ...string) []string {
	var all []string
	for line := range strings.Lines(text) {
		line, _, _ = strings.Cut(strings.TrimSpace(line), comment)
		line = strings.TrimSpace(line)
		local := line == ""
		for _, part := range differs {
			local = local || strings.Contains(line, part)
		}
		if !local {
			all = append(all, line)
		}
	}
	return all
}

func TestTheExamplesForAClusterHaveTheSettingsThatWereTested(t *testing.T) {
	for file, tc := range map[string]struct {
		tested, comment string
		differs         []string
	}{
		"haproxy.cfg": {haproxyConfig, "#", []string{"bind ", "server pg", "server {{", "{{"}},
		"pgbouncer.ini": {pgbouncerConfig, ";",
			[]string{"rejoinder = ", "listen_", "unix_socket_dir", "auth_file", "pool_mode"}},
		"patroni.yml": {patroniConfig, "#", []string{"name: ", "listen", "connect_address", "hosts:", "etcd", "_dir",
			"pgpass", "parameters:", "unix_socket", "- host", "- local", "password:", "watchdog", "mode: automatic", "device:"}},
	} {
		t.Run(file, func(t *testing.T) {
			example, err := os.ReadFile(filepath.Join("..", "..", "deploy", "cluster", file))
			if err != nil {
				t.Fatal(err)
			}
			got, want := settingsOf(string(example), tc.comment, tc.differs...), settingsOf(tc.tested, tc.comment, tc.differs...)
			if diff := cmp.Diff(want, got); diff != "" || len(got) < 5 {
				t.Errorf("tested (-), example (+):\n%s", diff)
			}
		})
	}
}
