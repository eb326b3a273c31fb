package main

import (
	"context"
	"slices"
	"time"

	"golang.org/x/sync/errgroup"
)

// clientLoad is clients that each do the same again and again, one request after the other.
type clientLoad struct {
	name    string
	clients int
	limit   string                                         // the name of what it is held against
	step    func(ctx context.Context, client, n int) error // what is measured, the nth time
	most    int                                            // steps of each client; 0: as many as there is time for
	every   time.Duration                                  // how long each client takes for a step at least; 0: no longer than it needs
	after   func(ctx context.Context, client int) error    // done after each step, not measured; may be nil
}

// drive runs the load for a while. An error of any step ends it.
func (l clientLoad) drive(ctx context.Context, duration time.Duration) (measured, error) {
	took := make([][]time.Duration, l.clients)
	start := time.Now()
	clients, ctx := errgroup.WithContext(ctx)
	for client := range l.clients {
		clients.Go(func() error {
			for n := 0; time.Since(start) < duration && (l.most == 0 || n < l.most); n++ {
				began := time.Now()
				if err := l.step(ctx, client, n); err != nil {
					return err
				}
				took[client] = append(took[client], time.Since(began))
				if err := l.rest(ctx, client, began); err != nil {
					return err
				}
			}
			return nil
		})
	}
	if err := clients.Wait(); err != nil {
		return measured{}, err
	}
	all := slices.Concat(took...)
	slices.Sort(all)
	at := func(share float64) float64 { return all[int(share*float64(len(all)-1))].Seconds() * 1000 }
	return measured{Name: l.name, Limit: l.limit, Rate: float64(len(all)) / time.Since(start).Seconds(), P50: at(0.50), P99: at(0.99)}, nil
}

// rest does what comes between two steps.
func (l clientLoad) rest(ctx context.Context, client int, began time.Time) error {
	if l.after != nil {
		if err := l.after(ctx, client); err != nil {
			return err
		}
	}
	select {
	case <-time.After(l.every - time.Since(began)):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// meanwhile is a load that is driven while another one goes on, whose own figures do not count.
type meanwhile struct {
	clientLoad
	other clientLoad
}

func (m meanwhile) drive(ctx context.Context, duration time.Duration) (found measured, err error) {
	both, ctx := errgroup.WithContext(ctx)
	both.Go(func() error {
		_, err := m.other.drive(ctx, duration)
		return err
	})
	both.Go(func() (err error) {
		found, err = m.clientLoad.drive(ctx, duration)
		return err
	})
	return found, both.Wait()
}
