package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"rejoinder/web"
)

// peakBytes returns a process's peak memory (Linux).
func (p *program) peakBytes(t *testing.T) int {
	t.Helper()
	raw, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.cmd.Process.Pid))
	if err != nil {
		t.Fatal(err)
	}
	line := regexp.MustCompile(`VmHWM:\s+(\d+) kB`).FindSubmatch(raw)
	if line == nil {
		t.Fatalf("no peak in\n%s", raw)
	}
	kib, err := strconv.Atoi(string(line[1]))
	if err != nil {
		t.Fatal(err)
	}
	return kib << 10
}

// readings are the results of reads.
type readings struct {
	took   []time.Duration
	failed map[string]int // by status or error
}

// p99 is the 99th percentile of response times.
func (r readings) p99() time.Duration {
	if len(r.took) == 0 {
		return 0
	}
	return slices.Sorted(slices.Values(r.took))[len(r.took)*99/100]
}

// readUntil has four readers request the demo's thread repeatedly, until ctx ends and each has made enough
// requests.
func (p *program) readUntil(ctx context.Context, t *testing.T, atLeast int) readings {
	t.Helper()
	const clients = 4
	client := &http.Client{Timeout: startTime, Transport: &http.Transport{MaxIdleConnsPerHost: clients}}
	defer client.CloseIdleConnections()
	all := readings{failed: map[string]int{}}
	var mu sync.Mutex
	var running sync.WaitGroup
	for range clients {
		running.Go(func() {
			for n := 0; n < atLeast/clients || ctx.Err() == nil; n++ {
				began := time.Now()
				answer, err := client.Get(p.url + demoThread)
				if err == nil {
					io.Copy(io.Discard, answer.Body) //nolint:errcheck // only the status matters
					answer.Body.Close()
				}
				mu.Lock()
				switch {
				case err != nil:
					all.failed[err.Error()]++
				case answer.StatusCode != http.StatusOK:
					all.failed[answer.Status]++
				default:
					all.took = append(all.took, time.Since(began))
				}
				mu.Unlock()
			}
		})
	}
	running.Wait()
	return all
}

// readDuring reads while a function attacks the server, and returns the results of reads before and during
// the attack.
func (p *program) readDuring(t *testing.T, name string, do func()) {
	t.Helper()
	ended, end := context.WithCancel(t.Context())
	end()
	before := p.readUntil(ended, t, 400)
	ctx, end := context.WithCancel(t.Context())
	defer end()
	var meanwhile readings
	var reading sync.WaitGroup
	reading.Go(func() { meanwhile = p.readUntil(ctx, t, 400) })
	began := time.Now()
	do()
	took := time.Since(began)
	end()
	reading.Wait()
	t.Logf("%s in %s: p99 of %d reads %s, before %s; peak %d MB", name, took.Round(time.Millisecond), len(meanwhile.took), meanwhile.p99(),
		before.p99(), p.peakBytes(t)>>20)
	if len(meanwhile.failed) > 0 {
		t.Errorf("%s: reads failed: %v", name, meanwhile.failed)
	}
	if most := max(2*before.p99(), floodPatience); meanwhile.p99() > most {
		t.Errorf("%s: p99 of reads is %s, without it was %s", name, meanwhile.p99(), before.p99())
	}
}

// quotes is longer than the largest request.
var quotes = strings.Repeat(`"`, 3<<20)

// form sends a form as a browser does, and returns the status; 0 if the server hung up before reading all of
// it.
func (p *program) form(path string, size int) int {
	request, err := http.NewRequest(http.MethodPost, p.url+path, strings.NewReader(quotes[:size]))
	if err != nil {
		return 0
	}
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	request.Header.Set("Accept", "text/html")
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return 0
	}
	defer answer.Body.Close()
	if _, err := io.Copy(io.Discard, answer.Body); err != nil {
		return 0
	}
	return answer.StatusCode
}

// runConcurrently runs n calls concurrently.
func runConcurrently(times int, do func(n int)) {
	var running sync.WaitGroup
	for n := range times {
		running.Go(func() { do(n) })
	}
	running.Wait()
}

// sendAllButLastByte sends a request's head and all of its body except the last byte. The connection stays
// open.
func sendAllButLastByte(address, path, contentType string, size int) (net.Conn, error) {
	conn, err := net.Dial("tcp", address)
	if err != nil {
		return nil, err
	}
	conn.SetWriteDeadline(time.Now().Add(startTime)) //nolint:errcheck // connections support deadlines
	_, err = fmt.Fprintf(conn, "POST %s HTTP/1.1\r\nHost: x\r\nAccept: text/html\r\nContent-Type: %s\r\nContent-Length: %d\r\n\r\n", path, contentType, size)
	if err == nil {
		io.WriteString(conn, quotes[:size-1]) //nolint:errcheck // the server may hang up
	}
	return conn, nil
}

