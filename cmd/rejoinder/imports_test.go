package main

import (
	"encoding/json"
	"errors"
	"io"
	"os/exec"
	"path"
	"slices"
	"strings"
	"testing"
)

// mayImport says which of our packages each package may import; ARCHITECTURE.md gives the reasons. Packages
// below one named here, as db/dbtest, are for tests and may also import their parent.
var mayImport = map[string][]string{
	"":                           {},
	"auth":                       {},
	"auth/oidc":                  {"auth"},
	"privacy":                    {},
	"weburl":                     {},
	"outbound":                   {},
	"identity":                   {},
	"moderation/readers":         {"identity", "moderation", "moderation/text", "outbound", "privacy"},
	"web":                        {"weburl"},
	"moderation/text":            {"moderation/text/dictionary"},
	"moderation/text/dictionary": {},
	"moderation/hostility":       {"moderation/text"},
	"moderation/rules":           {"moderation/hostility", "moderation/rules/regex", "moderation/text"},
	"moderation/rules/regex":     {},
	"moderation/rules/measure":   {"moderation/rules"},
	"moderation/schedule":        {"moderation/rules"},
	"moderation/ruleform":        {"moderation/rules"},
	"moderation/classify":        {"moderation/text"},
	"transfer":                   {},
	"moderation/archive":         {"moderation", "moderation/imports", "moderation/text", "privacy", "transfer", "weburl"},
	"moderation/imports":         {"moderation", "moderation/rules", "moderation/text", "privacy", "transfer", "weburl"},
	"moderation/retention":       {"moderation"},
	"moderation/queue":           {"moderation", "moderation/rules", "moderation/text", "privacy", "weburl"},
	"moderation/rulebook":        {"moderation", "moderation/ruleform", "moderation/rules", "moderation/rules/measure", "moderation/text", "privacy"},
	"moderation/stats":           {"moderation", "moderation/queue"},
	"moderation/external":        {"moderation", "moderation/rules", "outbound", "privacy"},
	"moderation":                 {"moderation/classify", "moderation/rules", "moderation/schedule", "moderation/text", "privacy", "weburl"},
	"notify":                     {"handlers/locale", "handlers/rulewords", "moderation", "moderation/queue", "moderation/rules", "moderation/schedule", "notify/mail", "privacy"},
	"notify/mail":                {},
	"notify/webhook":             {"handlers/locale", "moderation", "moderation/rules", "moderation/text", "notify", "outbound"}, "db": {"", "moderation", "moderation/external", "notify", "notify/webhook", "moderation/queue", "moderation/retention", "moderation/readers", "moderation/rulebook", "moderation/rules", "moderation/stats", "auth", "db/batch", "moderation/archive", "moderation/imports", "transfer"},
	"db/batch":                      {},
	"handlers":                      append([]string{"auth", "moderation/external", "moderation/text", "handlers/api", "handlers/classifierconsole", "handlers/console", "handlers/cors", "handlers/hoursconsole", "handlers/httpio", "handlers/identityconsole", "handlers/live", "handlers/locale", "handlers/page", "handlers/pagecache", "handlers/reader", "handlers/sitedata", "handlers/route", "handlers/ruledesk", "handlers/session", "handlers/setup", "handlers/sso", "handlers/tester", "handlers/keyconsole", "handlers/mailconsole", "handlers/hookconsole", "handlers/notices", "notify", "notify/mail", "notify/webhook"}, useCases...),
	"handlers/hoursconsole":         {"handlers/console", "handlers/httpio", "handlers/locale", "handlers/page", "handlers/session", "handlers/setup", "moderation", "moderation/rules", "moderation/schedule"},
	"handlers/api":                  append([]string{"auth", "weburl", "moderation/schedule", "handlers/cors", "handlers/httpio", "handlers/locale", "handlers/page", "handlers/pagecache", "handlers/session", "transfer"}, useCases...),
	"handlers/console":              append([]string{"auth", "moderation/rules/measure", "moderation/schedule", "handlers/api", "handlers/cors", "handlers/httpio", "handlers/live", "handlers/locale", "handlers/page", "handlers/rulewords", "handlers/session", "handlers/setup", "handlers/tester", "transfer"}, useCases...),
	"handlers/ruledesk":             append([]string{"auth", "handlers/api", "handlers/console", "handlers/locale", "handlers/httpio", "handlers/page", "handlers/session"}, useCases...),
	"handlers/notices":              {"moderation", "moderation/queue", "notify", "handlers/httpio", "handlers/locale", "handlers/page"},
	"handlers/sitedata":             {"moderation", "moderation/archive", "moderation/retention", "handlers/console", "handlers/httpio", "handlers/page", "handlers/session"},
	"handlers/keyconsole":           {"auth", "moderation", "handlers/api", "handlers/console", "handlers/httpio", "handlers/session"},
	"handlers/identityconsole":      {"moderation", "moderation/readers", "handlers/console", "handlers/httpio", "handlers/session"},
	"handlers/mailconsole":          {"auth", "moderation", "notify", "notify/mail", "handlers/console", "handlers/httpio", "handlers/page", "handlers/session"},
	"handlers/sso":                  {"auth", "auth/oidc", "handlers/console", "handlers/httpio", "handlers/page", "handlers/session"},
	"handlers/hookconsole":          {"moderation", "notify", "notify/webhook", "handlers/console", "handlers/locale", "handlers/httpio", "handlers/page", "handlers/session"},
	"handlers/classifierconsole":    {"moderation", "moderation/external", "handlers/console", "handlers/locale", "handlers/httpio", "handlers/session"},
	"handlers/setup":                {"auth", "moderation", "moderation/rulebook", "moderation/rules", "weburl", "handlers/cors", "handlers/httpio", "handlers/locale", "handlers/page", "handlers/session", "handlers/tester"},
	"handlers/tester":               {"moderation", "moderation/queue", "web", "weburl", "handlers/locale", "handlers/page"},
	"handlers/reader":               {"moderation", "moderation/readers", "moderation/schedule", "moderation/text", "web", "weburl", "handlers/httpio", "handlers/locale", "handlers/page", "handlers/pagecache"},
	"handlers/page":                 {"moderation", "moderation/rules", "moderation/text", "web", "weburl", "handlers/httpio", "handlers/locale", "handlers/pagecache"},
	"handlers/pagecache":            {"moderation", "handlers/cors", "handlers/httpio"},
	"handlers/live":                 {"moderation", "handlers/httpio"},
	"handlers/session":              {"auth", "moderation", "moderation/schedule", "handlers/locale", "handlers/httpio"},
	"handlers/cors":                 {"moderation", "handlers/httpio"},
	"handlers/httpio":               {"auth", "moderation", "moderation/queue", "moderation/rules", "moderation/text", "weburl"},
	"handlers/rulewords":            {"handlers/locale", "moderation/ruleform", "moderation/rules"},
	"handlers/route":                {},
	"handlers/locale":               {},
	"handlers/bare":                 {},
	"demo":                          {"moderation", "moderation/queue", "moderation/readers", "privacy", "web", "weburl"},
	"cmd/rejoinder":                 {"auth", "auth/oidc", "cmd/rejoinder/priority", "db", "demo", "handlers", "handlers/locale", "handlers/page", "handlers/setup", "handlers/sso", "notify", "notify/mail", "notify/webhook", "outbound", "outbound", "outbound", "moderation", "moderation/readers", "moderation/classify", "moderation/external", "moderation/queue", "moderation/retention", "moderation/rulebook", "moderation/rules", "moderation/rules/measure", "moderation/schedule", "moderation/stats", "moderation/text", "privacy", "web", "weburl", "moderation/archive", "moderation/imports", "transfer"},
	"cmd/rejoinder/priority":        {},
	"cmd/rejoinder-bench":           {"auth", "db", "db/dbtest", "handlers/bare", "moderation", "moderation/hostility", "moderation/rulebook", "moderation/rules", "moderation/text", "moderation/text/dictionary", "privacy", "cmd/rejoinder-bench/wordlists"},
	"cmd/rejoinder-bench/wordlists": {"moderation/text", "moderation/text/dictionary"},
}

