package page_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode"

	"rejoinder/handlers/locale"
)

// consolePackages have texts of the console, besides the templates and the modules.
var consolePackages = []string{"console", "ruledesk", "hookconsole", "keyconsole", "mailconsole", "identityconsole",
	"classifierconsole", "sitedata", "setup", "sso", "tester"}

// usedTexts are the English texts of the console by where they are used. Those in Go code are all texts that may be
// one: sure tells which are.
type usedTexts struct {
	where map[string]string
	sure  map[string]bool
}

func (u usedTexts) add(text, where string, sure bool) {
	if u.where[text] == "" {
		u.where[text] = where
	}
	u.sure[text] = u.sure[text] || sure
}

var (
	templateText = regexp.MustCompile(`[{(](?:t|th|tn) ("(?:[^"\\]|\\.)*")`)
	moduleText   = regexp.MustCompile(`\btn?\(("(?:[^"\\]|\\.)*")`)
)

func findTexts(t *testing.T) usedTexts {
	t.Helper()
	used := usedTexts{map[string]string{}, map[string]bool{}}
	used.scan(t, "templates/console", ".html", templateText)
	used.scan(t, "../../web/console", ".js", moduleText)
	for _, name := range consolePackages {
		used.parse(t, filepath.Join("..", name))
	}
	used.parse(t, ".")
	return used
}

func (u usedTexts) scan(t *testing.T, folder, ext string, pattern *regexp.Regexp) {
	t.Helper()
	err := filepath.WalkDir(folder, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || filepath.Ext(path) != ext {
			return err
		}
		source, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		for _, match := range pattern.FindAllSubmatch(source, -1) {
			text, err := strconv.Unquote(string(match[1]))
			if err != nil {
				return err
			}
			u.add(text, path, true)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// parse adds the texts of a package: what it passes to T and N, and every other literal.
func (u usedTexts) parse(t *testing.T, folder string) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(folder, "*.go"))
	if err != nil || len(files) == 0 {
		t.Fatalf("%s: %d files, %v", folder, len(files), err)
	}
	for _, path := range files {
		if strings.HasSuffix(path, "_test.go") {
			continue
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(parsed, func(node ast.Node) bool {
			switch node := node.(type) {
			case *ast.ImportSpec, *ast.Field:
				_, isImport := node.(*ast.ImportSpec)
				return !isImport
			case *ast.CallExpr:
				if name, ok := node.Fun.(*ast.SelectorExpr); ok && (name.Sel.Name == "T" || name.Sel.Name == "N") && len(node.Args) > 0 {
					if text, ok := literal(node.Args[0]); ok {
						u.add(text, path, true)
					}
				}
			case *ast.BinaryExpr, *ast.BasicLit:
				if text, ok := literal(node.(ast.Expr)); ok {
					u.add(text, path, false)
					return false
				}
			}
			return true
		})
	}
}

// literal returns the text of a string literal, or of several that are added.
func literal(node ast.Expr) (string, bool) {
	switch node := node.(type) {
	case *ast.BasicLit:
		text, err := strconv.Unquote(node.Value)
		return text, err == nil && node.Kind == token.STRING
	case *ast.BinaryExpr:
		left, ok := literal(node.X)
		right, okToo := literal(node.Y)
		return left + right, ok && okToo && node.Op == token.ADD
	}
	return "", false
}

func TestList(t *testing.T) {
	used := findTexts(t)
	var sure, maybe []string
	de := locale.Match("de", "", "")
	for text := range used.where {
		if de.Translation(text) != nil {
			continue
		}
		if used.sure[text] {
			sure = append(sure, text)
		} else if strings.ContainsFunc(text, unicode.IsLetter) && (strings.Contains(text, " ") || unicode.IsUpper([]rune(text)[0])) {
			maybe = append(maybe, text)
		}
	}
	slices.Sort(sure)
	slices.Sort(maybe)
	f, _ := os.Create("/tmp/german/sure.txt")
	for _, s := range sure {
		f.WriteString(strconv.Quote(s) + "\n")
	}
	f.Close()
	f, _ = os.Create("/tmp/german/maybe.txt")
	for _, s := range maybe {
		f.WriteString(strconv.Quote(s) + "\n")
	}
	f.Close()
}
