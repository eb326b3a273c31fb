package main

import (
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"net"
	"net/netip"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/pflag"
	"go.yaml.in/yaml/v3"

	"rejoinder/auth/oidc"
	"rejoinder/moderation"
	"rejoinder/moderation/queue"
	"rejoinder/notify/mail"
)

// envPrefix precedes each setting's name in the environment. The suffix envFile reads the value from a file.
const (
	envPrefix = "REJOINDER_"
	envFile   = "_FILE"
)

// Config is the server's configuration. Flags override the environment, which overrides the configuration
// file, which overrides the defaults.
type Config struct {
	Addr           string
	DatabaseURL    string // empty means a SQLite file in DataDir
	ListenURL      string // empty means DatabaseURL
	NoPreparedStmt bool   // send each statement with its text
	ReplicaURL     string // empty for no replica
	ReplicaLag     time.Duration
	DataDir        string
	PublicURL      string // empty means http:// and Addr
	TrustedProxies []netip.Prefix
	// OutboundNetworks are not public, and requests to addresses that admins enter may reach them all the same.
	OutboundNetworks []netip.Prefix
	MetricsAddr      string // empty for no metrics listener
	AddressLimit     int    // submissions per minute and client IP address; 0 means no limit
	SiteLimit        int    // submissions per minute and site; 0 means no limit
	AddressKept      time.Duration
	RequireFactor    bool         // require a second factor from every moderator
	OIDCFile         string       // empty: no identity providers
	OIDC             *oidc.Config // content of OIDCFile, which only "serve" reads
	ClaimFor         time.Duration
	LogLevel         slog.Level
	LogFormat        string
	ShutdownTime     time.Duration
	CacheBytes       int // of rendered pages; 0 disables the cache
	StaleFor         time.Duration
	Streams          int // maximum number of live streams
	AddressStreams   int // per client IP address
	Limits           limits
	SMTP             string      // URL of the mail server; empty for no mail
	MailFrom         mail.Sender // of all mails
	MailPerMinute    int         // 0 means no limit
	// WritesMail writes mails to the data folder if there is no mail server. It is set by "serve --demo".
	WritesMail bool
}

// setting is a setting with its name, default, description and parser. The name is that of the flag and in
// the file; the environment variable is REJOINDER_ and the name in capitals.
type setting struct {
	name  string
	value string
	help  string
	set   func(c *Config, text string) error
}

// settings lists all settings; docs/configuration.md documents them.
var settings = slices.Concat(basicSettings, mailSettings, limitSettings)

