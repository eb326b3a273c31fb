package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"path/filepath"
	"sync/atomic"

	"rejoinder/moderation"
)

// writers is how many readers submit at once.
const writers = 16

// benchWrite measures submissions, each judged by the shipped ruleset and durable before it is answered.
type benchWrite struct{ benchRun }

func (b benchWrite) run(ctx context.Context, con console) error {
	return b.report(ctx, con, writers, func(ctx context.Context, stage benchStage) ([]measured, error) { return stage.write(ctx) })
}

// write holds submissions against bare gin that writes a row for each request, on the same engine.
func (s benchStage) write(ctx context.Context) (found []measured, err error) {
	a, err := openApp(ctx, Config{DatabaseURL: s.database, DataDir: s.dir})
	if err != nil {
		return nil, err
	}
	if err := errors.Join(a.seedArticles(ctx), a.db.Close()); err != nil {
		return nil, err
	}
	server, err := s.serve(ctx, "", "REJOINDER_ADDRESS_LIMIT=0", "REJOINDER_TRUSTED_PROXIES=127.0.0.1")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, server.stop()) }()
	rows := s.database
	if s.sqlite() {
		rows = sqliteAt(filepath.Dir(s.dir), "rows.db") // a file has one writer
	}
	limit, err := startChild(ctx, s.dir, nil, "bench", "bare", "--append", rows)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, limit.stop()) }()
	fmt.Fprintf(s.progress, "%s: submitting\n", s.name)
	b := &benchWriter{client: &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: writers}}}
	least := s.name + ", bare gin, an INSERT each"
	return best(ctx, []drivable{
		clientLoad{name: least, clients: writers, step: b.sends(limit.url + "/rows")},
		clientLoad{name: s.name + ", submissions", clients: writers, limit: least, step: b.sends(server.url + "/api/v1/sites/" + benchSite + "/comments")},
	}, s.duration)
}

// seedArticles writes the site and its articles. The shipped ruleset judges.
func (a *app) seedArticles(ctx context.Context) error {
	settings, viewer := moderation.DefaultSiteSettings(), moderation.Viewer{}
	if _, err := a.sites().Add(ctx, viewer, moderation.NewSite{Slug: benchSite, Name: "Benchmark", Settings: &settings}); err != nil {
		return fmt.Errorf("seed: %w", err)
	}
	for n := range benchArticles {
		key := fmt.Sprintf("story-%d", n)
		if _, err := a.sites().Register(ctx, viewer, benchSite, moderation.NewArticle{ArticleRef: moderation.ArticleRef{
			Key: key, URL: "https://bench.example/" + key, Title: fmt.Sprintf("Story %d", n),
		}}); err != nil {
			return fmt.Errorf("seed: %w", err)
		}
	}
	return nil
}

// benchWriter sends comments, each different and by a reader of its own.
type benchWriter struct {
	client *http.Client
	sent   atomic.Int64
}

func (b *benchWriter) sends(url string) func(ctx context.Context, client, n int) error {
	return func(ctx context.Context, _, _ int) error {
		n := int(b.sent.Add(1))
		raw, err := json.Marshal(map[string]any{
			"article":     map[string]string{"key": fmt.Sprintf("story-%d", n%benchArticles)},
			"author_name": fmt.Sprintf("Reader %d", n), "author_email": fmt.Sprintf("reader%d@mail.example", n), "body": benchBody(n),
		})
		if err != nil {
			return fmt.Errorf("submit: %w", err)
		}
		request, err := http.NewRequestWithContext(ctx, http.MethodPost, url, bytes.NewReader(raw))
		if err != nil {
			return fmt.Errorf("submit: %w", err)
		}
		request.Header.Set("Content-Type", "application/json")
		request.Header.Set("X-Forwarded-For", fmt.Sprintf("%d.%d.%d.7", 11+n>>16, n>>8&255, n&255))
		answer, err := b.client.Do(request)
		if err != nil {
			return fmt.Errorf("submit: %w", err)
		}
		defer answer.Body.Close()
		body, err := io.ReadAll(answer.Body)
		if err == nil && answer.StatusCode != http.StatusCreated {
			err = fmt.Errorf("answered %d: %.300s", answer.StatusCode, body)
		}
		if err != nil {
			return fmt.Errorf("submit: %w", err)
		}
		return nil
	}
}
