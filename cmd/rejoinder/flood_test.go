package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"rejoinder/web"
	"rejoinder/weburl"
)

// floodClients is how many send at once.
const floodClients = 32

// floodPatience is the maximum time that a reader waits during a flood: a few milliseconds on an idle
// machine, some seconds beside ten busy processes, and forever if the flood starves readers.
const floodPatience = 20 * time.Second

// flood sends requests as fast as they are answered, and requires each response to have one of the statuses.
func flood(ctx context.Context, requests int, address func(n int) string, statuses ...int) error {
	client := &http.Client{Timeout: startTime, Transport: &http.Transport{MaxIdleConnsPerHost: floodClients}}
	defer client.CloseIdleConnections()
	var next atomic.Int64
	clients, ctx := errgroup.WithContext(ctx)
	for range floodClients {
		clients.Go(func() error {
			for n := int(next.Add(1)); n <= requests && ctx.Err() == nil; n = int(next.Add(1)) {
				request, err := http.NewRequestWithContext(ctx, http.MethodGet, address(n), nil)
				if err != nil {
					return err
				}
				answer, err := client.Do(request)
				if err != nil {
					return err
				}
				_, err = io.Copy(io.Discard, answer.Body)
				answer.Body.Close()
				if err != nil || !slices.Contains(statuses, answer.StatusCode) {
					return fmt.Errorf("%s: status %d, %w", address(n), answer.StatusCode, err)
				}
			}
			return nil
		})
	}
	return clients.Wait()
}

// residentBytes is the resident memory of a process (Linux).
func (p *program) residentBytes(t *testing.T) int {
	t.Helper()
	raw, err := os.ReadFile(fmt.Sprintf("/proc/%d/statm", p.cmd.Process.Pid))
	if err != nil {
		t.Fatal(err)
	}
	pages, err := strconv.Atoi(strings.Fields(string(raw))[1])
	if err != nil {
		t.Fatal(err)
	}
	return pages * os.Getpagesize()
}

// floodSize is 200,000 requests if the faults are run in full, otherwise a number that takes little time.
func floodSize() int {
	if faultRounds(4) > 3 {
		return 200_000
	}
	return 10_000
}

func TestAFloodOfUnknownArticleKeysIsNotCached(t *testing.T) {
	for name, path := range map[string]string{
		"texts":     "/api/v1/sites/%s/thread?article=flood-%d",
		"addresses": "/sites/%s/page?article=ORIGIN/flood-%d", // of the site, with a form for the first comment
	} {
		t.Run(name, func(t *testing.T) { floodWithKeys(t, path) })
	}
}

func floodWithKeys(t *testing.T, path string) {
	dir := t.TempDir()
	env := []string{"REJOINDER_DATA_DIR=" + dir, "REJOINDER_DATABASE_URL=sqlite:" + filepath.Join(dir, "test.db"),
		"REJOINDER_CACHE_BYTES=16777216",
		"GOGC=50"} // a busy machine lets less garbage lie
	p := startProgram(t, env, "serve", "--demo")
	path = p.url + strings.Replace(path, "ORIGIN", weburl.Origin(p.url), 1)
	start := time.Now()
	err := flood(t.Context(), floodSize(), func(n int) string { return fmt.Sprintf(path, web.DemoSite, n) },
		http.StatusOK, http.StatusServiceUnavailable)
	if err != nil {
		t.Error(err)
	}
	const most = memoryTimes * 140 << 20 // the program itself, the cache, and garbage
	if held := p.residentBytes(t); held > most {
		t.Errorf("after %d keys the server holds %d MB", floodSize(), held>>20)
	}
	t.Logf("%d keys in %s, %d MB held", floodSize(), time.Since(start).Round(time.Millisecond), p.residentBytes(t)>>20)
	var articles int
	if err := openRaw(t, env).QueryRow(`SELECT COUNT(*) FROM articles`).Scan(&articles); err != nil || articles != 1 {
		t.Errorf("%d articles are kept after requests that only read: %v", articles, err)
	}
}

func TestAFloodOnOneThreadLeavesOthersReadable(t *testing.T) {
	eachEngine(t, func(t *testing.T, env []string) {
		p := startProgram(t, env, "serve", "--demo")
		ctx, stop := context.WithCancel(t.Context())
		attackers, attack := errgroup.WithContext(ctx)
		var sent atomic.Int64
		attackers.Go(func() error {
			err := flood(attack, 1<<40, func(int) string { sent.Add(1); return p.url + demoThread }, http.StatusOK, http.StatusServiceUnavailable)
			if ctx.Err() != nil {
				return nil // it was stopped
			}
			return err
		})
		eventually(t, "the attack does not begin", func() bool { return sent.Load() > 500 })
		start, before := time.Now(), sent.Load()
		for n := range 100 {
			began := time.Now()
			r := p.ask(t, http.MethodGet, fmt.Sprintf("/api/v1/sites/%s/thread?article=other-%d", web.DemoSite, n), "")
			if r.status != http.StatusOK && r.status != http.StatusNotFound || time.Since(began) > floodPatience {
				t.Errorf("reader %d: status %d after %s", n, r.status, time.Since(began))
			}
		}
		t.Logf("100 others were answered in %s, while %d were sent to one thread", time.Since(start), sent.Load()-before)
		stop()
		if err := attackers.Wait(); err != nil {
			t.Error(err)
		}
	})
}
