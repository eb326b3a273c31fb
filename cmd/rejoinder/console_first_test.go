package main

import (
	"math"
	"strconv"
	"testing"
	"time"

	"rejoinder/db/dbtest"
)

const (
	// longQueue is the number of pending comments if the faults are run in full, otherwise shortQueue.
	longQueue  = 100_000
	shortQueue = 4_000
	// firstList is the maximum time in milliseconds from the click on "Sign in" to the list on the screen. It
	// holds for an idle machine, so only the long queue is compared with it.
	firstList = 400
	// On other machines, the list of a short queue may take this many times as long as that of a few
	// comments, whose time is that of the browser and of hashing a password.
	shortQueueShare = 2
	fewComments     = 100
	fewSignIns      = 3
	// signIns is the maximum number of attempts on a loaded machine.
	signIns = 10
)

// shown is the time in milliseconds from the click that led to the page until it was loaded and painted.
const shown = `String(Math.round(Math.max(performance.getEntriesByType("navigation")[0].domInteractive,
	performance.getEntriesByName("first-contentful-paint")[0]?.startTime ?? Infinity)))`

func TestTheFirstListOfALongQueueIsThereAtOnce(t *testing.T) {
	eachEngine(t, func(t *testing.T, env []string) {
		env = loadEnv(env...)
		p := startProgram(t, env, "serve", "--demo")
		p.submitAll(t, bodies(fewComments)...)
		waiting, limit := longQueue, firstList
		if faultRounds(longQueue) != longQueue {
			waiting, limit = shortQueue, shortQueueShare*fastestQueueLoad(t, p, fewSignIns, 0)
		}
		p.stop(t)
		crowd := dbtest.Crowd{Comments: waiting, Status: "pending", From: time.Now().Add(-24 * time.Hour), Every: time.Second, Writers: 1}
		if err := dbtest.Multiply(t.Context(), databaseURL(env), crowd); err != nil {
			t.Fatal(err)
		}
		if err := dbtest.Recount(t.Context(), databaseURL(env)); err != nil {
			t.Fatal(err)
		}
		p = startProgram(t, env, "serve", "--demo")
		took := fastestQueueLoad(t, p, signIns, limit)
		t.Logf("with %d comments that wait the first list was there after %d ms; the limit is %d", waiting, took, limit)
		if took > limit {
			t.Error("that is too late")
		}
	})
}

// fastestQueueLoad signs in repeatedly, up to the given number of times, until the list appears within the
// given number of milliseconds, and returns the shortest time.
func fastestQueueLoad(t *testing.T, p *program, times, enough int) int {
	t.Helper()
	least := math.MaxInt
	for range times {
		m := newConsoleUser(t, p)
		m.waitFor(`waiting() >= 20 && ` + shown + ` !== "Infinity"`)
		ms, err := strconv.Atoi(m.eval(shown))
		if err != nil {
			t.Fatal(err)
		}
		if least = min(least, ms); least <= enough {
			break
		}
	}
	return least
}
