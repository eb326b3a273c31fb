package handlers_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// Gin reuses its contexts for other requests, while a database may still use the one that it was given.
func TestUseCasesNeverGetGinsContext(t *testing.T) {
	calls := regexp.MustCompile(`\b[a-z]\.(Intake|Editor|Own|Threads|Queue|Sites|Rulebook|Auth|Database|Log|renewals|origins)\.\w+\(([\w.()]+),`)
	checked := 0
	for _, name := range must(filepath.Glob("*/*.go"))(t) {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		source := string(must(os.ReadFile(name))(t))
		for _, found := range calls.FindAllStringSubmatch(source, -1) {
			checked++
			if found[2] == "c" {
				t.Errorf("%s: %s gets gin's context; give it c.Request.Context()", name, found[0])
			}
		}
	}
	if checked < 100 {
		t.Errorf("only %d calls were checked", checked)
	}
}
