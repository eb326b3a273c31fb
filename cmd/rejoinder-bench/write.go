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
)

// submitters is the number of clients that submit concurrently.
const submitters = 16

// writeBench benchmarks submissions. Each is judged by the shipped ruleset and durable before the server
// responds.
type writeBench struct{ options }

func (b writeBench) run(ctx context.Context, std stdio) error {
	return b.measure(ctx, std, submitters, measureWrites)
}

// measureWrites compares submissions with bare gin that writes one row per request on the same engine.
func measureWrites(ctx context.Context, e engine) (found []result, err error) {
	if err := errors.Join(e.withStore(ctx, seedUnrelated), dbtest.Analyse(ctx, e.database)); err != nil {
		return nil, err
	}
	server, err := e.serve(ctx, unlimited...)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, server.stop()) }()
	rows := e.database
	if e.sqlite() {
		rows = sqliteURL(filepath.Dir(e.dir), "rows.db") // a file has one writer
	}
	bare, err := e.serveBare(ctx, "--append", rows)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, bare.stop()) }()
	e.say("submitting")
	s := &submitter{client: newClient(submitters)}
	insert := e.name + ", bare gin, one INSERT each"
	submissions := clientLoad{name: e.name + ", submissions", clients: submitters, baseline: insert,
		step: s.sendTo(server.url + submitPath)}
	found, err = bestOf(ctx, []load{
		clientLoad{name: insert, clients: submitters, step: s.sendTo(bare.url + "/rows")}, submissions,
	}, e.duration)
	if err != nil {
		return nil, err
	}
	reads, err := e.readWhileWriting(ctx, server, submissions, found[1].Rate/2)
	return append(found, reads...), err
}

func newClient(connections int) *http.Client {
	return &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: connections}}
}

// readsPerClient is how many threads per second each client requests beside the submissions.
const readsPerClient = 50

// readWhileWriting measures reads alone, and beside submissions at a rate per second.
func (e engine) readWhileWriting(
	ctx context.Context,
	server *process,
	submissions clientLoad,
	rate float64,
) ([]result, error) {
	client := newClient(moderatorReads)
	reads := clientLoad{name: e.name + ", threads, alone", clients: moderatorReads,
		interval: time.Second / readsPerClient,
		step: func(ctx context.Context, _, n int) error {
			return get(ctx, client, server.url+fragmentPath(storyKey(n)))
		}}
	alone, err := reads.drive(ctx, e.duration)
	if err != nil {
		return nil, err
	}
	reads.name = fmt.Sprintf("%s, threads, with %.0f submissions/s", e.name, rate)
	submissions.interval = time.Duration(float64(submissions.clients) / rate * float64(time.Second))
	both, err := concurrentLoad{reads, submissions}.drive(ctx, e.duration)
	return []result{alone, both}, err
}

// seedUnrelated fills the site with comments that resemble none of the later ones.
func seedUnrelated(ctx context.Context, s *store) error {
	if err := s.addStories(ctx); err != nil {
		return err
	}
	return s.submitOriginals(ctx, 1_000_000)
}

const submitPath = "/api/v1/sites/" + siteSlug + "/comments"

// submitter sends comments, each different and from a different reader.
type submitter struct {
	client *http.Client
	sent   atomic.Int64
}

// sendTo returns a step that submits to the URL.
func (s *submitter) sendTo(url string) func(ctx context.Context, client, n int) error {
	return func(ctx context.Context, _, _ int) error {
		if err := s.send(ctx, url); err != nil {
			return fmt.Errorf("submit: %w", err)
		}
		return nil
	}
}

func (s *submitter) send(ctx context.Context, url string) error {
	n := int(s.sent.Add(1))
	return s.post(ctx, url, n, newComment(n))
}

// newComment returns the nth comment as JSON.
func newComment(n int) map[string]any {
	return map[string]any{
		"article":      map[string]string{"key": storyKey(n)},
		"author_name":  fmt.Sprintf("Reader %d", n),
		"author_email": fmt.Sprintf("reader%d@mail.example", n),
		"body":         commentBody(n),
	}
}

// post sends the nth comment from an address of its own.
func (s *submitter) post(ctx context.Context, url string, n int, comment map[string]any) error {
	raw, err := json.Marshal(comment)
	if err != nil {
		return err
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, url, bytes.NewReader(raw))
	if err != nil {
		return err
	}
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("X-Forwarded-For", fmt.Sprintf("%d.%d.%d.7", 11+n>>16, n>>8&255, n&255))
	response, err := s.client.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err == nil && response.StatusCode != http.StatusCreated {
		err = fmt.Errorf("status %d: %.300s", response.StatusCode, body)
	}
	return err
}
