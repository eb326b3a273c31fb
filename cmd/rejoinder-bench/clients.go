package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"slices"
	"time"

	"golang.org/x/sync/errgroup"
)

// clientLoad is a set of clients that each repeat a step, one request after the other.
type clientLoad struct {
	name     string
	clients  int
	baseline string                                         // name of the load to compare with
	step     func(ctx context.Context, client, n int) error // measured, the nth call
	maxSteps int                                            // of each client; 0: unlimited
	interval time.Duration                                  // between two steps of a client; 0: none
	after    func(ctx context.Context, client int) error    // runs after each step, not measured; may be nil
}

// drive runs the load for the duration. An error in any step stops it.
func (l clientLoad) drive(ctx context.Context, duration time.Duration) (result, error) {
	latencies := make([][]time.Duration, l.clients)
	start := time.Now()
	clients, ctx := errgroup.WithContext(ctx)
	for client := range l.clients {
		clients.Go(func() error {
			for n := 0; time.Since(start) < duration && (l.maxSteps == 0 || n < l.maxSteps); n++ {
				began := time.Now()
				if err := l.step(ctx, client, n); err != nil {
					return err
				}
				latencies[client] = append(latencies[client], time.Since(began))
				if err := l.pause(ctx, client, began); err != nil {
					return err
				}
			}
			return nil
		})
	}
	if err := clients.Wait(); err != nil {
		return result{}, err
	}
	all := slices.Concat(latencies...)
	slices.Sort(all)
	percentile := func(share float64) float64 { return all[int(share*float64(len(all)-1))].Seconds() * 1000 }
	return result{Name: l.name, Baseline: l.baseline, Rate: float64(len(all)) / time.Since(start).Seconds(),
		P50: percentile(0.50), P99: percentile(0.99)}, nil
}

// pause runs the after function and waits until the next step is due.
func (l clientLoad) pause(ctx context.Context, client int, began time.Time) error {
	if l.after != nil {
		if err := l.after(ctx, client); err != nil {
			return err
		}
	}
	select {
	case <-time.After(l.interval - time.Since(began)):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// concurrentLoad measures a load while another one runs.
type concurrentLoad struct {
	clientLoad
	other clientLoad
}

func (l concurrentLoad) drive(ctx context.Context, duration time.Duration) (found result, err error) {
	both, ctx := errgroup.WithContext(ctx)
	both.Go(func() error {
		_, err := l.other.drive(ctx, duration)
		return err
	})
	both.Go(func() (err error) {
		found, err = l.clientLoad.drive(ctx, duration)
		return err
	})
	return found, both.Wait()
}

// get requests a URL and requires status 200.
func get(ctx context.Context, client *http.Client, url string) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return fmt.Errorf("get: %w", err)
	}
	response, err := client.Do(request)
	if err != nil {
		return fmt.Errorf("get: %w", err)
	}
	defer response.Body.Close()
	if _, err := io.Copy(io.Discard, response.Body); err != nil {
		return fmt.Errorf("get: %w", err)
	}
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("get: %s returned %d", request.URL.Path, response.StatusCode)
	}
	return nil
}