var basicSettings = []setting{
	{"addr", "127.0.0.1:8080", "address to listen on, host:port",
		func(c *Config, v string) error { c.Addr = v; return checkHostPort(v) }},
	{"database-url", "", "sqlite:PATH or postgres://…, with several hosts for failover; empty: rejoinder.db in the data folder",
		func(c *Config, v string) error { c.DatabaseURL = v; return checkDatabaseURL(v) }},
	{"database-listen-url", "", "postgres://… for LISTEN if a pooler of transactions is in between; empty: database-url",
		func(c *Config, v string) error { c.ListenURL = v; return checkPostgresURL(v) }},
	{"prepared-statements", "true", "false: prepare no statements, for a pooler of transactions that loses them",
		func(c *Config, v string) error {
			prepare, err := parseBool(v)
			c.NoPreparedStmt = !prepare
			return err
		}},
	{"database-replica-url", "", "postgres://… of a streaming replica that serves readers' requests; empty: none",
		func(c *Config, v string) error { c.ReplicaURL = v; return checkPostgresURL(v) }},
	{"replica-lag", "10s", "maximum lag at which the replica is still used",
		func(c *Config, v string) (err error) { c.ReplicaLag, err = parseDuration(v); return err }},
	{"data-dir", "./data", "folder for the keys and the SQLite file",
		func(c *Config, v string) error { c.DataDir = v; return notEmpty(v) }},
	{"public-url", "", "URL at which readers reach this server, such as https://comments.example.org; empty: http:// and addr",
		func(c *Config, v string) (err error) { c.PublicURL, err = parsePublicURL(v); return err }},
	{"trusted-proxies", "", "comma-separated addresses or networks whose X-Forwarded-For is trusted; empty: none",
		func(c *Config, v string) (err error) { c.TrustedProxies, err = parseNetworks(v); return err }},
	{"outbound-networks", "", "comma-separated private addresses or networks that webhooks and other outgoing requests may reach; empty: none",
		func(c *Config, v string) (err error) { c.OutboundNetworks, err = parseNetworks(v); return err }},
	{"metrics-addr", "", "private address for /metrics and /debug/pprof/, host:port; empty: off",
		func(c *Config, v string) error {
			c.MetricsAddr = v
			if v == "" {
				return nil
			}
			return checkHostPort(v)
		}},
	{"address-limit", "30", "submissions per minute from one client address; 0: no limit",
		func(c *Config, v string) (err error) { c.AddressLimit, err = parseCount(v); return err }},
	{"site-limit", "6000", "submissions per minute to one site; 0: no limit",
		func(c *Config, v string) (err error) { c.SiteLimit, err = parseCount(v); return err }},
	{"address-retention", "720h", "how long keyed indexes and prefixes of client addresses are kept",
		func(c *Config, v string) (err error) { c.AddressKept, err = parseDuration(v); return err }},
	{"require-second-factor", "false", "true: every moderator must sign in with a second factor",
		func(c *Config, v string) (err error) { c.RequireFactor, err = parseBool(v); return err }},
	{"oidc-config", "", "JSON file with the identity providers that moderators sign in with; empty: passwords only",
		func(c *Config, v string) error { c.OIDCFile = v; return checkPath(v) }},
	{"claim-length", "5m", "how long a claim on a comment lasts unless it is renewed; at most 30m",
		func(c *Config, v string) (err error) { c.ClaimFor, err = parseClaimLength(v); return err }},
	{"log-level", "info", "debug, info, warn or error",
		func(c *Config, v string) (err error) { c.LogLevel, err = parseLogLevel(v); return err }},
	{"log-format", "text", "text or json",
		func(c *Config, v string) error { c.LogFormat = v; return oneOf(v, "text", "json") }},
	{"shutdown-timeout", "10s", "time for open requests to finish on shutdown",
		func(c *Config, v string) (err error) { c.ShutdownTime, err = parseDuration(v); return err }},
	{"cache-bytes", "33554432", "memory for cached pages, in bytes; 0: no cache",
		func(c *Config, v string) (err error) { c.CacheBytes, err = parseCount(v); return err }},
	{"stale-if-error", "5m", "how long cached pages are sent while the database does not respond, counted from when it last confirmed each",
		func(c *Config, v string) (err error) { c.StaleFor, err = parseDuration(v); return err }},
	{"max-streams", "10000", "maximum open live-event streams; 0: none",
		func(c *Config, v string) (err error) { c.Streams, err = parseCount(v); return err }},
	{"address-streams", "20", "maximum open live-event streams per client address; 0: none",
		func(c *Config, v string) (err error) { c.AddressStreams, err = parseCount(v); return err }},
}

func (s setting) env() string {
	return envPrefix + strings.ToUpper(strings.ReplaceAll(s.name, "-", "_"))
}

// addFlags declares a flag for every setting, and --config.
func addFlags(flags *pflag.FlagSet) {
	flags.String("config", "", "configuration file in YAML, one line per setting (REJOINDER_CONFIG)")
	for _, s := range settings {
		flags.String(s.name, s.value, s.help+" ("+s.env()+")")
	}
}

// defaultFlags returns the settings' flags with nothing set.
func defaultFlags() *pflag.FlagSet {
	flags := pflag.NewFlagSet("defaults", pflag.ContinueOnError)
	addFlags(flags)
	return flags
}

