package main

import (
	"strconv"
	"testing"
	"time"

	"rejoinder/db/dbtest"
)

const (
	// longQueue is how many comments wait where faults are pulled as often as was promised, shortQueue elsewhere.
	longQueue  = 100_000
	shortQueue = 4_000
	// firstList is how many milliseconds there may be between the click on "Sign in" and the list on the screen.
	firstList = 400
	// signIns is how often a loaded machine may try.
	signIns = 10
)

// shown is how many milliseconds the page took, from the click that led to it until it was read to its end and painted.
const shown = `String(Math.round(Math.max(performance.getEntriesByType("navigation")[0].domInteractive,
	performance.getEntriesByName("first-contentful-paint")[0]?.startTime ?? Infinity)))`

func TestTheFirstListOfALongQueueIsThereAtOnce(t *testing.T) {
	eachEngine(t, func(t *testing.T, env []string) {
		env = stormEnv(env...)
		p := startProgram(t, env, "serve", "--demo")
		p.submitted(t, bodies(100)...)
		p.stop(t)
		waiting := shortQueue
		if faultRounds(longQueue) == longQueue {
			waiting = longQueue
		}
		crowd := dbtest.Crowd{Comments: waiting, Status: "pending", From: time.Now().Add(-24 * time.Hour), Every: time.Second, Writers: 1}
		if err := dbtest.Multiply(t.Context(), databaseURL(env), crowd); err != nil {
			t.Fatal(err)
		}
		if err := dbtest.Recount(t.Context(), databaseURL(env)); err != nil {
			t.Fatal(err)
		}
		p = startProgram(t, env, "serve", "--demo")
		var took []int
		for range signIns {
			m := atConsole(t, p)
			m.shows(`waiting() >= 20 && ` + shown + ` !== "Infinity"`)
			ms, err := strconv.Atoi(m.gives(shown))
			if err != nil {
				t.Fatal(err)
			}
			if took = append(took, ms); ms < firstList {
				t.Logf("with %d comments that wait: after %v ms", waiting, took)
				return
			}
		}
		t.Errorf("with %d comments that wait the first list was there after %v ms, want less than %d once", waiting, took, firstList)
	})
}
