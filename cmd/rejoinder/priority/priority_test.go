//go:build linux

package priority_test

import (
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"

	"rejoinder/cmd/rejoinder/priority"
)

// TestLowerReachesEveryThread lowers the priority of another process, because this one could not go back.
func TestLowerReachesEveryThread(t *testing.T) {
	if os.Getenv("PRIORITY_TEST_PROCESS") != "" {
		lowerTwice(t)
		return
	}
	cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestLowerReachesEveryThread$", "-test.v")
	cmd.Env = append(os.Environ(), "PRIORITY_TEST_PROCESS=1")
	out, err := cmd.CombinedOutput()
	if err != nil || !strings.Contains(string(out), "--- PASS") {
		t.Fatalf("%v\n%s", err, out)
	}
}

func lowerTwice(t *testing.T) {
	t.Helper()
	start := lowestNice(t)
	want := min(start+2, priority.Lowest)
	for _, asked := range []int{want, want - 1, start} {
		if err := priority.Lower(asked); err != nil {
			t.Fatal(err)
		}
		if got := lowestNice(t); got != want {
			t.Errorf("after Lower(%d) a thread has the nice value %d, want %d", asked, got, want)
		}
	}
}

// lowestNice returns the nice value of the thread with the highest priority.
func lowestNice(t *testing.T) int {
	t.Helper()
	threads, err := os.ReadDir("/proc/self/task")
	if err != nil {
		t.Fatal(err)
	}
	lowest := priority.Lowest + 1
	for _, thread := range threads {
		raw, err := os.ReadFile("/proc/self/task/" + thread.Name() + "/stat")
		if os.IsNotExist(err) {
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		// The name of the program, in brackets, comes second, and nice is the 19th value (proc(5)).
		_, rest, _ := strings.Cut(string(raw), ") ")
		nice, err := strconv.Atoi(strings.Fields(rest)[16])
		if err != nil {
			t.Fatal(err)
		}
		lowest = min(lowest, nice)
	}
	return lowest
}
