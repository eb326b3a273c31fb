package oidctest

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// Issuers of the example in docs/sso.md.
var exampleIssuers = []string{"https://login.paper.example/realms/newsroom", "https://id.company.example"}

var jsonBlock = regexp.MustCompile("(?s)```json\n(\\{.*?)```")

// WriteExample writes the configuration file that docs/sso.md shows, for these issuers, with the secrets that
// it names. It returns the path of the file.
func WriteExample(t testing.TB, docs string, issuers ...string) string {
	t.Helper()
	document, err := os.ReadFile(docs)
	if err != nil {
		t.Fatal(err)
	}
	example := jsonBlock.FindSubmatch(document)
	if example == nil {
		t.Fatalf("%s has no example", docs)
	}
	text := string(example[1])
	for i, documented := range exampleIssuers {
		if !strings.Contains(text, documented) {
			t.Fatalf("the example in %s lacks the issuer %s", docs, documented)
		}
		text = strings.ReplaceAll(text, documented, issuers[i])
	}
	dir := t.TempDir()
	for name, content := range map[string]string{
		"sso.json": text, "newsroom.secret": ClientSecret + "\n", "company.secret": ClientSecret,
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return filepath.Join(dir, "sso.json")
}
