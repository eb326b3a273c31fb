package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/spf13/cobra"

	"rejoinder/auth"
	"rejoinder/auth/oidc"
	"rejoinder/db"
	"rejoinder/handlers/sso"
	"rejoinder/moderation"
	"rejoinder/moderation/readers"
	"rejoinder/outbound"
	"rejoinder/privacy"
)

// tokenAudience is the audience of access tokens.
const tokenAudience = "rejoinder-api"

// app is the configuration and the open resources that commands share.
type app struct {
	config     Config
	log        *slog.Logger
	lines      *logBuffer // of log
	keys       *privacy.Keyring
	db         *db.DB
	batchSizes *prometheus.HistogramVec // of calls batched by db
	// replica serves reads beside db; nil if there is none.
	replica *db.Replica
	hasher  *auth.Hasher
	// providers are the identity providers of a server; nil: none, or this is no server.
	providers *oidc.Providers
}

// withApp returns a command that opens the keys and the database, runs work, and closes them. It creates the
// database if it does not exist.
func withApp(std stdio, work func(cmd *cobra.Command, a *app) error) func(*cobra.Command, []string) error {
	return withOpened(std, openApp, work)
}

// withExisting is withApp for commands that must not create a database: a mistyped folder must not become a
// new installation. These commands can read on a read-only file system.
func withExisting(std stdio, work func(cmd *cobra.Command, a *app) error) func(*cobra.Command, []string) error {
	return withOpened(std, openExisting, work)
}

func withOpened(
	std stdio, open func(context.Context, Config) (*app, error), work func(cmd *cobra.Command, a *app) error,
) func(*cobra.Command, []string) error {
	return func(cmd *cobra.Command, _ []string) error {
		config, err := loadConfig(cmd.Flags(), std)
		if err != nil {
			return err
		}
		a, err := open(cmd.Context(), config)
		if err != nil {
			return err
		}
		if a.keys.Created() {
			fmt.Fprintf(std.errs, "New keys were made in %s. Back them up with the database:\n"+
				"without them no stored email can be read again.\n", a.keys.Path())
		}
		return errors.Join(work(cmd, a), a.db.Close(), a.lines.Flush())
	}
}

// openApp opens keys and database and migrates the database to the current schema.
func openApp(ctx context.Context, config Config) (*app, error) {
	return openWith(ctx, config, db.Options{Notifies: config.WritesMail})
}

// openExisting is openApp for existing keys and an existing database.
func openExisting(ctx context.Context, config Config) (*app, error) {
	if err := requireDatabase(config); err != nil {
		return nil, err
	}
	if err := requireKeys(config); err != nil {
		return nil, err
	}
	return openWith(ctx, config, db.Options{AllowReadOnly: true})
}

// hashParams is the cost of hashing passwords. Only tests lower it.
var hashParams = auth.DefaultHashParams

func openWith(ctx context.Context, config Config, o db.Options) (a *app, err error) {
	lines := newLogBuffer(os.Stderr)
	a = &app{config: config, lines: lines, log: config.logger(lines)}
	defer func() {
		if err != nil {
			err = errors.Join(err, lines.Flush())
		}
	}()
	mended, err := prepareDataFolder(config)
	if err != nil {
		return nil, err
	}
	for _, path := range mended {
		a.log.WarnContext(ctx, "other users of this machine could read this file; its mode was changed", "path", path)
	}
	a.hasher, err = auth.NewHasher(auth.HasherConfig{
		Params: hashParams, AtOnce: auth.DefaultHashesAtOnce, Random: rand.Reader,
	})
	if err != nil {
		return nil, fmt.Errorf("prepare password hashing: %w", err)
	}
	a.batchSizes = newBatchSizes()
	o.Now, o.ListenURL, o.NoPreparedStatements = time.Now, config.ListenURL, config.NoPreparedStmt
	o.Notifies = config.sendsMail() || o.Notifies
	o.Batched = func(kind db.BatchKind, size int) { a.batchSizes.WithLabelValues(string(kind)).Observe(float64(size)) }
	if a.db, err = db.Open(ctx, config.DatabaseURL, o); err != nil {
		return nil, err
	}
	if err := a.db.Migrate(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("migrate database: %w", err), a.db.Close())
	}
	if a.keys, err = openKeys(ctx, config, a.db); err != nil {
		return nil, errors.Join(fmt.Errorf("open keys: %w", err), a.db.Close())
	}
	if a.keys.Created() { // only now does the folder contain our keys
		if _, err := prepareDataFolder(config); err != nil {
			return nil, errors.Join(err, a.db.Close())
		}
	}
	return a, nil
}

