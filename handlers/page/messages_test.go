package page_test

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode"

	"rejoinder/handlers/httpio"
	"rejoinder/handlers/locale"
	"rejoinder/handlers/rulewords"
	"rejoinder/moderation/ruleform"
)

// consolePackages contain texts of the console, besides the templates and the modules.
var consolePackages = []string{"console", "ruledesk", "hookconsole", "keyconsole", "mailconsole", "identityconsole",
	"classifierconsole", "hoursconsole", "sitedata", "setup", "sso", "tester"}

// mixedPackages contain texts of the console among others: the arguments of T and N, and tables with tests of
// their own.
var mixedPackages = []string{"notices", "../notify", "../moderation/schedule", "../moderation/archive",
	"../moderation/rulebook"}

// usedTexts are the English texts of the console, with the places where they are used. In Go code, all
// literals that may be texts are included; sure marks those that are.
type usedTexts struct {
	where map[string]string
	sure  map[string]bool
	many  map[string]bool // passed to N as the English form for several
}

func (u usedTexts) add(text, where string, sure bool) {
	if u.where[text] == "" {
		u.where[text] = where
	}
	u.sure[text] = u.sure[text] || sure
}

var (
	templateText = regexp.MustCompile(`[{(](?:t|th|tn) ("(?:[^"\\]|\\.)*")`)
	messageText  = regexp.MustCompile(`\{message ("(?:[^"\\]|\\.)*")`)
	moduleText   = regexp.MustCompile(`\btn?\(("(?:[^"\\]|\\.)*")`)
)

func findTexts(t *testing.T) usedTexts {
	t.Helper()
	used := usedTexts{map[string]string{}, map[string]bool{}, map[string]bool{}}
	used.scan(t, "templates/console", ".html", templateText)
	used.scan(t, "../../web/console", ".js", moduleText)
	for _, name := range consolePackages {
		used.parse(t, filepath.Join("..", name))
	}
	used.parse(t, ".")
	used.scan(t, "templates/notices.html", ".html", messageText)
	for _, name := range mixedPackages {
		own := usedTexts{map[string]string{}, map[string]bool{}, map[string]bool{}}
		own.parse(t, filepath.Join("..", name))
		for text, where := range own.where {
			if own.sure[text] || locale.Find("de", "").Translation(text) != nil {
				used.add(text, where, own.sure[text])
			}
		}
		maps.Copy(used.many, own.many)
	}
	used.addShippedRules(t)
	for _, text := range locale.Details() {
		used.add(text, "../locale/details.go", true)
	}
	for _, text := range ruleform.Texts() {
		used.add(text, "../../moderation/ruleform", true)
	}
	for _, message := range rulewords.Messages() {
		used.add(message.One, "../rulewords", true)
		used.many[message.Many] = message.Many != message.One
	}
	return used
}

// shippedText matches the labels of the shipped rules, and the reasons that contain no values.
var shippedText = regexp.MustCompile(`(?m)^ +(?:label|reason): "?([^"'{\n]+)"?$`)

func (u usedTexts) addShippedRules(t *testing.T) {
	t.Helper()
	for _, path := range []string{"../../moderation/rules/default.yaml", "../../moderation/rules/settingblocks.go"} {
		source, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for _, match := range shippedText.FindAllSubmatch(source, -1) {
			u.add(string(match[1]), path, true)
		}
	}
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

// parse adds the texts of a package: the arguments of T and N, and every other literal.
func (u usedTexts) parse(t *testing.T, folder string) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(folder, "*.go"))
	if err != nil || len(files) == 0 {
		t.Fatalf("%s: %d files, %v", folder, len(files), err)
	}
	parsedFiles, constants := map[string]*ast.File{}, map[string]string{}
	for _, path := range files {
		if strings.HasSuffix(path, "_test.go") {
			continue
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		parsedFiles[path] = parsed
		ast.Inspect(parsed, func(node ast.Node) bool {
			if spec, ok := node.(*ast.ValueSpec); ok && len(spec.Names) == 1 && len(spec.Values) == 1 {
				if text, ok := literal(spec.Values[0], nil); ok {
					constants[spec.Names[0].Name] = text
				}
			}
			return true
		})
	}
	for path, parsed := range parsedFiles {
		ast.Inspect(parsed, func(node ast.Node) bool {
			switch node := node.(type) {
			case *ast.ImportSpec, *ast.Field:
				_, isImport := node.(*ast.ImportSpec)
				return !isImport
			case *ast.CallExpr:
				if isForOperators(node) {
					return false
				}
				if name, ok := node.Fun.(*ast.SelectorExpr); ok && (name.Sel.Name == "T" || name.Sel.Name == "N") && len(node.Args) > 0 {
					if text, ok := literal(node.Args[0], constants); ok {
						u.add(text, path, true)
					}
					if name.Sel.Name == "N" {
						text, _ := literal(node.Args[1], constants)
						u.many[text] = true
					}
				}
			case *ast.BinaryExpr, *ast.BasicLit:
				if text, ok := literal(node.(ast.Expr), constants); ok {
					u.add(text, path, false)
					return false
				}
			}
			return true
		})
	}
}