func TestUnauthorizedBodiesUseNoMemory(t *testing.T) {
	p := startProgram(t, []string{"REJOINDER_DATA_DIR=" + t.TempDir(), throughProxy, realHashes}, "serve", "--demo")
	// Bodies and pages may take 32 MB each, and the garbage collector lets twice as much accumulate on a busy
	// machine.
	most := p.peakBytes(t) + memoryTimes*3*64<<20
	rulesets := "/api/v1/sites/" + web.DemoSite + "/rulesets/check"
	for _, c := range []struct {
		path     string
		size     int
		statuses []int
	}{
		{"/console/claims", 3 << 20, []int{http.StatusUnauthorized, 0}},
		{rulesets, 3 << 20, []int{http.StatusUnauthorized, 0}},
		{"/console/claims", 64 << 10, []int{http.StatusUnauthorized, http.StatusServiceUnavailable}},
		{"/console/sign-in", 256 << 10, []int{http.StatusUnauthorized, http.StatusServiceUnavailable, http.StatusTooManyRequests}},
	} {
		p.readDuring(t, fmt.Sprint("200 times ", c.size, " bytes to ", c.path), func() {
			runConcurrently(200, func(int) {
				if status := p.form(c.path, c.size); !slices.Contains(c.statuses, status) {
					t.Errorf("%s: status %d", c.path, status)
				}
			})
		})
	}
	address := strings.TrimPrefix(p.url, "http://")
	for _, c := range []struct {
		path, contentType string
		size              int
	}{
		{"/console/claims", "application/x-www-form-urlencoded", 3 << 20},
		{rulesets, "application/json", 3 << 20},
		{demoComments, "application/json", 256 << 10},
	} {
		p.readDuring(t, fmt.Sprint("400 times half of ", c.size, " bytes to ", c.path), func() {
			runConcurrently(400, func(int) {
				conn, err := sendAllButLastByte(address, c.path, c.contentType, c.size)
				if err != nil {
					t.Error(err)
					return
				}
				t.Cleanup(func() { conn.Close() })
			})
			r := p.ask(t, http.MethodPost, demoComments, newComment("There is room for a comment beside "+c.path))
			if r.status != http.StatusCreated {
				t.Errorf("a comment meanwhile: %+v", r)
			}
		})
	}
	if peak := p.peakBytes(t); peak > most {
		t.Errorf("the server held %d MB", peak>>20)
	}
}

func TestSignInsOfSevenHundredKeepNoReaderWaiting(t *testing.T) {
	p := startProgram(t, []string{"REJOINDER_DATA_DIR=" + t.TempDir(), throughProxy, realHashes, "REJOINDER_CACHE_BYTES=0"}, "serve", "--demo")
	client := &http.Client{Timeout: startTime, Transport: &http.Transport{MaxIdleConnsPerHost: 700}}
	defer client.CloseIdleConnections()
	signIn := func(n int) (status int, retry string) {
		body := fmt.Sprintf(`{"email":"moderator-%d@desk.example","password":"not the one of number %d"}`, n, n)
		request, err := http.NewRequest(http.MethodPost, p.url+"/api/v1/auth/login", strings.NewReader(body))
		if err != nil {
			t.Error(err)
			return 0, ""
		}
		request.Header.Set("Content-Type", "application/json")
		request.Header.Set("X-Forwarded-For", fmt.Sprintf("198.18.%d.%d", n/200, n%200+1))
		answer, err := client.Do(request)
		if err != nil {
			t.Error(err)
			return 0, ""
		}
		defer answer.Body.Close()
		io.Copy(io.Discard, bufio.NewReader(answer.Body)) //nolint:errcheck // only the status matters
		return answer.StatusCode, answer.Header.Get("Retry-After")
	}
	var mu sync.Mutex
	statuses := map[int]int{}
	p.readDuring(t, "700 sign-ins", func() {
		runConcurrently(700, func(n int) {
			status, retry := signIn(n)
			mu.Lock()
			defer mu.Unlock()
			if statuses[status]++; status == http.StatusServiceUnavailable && retry == "" {
				t.Error("a refusal lacks Retry-After")
			}
		})
	})
	t.Logf("the sign-ins got %v", statuses)
	if statuses[http.StatusUnauthorized] == 0 || statuses[http.StatusUnauthorized]+statuses[http.StatusServiceUnavailable] != 700 {
		t.Errorf("of 700 sign-ins with wrong passwords: %v", statuses)
	}
	if status := call(t, http.MethodPost, p.url+"/api/v1/auth/login", "", map[string]string{"email": demoEmail, "password": p.password(t)}, nil); status != http.StatusOK {
		t.Errorf("afterwards a moderator signs in: %d", status)
	}
}