// useCases are the packages with what readers and moderators do.
var useCases = []string{"moderation", "moderation/archive", "moderation/imports", "moderation/queue", "moderation/retention", "moderation/readers", "moderation/rulebook", "moderation/ruleform", "moderation/rules", "moderation/stats"}

// onlyIn says which foreign modules may be imported in which packages alone.
var onlyIn = map[string][]string{
	"github.com/gin-gonic/gin":     {"handlers", "handlers/*"},
	"github.com/jmoiron/sqlx":      {"db"},
	"github.com/lib/pq":            {"db"},
	"modernc.org/sqlite":           {"db"},
	"github.com/wneessen/go-mail":  {"notify/mail"},
	"database/sql/driver":          {"db"},
	"github.com/golang-jwt/jwt/v5": {"auth", "identity"},
	"github.com/pquerna/otp":       {"auth"},
	"github.com/coreos/go-oidc":    {"auth/oidc"},
	"golang.org/x/oauth2":          {"auth/oidc"},
	"github.com/go-jose/go-jose":   {"auth/oidc"},
	"github.com/zitadel/oidc":      {"auth/oidc"},
}

type listedPackage struct {
	ImportPath string
	Imports    []string
}

const module = "rejoinder"

func TestPackagesImportOnlyPermittedPackages(t *testing.T) {
	packages := listPackages(t)
	for _, p := range packages {
		name := ours(p.ImportPath)
		rule, allowed := name, mayImport[name]
		if _, ok := mayImport[name]; !ok {
			rule = path.Dir(name)
			if _, ok := mayImport[rule]; !ok || !strings.HasSuffix(name, "test") {
				t.Errorf("package %s is not in the plan of the packages: add it to mayImport and to ARCHITECTURE.md", name)
				continue
			}
			allowed = append(slices.Clone(mayImport[rule]), rule)
		}
		for _, imported := range p.Imports {
			if isOurs(imported) && !slices.Contains(allowed, ours(imported)) {
				t.Errorf("%s imports %s; it may import %q", name, imported, allowed)
			}
			for foreign, homes := range onlyIn {
				if (imported == foreign || strings.HasPrefix(imported, foreign+"/")) && !slices.ContainsFunc(homes, holds(rule)) {
					t.Errorf("%s imports %s, which lives only in %q", name, imported, homes)
				}
			}
		}
	}
	for name := range mayImport {
		if !slices.ContainsFunc(packages, func(p listedPackage) bool { return ours(p.ImportPath) == name }) {
			t.Errorf("the plan of the packages names %q, which is not there", name)
		}
	}
}

