package oidc

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/netip"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"rejoinder/auth"
)

// Limits of the configuration.
const (
	maxConfigBytes = 1 << 20
	maxSecretBytes = 4 << 10
	// DefaultOutage is how long sessions go on while their provider does not respond.
	DefaultOutage = 8 * time.Hour
	maxOutage     = 24 * time.Hour
)

// Config is the operator's configuration of single sign-on.
type Config struct {
	Providers []ProviderConfig
	// BreakGlassEmail is the email of the only account that may sign in with a password; empty: all accounts
	// may.
	BreakGlassEmail string
	// Outage is how long sessions go on while their provider does not respond.
	Outage time.Duration
}

// ProviderConfig is the configuration of one identity provider.
type ProviderConfig struct {
	Name         string // part of URLs: lower-case letters, digits and hyphens
	Label        string // shown on the sign-in page
	Issuer       string
	ClientID     string
	ClientSecret Secret
	Scopes       []string
	// Params are further parameters of the authorization request.
	Params      map[string]string
	GroupsClaim string // name of the claim with the groups; dots separate the names of nested objects
	// CreateAccounts lets the first sign-in of a person with a mapped group create an account.
	CreateAccounts bool
	// TrustEmail accepts emails that the provider does not call verified.
	TrustEmail bool
	// EndSession ends the session at the provider when a person signs out here.
	EndSession bool
	Roles      []RoleMapping
}

// RoleMapping gives the members of a group a role.
type RoleMapping struct {
	Group string
	Role  auth.Role
	Sites []string // slugs; empty: all sites
}

// Secret is a client secret. It is not printed.
type Secret string

// String implements fmt.Stringer.
func (Secret) String() string { return "[secret]" }

// GoString implements fmt.GoStringer.
func (Secret) GoString() string { return "[secret]" }

// MarshalText implements encoding.TextMarshaler.
func (Secret) MarshalText() ([]byte, error) { return []byte("[secret]"), nil }

// file is the configuration file.
type file struct {
	Passwords *struct {
		Allowed    *bool  `json:"allowed"`
		BreakGlass string `json:"break_glass"`
	} `json:"passwords"`
	Outage    string         `json:"outage"`
	Providers []fileProvider `json:"providers"`
}

type fileProvider struct {
	Name             string            `json:"name"`
	Label            string            `json:"label"`
	Issuer           string            `json:"issuer"`
	ClientID         string            `json:"client_id"`
	ClientSecretFile string            `json:"client_secret_file"`
	Scopes           []string          `json:"scopes"`
	Params           map[string]string `json:"authorization_params"`
	GroupsClaim      string            `json:"groups_claim"`
	CreateAccounts   bool              `json:"create_accounts"`
	TrustEmail       bool              `json:"trust_unverified_email"`
	EndSession       *bool             `json:"end_session"`
	Roles            []fileRole        `json:"roles"`
}

type fileRole struct {
	Group string    `json:"group"`
	Role  string    `json:"role"`
	Sites *[]string `json:"sites"`
}

var (
	defaultScopes = []string{"openid", "profile", "email", "offline_access"}
	// ownParams are the parameters of the authorization request that the protocol needs.
	ownParams = []string{"client_id", "code_challenge", "code_challenge_method", "nonce", "redirect_uri", "request",
		"request_uri", "response_mode", "response_type", "scope", "state"}
	nameSyntax = regexp.MustCompile(`^[a-z0-9]([a-z0-9-]{0,30}[a-z0-9])?$`)
)

// LoadConfig reads a configuration file and the secrets that it names. It reports all faults at once.
func LoadConfig(path string) (*Config, error) {
	raw, err := readLimited(path, maxConfigBytes)
	if err != nil {
		return nil, fmt.Errorf("OIDC configuration: %w", err)
	}
	c, err := parseConfig(raw, filepath.Dir(path))
	if err != nil {
		return nil, fmt.Errorf("OIDC configuration %s: %w", path, err)
	}
	return c, nil
}

