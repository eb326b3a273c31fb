package handlers_test

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// permissionsFile is where the docs say who may do what. The table behind permissionsHead is rewritten by
// -update.
const (
	permissionsFile = "../docs/permissions.md"
	permissionsHead = "| route | nobody | moderator elsewhere | admin elsewhere | moderator | admin |\n| --- | --- | --- | --- | --- | --- |\n"
)

// everyone are the kinds of callers, as the columns of the table in the docs.
var everyone = []string{"nobody", "stranger", "guest", "desk", "chief"}

// outcomes are what each kind of caller is answered.
func (v visit) outcomes() map[string]int {
	return map[string]int{"nobody": v.nobody, "stranger": v.stranger, "guest": v.guest, "desk": v.desk, "chief": v.chief}
}

// permissions reads the table in the docs: the outcomes of the right use of each route, by route and caller.
func permissions(t *testing.T) map[string]map[string]int {
	t.Helper()
	text, err := os.ReadFile(permissionsFile)
	if err != nil {
		t.Fatal(err)
	}
	_, table, found := strings.Cut(string(text), permissionsHead)
	if !found {
		t.Fatalf("%s has no table", permissionsFile)
	}
	rows := map[string]map[string]int{}
	for line := range strings.Lines(table) {
		var route, path string
		row := make([]int, len(everyone))
		if _, err := fmt.Sscanf(line, "| `%s %s | %d | %d | %d | %d | %d |", &route, &path, &row[0], &row[1], &row[2], &row[3], &row[4]); err != nil {
			t.Fatalf("%s: %q: %v", permissionsFile, line, err)
		}
		outcomes := map[string]int{}
		for i, who := range everyone {
			outcomes[who] = row[i]
		}
		rows[route+" "+strings.TrimSuffix(path, "`")] = outcomes
	}
	return rows
}

// wantInDocs requires that the table has the routes, each with what the first of its visits expects, and no
// others.
func wantInDocs(t *testing.T, routes []string, all map[string][]visit) {
	t.Helper()
	if *update {
		text, err := os.ReadFile(permissionsFile)
		if err != nil {
			t.Fatal(err)
		}
		before, _, _ := strings.Cut(string(text), permissionsHead)
		table := &strings.Builder{}
		for _, route := range routes {
			fmt.Fprintf(table, "| `%s` |", route)
			for _, who := range everyone {
				fmt.Fprintf(table, " %d |", all[route][0].outcomes()[who])
			}
			table.WriteByte('\n')
		}
		if err := os.WriteFile(permissionsFile, []byte(before+permissionsHead+table.String()), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want := map[string]map[string]int{}
	for _, route := range routes {
		want[route] = all[route][0].outcomes()
	}
	if diff := cmp.Diff(want, permissions(t)); diff != "" {
		t.Errorf("%s is not what the routes are (-want +got); look at it again, then run this with -update:\n%s", permissionsFile, diff)
	}
}
