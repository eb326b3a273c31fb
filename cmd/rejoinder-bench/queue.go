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

// queueBench benchmarks the moderators' side: lists, claims, counts and search in a long queue, and
// decisions.
type queueBench struct {
	options
	pending  int // at most sqlitePending on SQLite
	comments int // of every status; at most sqliteComments on SQLite
}

// The largest data that SQLite is measured with. A site with more uses PostgreSQL.
const (
	sqlitePending  = 100_000
	sqliteComments = 1_000_000
)

// How many clients read and decide at once.
const (
	moderatorReads = 8
	deciders       = 16
)

func (b queueBench) run(ctx context.Context, std stdio) error {
	if b.pending < deciders || b.comments <= b.pending {
		return usageError{fmt.Errorf("--pending %d must be at least %d, and --comments %d more than that",
			b.pending, deciders, b.comments)}
	}
	return b.measure(ctx, std, moderatorReads, func(ctx context.Context, e engine) ([]result, error) {
		pending, comments, writers := b.pending, b.comments, runtime.NumCPU()
		if e.sqlite() {
			pending, comments, writers = min(pending, sqlitePending), min(comments, sqliteComments), 1
		}
		return queueRun{engine: e, pending: pending, approved: comments - pending, writers: writers}.run(ctx)
	})
}

// queueRun is an engine with the size of its queue.
type queueRun struct {
	engine
	pending  int
	approved int
	writers  int // connections that fill the database
}

func (q queueRun) run(ctx context.Context) (found []result, err error) {
	q.say("writing %d comments, %d of them pending", q.pending+q.approved, q.pending)
	if err := q.fill(ctx); err != nil {
		return nil, err
	}
	server, err := q.serve(ctx, append([]string{"REJOINDER_CACHE_BYTES=0"}, unlimited...)...)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, server.stop()) }()
	client := &apiClient{server: server.url, tokens: make([]string, deciders), http: newClient(deciders)}
	for n := range deciders {
		if err := client.signIn(ctx, n); err != nil {
			return nil, err
		}
	}
	q.say("reading and deciding")
	for _, load := range client.loads(q.pending) {
		load.name = q.name + ", " + load.name
		r, err := load.drive(ctx, q.duration)
		if err != nil {
			return nil, err
		}
		found = append(found, r)
	}
	return found, nil
}

// apiClient calls the API as moderators. Each client of a load is one of them.
type apiClient struct {
	server string
	http   *http.Client
	tokens []string
}

// loads are the measured loads, in this order.
func (c *apiClient) loads(pending int) []clientLoad {
	return []clientLoad{
		c.reads("list by risk", "queue", "&sort=risk"),
		c.reads("list, oldest first", "queue", "&sort=oldest"),
		c.reads("list of one rule", "queue", "&sort=newest&rule="+linkRule),
		c.reads("list of one article", "queue", "&article=story-7"),
		c.reads("search for a word", "queue", "&q=ferry"),
		c.reads("search for a prefix", "queue", "&q=st*"),
		c.reads("counts", "queue/counts", ""),
		{name: "claim the next five", clients: moderatorReads, step: func(ctx context.Context, client, _ int) error {
			return c.call(ctx, apiCall{client: client, method: http.MethodPost, path: claimsPath,
				body: map[string]any{"site": siteSlug, "count": 5, "sort": "risk"}})
		}, after: func(ctx context.Context, client int) error {
			return c.call(ctx, apiCall{client: client, method: http.MethodDelete, path: claimsPath})
		}},
		{name: "first page of a thread, uncached", clients: moderatorReads, step: func(ctx context.Context, _,
			n int) error {
			return get(ctx, c.http, c.server+threadPath(storyKey(n)))
		}},
		{name: "submissions", clients: deciders, step: (&submitter{client: c.http}).sendTo(c.server + submitPath)},
		{
			name:     "decide",
			clients:  deciders,
			maxSteps: pending / deciders,
			step: func(ctx context.Context, client, n int) error {
				return c.decide(ctx, client, decision{id: dbtest.CopyID(n*deciders + client), action: "approve", version: 1})
			},
		},
	}
}

// reads is a load of moderators who read the same path of the site again and again.
func (c *apiClient) reads(name, path, query string) clientLoad {
	call := apiCall{method: http.MethodGet, path: "/api/v1/" + path + "?site=" + siteSlug + query}
	return clientLoad{name: name, clients: moderatorReads, step: func(ctx context.Context, client, _ int) error {
		call := call
		call.client = client
		return c.call(ctx, call)
	}}
}

const claimsPath = "/api/v1/queue/claims"

// signIn opens a session for moderator n.
func (c *apiClient) signIn(ctx context.Context, n int) error {
	var session struct {
		AccessToken string `json:"access_token"`
	}
	err := c.call(ctx, apiCall{client: n, method: http.MethodPost, path: "/api/v1/auth/login", target: &session,
		body: map[string]any{"email": moderatorEmail(n), "password": moderatorPassword}})
	c.tokens[n] = session.AccessToken
	return err
}

// decision is what a client decides on a comment.
type decision struct {
	id, action string
	version    int
}

func (c *apiClient) decide(ctx context.Context, client int, d decision) error {
	return c.call(ctx, apiCall{client: client, method: http.MethodPost, path: "/api/v1/comments/" + d.id + "/decisions",
		body: map[string]any{"action": d.action, "version": d.version}})
}

// apiCall is one request of a moderator.
type apiCall struct {
	client int
	method string
	path   string
	body   any
	target any // decoded response; nil: discarded
}

func (c *apiClient) call(ctx context.Context, call apiCall) error {
	raw, err := c.fetch(ctx, call)
	if err != nil || call.target == nil {
		return err
	}
	if err := json.Unmarshal(raw, call.target); err != nil {
		return fmt.Errorf("call: %w", err)
	}
	return nil
}

// fetch returns the response's body.
func (c *apiClient) fetch(ctx context.Context, call apiCall) ([]byte, error) {
	var body io.Reader
	if call.body != nil {
		raw, err := json.Marshal(call.body)
		if err != nil {
			return nil, fmt.Errorf("call: %w", err)
		}
		body = bytes.NewReader(raw)
	}
	r, err := http.NewRequestWithContext(ctx, call.method, c.server+call.path, body)
	if err != nil {
		return nil, fmt.Errorf("call: %w", err)
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Authorization", "Bearer "+c.tokens[call.client])
	response, err := c.http.Do(r)
	if err != nil {
		return nil, fmt.Errorf("call: %w", err)
	}
	defer response.Body.Close()
	raw, err := io.ReadAll(response.Body)
	if err != nil {
		return nil, fmt.Errorf("call: %w", err)
	}
	if response.StatusCode >= http.StatusBadRequest {
		return nil, fmt.Errorf("call: %s %s returned %d: %.300s", call.method, call.path, response.StatusCode, raw)
	}
	return raw, nil
}
