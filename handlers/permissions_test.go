package handlers_test

import (
	"cmp"
	"os"
	"strconv"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"rejoinder/auth"
)

// permissionsFile is the document about access. The table after permissionsHead is rewritten by
// -update.
const (
	permissionsFile = "../docs/permissions.md"
	permissionsHead = "| route | nobody | moderator elsewhere | admin elsewhere | viewer | writer | rules | moderator | admin | keys |\n" +
		"| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |\n"
)

// callers are the kinds of callers, as the columns of the table in the docs.
var callers = []string{"nobody", "other-moderator", "other-admin", "moderator", "admin"}

// outcomes are the responses to each kind of caller.
func (v routeCase) outcomes() map[string]int {
	return map[string]int{"nobody": v.nobody, "other-moderator": v.otherModerator, "other-admin": v.otherAdmin, "moderator": v.moderator, "admin": v.admin}
}

// documented is the row of a route in the table: the statuses, and the scopes with which a server key may use
// it.
func documented(route string, v routeCase) string {
	cells := []string{"`" + route + "`"}
	for _, status := range []int{v.nobody, v.otherModerator, v.otherAdmin, v.asRole(route, auth.RoleViewer), v.asRole(route, auth.RoleWriter),
		v.asRole(route, auth.RoleRules), v.moderator, v.admin} {
		cells = append(cells, strconv.Itoa(status))
	}
	return "| " + strings.Join(append(cells, cmp.Or(strings.Join(strings.Fields(grantOf(route).scopes), ", "), keysOpen(v))), " | ") + " |\n"
}

// keysOpen is the table's text about keys for routes without scopes.
func keysOpen(v routeCase) string {
	if v.open() {
		return ""
	}
	return "–"
}

// wantInDocs requires that the table has exactly these routes, each with the responses that its first request
// expects.
func wantInDocs(t *testing.T, routes []string, all map[string][]routeCase) {
	t.Helper()
	text, err := os.ReadFile(permissionsFile)
	if err != nil {
		t.Fatal(err)
	}
	before, got, found := strings.Cut(string(text), permissionsHead)
	if !found {
		t.Fatalf("%s has no table", permissionsFile)
	}
	want := &strings.Builder{}
	for _, route := range routes {
		want.WriteString(documented(route, all[route][0]))
	}
	if *update {
		if err := os.WriteFile(permissionsFile, []byte(before+permissionsHead+want.String()), 0o600); err != nil {
			t.Fatal(err)
		}
		got = want.String()
	}
	if diff := gocmp.Diff(want.String(), got); diff != "" {
		t.Errorf("%s differs from the routes (-want +got); check the differences, then run this with -update:\n%s", permissionsFile, diff)
	}
}
