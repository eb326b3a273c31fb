package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// The load on the nodes of a cluster.
const (
	clusterWriters  = 4
	clusterReaders  = 4
	clusterArticles = 8                      // read and written
	writeInterval   = 100 * time.Millisecond // of each writer; also between two attempts
	readInterval    = 100 * time.Millisecond // of each reader
	writePatience   = 20 * time.Second       // with one attempt
	outagePatience  = 2 * time.Minute        // until the run fails
)

// clusterLoad submits comments to the nodes, each with an idempotency key until it is acknowledged, and reads threads.
type clusterLoad struct {
	nodes  []*process
	client *http.Client
	sent   atomic.Int64

	mu           sync.Mutex
	acknowledged map[string]string // key to ID
	replayed     int               // acknowledged only after a failed attempt
	latest       []time.Time       // by node: when the latest acknowledged request was sent
	statuses     map[string]int    // of reads and failed writes
	changed      chan struct{}     // closed when latest changes
}

func newClusterLoad(nodes []*process) *clusterLoad {
	return &clusterLoad{
		nodes: nodes, client: &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 16}, Timeout: writePatience},
		acknowledged: map[string]string{}, latest: make([]time.Time, len(nodes)),
		statuses: map[string]int{}, changed: make(chan struct{}),
	}
}

// start runs the load until the returned function is called, which waits until every comment is acknowledged.
func (l *clusterLoad) start(ctx context.Context) (stop func()) {
	done := make(chan struct{})
	var running sync.WaitGroup
	repeat := func(interval time.Duration, step func(n int)) {
		running.Go(func() {
			for n := 0; ctx.Err() == nil; n++ {
				step(n)
				select {
				case <-done:
					return
				case <-time.After(interval):
				}
			}
		})
	}
	for range clusterWriters {
		repeat(writeInterval, func(int) { l.write(ctx) })
	}
	for i := range clusterReaders {
		repeat(readInterval, func(n int) { l.read(ctx, l.nodes[i%len(l.nodes)], n) })
	}
	return func() {
		close(done)
		running.Wait()
	}
}

// write submits a comment until it is acknowledged, to another node after each failure.
func (l *clusterLoad) write(ctx context.Context) {
	n := int(l.sent.Add(1))
	key := fmt.Sprintf("cluster-%d", n)
	for attempt := 0; ctx.Err() == nil; attempt++ {
		node := (n + attempt) % len(l.nodes)
		began := time.Now()
		id, err := l.submit(ctx, node, n, key)
		if err == nil {
			l.acknowledge(key, id, node, began, attempt)
			return
		}
		l.count("write: " + err.Error())
		if pause(ctx, writeInterval) != nil {
			return
		}
	}
}

// submit sends the nth comment and returns its ID.
func (l *clusterLoad) submit(ctx context.Context, node, n int, key string) (id string, err error) {
	comment := newComment(n)
	comment["article"] = map[string]string{"key": storyKey(n % clusterArticles)}
	raw, err := json.Marshal(comment)
	if err != nil {
		return "", err
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, l.nodes[node].url+submitPath, bytes.NewReader(raw))
	if err != nil {
		return "", err
	}
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("Idempotency-Key", key)
	response, err := l.client.Do(request)
	if err != nil {
		return "", errors.New("no response")
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		return "", errors.New("no response")
	}
	if response.StatusCode != http.StatusCreated {
		return "", fmt.Errorf("status %d", response.StatusCode)
	}
	var created struct {
		Comment struct {
			ID string `json:"id"`
		} `json:"comment"`
	}
	err = json.Unmarshal(body, &created)
	return created.Comment.ID, err
}

// acknowledge records a comment.
func (l *clusterLoad) acknowledge(key, id string, node int, began time.Time, attempt int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.acknowledged[key] = id
	if attempt > 0 {
		l.replayed++
	}
	if began.After(l.latest[node]) {
		l.latest[node] = began
	}
	close(l.changed)
	l.changed = make(chan struct{})
}

// waitAcknowledged waits until each node has acknowledged a comment that was sent after the given time. It
// returns which node was last.
func (l *clusterLoad) waitAcknowledged(ctx context.Context, since time.Time) (int, error) {
	ctx, cancel := context.WithTimeout(ctx, outagePatience)
	defer cancel()
	worst := 0
	for {
		l.mu.Lock()
		changed, back := l.changed, true
		for node, latest := range l.latest {
			if !latest.After(since) {
				back, worst = false, node
			}
		}
		l.mu.Unlock()
		if back {
			return worst, nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return worst, fmt.Errorf("node %d acknowledges nothing: %w", worst+1, ctx.Err())
		}
	}
}

// read requests a thread's page.
func (l *clusterLoad) read(ctx context.Context, node *process, n int) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, node.url+fragmentPath(storyKey(n%clusterArticles)), nil)
	if err != nil {
		l.count("read: " + err.Error())
		return
	}
	response, err := l.client.Do(request)
	if err != nil {
		l.count("read: no response")
		return
	}
	defer response.Body.Close()
	if _, err := io.Copy(io.Discard, response.Body); err != nil {
		l.count("read: broke off")
		return
	}
	l.count(fmt.Sprintf("read: status %d", response.StatusCode))
}

// readOK is the key under which reads that returned a page are counted.
const readOK = "read: status 200"

// refusedReads returns how many reads have failed.
func (l *clusterLoad) refusedReads() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	refused := 0
	for what, n := range l.statuses {
		if strings.HasPrefix(what, "read: ") && what != readOK {
			refused += n
		}
	}
	return refused
}

func (l *clusterLoad) count(what string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.statuses[what]++
}
