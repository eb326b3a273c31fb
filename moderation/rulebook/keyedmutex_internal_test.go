package rulebook

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"rejoinder/moderation"
)

func TestEachModeratorHasOneDocumentCompiledAtATime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var mutex keyedMutex
		lock := func(ctx context.Context, who string) (func(), error) { return mutex.lock(ctx, who, compileWait) }
		first, err := lock(t.Context(), "ada")
		if err != nil {
			t.Fatal(err)
		}
		other, err := lock(t.Context(), "ben")
		if err != nil {
			t.Fatalf("another moderator had to wait: %v", err)
		}
		other()

		began := time.Now()
		if _, err := lock(t.Context(), "ada"); !errors.Is(err, moderation.ErrCompiling) || time.Since(began) != compileWait {
			t.Errorf("the second one got %v after %v", err, time.Since(began))
		}
		left, cancel := context.WithCancelCause(t.Context())
		gone := errors.New("gone")
		time.AfterFunc(compileWait/4, func() { cancel(gone) })
		if _, err := lock(left, "ada"); !errors.Is(err, gone) {
			t.Errorf("one whose client left got %v", err)
		}
		time.AfterFunc(compileWait/2, first)
		second, err := lock(t.Context(), "ada")
		if err != nil {
			t.Fatalf("it did not wait for the first: %v", err)
		}
		second()
		if len(mutex.locked) != 0 {
			t.Errorf("%d keys are still locked", len(mutex.locked))
		}
	})
}