// isForOperators reports whether a call makes an error or logs: moderators read neither.
func isForOperators(call *ast.CallExpr) bool {
	name, ok := call.Fun.(*ast.SelectorExpr)
	return ok && (name.Sel.Name == "Errorf" || name.Sel.Name == "New" && fmt.Sprint(name.X) == "errors" ||
		strings.HasSuffix(name.Sel.Name, "Context"))
}

// literal returns the text of a string literal, of a constant, or of several that are added.
func literal(node ast.Expr, constants map[string]string) (string, bool) {
	switch node := node.(type) {
	case *ast.Ident:
		text, ok := constants[node.Name]
		return text, ok
	case *ast.BasicLit:
		text, err := strconv.Unquote(node.Value)
		return text, err == nil && node.Kind == token.STRING
	case *ast.BinaryExpr:
		left, ok := literal(node.X, constants)
		right, okToo := literal(node.Y, constants)
		return left + right, ok && okToo && node.Op == token.ADD
	}
	return "", false
}

// computed are texts that no source contains as a whole: values of other packages, names of times, and labels
// within a sentence.
var computed = []string{
	"pending", "approved", "rejected", "spam", "deleted", "undecided", "The shipped default ruleset.", "approve", "hold", "reject", "enforce", "shadow", "off", "on",
	"added", "removed", "changed", "invited", "disabled", "active", "expired", "revoked", "granted", "refused", "open", "fired", "never", "none", "held",
	"over an hour", "over 6 hours", "over a day", "over 3 days", "over a week",
	"Some fields need your attention.", "Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat",
	"Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday",
	"Sundays", "Mondays", "Tuesdays", "Wednesdays", "Thursdays", "Fridays", "Saturdays",
	"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
}

// notTexts match literals in Go code that look like texts but are not.
var notTexts = regexp.MustCompile(`^(Accept|Accept-Language|Cache-Control|Content-[A-Za-z-]+|ETag|Location|Origin|Range|Referer|` +
	`Referrer-Policy|Refresh|Rejoinder|Sample|M|0; url=|event: |\s.*|.*\s)$|%w|%q|default-src|no-store|max-age|charset|` +
	`^text/|script-src|connect-src|img-src|attachment;|embedded assets|plain data|[<^({\\]|identity provider (ended|refused)|` +
	`^sign-in with identity provider refused$|^problem page failed$|^th takes a literal|^, which does not exist$|^" d=|^asset |^The logout token|^15:04 UTC$|` +
	`^2 January 2006|^15:04 MST$|^%s, ?%s|^M%|^%\.1f|^%s: %s %s$`)

// looksLikeText reports whether a literal is probably a text that somebody reads.
func looksLikeText(text string) bool {
	return !notTexts.MatchString(text) && strings.ContainsFunc(text, unicode.IsLetter) &&
		(strings.Contains(text, " ") || unicode.IsUpper([]rune(text)[0]))
}