// loadConfig reads the configuration and reports all faults at once.
func loadConfig(flags *pflag.FlagSet, std stdio) (Config, error) {
	getenv := std.getenv
	if err := checkEnvironment(std.environ); err != nil {
		return Config{}, err
	}
	file, err := readConfigFile(flags, getenv)
	if err != nil {
		return Config{}, err
	}
	var c Config
	var faults []error
	for _, s := range settings {
		value, source, err := s.lookUp(flags, getenv, file)
		if err == nil {
			err = s.set(&c, value)
		}
		if err != nil {
			faults = append(faults, fmt.Errorf("%s (from %s): %w", s.name, source, err))
		}
		delete(file, s.name)
	}
	for _, name := range slices.Sorted(maps.Keys(file)) {
		faults = append(faults, fmt.Errorf("%s (from the configuration file): there is no such setting", name))
	}
	if err := errors.Join(faults...); err != nil {
		return Config{}, usageError{err}
	}
	if err := errors.Join(c.Limits.check(), c.checkMail()); err != nil {
		return Config{}, usageError{err}
	}
	c.complete()
	return c, nil
}

// lookUp returns a setting's effective value and its source.
func (s setting) lookUp(
	flags *pflag.FlagSet,
	getenv func(string) string,
	file map[string]yaml.Node,
) (value, source string, err error) {
	if flags.Changed(s.name) {
		value, err = flags.GetString(s.name)
		return value, "--" + s.name, err
	}
	if value = getenv(s.env()); value != "" {
		return value, s.env(), nil
	}
	if path := getenv(s.env() + envFile); path != "" {
		raw, err := readFile(path, maxSettingBytes)
		return strings.TrimSpace(string(raw)), s.env() + envFile, err
	}
	if node, ok := file[s.name]; ok {
		value, err := scalarText(node)
		return value, "the configuration file", err
	}
	return s.value, "the default", nil
}

func readConfigFile(flags *pflag.FlagSet, getenv func(string) string) (map[string]yaml.Node, error) {
	path, err := flags.GetString("config")
	if err != nil {
		return nil, usageError{err}
	}
	if path == "" {
		path = getenv(envPrefix + "CONFIG")
	}
	file := map[string]yaml.Node{}
	if path == "" {
		return file, nil
	}
	raw, err := readFile(path, maxSettingBytes)
	if err != nil {
		return nil, usageError{fmt.Errorf("configuration file: %w", err)}
	}
	if err := yaml.Unmarshal(raw, &file); err != nil {
		return nil, usageError{fmt.Errorf("configuration file %s: %w", path, err)}
	}
	return file, nil
}

// scalarText returns a setting's value from the file as text. It joins lists with commas.
func scalarText(node yaml.Node) (string, error) {
	switch node.Kind {
	case yaml.ScalarNode:
		if node.Tag == "!!null" {
			return "", nil
		}
		return node.Value, nil
	case yaml.AliasNode:
		return scalarText(*node.Alias)
	case yaml.SequenceNode:
		values := make([]string, len(node.Content))
		for i, item := range node.Content {
			if item.Kind != yaml.ScalarNode {
				return "", fmt.Errorf("line %d: a list may hold only values", item.Line)
			}
			values[i] = item.Value
		}
		return strings.Join(values, ","), nil
	}
	return "", fmt.Errorf("line %d: a setting is one value, or a list of values", node.Line)
}

// complete sets the defaults that depend on other settings.
func (c *Config) complete() {
	if c.DatabaseURL == "" {
		c.DatabaseURL = "sqlite:" + filepath.Join(c.DataDir, "rejoinder.db")
	}
}

// publicURL returns the public URL of a server that listens on addr.
func (c Config) publicURL(addr string) string {
	if c.PublicURL != "" {
		return c.PublicURL
	}
	return localURL(addr)
}

