package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"
)

// maxGrowth is the growth of memory or goroutines that is attributed to chance.
const maxGrowth = 1.10

// growthMonitor samples a server's memory and goroutines.
type growthMonitor struct {
	server     *process
	metrics    string    // URL
	memory     []float64 // MB
	goroutines []float64
}

// sample reads the server's size at each interval until ctx ends.
func (g *growthMonitor) sample(ctx context.Context, interval time.Duration) error {
	tick := time.NewTicker(interval)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
		memory, err := residentMemory(g.server.cmd.Process.Pid)
		if err != nil {
			return err
		}
		_, metrics, err := fetch(ctx, g.metrics, nil)
		if ctx.Err() != nil {
			return nil
		}
		if err != nil {
			return err
		}
		goroutines, err := numberAfter(string(metrics), "go_goroutines ")
		if err != nil {
			return err
		}
		g.memory, g.goroutines = append(g.memory, memory), append(g.goroutines, goroutines)
	}
}

// verdict describes the server's size, and returns an error if it grew.
func (g *growthMonitor) verdict() (string, error) {
	memoryBefore, memoryAfter := quarterMedians(g.memory)
	goroutinesBefore, goroutinesAfter := quarterMedians(g.goroutines)
	verdict := fmt.Sprintf("memory %.0f MB in the second quarter, %.0f MB in the last, %.0f MB at most; goroutines %.0f, then %.0f",
		memoryBefore, memoryAfter, slices.Max(append(g.memory, 0)), goroutinesBefore, goroutinesAfter)
	if memoryAfter > memoryBefore*maxGrowth || goroutinesAfter > goroutinesBefore*maxGrowth {
		return verdict, errors.New("soak: the server grows")
	}
	return verdict, nil
}

// quarterMedians returns the medians of the second and the last quarter.
func quarterMedians(samples []float64) (second, last float64) {
	median := func(from, to int) float64 {
		part := slices.Sorted(slices.Values(samples[from:to]))
		if len(part) == 0 {
			return 0
		}
		return part[len(part)/2]
	}
	n := len(samples)
	return median(n/4, n/2), median(n*3/4, n)
}

// residentMemory returns a process's resident memory in MB
// (https://man7.org/linux/man-pages/man5/proc_pid_status.5.html).
func residentMemory(pid int) (float64, error) {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0, fmt.Errorf("read memory: %w", err)
	}
	kilobytes, err := numberAfter(string(status), "VmRSS:")
	return kilobytes * 1024 / 1e6, err
}

// numberAfter returns the number after a prefix of a line.
func numberAfter(text, prefix string) (float64, error) {
	for lines := bufio.NewScanner(strings.NewReader(text)); lines.Scan(); {
		if rest, ok := strings.CutPrefix(lines.Text(), prefix); ok {
			if fields := strings.Fields(rest); len(fields) > 0 {
				return strconv.ParseFloat(fields[0], 64)
			}
		}
	}
	return 0, fmt.Errorf("no number after %q", prefix)
}
