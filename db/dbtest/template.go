package dbtest

import (
	"os"
	"strings"
	"sync"
	"testing"
)

// template is a migrated, empty SQLite file. Copying it costs a fraction of what migrating a new file costs.
var template struct {
	sync.Mutex
	file []byte // nil until the first test needs it
}

// copyTemplate makes a migrated SQLite file at path, unless one exists there.
func copyTemplate(t testing.TB, path string) {
	t.Helper()
	if _, err := os.Stat(path); err == nil {
		return
	}
	if err := os.WriteFile(path, templateFile(t), 0o600); err != nil {
		t.Fatal(err)
	}
}

func templateFile(t testing.TB) []byte {
	t.Helper()
	template.Lock()
	defer template.Unlock()
	if template.file != nil {
		return template.file
	}
	address := SQLiteURL(t)
	d := migrate(t, Open(t, address))
	if err := d.Close(); err != nil { // which also empties the write-ahead log
		t.Fatalf("close database: %v", err)
	}
	file, err := os.ReadFile(strings.TrimPrefix(address, "sqlite:"))
	if err != nil {
		t.Fatal(err)
	}
	template.file = file
	return file
}
