package page

import (
	"io/fs"
	"regexp"
	"testing"
)

// bareCount matches a number before a plural noun in a template: the text would be wrong for one.
var bareCount = regexp.MustCompile(`\{\{-? ?(len [^}]+|[^} ]*\.(Count|Total|Left|Hits|Number|N))\}\} [a-z]+s\b`)

func TestNoTemplateWritesOneThings(t *testing.T) {
	if !bareCount.MatchString(`{{len .Rules}} rules`) || !bareCount.MatchString(`{{.Count}} comments`) {
		t.Fatal("the pattern finds nothing")
	}
	err := fs.WalkDir(templateFiles, "templates", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		text, err := fs.ReadFile(templateFiles, path)
		for _, found := range bareCount.FindAll(text, -1) {
			t.Errorf("%s: %q; use tn", path, found)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}