// localURL returns the URL for connections from this machine to a server that listens on addr.
func localURL(addr string) string {
	host, port, err := net.SplitHostPort(addr)
	if err != nil {
		return "http://" + addr
	}
	if ip, err := netip.ParseAddr(host); host == "" || (err == nil && ip.IsUnspecified()) {
		host = "localhost"
	}
	return "http://" + net.JoinHostPort(host, port)
}

// logger returns a logger to w. Lines below warning level may be buffered briefly.
func (c Config) logger(w *logBuffer) *slog.Logger {
	options := &slog.HandlerOptions{Level: c.LogLevel}
	if c.LogFormat == "json" {
		return slog.New(flushOnWarn{slog.NewJSONHandler(w, options), w})
	}
	return slog.New(flushOnWarn{slog.NewTextHandler(w, options), w})
}

func checkHostPort(v string) error {
	_, port, err := net.SplitHostPort(v)
	if err != nil {
		return fmt.Errorf("%q is not host:port, such as 127.0.0.1:8080", v)
	}
	if n, err := strconv.Atoi(port); err != nil || n < 0 || n > 65535 {
		return fmt.Errorf("%q is not a port from 0 to 65535", port)
	}
	return nil
}

// checkDatabaseURL never quotes the value, which may contain a password.
func checkDatabaseURL(v string) error {
	scheme, rest, _ := strings.Cut(v, ":")
	switch {
	case v == "", scheme == "sqlite" && rest != "":
		return nil
	case (scheme == "postgres" || scheme == "postgresql") && strings.HasPrefix(rest, "//"):
		return nil
	}
	return errors.New("must be sqlite:PATH or postgres://USER:PASSWORD@HOST/NAME")
}

// checkPostgresURL never quotes the value, either.
func checkPostgresURL(v string) error {
	if v == "" || strings.HasPrefix(v, "postgres://") || strings.HasPrefix(v, "postgresql://") {
		return nil
	}
	return errors.New("must be postgres://USER:PASSWORD@HOST/NAME")
}

// parsePublicURL normalises the URL as browsers do, since it is compared with what they send.
func parsePublicURL(v string) (string, error) {
	if v == "" {
		return "", nil
	}
	origin, ok := moderation.ParseOrigin(v)
	if !ok {
		return "", fmt.Errorf("%q is not https://host or http://host:port, with nothing after it", v)
	}
	return origin, nil
}

func parseLogLevel(v string) (level slog.Level, err error) {
	if err := level.UnmarshalText([]byte(v)); err != nil {
		return level, fmt.Errorf("%q is not one of debug, info, warn, error", v)
	}
	return level, nil
}

func parseCount(v string) (int, error) {
	n, err := strconv.Atoi(v)
	if err != nil || n < 0 {
		return 0, fmt.Errorf("%q is not a whole number from 0", v)
	}
	return n, nil
}

func parseDuration(v string) (time.Duration, error) {
	d, err := time.ParseDuration(v)
	if err != nil || d <= 0 {
		return 0, fmt.Errorf("%q is not a duration, such as 30s or 720h", v)
	}
	return d, nil
}

func parseClaimLength(v string) (time.Duration, error) {
	d, err := parseDuration(v)
	if longest := queue.MaxClaimMinutes * time.Minute; err == nil && d > longest {
		err = fmt.Errorf("%q is longer than %v", v, longest)
	}
	return d, err
}

func parseBool(v string) (bool, error) {
	b, err := strconv.ParseBool(v)
	if err != nil {
		return false, fmt.Errorf("%q is neither true nor false", v)
	}
	return b, nil
}

func notEmpty(v string) error {
	if v == "" {
		return errors.New("must not be empty")
	}
	return nil
}

func oneOf(v string, words ...string) error {
	for _, word := range words {
		if v == word {
			return nil
		}
	}
	return fmt.Errorf("%q is not one of %s", v, strings.Join(words, ", "))
}
