package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"
)

// The mixed load of a newspaper's server on a small machine, per second.
const (
	soakSubmissions = 20
	soakThreads     = 100
	soakDecisions   = 10
)

const (
	soakStreams = 50 // open live streams
	soakClients = 4  // clients for each part of the load
)

// The initial number of comments: pages are full, and there are always comments left to decide on.
const (
	soakPending  = 20_000
	soakApproved = 10_000
)

// soakSamples is how often the server's size is sampled. The second quarter of the samples is compared with
// the last, since caches fill up during the first.
const soakSamples = 100

// soakBench runs a mixed load for a long time and fails if the server grows.
type soakBench struct{ options }

func (b soakBench) run(ctx context.Context, std stdio) error {
	return b.measure(ctx, std, 3*soakClients, runSoak)
}

func runSoak(ctx context.Context, e engine) ([]result, error) {
	if err := (queueRun{engine: e, pending: soakPending, approved: soakApproved, writers: 1}).fill(ctx); err != nil {
		return nil, err
	}
	if err := e.withStore(ctx,
		func(ctx context.Context, s *store) error { return s.activate(ctx, firstVersion) }); err != nil {
		return nil, err
	}
	found, err := e.soakServer(ctx)
	if err != nil {
		return nil, err
	}
	return found, e.withStore(ctx, checkCounters)
}

// checkCounters fails if a counter does not match its rows.
func checkCounters(ctx context.Context, s *store) error {
	wrong, err := s.db.Miscounts(ctx)
	if err == nil && len(wrong) > 0 {
		err = fmt.Errorf("soak: %d counters are wrong, the first: %v", len(wrong), wrong[0])
	}
	return err
}

// soakServer drives a server for the engine's duration and fails if it grew.
func (e engine) soakServer(ctx context.Context) (found []result, err error) {
	metrics, err := unusedAddress()
	if err != nil {
		return nil, err
	}
	server, err := e.serve(ctx, append([]string{
		"REJOINDER_METRICS_ADDR=" + metrics, "REJOINDER_ADDRESS_STREAMS=" + strconv.Itoa(soakStreams),
	}, unlimited...)...)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, server.stop()) }()
	e.say("running a mixed load for %s", e.duration)
	monitor := growthMonitor{server: server, metrics: "http://" + metrics + "/metrics"}
	loads := e.soakLoads(server)
	found = make([]result, len(loads))
	end, cancel := context.WithTimeout(ctx, e.duration)
	defer cancel()
	all, running := errgroup.WithContext(ctx)
	for i, load := range loads {
		all.Go(func() (err error) {
			found[i], err = load.drive(running, e.duration)
			return err
		})
	}
	for range soakStreams {
		all.Go(func() error { return followEvents(end, server.url) })
	}
	all.Go(func() error { return monitor.sample(end, e.duration/soakSamples) })
	if err := all.Wait(); err != nil {
		return nil, err
	}
	verdict, err := monitor.verdict()
	e.say("%s", verdict)
	return found, err
}

func (e engine) soakLoads(server *process) []clientLoad {
	client := newClient(4 * soakClients)
	submitter := &submitter{client: client}
	moderators := &soakModerators{apiClient{server: server.url, http: client, tokens: make([]string, soakClients)}}
	interval := func(perSecond int) time.Duration {
		return time.Duration(soakClients) * time.Second / time.Duration(perSecond)
	}
	var reads atomic.Int64
	return []clientLoad{
		{name: e.name + ", submissions", clients: soakClients, interval: interval(soakSubmissions),
			step: submitter.sendTo(server.url + submitPath)},
		{name: e.name + ", threads", clients: soakClients, interval: interval(soakThreads),
			step: func(ctx context.Context, _, _ int) error {
				return get(ctx, client, server.url+fragmentPath(storyKey(int(reads.Add(1)))))
			}},
		{name: e.name + ", decisions", clients: soakClients, interval: interval(soakDecisions),
			step: moderators.decideNext},
	}
}

// soakModerators claim the oldest comment and decide on it, repeatedly.
type soakModerators struct{ apiClient }

// soakSession is the number of decisions after which a moderator signs in again, before the session expires.
const soakSession = 500

func (m *soakModerators) decideNext(ctx context.Context, client, n int) error {
	if n%soakSession == 0 {
		if err := m.signIn(ctx, client); err != nil {
			return err
		}
	}
	var claimed struct {
		Items []struct {
			Comment struct {
				ID      string `json:"id"`
				Version int    `json:"version"`
			} `json:"comment"`
		} `json:"items"`
	}
	err := m.call(ctx, apiCall{client: client, method: http.MethodPost, path: claimsPath, target: &claimed,
		body: map[string]any{"site": siteSlug, "count": 1, "sort": "oldest"}})
	if err != nil || len(claimed.Items) == 0 {
		return err
	}
	next := claimed.Items[0].Comment
	action := []string{"approve", "approve", "approve", "reject", "spam"}[n%5]
	return m.decide(ctx, client, decision{id: next.ID, action: action, version: next.Version})
}

// followEvents reads an article's live events until ctx ends. Like a browser, it reconnects when the server
// drops it.
func followEvents(ctx context.Context, server string) error {
	url := server + "/api/v1/sites/" + siteSlug + "/events?article=" + storyKey(1)
	for ctx.Err() == nil {
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
		if err != nil {
			return fmt.Errorf("follow events: %w", err)
		}
		response, err := http.DefaultClient.Do(request)
		if err == nil {
			if response.StatusCode != http.StatusOK {
				err = fmt.Errorf("status %d", response.StatusCode)
			}
			_, copyErr := io.Copy(io.Discard, response.Body)
			err = errors.Join(err, copyErr, response.Body.Close())
		}
		if err != nil && ctx.Err() == nil {
			return fmt.Errorf("follow events: %w", err)
		}
	}
	return nil
}

// unusedAddress returns an unused local address.
func unusedAddress() (string, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", fmt.Errorf("find a free address: %w", err)
	}
	return listener.Addr().String(), listener.Close()
}
