package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"runtime"

	"rejoinder/db/dbtest"
)

// benchQueue measures the moderators' side: lists, claims, counts and search in a long queue, and decisions.
type benchQueue struct {
	benchRun
	pending  int // comments that wait; on SQLite at most smallPending
	comments int // all of them; on SQLite at most smallComments
}

// What one file is measured with at most: nobody with more than that stays with one.
const (
	smallPending  = 100_000
	smallComments = 1_000_000
)

// How many clients read and decide at once.
const (
	queueReaders  = 8
	queueDeciders = 16
)

func (b benchQueue) run(ctx context.Context, con console) error {
	return b.report(ctx, con, queueReaders, func(ctx context.Context, stage benchStage) ([]measured, error) {
		pending, comments, writers := b.pending, b.comments, runtime.NumCPU()
		if stage.sqlite() {
			pending, comments, writers = min(pending, smallPending), min(comments, smallComments), 1
		}
		return queueStage{benchStage: stage, pending: pending, approved: comments - pending, writers: writers}.run(ctx)
	})
}

// queueStage is one database with a long queue, and the server on it.
type queueStage struct {
	benchStage
	pending  int
	approved int
	writers  int
}

func (s queueStage) run(ctx context.Context) (found []measured, err error) {
	fmt.Fprintf(s.progress, "%s: writing %d comments, of which %d wait\n", s.name, s.pending+s.approved, s.pending)
	if err := s.fill(ctx); err != nil {
		return nil, err
	}
	server, err := s.serve(ctx, "0", "REJOINDER_ADDRESS_LIMIT=0", "REJOINDER_SITE_LIMIT=0", "REJOINDER_TRUSTED_PROXIES=127.0.0.1")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, server.stop()) }()
	desk := &queueDesk{server: server.url, tokens: make([]string, queueDeciders),
		client: &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: queueDeciders}}}
	for n := range queueDeciders {
		if err := desk.signIn(ctx, n); err != nil {
			return nil, err
		}
	}
	fmt.Fprintf(s.progress, "%s: reading and deciding\n", s.name)
	for _, load := range desk.loads(s.pending) {
		load.name = s.name + ", " + load.name
		m, err := load.drive(ctx, s.duration)
		if err != nil {
			return nil, err
		}
		found = append(found, m)
	}
	return found, nil
}

// queueDesk is moderators at work. Each client is one of them.
type queueDesk struct {
	server string
	client *http.Client
	tokens []string
}

// loads are what is measured, in this order.
func (d *queueDesk) loads(pending int) []clientLoad {
	reads := func(name, path string) clientLoad {
		return clientLoad{name: name, clients: queueReaders, step: func(ctx context.Context, client, _ int) error {
			return d.call(ctx, deskCall{client: client, method: http.MethodGet, path: path})
		}}
	}
	return []clientLoad{
		reads("list by risk", "/api/v1/queue?site="+benchSite+"&sort=risk"),
		reads("list, oldest first", "/api/v1/queue?site="+benchSite+"&sort=oldest"),
		reads("list of one rule", "/api/v1/queue?site="+benchSite+"&sort=newest&rule="+benchRule),
		reads("list of one article", "/api/v1/queue?site="+benchSite+"&article=story-7"),
		reads("search for a word", "/api/v1/queue?site="+benchSite+"&q=ferry"),
		reads("search for a beginning", "/api/v1/queue?site="+benchSite+"&q=st*"),
		reads("counts", "/api/v1/queue/counts?site="+benchSite),
		{name: "claim the next five", clients: queueReaders, step: func(ctx context.Context, client, _ int) error {
			return d.call(ctx, deskCall{client: client, method: http.MethodPost, path: "/api/v1/queue/claims",
				body: map[string]any{"site": benchSite, "count": 5, "sort": "risk"}})
		}, after: func(ctx context.Context, client int) error {
			return d.call(ctx, deskCall{client: client, method: http.MethodDelete, path: "/api/v1/queue/claims"})
		}},
		{name: "first page of a thread, uncached", clients: queueReaders, step: func(ctx context.Context, _, n int) error {
			return readPage(ctx, d.client, d.server+threadAddress(fmt.Sprintf("story-%d", n%benchArticles)))
		}},
		{name: "submissions", clients: queueDeciders, step: (&benchWriter{client: d.client}).sends(
			d.server + "/api/v1/sites/" + benchSite + "/comments")},
		{name: "decide", clients: queueDeciders, most: pending / queueDeciders, step: func(ctx context.Context, client, n int) error {
			return d.call(ctx, deskCall{client: client, method: http.MethodPost,
				path: "/api/v1/comments/" + dbtest.CopyID(n*queueDeciders+client) + "/decisions",
				body: map[string]any{"action": "approve", "version": 1}})
		}},
	}
}

// signIn opens a session for moderator n.
func (d *queueDesk) signIn(ctx context.Context, n int) error {
	var session struct {
		AccessToken string `json:"access_token"`
	}
	err := d.call(ctx, deskCall{client: n, method: http.MethodPost, path: "/api/v1/auth/login", target: &session,
		body: map[string]any{"email": benchModerator(n), "password": benchPassword}})
	d.tokens[n] = session.AccessToken
	return err
}

// deskCall is one request of a moderator.
type deskCall struct {
	client int
	method string
	path   string
	body   any
	target any // nil: the answer is thrown away
}

func (d *queueDesk) call(ctx context.Context, c deskCall) error {
	var body io.Reader
	if c.body != nil {
		raw, err := json.Marshal(c.body)
		if err != nil {
			return fmt.Errorf("call: %w", err)
		}
		body = bytes.NewReader(raw)
	}
	r, err := http.NewRequestWithContext(ctx, c.method, d.server+c.path, body)
	if err != nil {
		return fmt.Errorf("call: %w", err)
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Authorization", "Bearer "+d.tokens[c.client])
	answer, err := d.client.Do(r)
	if err != nil {
		return fmt.Errorf("call: %w", err)
	}
	defer answer.Body.Close()
	raw, err := io.ReadAll(answer.Body)
	if err != nil {
		return fmt.Errorf("call: %w", err)
	}
	if answer.StatusCode >= http.StatusBadRequest {
		return fmt.Errorf("call: %s %s answered %d: %.300s", c.method, c.path, answer.StatusCode, raw)
	}
	if c.target == nil {
		return nil
	}
	if err := json.Unmarshal(raw, c.target); err != nil {
		return fmt.Errorf("call: %w", err)
	}
	return nil
}
