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
	"time"

	"rejoinder/db/dbtest"
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
	if err := errors.Join(a.seedSome(ctx), a.db.Close(), dbtest.Analyse(ctx, s.database)); err != nil {
		return nil, err
	}
	server, err := s.serve(ctx, "", "REJOINDER_ADDRESS_LIMIT=0", "REJOINDER_SITE_LIMIT=0", "REJOINDER_TRUSTED_PROXIES=127.0.0.1")
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
	submit := clientLoad{name: s.name + ", submissions", clients: writers, limit: least,
		step: b.sends(server.url + "/api/v1/sites/" + benchSite + "/comments")}
	found, err = best(ctx, []drivable{
		clientLoad{name: least, clients: writers, step: b.sends(limit.url + "/rows")}, submit,
	}, s.duration)
	if err != nil {
		return nil, err
	}
	read, err := s.readWhile(ctx, server, submit, found[1].Rate/2)
	return append(found, read...), err
}

// readsEach is how many threads a second each of the readers asks for beside the writers.
const readsEach = 50

// readWhile has threads read alone, and while submissions come at a rate.
func (s benchStage) readWhile(ctx context.Context, server *child, submit clientLoad, rate float64) ([]measured, error) {
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: queueReaders}}
	read := clientLoad{name: s.name + ", threads, alone", clients: queueReaders, every: time.Second / readsEach, step: func(ctx context.Context, _, n int) error {
		return readPage(ctx, client, server.url+embeddedAddress(fmt.Sprintf("story-%d", n%benchArticles)))
	}}
	alone, err := read.drive(ctx, s.duration)
	if err != nil {
		return nil, err
	}
	read.name = fmt.Sprintf("%s, threads, with %.0f submissions/s", s.name, rate)
	submit.every = time.Duration(float64(submit.clients) / rate * float64(time.Second))
	both, err := meanwhile{read, submit}.drive(ctx, s.duration)
	return []measured{alone, both}, err
}

// readPage asks for a page and requires it to be there.
func readPage(ctx context.Context, client *http.Client, url string) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return fmt.Errorf("read page: %w", err)
	}
	answer, err := client.Do(request)
	if err != nil {
		return fmt.Errorf("read page: %w", err)
	}
	defer answer.Body.Close()
	if _, err := io.Copy(io.Discard, answer.Body); err != nil {
		return fmt.Errorf("read page: %w", err)
	}
	if answer.StatusCode != http.StatusOK {
		return fmt.Errorf("read page: answered %d", answer.StatusCode)
	}
	return nil
}

// seedSome writes the site with comments that are none of those to come.
func (a *app) seedSome(ctx context.Context) error {
	if err := a.seedArticles(ctx); err != nil {
		return err
	}
	return seedOriginals(ctx, a.seedIntake(moderation.NewRulebook(a.db, time.Now, newID)), 1_000_000)
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