// holds reports whether a pattern of onlyIn names a package.
func holds(name string) func(pattern string) bool {
	return func(pattern string) bool {
		matches, err := path.Match(pattern, name)
		return err == nil && matches
	}
}

func isOurs(importPath string) bool {
	return importPath == module || strings.HasPrefix(importPath, module+"/")
}

func ours(importPath string) string {
	return strings.TrimPrefix(strings.TrimPrefix(importPath, module), "/")
}

func listPackages(t *testing.T) []listedPackage {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), "go", "list", "-json=ImportPath,Imports", module+"/...").Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	var packages []listedPackage
	decoder := json.NewDecoder(strings.NewReader(string(out)))
	for {
		var p listedPackage
		err := decoder.Decode(&p)
		if errors.Is(err, io.EOF) {
			return packages
		}
		if err != nil {
			t.Fatalf("read go list: %v", err)
		}
		packages = append(packages, p)
	}
}

// TestTheProductLinksNoTestCode: the shipped program links no benchmarks, test helpers or testing package.
func TestTheProductLinksNoTestCode(t *testing.T) {
	out, err := exec.CommandContext(t.Context(), "go", "list", "-deps", module+"/cmd/rejoinder").Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	linked := strings.Fields(string(out))
	if !slices.Contains(linked, module+"/handlers") {
		t.Fatalf("go list named %d packages, but not handlers", len(linked))
	}
	for _, p := range []string{"testing", module + "/db/dbtest", module + "/handlers/bare", module + "/auth/oidc/oidctest"} {
		if slices.Contains(linked, p) {
			t.Errorf("the product links %s", p)
		}
	}
	for _, p := range linked {
		if strings.HasPrefix(p, "github.com/zitadel/") {
			t.Errorf("the product links %s, the identity provider of tests", p)
		}
	}
}
