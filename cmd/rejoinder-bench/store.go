package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"time"

	"github.com/google/uuid"

	"rejoinder/auth"
	"rejoinder/db"
	"rejoinder/moderation"
	"rejoinder/moderation/rulebook"
	"rejoinder/privacy"
)

// siteSlug is the site that benchmarks fill.
const siteSlug = "bench"

// approveAll is a ruleset that publishes everything, so that seeding needs no moderator.
const approveAll = "rules: []\ndefault: approve\n"

// store is a benchmark's database, with the use cases that seed it.
type store struct {
	db       *db.DB
	keys     *privacy.Keyring
	accounts *auth.Service
	sites    *moderation.Sites
	rulebook *rulebook.Rulebook
	intake   *moderation.Intake
}

// withStore opens the engine's database, which no server may be using, and calls work.
func (e engine) withStore(ctx context.Context, work func(ctx context.Context, s *store) error) error {
	if err := os.MkdirAll(e.dir, 0o700); err != nil {
		return fmt.Errorf("make data folder: %w", err)
	}
	database, err := db.Open(ctx, e.database, db.Options{Now: time.Now})
	if err != nil {
		return fmt.Errorf("open database: %w", err)
	}
	s, err := e.openStore(ctx, database)
	if err != nil {
		return errors.Join(err, database.Close())
	}
	return errors.Join(work(ctx, s), database.Close())
}

func (e engine) openStore(ctx context.Context, database *db.DB) (*store, error) {
	if err := database.Migrate(ctx); err != nil {
		return nil, fmt.Errorf("migrate database: %w", err)
	}
	keys, err := privacy.Open(e.dir, time.Now)
	if err != nil {
		return nil, fmt.Errorf("open keys: %w", err)
	}
	accounts, err := e.openAccounts(database, keys)
	if err != nil {
		return nil, err
	}
	book := rulebook.New(database.ForRulebook(), time.Now, newID)
	return &store{
		db: database, keys: keys, accounts: accounts, rulebook: book,
		sites: &moderation.Sites{Store: database.ForSites(), Now: time.Now, NewID: newID},
		intake: &moderation.Intake{
			Store: database.ForIntake(), Judges: book, Keys: keys, Log: slog.New(slog.DiscardHandler),
			Now: time.Now, NewID: newID,
			Limiter: moderation.NewRateLimiter(0, time.Now), SiteLimiter: moderation.NewRateLimiter(0, time.Now),
		},
	}, nil
}

// openAccounts prepares the service that registers moderators. Nobody signs in through it.
func (e engine) openAccounts(database *db.DB, keys *privacy.Keyring) (*auth.Service, error) {
	log := slog.New(slog.DiscardHandler)
	ring, err := auth.OpenKeyRing(auth.KeyRingConfig{Dir: e.dir, Now: time.Now, Random: rand.Reader, Log: log})
	if err != nil {
		return nil, fmt.Errorf("open token keys: %w", err)
	}
	tokens, err := auth.NewTokens(auth.TokensConfig{
		Issuer: "http://bench.example", Audience: "rejoinder-api", Keys: ring, Now: time.Now, Random: rand.Reader,
	})
	if err != nil {
		return nil, fmt.Errorf("prepare tokens: %w", err)
	}
	hasher, err := auth.NewHasher(auth.HasherConfig{
		Params: auth.DefaultHashParams, AtOnce: auth.DefaultHashesAtOnce, Random: rand.Reader,
	})
	if err != nil {
		return nil, fmt.Errorf("prepare password hashing: %w", err)
	}
	return auth.NewService(auth.ServiceConfig{
		Store: database.ForAuth(), Emails: keys, Hasher: hasher, Tokens: tokens, Log: log,
		Now: time.Now, Random: rand.Reader,
	})
}

func newID() string { return uuid.Must(uuid.NewV7()).String() }

// addSite adds the site with the shipped ruleset.
func (s *store) addSite(ctx context.Context) error {
	settings := moderation.DefaultSiteSettings()
	_, err := s.sites.Add(ctx, moderation.Viewer{},
		moderation.NewSite{Slug: siteSlug, Name: "Benchmark", Settings: &settings})
	if err != nil {
		return fmt.Errorf("seed: %w", err)
	}
	return nil
}

func (s *store) addArticle(ctx context.Context, key, title string) error {
	_, err := s.sites.Register(ctx, moderation.Viewer{}, siteSlug,
		moderation.NewArticle{ArticleRef: moderation.ArticleRef{
			Key: key, URL: "https://bench.example/" + key, Title: title,
		}})
	if err != nil {
		return fmt.Errorf("seed: %w", err)
	}
	return nil
}

// publishEverything activates approveAll.
func (s *store) publishEverything(ctx context.Context) error {
	saved, err := s.rulebook.Save(ctx, moderation.Viewer{}, siteSlug, rulebook.Draft{Source: approveAll})
	if err != nil {
		return fmt.Errorf("seed: %w", err)
	}
	return s.activate(ctx, saved.Version)
}

// firstVersion is the shipped ruleset's version on a new site.
const firstVersion = 1

func (s *store) activate(ctx context.Context, version int) error {
	_, err := s.rulebook.Activate(ctx, moderation.Viewer{}, rulebook.Ref{SiteSlug: siteSlug, Version: version})
	if err != nil {
		return fmt.Errorf("seed: %w", err)
	}
	return nil
}
