package main

import (
	"cmp"
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"
	"github.com/spf13/pflag"

	"rejoinder/auth"
)

func TestOnlyProgramsOfTestsHashPasswordsCheaply(t *testing.T) {
	if hashParams != auth.DefaultHashParams {
		t.Errorf("passwords are hashed with %+v", hashParams)
	}
}

// load reads a configuration from flags, environment and the text of a file (empty: none).
func load(t *testing.T, args []string, env map[string]string, file string) (Config, error) {
	t.Helper()
	flags := pflag.NewFlagSet("test", pflag.ContinueOnError)
	addFlags(flags)
	if file != "" {
		path := filepath.Join(t.TempDir(), "rejoinder.yaml")
		if err := os.WriteFile(path, []byte(file), 0o600); err != nil {
			t.Fatal(err)
		}
		args = append(args, "--config", path)
	}
	if err := flags.Parse(args); err != nil {
		t.Fatal(err)
	}
	environ := []string{}
	for name, value := range env {
		environ = append(environ, name+"="+value)
	}
	return loadConfig(flags, stdio{environ: environ, getenv: func(name string) string { return env[name] }})
}

func TestFlagsWinOverEnvironmentOverFileOverDefaults(t *testing.T) {
	args := []string{"--addr", "127.0.0.1:1"}
	env := map[string]string{"REJOINDER_ADDR": "127.0.0.1:2", "REJOINDER_ADDRESS_LIMIT": "2"}
	file := "addr: 127.0.0.1:3\naddress-limit: 3\naddress-retention: 3h\n"
	c, err := load(t, args, env, file)
	if err != nil {
		t.Fatal(err)
	}
	if c.Addr != "127.0.0.1:1" || c.AddressLimit != 2 || c.AddressKept != 3*time.Hour || c.LogFormat != "text" {
		t.Errorf("got %+v", c)
	}
	if c.DatabaseURL != "sqlite:"+filepath.Join("data", "rejoinder.db") {
		t.Errorf("the default database is %q", c.DatabaseURL)
	}
}

func TestMisspeltVariablesAreRefused(t *testing.T) {
	_, err := load(t, nil, map[string]string{"REJOINDER_ADRR": "127.0.0.1:2"}, "")
	if err == nil || !strings.Contains(err.Error(), "did you mean REJOINDER_ADDR?") {
		t.Errorf("got %v", err)
	}
	// Kubernetes sets these for a service with the name rejoinder.
	kubernetes := map[string]string{"REJOINDER_PORT": "tcp://10.0.0.1:80", "REJOINDER_SERVICE_HOST": "10.0.0.1",
		"REJOINDER_SERVICE_PORT": "80", "REJOINDER_PORT_80_TCP_ADDR": "10.0.0.1", "REJOINDER_PORT_80_TCP_PROTO": "tcp",
		"REJOINDER_PORT_80_TCP": "tcp://10.0.0.1:80", "REJOINDER_PORT_80_TCP_PORT": "80", "REJOINDER_SERVICE_PORT_HTTP": "80"}
	if _, err := load(t, nil, kubernetes, ""); err != nil {
		t.Errorf("got %v", err)
	}
}

func TestTheDocumentOfSettingsNamesEachWithItsDefault(t *testing.T) {
	document, err := os.ReadFile("../../docs/configuration.md")
	if err != nil {
		t.Fatal(err)
	}
	row := regexp.MustCompile("(?m)^\\| `--([a-z-]+)` \\| `(REJOINDER_[A-Z_]+)` \\| ([^|]*) \\|")
	told := map[string]string{}
	for _, m := range row.FindAllStringSubmatch(string(document), -1) {
		told[m[1]+" "+m[2]] = strings.Trim(m[3], "`")
	}
	// The document describes empty defaults in words.
	inWords := map[string]string{"database-url": "a SQLite file in the data folder", "public-url": "`http://` and the address",
		"database-listen-url": "the database URL", "database-replica-url": "none",
		"trusted-proxies": "none", "outbound-networks": "none", "metrics-addr": "off",
		"smtp-url": "none", "mail-from": "none", "oidc-config": "none"}
	there := map[string]string{}
	for _, s := range settings {
		there[s.name+" "+s.env()] = strings.Trim(cmp.Or(s.value, inWords[s.name]), "`")
	}
	if diff := gocmp.Diff(there, told); diff != "" {
		t.Errorf("the settings (-) and the table in docs/configuration.md (+) differ:\n%s", diff)
	}
}

