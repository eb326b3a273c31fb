package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os/exec"
	"time"
)

// benchRead measures reading.
type benchRead struct{ benchRun }

// readers is how many connections wrk reads with.
const readers = 32

// rounds is how often what is held against a limit takes turns with it; the better round of each counts, so that a
// moment's load on the machine hits neither.
const rounds = 3

func (b benchRead) run(ctx context.Context, con console) error {
	if _, err := exec.LookPath("wrk"); err != nil {
		return errNoWrk
	}
	return b.report(ctx, con, readers, func(ctx context.Context, stage benchStage) ([]measured, error) { return stage.read(ctx) })
}

// read measures what does not depend on the database once, on PostgreSQL.
func (s benchStage) read(ctx context.Context) ([]measured, error) {
	fmt.Fprintf(s.progress, "%s: writing the threads\n", s.name)
	if err := s.seed(ctx); err != nil {
		return nil, err
	}
	var found []measured
	if !s.sqlite() {
		fmt.Fprintf(s.progress, "%s: reading from the cache\n", s.name)
		kept, err := s.readKept(ctx)
		if err != nil {
			return nil, err
		}
		found = kept
	}
	fmt.Fprintf(s.progress, "%s: reading without the cache\n", s.name)
	made, err := s.readMade(ctx)
	return append(found, made...), err
}

func (s benchStage) seed(ctx context.Context) error {
	config := Config{DatabaseURL: s.database, DataDir: s.dir}
	a, err := openApp(ctx, config)
	if err != nil {
		return err
	}
	return errors.Join(a.seed(ctx), a.db.Close())
}

func threadAddress(key string) string {
	return "/api/v1/sites/" + benchSite + "/thread?article=" + key + "&limit=50"
}

// embeddedAddress is what an article page embeds: the first page as HTML.
func embeddedAddress(key string) string {
	return "/sites/" + benchSite + "/thread?lang=en&article=" + key
}

// readKept holds cached answers against bare gin.
func (s benchStage) readKept(ctx context.Context) (found []measured, err error) {
	server, err := s.serve(ctx, "")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, server.stop()) }()
	page := server.url + embeddedAddress("thousand")
	tag, err := keptTag(ctx, page)
	if err != nil {
		return nil, err
	}
	limit, err := startChild(ctx, s.dir, nil, "bench", "bare", "--from", page)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, limit.stop()) }()
	const compressed = "Accept-Encoding: br"
	known := []string{compressed, "If-None-Match: " + tag}
	loads := []drivable{
		wrkLoad{name: "bare gin, the same bytes", url: limit.url + "/page", headers: []string{compressed}},
		wrkLoad{name: "cached page", url: page, headers: []string{compressed}, limit: "bare gin, the same bytes"},
		wrkLoad{name: "bare gin, empty", url: limit.url + "/empty", headers: known},
		wrkLoad{name: "304", url: page, headers: known, limit: "bare gin, empty"},
	}
	return best(ctx, loads, s.duration)
}

// readMade measures pages that are made for each request.
func (s benchStage) readMade(ctx context.Context) (found []measured, err error) {
	server, err := s.serve(ctx, "0")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, server.stop()) }()
	of := func(key, limit string) wrkLoad {
		l := wrkLoad{name: s.name + ", uncached, thread " + key, url: server.url + threadAddress(key)}
		if limit != "" {
			l.limit = s.name + ", uncached, thread " + limit
		}
		return l
	}
	embedded := wrkLoad{name: s.name + ", uncached, thread thousand, HTML", url: server.url + embeddedAddress("thousand")}
	return best(ctx, []drivable{of("hundred", ""), of("thousand", ""), of("ten-thousand", "hundred"), embedded}, s.duration)
}

// keptTag returns the ETag of a page once it is kept: before, each answer has a form, and so a tag, of its own.
func keptTag(ctx context.Context, page string) (string, error) {
	for before := ""; ; {
		answer, _, err := fetch(ctx, page, http.Header{"Accept-Encoding": {"br"}})
		if err != nil {
			return "", err
		}
		tag := answer.Header.Get("ETag")
		if tag == before {
			return tag, nil
		}
		before = tag
	}
}

// drivable is something to drive for a while.
type drivable interface {
	drive(ctx context.Context, duration time.Duration) (measured, error)
}

// best drives the loads by turns and returns the best round of each, held against its limit.
func best(ctx context.Context, loads []drivable, duration time.Duration) ([]measured, error) {
	found := make([]measured, len(loads))
	byName := map[string]measured{}
	for range rounds {
		for i, l := range loads {
			m, err := l.drive(ctx, duration)
			if err != nil {
				return nil, err
			}
			if m.Rate > found[i].Rate {
				found[i], byName[m.Name] = m, m
			}
		}
	}
	for i := range found {
		if limit, ok := byName[found[i].Limit]; ok {
			found[i].OfLimit = found[i].Rate / limit.Rate
		}
	}
	return found, nil
}
