package classify

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// corpus returns the cases of a TSV file of the corpora folder, or those of the seed when there is no such
// folder.
func corpus(t testing.TB, name string) []Case {
	t.Helper()
	folder := os.Getenv("REJOINDER_CORPORA")
	if folder == "" {
		folder = filepath.Join("..", "..", "..", "shared", "corpora")
	}
	if _, err := os.Stat(folder); errors.Is(err, fs.ErrNotExist) {
		return seed()
	}
	raw, err := os.ReadFile(filepath.Join(folder, filepath.FromSlash(name)))
	if err != nil {
		t.Fatal(err)
	}
	var cases []Case
	unescape := strings.NewReplacer(`\\`, `\`, `\t`, "\t", `\n`, "\n", `\r`, "\r")
	for i, line := range strings.Split(strings.TrimRight(string(raw), "\n"), "\n") {
		columns := strings.Split(line, "\t")
		if i == 0 && strings.HasPrefix(line, "#") || len(columns) < 2 {
			continue
		}
		cases = append(cases, Case{Body: unescape.Replace(columns[0]), Spam: columns[1] == "spam"})
	}
	if len(cases) == 0 {
		t.Fatalf("no cases were read from %s", name)
	}
	return cases
}

// seed makes 250 texts of each label from a few of our own.
func seed() []Case {
	var cases []Case
	for i := range 250 {
		cases = append(cases, Case{Body: spamText(i), Spam: true}, Case{Body: fairText(i)})
	}
	return cases
}

func spamText(i int) string {
	offers := []string{"cheap designer watches", "a loan without questions", "ten thousand followers", "casino bonus codes", "miracle diet pills"}
	calls := []string{"click here", "visit my profile", "order today", "write to me on my number", "subscribe now"}
	return fmt.Sprintf("Get %s, %s! http://offer%d.example/%s", offers[i%5], calls[i/5%5], i, strings.Repeat("!", i%4))
}

func fairText(i int) string {
	openings := []string{"I read this twice", "The second paragraph is wrong", "My grandmother lived there", "Thanks for the map", "As a nurse I disagree"}
	points := []string{"because the figures are from last year", "and the council knew it", "so please keep reporting", "although the bridge was closed", "and nobody asked the tenants"}
	return fmt.Sprintf("%s, %s. See page %d.", openings[i%5], points[i/5%5], i)
}
