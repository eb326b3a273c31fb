package db

import (
	"context"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"
)

// setUp bounds the wait for another writer; reaching it is a failure.
const setUp = time.Minute

// TestProcessesThatWriteToOneFileTakeTurns opens the file twice, as two processes do.
func TestProcessesThatWriteToOneFileTakeTurns(t *testing.T) {
	address := "sqlite:" + filepath.Join(t.TempDir(), "rejoinder.db")
	importer, server := openTest(t, address), openTest(t, address)
	var mu sync.Mutex
	var order []string
	write := func(ctx context.Context, d *DB, name string, during func()) {
		err := d.write(ctx, name, func(executor) error {
			mu.Lock()
			defer mu.Unlock()
			order = append(order, name)
			during()
			return nil
		})
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	var done sync.WaitGroup
	write(t.Context(), importer, "first chunk", func() {
		done.Go(func() { write(t.Context(), server, "submission", func() {}) })
		if !poll(t.Context(), time.Now().Add(setUp), importer.turns.wanted) {
			t.Error("the submission does not wait")
		}
	})
	write(t.Context(), importer, "second chunk", func() {})
	done.Wait()
	if want := []string{"first chunk", "submission", "second chunk"}; !slices.Equal(order, want) {
		t.Errorf("the order is %v, want %v", order, want)
	}
}

func openTest(t *testing.T, address string) *DB {
	t.Helper()
	d, err := Open(t.Context(), address, Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := d.Close(); err != nil {
			t.Error(err)
		}
	})
	return d
}