// requireDatabase returns an error if the SQLite file does not exist.
func requireDatabase(config Config) error {
	path, ok := strings.CutPrefix(config.DatabaseURL, "sqlite:")
	if !ok {
		return nil
	}
	_, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("there is no database %s: set --data-dir or --database-url to where it is, "+
			"or make one with \"rejoinder migrate\"", path)
	}
	return err
}

// requireKeys returns an error if the key file does not exist.
func requireKeys(config Config) error {
	_, err := os.Stat(filepath.Join(config.DataDir, privacy.FileName))
	if errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("there are no keys in %s: restore the key file from its backup, "+
			"or set --data-dir to where it is", config.DataDir)
	}
	return err
}

// openKeys creates keys only for a database without sealed data, and accepts only keys that open existing
// sealed data. With other keys the server would seem to work, but would recognise nobody and lose every
// email.
func openKeys(ctx context.Context, config Config, database *db.DB) (*privacy.Keyring, error) {
	sealed, err := database.NewestSealed(ctx)
	if err != nil {
		return nil, err
	}
	if len(sealed) == 0 {
		return privacy.Open(config.DataDir, time.Now)
	}
	keys, err := privacy.Load(config.DataDir, time.Now)
	if errors.Is(err, privacy.ErrNoKeys) {
		return nil, fmt.Errorf("the database holds sealed emails, but their keys are not in %s; "+
			"restore the key file from its backup, or set --data-dir to where it is", config.DataDir)
	}
	if err != nil {
		return nil, err
	}
	for _, s := range sealed {
		if _, err := keys.Open(s.Email, s.Context); err != nil {
			return nil, fmt.Errorf("%w: the keys in %s belong to another database; "+
				"restore the key file that was backed up with this one, or set --data-dir to where it is", err, config.DataDir)
		}
	}
	return keys, nil
}

// accounts creates the sign-in service. It rejects tokens of an installation with another public URL.
func (a *app) accounts(publicURL string) (*auth.Service, error) {
	ring, err := openKeyRing(a.config, a.log)
	if err != nil {
		return nil, err
	}
	tokens, err := auth.NewTokens(auth.TokensConfig{
		Issuer: publicURL, Audience: tokenAudience, Keys: ring, Now: time.Now, Random: rand.Reader,
	})
	if err != nil {
		return nil, fmt.Errorf("prepare tokens: %w", err)
	}
	service := auth.ServiceConfig{
		Store: a.db.ForAuth(), Emails: a.keys, Hasher: a.hasher, Tokens: tokens, Log: a.log,
		Now: time.Now, Random: rand.Reader, RequireSecondFactor: a.config.RequireFactor,
	}
	if a.providers != nil {
		service.Providers, service.BreakGlassEmail = a.providers, a.config.OIDC.BreakGlassEmail
	}
	return auth.NewService(service)
}

// checkPath refuses JSON in place of the path of its file, which the variable with the suffix _FILE brings.
func checkPath(v string) error {
	if strings.HasPrefix(v, "{") {
		return errors.New("must be the path of the file, not its content")
	}
	return nil
}

