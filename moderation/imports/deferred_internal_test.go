package imports

import (
	"os"
	"runtime"
	"testing"

	"rejoinder/transfer"
)

func TestRepliesPutAsideLeaveNoFileBehind(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	d := newDeferred(dir)
	if err := d.add("reply", "parent", transfer.Comment{ID: "1"}); err != nil {
		t.Fatal(err)
	}
	if runtime.GOOS != "windows" { // which removes no open file
		requireEmpty(t, dir) // a killed import could not remove it
	}
	if err := d.close(); err != nil {
		t.Fatal(err)
	}
	requireEmpty(t, dir)
}

func requireEmpty(t *testing.T, dir string) {
	t.Helper()
	files, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	if len(files) > 0 {
		t.Errorf("%s is left", files[0].Name())
	}
}