// parseConfig parses a configuration. Relative paths of secrets start in dir.
func parseConfig(raw []byte, dir string) (*Config, error) {
	var f file
	decoder := json.NewDecoder(bytes.NewReader(raw))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&f); err != nil {
		return nil, describeJSON(raw, err)
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("line %d: text follows the end of the object", lineAt(raw, decoder.InputOffset()))
	}
	c := &Config{Outage: DefaultOutage}
	faults := f.readGeneral(c)
	names, issuers := map[string]bool{}, map[string]bool{}
	for i, p := range f.Providers {
		provider, wrong := p.read(dir)
		if names[p.Name] {
			wrong = append(wrong, fmt.Errorf("name: %q is the name of another provider", p.Name))
		}
		if issuer := p.Issuer + " " + p.ClientID; p.Issuer != "" && issuers[issuer] {
			wrong = append(wrong, errors.New("issuer: another provider has the same issuer and client_id"))
		} else {
			issuers[issuer] = true
		}
		names[p.Name] = true
		for _, err := range wrong {
			faults = append(faults, fmt.Errorf("providers[%d].%w", i, err))
		}
		c.Providers = append(c.Providers, provider)
	}
	return c, errors.Join(faults...)
}

// readGeneral reads what does not belong to one provider.
func (f file) readGeneral(c *Config) (faults []error) {
	if len(f.Providers) == 0 {
		faults = append(faults, errors.New("providers: at least one is required"))
	}
	if f.Outage != "" {
		d, err := time.ParseDuration(f.Outage)
		if err != nil || d < 0 || d > maxOutage {
			faults = append(faults, fmt.Errorf("outage: %q is not a duration from 0s to 24h, such as 8h", f.Outage))
		}
		c.Outage = d
	}
	p := f.Passwords
	switch {
	case p == nil:
	case p.Allowed == nil:
		faults = append(faults, errors.New("passwords.allowed: true or false is required"))
	case *p.Allowed && p.BreakGlass != "":
		faults = append(faults, errors.New("passwords.break_glass: only used with \"allowed\": false"))
	case !*p.Allowed && !strings.Contains(p.BreakGlass, "@"):
		faults = append(faults, errors.New("passwords.break_glass: the email of an admin is required, who can sign in "+
			"with a password when no provider works"))
	default:
		c.BreakGlassEmail = p.BreakGlass
	}
	return faults
}

// read converts one provider.
func (p fileProvider) read(dir string) (ProviderConfig, []error) {
	c := ProviderConfig{Name: p.Name, Label: p.Label, Issuer: p.Issuer, ClientID: p.ClientID, Scopes: p.Scopes,
		Params: p.Params, GroupsClaim: p.GroupsClaim, CreateAccounts: p.CreateAccounts, TrustEmail: p.TrustEmail,
		EndSession: p.EndSession == nil || *p.EndSession}
	var faults []error
	add := func(field string, err error) {
		if err != nil {
			faults = append(faults, fmt.Errorf("%s: %w", field, err))
		}
	}
	if !nameSyntax.MatchString(p.Name) {
		add("name", fmt.Errorf("%q is not 1 to 32 lower-case letters, digits and hyphens", p.Name))
	}
	if c.Label == "" {
		c.Label = p.Name
	}
	add("issuer", checkIssuer(p.Issuer))
	add("client_id", required(p.ClientID))
	if len(c.Scopes) == 0 {
		c.Scopes = slices.Clone(defaultScopes)
	}
	if !slices.Contains(c.Scopes, "openid") {
		add("scopes", errors.New("must contain openid"))
	}
	for _, name := range ownParams {
		if _, set := p.Params[name]; set {
			add("authorization_params", fmt.Errorf("%s is set by this server", name))
		}
	}
	add("groups_claim", required(p.GroupsClaim))
	secret, err := readSecret(p.ClientSecretFile, dir)
	add("client_secret_file", err)
	c.ClientSecret = secret
	if len(p.Roles) == 0 {
		add("roles", errors.New("at least one is required, otherwise nobody gets access"))
	}
	for i, r := range p.Roles {
		mapping, err := r.read()
		add(fmt.Sprintf("roles[%d]", i), err)
		c.Roles = append(c.Roles, mapping)
	}
	return c, faults
}

