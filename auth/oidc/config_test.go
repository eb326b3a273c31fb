package oidc

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"rejoinder/auth"
)

// secretFile is a file with a secret in a folder of its own.
func secretFile(t testing.TB, mode os.FileMode) (dir string) {
	t.Helper()
	dir = t.TempDir()
	path := filepath.Join(dir, "client.secret")
	if err := os.WriteFile(path, []byte("a secret\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(path, mode); err != nil {
		t.Fatal(err)
	}
	return dir
}

const minimal = `{"providers": [{"name": "newsroom", "issuer": "https://login.example", "client_id": "rejoinder",
	"client_secret_file": "client.secret", "groups_claim": "groups", "roles": [{"group": "desk", "role": "moderator"}]}]}`

func TestAMinimalConfiguration(t *testing.T) {
	got, err := parseConfig([]byte(minimal), secretFile(t, 0o640))
	if err != nil {
		t.Fatal(err)
	}
	want := &Config{Outage: DefaultOutage, Providers: []ProviderConfig{{
		Name: "newsroom", Label: "newsroom", Issuer: "https://login.example", ClientID: "rejoinder", ClientSecret: "a secret",
		Scopes: defaultScopes, GroupsClaim: "groups", EndSession: true,
		Roles: []RoleMapping{{Group: "desk", Role: auth.RoleModerator}},
	}}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if text := fmt.Sprintf("%v %+v %#v", got, got, got); strings.Contains(text, "a secret") {
		t.Errorf("the secret is printed: %s", text)
	}
}

func TestEveryFaultOfAConfigurationIsNamed(t *testing.T) {
	change := func(from, to string) string {
		if !strings.Contains(minimal, from) {
			t.Fatalf("%q is not in the configuration", from)
		}
		return strings.Replace(minimal, from, to, 1)
	}
	general := func(more string) string { return change(`{"providers"`, `{`+more+`, "providers"`) }
	for _, tc := range []struct{ name, source, want string }{
		{"nothing", ``, "the JSON object is incomplete"},
		{"half an object", `{"providers": [`, "the JSON object is incomplete"},
		{"no JSON", "{\n\nproviders: []}", "line 3: invalid character 'p'"},
		{"two objects", minimal + "\n{}", "text follows the end of the object"},
		{"no provider", `{"providers": []}`, "providers: at least one is required"},
		{"an unknown field", general(`"provider": {}`), `line 1: unknown field "provider"`},
		{"an unknown field in the third line", "{\n\n\"provider\": []\n}", `line 3: unknown field "provider"`},
		{"an unknown field of a provider", change(`"client_id"`, `"client"`), `unknown field "client"`},
		{"a wrong type", change(`"https://login.example"`, `7`), "providers.issuer must not be a JSON number"},
		{"no issuer", change(`"https://login.example"`, `""`), "providers[0].issuer: is required"},
		{"an issuer without TLS", change(`https://login`, `http://login`), `providers[0].issuer: "http://login.example" must begin with https://`},
		{"an issuer that is no URL", change(`https://login.example`, `login`), "providers[0].issuer: \"login\" is not a URL"},
		{"no client", change(`"rejoinder"`, `""`), "providers[0].client_id: is required"},
		{"a name with spaces", change(`"newsroom"`, `"The newsroom"`), "providers[0].name: \"The newsroom\" is not 1 to 32"},
		{"no groups claim", change(`"groups"`, `""`), "providers[0].groups_claim: is required"},
		{"scopes without openid", change(`"groups_claim"`, `"scopes": ["email"], "groups_claim"`), "providers[0].scopes: must contain openid"},
		{"a parameter of the protocol", change(`"groups_claim"`, `"authorization_params": {"state": "x"}, "groups_claim"`),
			"providers[0].authorization_params: state is set by this server"},
		{"no roles", change(`{"group": "desk", "role": "moderator"}`, ``), "providers[0].roles: at least one is required"},
		{"a role that does not exist", change(`"moderator"`, `"chief"`), `providers[0].roles[0]: there is no role "chief"`},
		{"a mapping without a group", change(`"desk"`, `""`), "providers[0].roles[0]: group is required"},
		{"a mapping to no site", change(`"role": "moderator"`, `"role": "moderator", "sites": []`), "providers[0].roles[0]: sites must name at least one site"},
		{"a secret that is not there", change(`client.secret`, `other.secret`), "other.secret: no such file or directory"},
		{"no secret", change(`"client.secret"`, `""`), "providers[0].client_secret_file: is required"},
		{"an outage of a week", general(`"outage": "168h"`), `outage: "168h" is not a duration from 0s to 24h`},
		{"passwords without a word", general(`"passwords": {}`), "passwords.allowed: true or false is required"},
		{"passwords off for all", general(`"passwords": {"allowed": false}`), "passwords.break_glass: the email of an admin is required"},
		{"passwords on but for one", general(`"passwords": {"allowed": true, "break_glass": "a@b.example"}`), "passwords.break_glass: only used with"},
		{"the same provider twice", change(`}]}]`, `}]}, {"name": "newsroom", "issuer": "https://login.example", "client_id": "rejoinder"}]`),
			`providers[1].name: "newsroom" is the name of another provider`},
	} {
		t.Run(tc.name, func(t *testing.T) {
			_, err := parseConfig([]byte(tc.source), secretFile(t, 0o600))
			if err == nil || !strings.Contains(err.Error(), tc.want) {
				t.Errorf("error %v, want one with %q", err, tc.want)
			}
		})
	}
}

func TestASecretThatOthersCanReadIsRefused(t *testing.T) {
	dir := secretFile(t, 0o604)
	_, err := parseConfig([]byte(minimal), dir)
	if err == nil || !strings.Contains(err.Error(), "has mode 0604, so every user of this machine can read the secret") {
		t.Errorf("error %v", err)
	}
}

func TestAllFaultsAreReportedAtOnce(t *testing.T) {
	_, err := parseConfig([]byte(`{"outage": "x", "providers": [{}]}`), t.TempDir())
	if err == nil || strings.Count(err.Error(), "\n") < 6 {
		t.Errorf("error %v, want one line for each fault", err)
	}
}

func TestGroupsDecideAccess(t *testing.T) {
	p := ProviderConfig{Roles: []RoleMapping{
		{Group: "chiefs", Role: auth.RoleAdmin, Sites: []string{"paper"}},
		{Group: "sport", Role: auth.RoleModerator, Sites: []string{"sport", "paper"}},
		{Group: "politics", Role: auth.RoleModerator, Sites: []string{"politics", "paper"}},
		{Group: "all", Role: auth.RoleModerator},
	}}
	for _, tc := range []struct {
		name   string
		groups []string
		want   auth.MappedAccess
	}{
		{"one group", []string{"sport"}, auth.MappedAccess{Role: auth.RoleModerator, Sites: []string{"paper", "sport"}}},
		{"two groups with one role", []string{"politics", "sport"},
			auth.MappedAccess{Role: auth.RoleModerator, Sites: []string{"paper", "politics", "sport"}}},
		{"an admin does not become one of other sites", []string{"sport", "chiefs", "all"},
			auth.MappedAccess{Role: auth.RoleAdmin, Sites: []string{"paper"}}},
		{"all sites among others", []string{"all", "sport"}, auth.MappedAccess{Role: auth.RoleModerator, AllSites: true}},
	} {
		got, err := p.access(tc.groups)
		if diff := cmp.Diff(tc.want, got); diff != "" || err != nil {
			t.Errorf("%s: %v (-want +got):\n%s", tc.name, err, diff)
		}
	}
	if _, err := p.access([]string{"Sport", "other"}); err != auth.ErrNoMappedGroup { //nolint:errorlint // as it is
		t.Errorf("other groups: error %v", err)
	}
}

func TestGroupsAreFoundInAClaim(t *testing.T) {
	const said = `{"groups": ["a", 7, "b"], "one": "a", "odd": {"a": true}, "realm_access": {"roles": ["a"]},
		"https://example.org/groups": ["a"], "a.b": {"c": ["dotted"]}, "none": null}`
	var c claims
	if err := json.Unmarshal([]byte(said), &c); err != nil {
		t.Fatal(err)
	}
	for _, tc := range []struct {
		claim string
		want  []string
		found bool
	}{
		{"groups", []string{"a", "b"}, true}, {"one", []string{"a"}, true}, {"odd", nil, true},
		{"realm_access.roles", []string{"a"}, true}, {"https://example.org/groups", []string{"a"}, true},
		{"a.b.c", []string{"dotted"}, true}, {"realm_access.other", nil, false}, {"missing", nil, false},
	} {
		got, found := c.groups(tc.claim)
		if diff := cmp.Diff(tc.want, got); diff != "" || found != tc.found {
			t.Errorf("%s: found %t (-want +got):\n%s", tc.claim, found, diff)
		}
	}
}

func FuzzConfig(f *testing.F) {
	f.Add(minimal)
	f.Add(`{"passwords": {"allowed": false, "break_glass": "a@b"}, "outage": "1h", "providers": [{"roles": [{"sites": []}]}]}`)
	dir := secretFile(f, 0o600)
	f.Fuzz(func(t *testing.T, source string) {
		c, err := parseConfig([]byte(source), dir)
		if err != nil {
			return
		}
		if len(c.Providers) == 0 || c.Outage < 0 || c.Outage > 24*time.Hour {
			t.Errorf("accepted: %+v", c)
		}
		for _, p := range c.Providers {
			if p.Name == "" || p.ClientSecret == "" || len(p.Roles) == 0 {
				t.Errorf("accepted: %+v", p)
			}
		}
	})
}

func FuzzClaims(f *testing.F) {
	f.Add(`{"realm_access": {"roles": ["a"]}}`, "realm_access.roles")
	f.Add(`{"a.b": {"c": "x"}}`, "a.b.c")
	f.Fuzz(func(_ *testing.T, source, claim string) {
		var c claims
		if json.Unmarshal([]byte(source), &c) == nil {
			c.groups(claim)
		}
	})
}
