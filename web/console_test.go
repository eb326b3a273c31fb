package web_test

import (
	"bytes"
	"io/fs"
	"testing"

	"github.com/andybalholm/brotli"

	"rejoinder/web"
)

// consoleBudget is the maximum size of all files that the console's screens load besides their pages, in
// bytes of brotli.
const consoleBudget = 60 << 10

func TestConsoleFitsItsBudget(t *testing.T) {
	total := 0
	for _, folder := range []string{"console", "page"} {
		err := fs.WalkDir(web.Assets, folder, func(path string, entry fs.DirEntry, err error) error {
			if err != nil || entry.IsDir() {
				return err
			}
			content, err := web.Assets.ReadFile(path)
			if err != nil {
				return err
			}
			n := compressed(t, content)
			t.Logf("%s: %d bytes of %d", path, n, len(content))
			total += n
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if total < 1<<10 {
		t.Fatalf("only %d bytes were found", total)
	}
	if t.Logf("%d bytes, of %d", total, consoleBudget); total > consoleBudget {
		t.Errorf("the console takes %d bytes, its budget is %d", total, consoleBudget)
	}
}

// compressed returns the compressed size of a file in bytes.
func compressed(t *testing.T, content []byte) int {
	t.Helper()
	var b bytes.Buffer
	w := brotli.NewWriterLevel(&b, brotli.BestCompression)
	if _, err := w.Write(content); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Len()
}