// read converts one mapping. An empty list of sites is refused, since it could mean all or none.
func (r fileRole) read() (RoleMapping, error) {
	m := RoleMapping{Group: r.Group, Role: auth.Role(r.Role)}
	switch {
	case r.Group == "":
		return m, errors.New("group is required")
	case r.Role == "":
		return m, errors.New("role is required")
	case !m.Role.Valid():
		return m, fmt.Errorf("there is no role %q", r.Role)
	case r.Sites == nil:
		return m, nil
	case len(*r.Sites) == 0 || slices.Contains(*r.Sites, ""):
		return m, errors.New("sites must name at least one site; leave it out for all sites")
	}
	m.Sites = *r.Sites
	return m, nil
}

func required(value string) error {
	if value == "" {
		return errors.New("is required")
	}
	return nil
}

// checkIssuer requires HTTPS, except for a provider on the same machine.
func checkIssuer(issuer string) error {
	if issuer == "" {
		return errors.New("is required")
	}
	u, err := url.Parse(issuer)
	switch {
	case err != nil || u.Host == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "":
		return fmt.Errorf("%q is not a URL such as https://login.example.org/realms/newsroom", issuer)
	case u.Scheme == "https" || u.Scheme == "http" && isLoopback(u.Hostname()):
		return nil
	}
	return fmt.Errorf("%q must begin with https://", issuer)
}

func isLoopback(host string) bool {
	ip, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && ip.IsLoopback()
}

// readSecret reads a secret from a file that others on the machine can't read.
func readSecret(path, dir string) (Secret, error) {
	if path == "" {
		return "", errors.New("is required")
	}
	if !filepath.IsAbs(path) {
		path = filepath.Join(dir, path)
	}
	info, err := os.Stat(path)
	switch {
	case err != nil:
		return "", withoutOp(err)
	case !info.Mode().IsRegular():
		return "", fmt.Errorf("%s is not a regular file", path)
	case info.Mode().Perm()&0o007 != 0:
		return "", fmt.Errorf("%s has mode %04o, so every user of this machine can read the secret: run chmod 600 %s",
			path, info.Mode().Perm(), path)
	}
	raw, err := readLimited(path, maxSecretBytes)
	if err != nil {
		return "", err
	}
	secret := strings.TrimSpace(string(raw))
	if secret == "" {
		return "", fmt.Errorf("%s is empty", path)
	}
	return Secret(secret), nil
}

func readLimited(path string, limit int64) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, withoutOp(err)
	}
	defer f.Close()
	raw, err := io.ReadAll(io.LimitReader(f, limit+1))
	if err == nil && int64(len(raw)) > limit {
		err = fmt.Errorf("%s is larger than %d bytes", path, limit)
	}
	return raw, err
}

// withoutOp removes the system call from an error about a path.
func withoutOp(err error) error {
	var about *fs.PathError
	if errors.As(err, &about) {
		return fmt.Errorf("%s: %w", about.Path, about.Err)
	}
	return err
}

// describeJSON adds the line to an error of the decoder.
func describeJSON(raw []byte, err error) error {
	var syntax *json.SyntaxError
	var wrongType *json.UnmarshalTypeError
	switch {
	case errors.As(err, &syntax):
		return fmt.Errorf("line %d: %w", lineAt(raw, syntax.Offset), err)
	case errors.As(err, &wrongType):
		return fmt.Errorf("line %d: %s must not be a JSON %s", lineAt(raw, wrongType.Offset), wrongType.Field,
			wrongType.Value)
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return errors.New("the JSON object is incomplete")
	}
	text := strings.TrimPrefix(err.Error(), "json: ")
	if name, ok := strings.CutPrefix(text, "unknown field "); ok { // the decoder does not say where
		return fmt.Errorf("line %d: unknown field %s", lineAt(raw, int64(max(bytes.Index(raw, []byte(name)), 0))), name)
	}
	return errors.New(text)
}

func lineAt(raw []byte, offset int64) int {
	return 1 + bytes.Count(raw[:min(int(offset), len(raw))], []byte("\n"))
}
