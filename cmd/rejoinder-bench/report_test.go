package main

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// fixedLoad reaches the same rates in every run, one per round.
type fixedLoad struct {
	name, baseline string
	rates          []float64
	runs           *int
}

func (l fixedLoad) drive(context.Context, time.Duration) (result, error) {
	rate := l.rates[*l.runs]
	*l.runs++
	return result{Name: l.name, Baseline: l.baseline, Rate: rate}, nil
}

func TestTheBestRoundIsComparedWithTheBaselinesBestRound(t *testing.T) {
	found, err := bestOf(t.Context(), []load{
		fixedLoad{name: "bare gin", rates: []float64{100, 400, 200}, runs: new(int)},
		fixedLoad{name: "page", baseline: "bare gin", rates: []float64{80, 90, 300}, runs: new(int)},
	}, time.Second)
	if err != nil {
		t.Fatal(err)
	}
	want := []result{{Name: "bare gin", Rate: 400}, {Name: "page", Baseline: "bare gin", Rate: 300, OfBaseline: 0.75}}
	if diff := cmp.Diff(want, found); diff != "" {
		t.Error(diff)
	}
}

// fixedTimes has the same 99th percentiles in every run, one per round.
type fixedTimes struct {
	times []float64
	runs  *int
}

func (l fixedTimes) drive(context.Context, time.Duration) (result, error) {
	*l.runs++
	return result{P99: l.times[*l.runs-1]}, nil
}

func TestTheMedianRoundCounts(t *testing.T) {
	found, err := middleOf(t.Context(), []fixedTimes{{[]float64{9, 3, 5}, new(int)}, {[]float64{1, 2, 40}, new(int)}}, time.Second)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]result{{P99: 5}, {P99: 2}}, found); diff != "" {
		t.Error(diff)
	}
}

const wrkReport = `Running 3s test @ http://127.0.0.1:1/page
  2 threads and 32 connections
  Latency Distribution
     50%  612.00us
     75%    0.98ms
     90%    1.60ms
     99%    4.25ms
  126000 requests in 3.00s, 1.20GB read
Requests/sec:  41765.20
`

func TestWrkReportsAreRead(t *testing.T) {
	r, err := parseWrk(wrkReport)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(result{Rate: 41765.2, P50: 0.612, P99: 4.25}, r); diff != "" {
		t.Error(diff)
	}
}

func TestWrkReportsWithFailedRequestsAreRefused(t *testing.T) {
	for name, report := range map[string]string{
		"some responses were errors": wrkReport + "  Non-2xx or 3xx responses: 12\n",
		"some connections failed":    wrkReport + "  Socket errors: connect 0, read 3, write 0, timeout 0\n",
		"there is no rate":           strings.Replace(wrkReport, "Requests/sec", "Requests", 1),
		"it is empty":                "",
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := parseWrk(report); err == nil {
				t.Error("the report was taken")
			}
		})
	}
}

func TestClientsRepeatTheirStepAsOftenAsAllowed(t *testing.T) {
	steps, pauses := make([]int, 3), make([]int, 3)
	r, err := clientLoad{
		name: "count", clients: 3, maxSteps: 5,
		step:  func(_ context.Context, client, _ int) error { steps[client]++; return nil },
		after: func(_ context.Context, client int) error { pauses[client]++; return nil },
	}.drive(t.Context(), time.Hour)
	if err != nil || r.Rate <= 0 {
		t.Fatalf("got %+v, %v", r, err)
	}
	if diff := cmp.Diff([]int{5, 5, 5}, steps) + cmp.Diff(steps, pauses); diff != "" {
		t.Error(diff)
	}
}

func TestAGrowingServerFailsTheSoak(t *testing.T) {
	steady := []float64{1, 9, 100, 101, 100, 104, 103, 105}
	growing := []float64{1, 9, 100, 101, 100, 104, 140, 150}
	if said, err := (&growthMonitor{memory: steady, goroutines: steady}).verdict(); err != nil {
		t.Errorf("a steady server: %s: %v", said, err)
	}
	if said, err := (&growthMonitor{memory: growing, goroutines: steady}).verdict(); err == nil {
		t.Errorf("a growing server passed: %s", said)
	}
	if said, err := (&growthMonitor{memory: steady, goroutines: growing}).verdict(); err == nil {
		t.Errorf("a server with more and more goroutines passed: %s", said)
	}
}

func TestCommandsExplainUsageErrors(t *testing.T) {
	missing := filepath.Join(t.TempDir(), "rejoinder")
	for name, test := range map[string]struct {
		args []string
		want string
	}{
		"an unknown command": {[]string{"fly"}, `unknown command or argument "fly"`},
		"an unknown flag":    {[]string{"write", "--fast"}, "unknown flag: --fast (see rejoinder-bench write --help)"},
		"no server to run":   {[]string{"write", "--server", missing}, "make build"},
		"no time to measure": {[]string{"write", "--duration", "0s"}, "less than a second"},
		"nothing pending":    {[]string{"queue", "--pending", "0"}, "must be at least 16"},
		"a small database":   {[]string{"scale", "--small", "100"}, "must be at least 5000"},
		"an unknown engine":  {[]string{"scale", "--only", "mysql"}, `"mysql" is neither sqlite nor postgres`},
	} {
		t.Run(name, func(t *testing.T) {
			var errs strings.Builder
			code := run(t.Context(), stdio{out: os.Stdout, errs: &errs}, test.args)
			if code != exitMisused || !strings.Contains(errs.String(), test.want) {
				t.Errorf("exit %d, %q; want 2 and %q", code, errs.String(), test.want)
			}
		})
	}
}
