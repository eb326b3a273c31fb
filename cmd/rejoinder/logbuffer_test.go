package main

import (
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func TestLogLinesAreBufferedExceptWarnings(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		out := &lockedBuffer{} // a bubble's clock orders what happens, but the race detector does not know
		lines := newLogBuffer(out)
		log := Config{LogFormat: "text"}.logger(lines).With("part", "x")
		wants := func(want ...string) {
			t.Helper()
			synctest.Wait()
			var got []string
			for line := range strings.Lines(out.String()) {
				_, rest, _ := strings.Cut(line, "level=")
				got = append(got, strings.TrimSpace(rest))
			}
			if strings.Join(got, "|") != strings.Join(want, "|") {
				t.Fatalf("written is %q, want %q", got, want)
			}
		}
		log.Info("one")
		wants()
		log.Warn("two")
		wants("INFO msg=one part=x", "WARN msg=two part=x")
		log.Info("three")
		time.Sleep(logWait) // of the bubble: it passes at once
		wants("INFO msg=one part=x", "WARN msg=two part=x", "INFO msg=three part=x")
		log.Info("four")
		if err := lines.Flush(); err != nil {
			t.Fatal(err)
		}
		wants("INFO msg=one part=x", "WARN msg=two part=x", "INFO msg=three part=x", "INFO msg=four part=x")
		time.Sleep(logWait)
		before := len(out.String())
		log.Log(t.Context(), slog.LevelInfo, strings.Repeat("much ", logBytes/5))
		log.Info("after it")
		synctest.Wait()
		if len(out.String())-before < logBytes {
			t.Error("more bytes wait than may")
		}
		time.Sleep(logWait)
	})
}
