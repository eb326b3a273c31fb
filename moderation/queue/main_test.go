package queue_test

import (
	"testing"

	"rejoinder/db/dbtest"
)

func TestMain(m *testing.M) { dbtest.Main(m) }

// got returns the value, or fails the test.
func got[T any](value T, err error) func(testing.TB) T {
	return func(t testing.TB) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return value
	}
}
