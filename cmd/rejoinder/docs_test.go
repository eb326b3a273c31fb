package main

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// namedFile matches a file of the repository in backticks, as `db/locks.go`.
var namedFile = regexp.MustCompile("`((?:auth|cmd|db|deploy|docs|handlers|moderation|privacy|web|weburl)/[\\w./-]+)`")

func TestTheDocumentsNameFilesThatExist(t *testing.T) {
	documents, err := filepath.Glob("../../*.md")
	if err != nil {
		t.Fatal(err)
	}
	more, err := filepath.Glob("../../docs/*.md")
	if err != nil {
		t.Fatal(err)
	}
	found := 0
	for _, document := range append(documents, more...) {
		raw, err := os.ReadFile(document)
		if err != nil {
			t.Fatal(err)
		}
		if bytes.Contains(raw, []byte("\n<<<<<<< ")) || bytes.Contains(raw, []byte("\n>>>>>>> ")) {
			t.Errorf("%s holds both sides of a merge conflict", filepath.Base(document))
		}
		for _, match := range namedFile.FindAllStringSubmatch(string(raw), -1) {
			found++
			name := match[1]
			if strings.Contains(name, "NNNN") || strings.Contains(name, "/xx.") { // a file that the reader will make
				continue
			}
			if _, err := os.Stat(filepath.Join("../..", name)); err != nil {
				t.Errorf("%s names %s, which does not exist", filepath.Base(document), name)
			}
		}
	}
	if found < 50 {
		t.Errorf("only %d files are named; the pattern may be wrong", found)
	}
}