// readOIDC reads the configuration of the identity providers, if there is one.
func (c *Config) readOIDC() (err error) {
	if c.OIDCFile != "" {
		c.OIDC, err = oidc.LoadConfig(c.OIDCFile)
	}
	return err
}

// identityProviders returns the configured identity providers. It does not wait for them.
func (a *app) identityProviders(publicURL string) (sso.Providers, error) {
	if a.config.OIDC == nil {
		return sso.NoProviders, nil
	}
	providers, err := oidc.NewProviders(oidc.ProvidersConfig{
		Config: a.config.OIDC, Transport: http.DefaultTransport, Log: a.log, Now: time.Now, Random: rand.Reader,
		CallbackURL: func(provider string) string { return sso.CallbackURL(publicURL, provider) },
	})
	a.providers = providers
	return providers, err
}

// signIn creates the sign-in service of a server, with the identity providers that it asks.
func (a *app) signIn(ctx context.Context, publicURL string) (*auth.Service, sso.Providers, error) {
	providers, err := a.identityProviders(publicURL)
	if err != nil {
		return nil, nil, err
	}
	accounts, err := a.accounts(publicURL)
	if err != nil {
		return nil, nil, err
	}
	if err := a.warnOfOrphans(ctx, accounts); err != nil {
		return nil, nil, err
	}
	return accounts, providers, a.warnOfBreakGlass(ctx, accounts)
}

// warnOfOrphans logs a warning if accounts are linked to providers that are no longer configured.
func (a *app) warnOfOrphans(ctx context.Context, accounts *auth.Service) error {
	orphans, err := accounts.Federation.Orphans(ctx)
	if err == nil && orphans.Accounts > 0 {
		a.log.WarnContext(ctx, "accounts are linked to identity providers that are no longer configured: unlink them under "+
			"Administration → Moderators, or with \"rejoinder moderator unlink\"", "accounts", orphans.Accounts,
			"locked_out", orphans.LockedOut, "providers", strings.Join(orphans.Providers, " "))
	}
	return err
}

// warnOfBreakGlass logs a warning if passwords are off and nobody could sign in without a provider.
func (a *app) warnOfBreakGlass(ctx context.Context, accounts *auth.Service) error {
	ready, err := accounts.BreakGlassReady(ctx)
	if err == nil && !ready {
		a.log.WarnContext(ctx, "passwords are off, and passwords.break_glass names no admin of all sites who has a "+
			"password: nobody can sign in while the identity providers do not respond")
	}
	return err
}

func openKeyRing(config Config, log *slog.Logger) (*auth.KeyRing, error) {
	ring, err := auth.OpenKeyRing(auth.KeyRingConfig{
		Dir: config.DataDir, Now: time.Now, Random: rand.Reader, Log: log,
	})
	if err != nil {
		return nil, fmt.Errorf("open token keys: %w", err)
	}
	return ring, nil
}

func (a *app) sites() *moderation.Sites {
	return &moderation.Sites{Store: a.db.ForSites(), Now: time.Now, NewID: newID, Emails: a.keys}
}

// slugs returns the slugs of all sites, by ID.
func (a *app) slugs(ctx context.Context) (map[string]string, error) {
	sites, err := a.sites().List(ctx, moderation.Viewer{})
	return moderation.Slugs(sites), err
}

// readers manages identity keys and identifies signed-in readers.
func (a *app) readers() *readers.Readers {
	return &readers.Readers{
		Store: a.db.ForReaders(), Keys: a.keys, Log: a.log, Now: time.Now, NewID: newID, Random: rand.Reader,
		Author: &moderation.AuthorService{Store: a.db.ForAuthors(), Keys: a.keys, Now: time.Now, NewID: newID},
		Fetch:  readers.KeyFetcher{Client: outbound.New(readers.FetchLimits, a.config.OutboundNetworks)},
	}
}

// newID returns a UUIDv7: unique, and sorted by creation time.
func newID() string { return uuid.Must(uuid.NewV7()).String() }
