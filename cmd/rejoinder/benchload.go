package main

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// measured is what one address took under load.
type measured struct {
	Name    string  `json:"name"`
	Rate    float64 `json:"requests_per_second"`
	P50     float64 `json:"p50_ms"`
	P99     float64 `json:"p99_ms"`
	Limit   string  `json:"limit,omitempty"` // the name of what it is held against
	OfLimit float64 `json:"of_limit,omitempty"`
}

// wrkLoad is one address to drive, with the headers of its requests.
type wrkLoad struct {
	name    string
	url     string
	headers []string
	limit   string
}

// errNoWrk says what to do about it.
var errNoWrk = errors.New("wrk is not in PATH; install it, on Debian with: apt-get install wrk")

// drive has readers ask for one address for a while. Every answer must be a success or 304.
func (l wrkLoad) drive(ctx context.Context, duration time.Duration) (measured, error) {
	args := []string{"-t2", fmt.Sprintf("-c%d", readers), fmt.Sprintf("-d%ds", max(1, int(duration.Seconds()))), "--latency", "--timeout", "10s"}
	for _, header := range l.headers {
		args = append(args, "-H", header)
	}
	out, err := exec.CommandContext(ctx, "wrk", append(args, l.url)...).CombinedOutput()
	if errors.Is(err, exec.ErrNotFound) {
		return measured{}, errNoWrk
	}
	if err != nil {
		return measured{}, fmt.Errorf("wrk: %w: %s", err, out)
	}
	m, err := readWrk(string(out))
	m.Name, m.Limit = l.name, l.limit
	return m, err
}

var (
	wrkRate    = regexp.MustCompile(`Requests/sec:\s+([0-9.]+)`)
	wrkLatency = regexp.MustCompile(`(?m)^\s+(50|99)%\s+([0-9.]+)(us|ms|s|m)$`)
)

// readWrk reads what wrk prints. Answers that failed make the whole run worthless.
func readWrk(out string) (measured, error) {
	var m measured
	if strings.Contains(out, "Non-2xx or 3xx responses") || strings.Contains(out, "Socket errors") {
		return m, fmt.Errorf("wrk: some answers failed: %s", out)
	}
	rate := wrkRate.FindStringSubmatch(out)
	latencies := wrkLatency.FindAllStringSubmatch(out, -1)
	if rate == nil || len(latencies) != 2 {
		return m, fmt.Errorf("wrk: its report was not understood: %s", out)
	}
	var errs [3]error
	m.Rate, errs[0] = strconv.ParseFloat(rate[1], 64)
	m.P50, errs[1] = wrkMilliseconds(latencies[0])
	m.P99, errs[2] = wrkMilliseconds(latencies[1])
	return m, errors.Join(errs[:]...)
}

func wrkMilliseconds(match []string) (float64, error) {
	value, err := strconv.ParseFloat(match[2], 64)
	return value * map[string]float64{"us": 0.001, "ms": 1, "s": 1000, "m": 60_000}[match[3]], err
}