func TestGermanHasEveryMessage(t *testing.T) {
	used, german := findTexts(t), locale.Find("de", "")
	many := manyForms(t)
	for text, where := range used.where {
		if (used.sure[text] || looksLikeText(text)) && german.Translation(text) == nil && !many[text] && !used.many[text] {
			t.Errorf("%s: handlers/locale/console/de.json lacks %q", where, text)
		}
	}
}

// manyForms are the English plural forms of texts with a number: the key is the singular form.
func manyForms(t *testing.T) map[string]bool {
	t.Helper()
	used := findTexts(t)
	forms := map[string]bool{}
	for text := range used.where {
		one := singular.ReplaceAllString(strings.Replace(text, "There are ", "There is ", 1), "$1")
		for _, other := range []string{one, strings.Replace(text, "There are ", "There is ", 1),
			strings.Replace(text, " were ", " was ", 1), strings.Replace(text, "deliveries", "delivery", 1)} {
			if other != text && used.where[other] != "" {
				forms[text] = true
			}
		}
	}
	return forms
}

// singular matches the plural of the units of texts with a number.
var singular = regexp.MustCompile(`\b(comment|decision|term|account|rule|day|hour|minute|second|report|error|article|page|` +
	`submission|appeal|code)s\b`)

// untranslated matches texts that a module shows without t: the purpose of a key, and composed texts.
var untranslated = regexp.MustCompile(`\bkey\("[^"]*", "|" [a-z]+"\)|"[A-Z][a-z]+ " \+`)

func TestModulesTranslateWhatTheyShow(t *testing.T) {
	files, err := filepath.Glob("../../web/console/*.js")
	if err != nil || len(files) == 0 {
		t.Fatalf("%d files, %v", len(files), err)
	}
	for _, path := range files {
		source, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for _, found := range untranslated.FindAll(source, -1) {
			t.Errorf("%s: %s is not translated", path, found)
		}
	}
}

func TestEveryTranslationIsUsed(t *testing.T) {
	used := findTexts(t)
	for _, l := range locale.Languages() {
		missing, all := 0, 0
		for _, text := range l.Messages() {
			if used.where[text] == "" && !slices.Contains(computed, text) && !isProblem(text) {
				t.Errorf("%s: no page has %q", l.Tag, text)
			}
		}
		for text, sure := range used.sure {
			if sure {
				all++
			}
			if sure && l.Translation(text) == nil {
				missing++
			}
		}
		if l.Tag != "en" {
			t.Logf("%s lacks %d of %d messages that pages name as such", l.Tag, missing, all)
		}
	}
}

var (
	verb  = regexp.MustCompile(`%(?:\[(\d)\])?([sd])`)
	place = regexp.MustCompile(`\{\d\}`)
)

// verbsOf returns the values that a text fills in, sorted.
func verbsOf(text string) []string {
	var verbs []string
	next := 0
	for _, match := range verb.FindAllStringSubmatch(text, -1) {
		next++
		if match[1] != "" {
			next, _ = strconv.Atoi(match[1])
		}
		verbs = append(verbs, strconv.Itoa(next)+match[2])
	}
	verbs = append(verbs, place.FindAllString(text, -1)...)
	slices.Sort(verbs)
	return verbs
}

var element = regexp.MustCompile(`</?[a-z][^>]*>`)

func TestTranslationsFillInTheSame(t *testing.T) {
	for _, l := range locale.Languages() {
		for _, english := range l.Messages() {
			var texts []string
			switch found := l.Translation(english).(type) {
			case string:
				texts = []string{found}
			case map[string]string:
				for _, form := range found {
					texts = append(texts, form)
				}
			}
			for _, text := range texts {
				tags, ownTags := element.FindAllString(english, -1), element.FindAllString(text, -1)
				slices.Sort(tags)
				slices.Sort(ownTags)
				if !slices.Equal(verbsOf(english), verbsOf(text)) || !slices.Equal(tags, ownTags) {
					t.Errorf("%s: %q has other values or elements than %q", l.Tag, text, english)
				}
			}
		}
	}
}

// isProblem reports whether a text is the detail of one of the API's problems, which forms of the console show.
func isProblem(text string) bool {
	for _, kind := range httpio.Kinds {
		if kind.Detail == text {
			return true
		}
	}
	return false
}