func TestContradictoryLimitsAreRefused(t *testing.T) {
	for args, want := range map[string]string{
		"--query-timeout=20s": "query-timeout (20s) is longer than handler-timeout (15s)",
		"--write-timeout=30s": "write-timeout (30s) is not longer than read-timeout and handler-timeout together (30s)",
		"--header-bytes=100":  "header-bytes must be at least 4096",
		"--body-bytes=300000": "body-bytes must be from",
	} {
		_, err := load(t, []string{args}, nil, "")
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", args, err)
		}
	}
}

func TestSecretsMayStandInFiles(t *testing.T) {
	path := filepath.Join(t.TempDir(), "url")
	if err := os.WriteFile(path, []byte("postgres://u:secret@db/r\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	c, err := load(t, nil, map[string]string{"REJOINDER_DATABASE_URL_FILE": path}, "")
	if err != nil || c.DatabaseURL != "postgres://u:secret@db/r" {
		t.Errorf("got %q, %v", c.DatabaseURL, err)
	}
}

func TestEveryFaultOfTheConfigurationIsNamedAtOnce(t *testing.T) {
	_, err := load(t, []string{"--addr", "nowhere"}, map[string]string{
		"REJOINDER_TRUSTED_PROXIES":   "10.0.0.0/8, proxy.example",
		"REJOINDER_DATABASE_URL":      "mysql://root:hunter2@db",
		"REJOINDER_ADDRESS_LIMIT":     "-1",
		"REJOINDER_ADDRESS_RETENTION": "a month",
		"REJOINDER_LOG_FORMAT":        "xml",
		"REJOINDER_PUBLIC_URL":        "https://comments.example/path",
	}, "log-level: loud\nadress: x\n")
	var m usageError
	if !errors.As(err, &m) {
		t.Fatalf("not a usage error: %v", err)
	}
	for _, want := range []string{
		"addr (from --addr)", "trusted-proxies (from REJOINDER_TRUSTED_PROXIES)", "proxy.example",
		"database-url (from REJOINDER_DATABASE_URL)", "address-limit", "address-retention", "log-format", "public-url",
		"log-level (from the configuration file): \"loud\" is not one of debug, info, warn, error", "adress (from the configuration file): there is no such setting",
	} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("the error does not say %q:\n%v", want, err)
		}
	}
	if strings.Contains(err.Error(), "hunter2") {
		t.Errorf("the error quotes a password:\n%v", err)
	}
}

func TestPublicURLFollowsTheListener(t *testing.T) {
	for addr, want := range map[string]string{
		"127.0.0.1:8080": "http://127.0.0.1:8080",
		"[::]:8080":      "http://localhost:8080",
		"0.0.0.0:80":     "http://localhost:80",
		"[::1]:8080":     "http://[::1]:8080",
	} {
		if got := (Config{}).publicURL(addr); got != want {
			t.Errorf("on %s: %s, want %s", addr, got, want)
		}
	}
	if got := (Config{PublicURL: "https://c.example"}).publicURL("[::]:8080"); got != "https://c.example" {
		t.Errorf("a configured URL is replaced by %s", got)
	}
}

func TestAPublicURLIsSpeltAsBrowsersDo(t *testing.T) {
	for typed, want := range map[string]string{
		"HTTPS://Comments.Example/":         "https://comments.example",
		"https://comments.example:80":       "https://comments.example:80",
		"https://kommentare.müller.example": "https://kommentare.xn--mller-kva.example",
	} {
		c, err := load(t, []string{"--public-url", typed}, nil, "")
		if err != nil || c.PublicURL != want {
			t.Errorf("%s becomes %q, %v, want %q", typed, c.PublicURL, err, want)
		}
	}
	for _, typed := range []string{"https://c.example#x", "https://c.example?x", "https://c.example/x", "https://me@c.example", "c.example"} {
		if _, err := load(t, []string{"--public-url", typed}, nil, ""); err == nil || !strings.Contains(err.Error(), "with nothing after it") {
			t.Errorf("%s: %v", typed, err)
		}
	}
}

func TestTheConfigurationFileTakesListsAndNamesEveryFault(t *testing.T) {
	c, err := load(t, nil, nil, "trusted-proxies: [10.0.0.0/8, 192.0.2.1]\naddress-limit: 7\nmetrics-addr:\n")
	if err != nil || len(c.TrustedProxies) != 2 || c.AddressLimit != 7 || c.MetricsAddr != "" {
		t.Errorf("got %+v, %v", c, err)
	}
	_, err = load(t, nil, nil, "trusted-proxies: [[10.0.0.0/8]]\naddr: {host: x}\nbogus: 1\naddress-limit: [1, 2]\n")
	for _, want := range []string{
		"trusted-proxies (from the configuration file): line 1: a list may hold only values", "addr (from the configuration file): line 2",
		"bogus (from the configuration file): there is no such setting", `address-limit (from the configuration file): "1,2"`,
	} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("the error does not say %q:\n%v", want, err)
		}
	}
}
