package page_test

import (
	"io/fs"
	"os"
	"regexp"
	"strings"
	"testing"
)

var definition = regexp.MustCompile(`{{-? *define "([^"]+)"`)

// TestTemplateNamesAreUnique guards against a second definition, which would replace the first without a word.
func TestTemplateNamesAreUnique(t *testing.T) {
	of := map[string]string{}
	err := fs.WalkDir(os.DirFS("templates"), ".", func(path string, _ fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(path, ".html") {
			return err
		}
		raw, err := os.ReadFile("templates/" + path)
		for _, match := range definition.FindAllStringSubmatch(string(raw), -1) {
			if first := of[match[1]]; first != "" {
				t.Errorf("%q is defined in %s and in %s", match[1], first, path)
			}
			of[match[1]] = path
		}
		return err
	})
	if err != nil || len(of) < 50 {
		t.Errorf("%d templates were read: %v", len(of), err)
	}
}
