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

// wrkConnections is the number of connections that wrk uses.
const wrkConnections = 32

// wrkLoad requests one URL with wrk.
type wrkLoad struct {
	name     string
	url      string
	headers  []string
	baseline string // name of the load to compare with
}

var errNoWrk = errors.New("wrk is not in PATH; install it, on Debian with: apt-get install wrk")

// drive requires every response to be a success or 304.
func (l wrkLoad) drive(ctx context.Context, duration time.Duration) (result, error) {
	args := []string{"-t2", fmt.Sprintf("-c%d", wrkConnections), fmt.Sprintf("-d%ds", max(1, int(duration.Seconds()))),
		"--latency", "--timeout", "10s"}
	for _, header := range l.headers {
		args = append(args, "-H", header)
	}
	out, err := exec.CommandContext(ctx, "wrk", append(args, l.url)...).CombinedOutput()
	if errors.Is(err, exec.ErrNotFound) {
		return result{}, errNoWrk
	}
	if err != nil {
		return result{}, fmt.Errorf("wrk: %w: %s", err, out)
	}
	r, err := parseWrk(string(out))
	r.Name, r.Baseline = l.name, l.baseline
	return r, err
}

var (
	wrkRate    = regexp.MustCompile(`Requests/sec:\s+([0-9.]+)`)
	wrkLatency = regexp.MustCompile(`(?m)^\s+(50|99)%\s+([0-9.]+)(us|ms|s|m)$`)
)

// parseWrk reads wrk's report. Failed responses invalidate the whole run.
func parseWrk(out string) (result, error) {
	var r result
	if strings.Contains(out, "Non-2xx or 3xx responses") || strings.Contains(out, "Socket errors") {
		return r, fmt.Errorf("wrk: some requests failed: %s", out)
	}
	rate := wrkRate.FindStringSubmatch(out)
	latencies := wrkLatency.FindAllStringSubmatch(out, -1)
	if rate == nil || len(latencies) != 2 {
		return r, fmt.Errorf("wrk: unknown format of its report: %s", out)
	}
	var errs [3]error
	r.Rate, errs[0] = strconv.ParseFloat(rate[1], 64)
	r.P50, errs[1] = wrkMilliseconds(latencies[0])
	r.P99, errs[2] = wrkMilliseconds(latencies[1])
	return r, errors.Join(errs[:]...)
}

func wrkMilliseconds(match []string) (float64, error) {
	value, err := strconv.ParseFloat(match[2], 64)
	return value * map[string]float64{"us": 0.001, "ms": 1, "s": 1000, "m": 60_000}[match[3]], err
}
