package main

import (
	"context"
	"errors"
	"net/http"
	"os/exec"
)

// readBench measures how fast threads are served.
type readBench struct{ options }

func (b readBench) run(ctx context.Context, std stdio) error {
	if _, err := exec.LookPath("wrk"); err != nil {
		return errNoWrk
	}
	return b.measure(ctx, std, wrkConnections, measureReads)
}

// measureReads measures cached pages on PostgreSQL only: the cache does not depend on the engine.
func measureReads(ctx context.Context, e engine) ([]result, error) {
	e.say("writing the threads")
	if err := e.withStore(ctx, seedThreads); err != nil {
		return nil, err
	}
	var found []result
	if !e.sqlite() {
		e.say("reading cached pages")
		cached, err := e.readCached(ctx)
		if err != nil {
			return nil, err
		}
		found = cached
	}
	e.say("reading uncached pages")
	uncached, err := e.readUncached(ctx)
	return append(found, uncached...), err
}

// threadPath is the first page of a thread as JSON.
func threadPath(key string) string {
	return "/api/v1/sites/" + siteSlug + "/thread?article=" + key + "&limit=50"
}

// fragmentPath is the first page as HTML, as the widget embeds it.
func fragmentPath(key string) string {
	return "/sites/" + siteSlug + "/thread?lang=en&article=" + key
}

// readCached compares cached responses with bare gin.
func (e engine) readCached(ctx context.Context) (found []result, err error) {
	server, err := e.serve(ctx)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, server.stop()) }()
	page := server.url + fragmentPath("thousand")
	tag, err := cachedETag(ctx, page)
	if err != nil {
		return nil, err
	}
	bare, err := e.serveBare(ctx, "--from", page)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, bare.stop()) }()
	const compressed = "Accept-Encoding: br"
	conditional := []string{compressed, "If-None-Match: " + tag}
	return bestOf(ctx, []load{
		wrkLoad{name: "bare gin, the same bytes", url: bare.url + "/page", headers: []string{compressed}},
		wrkLoad{name: "cached page", url: page, headers: []string{compressed}, baseline: "bare gin, the same bytes"},
		wrkLoad{name: "bare gin, empty", url: bare.url + "/empty", headers: conditional},
		wrkLoad{name: "304", url: page, headers: conditional, baseline: "bare gin, empty"},
	}, e.duration)
}

// readUncached measures pages that are rendered for each request.
func (e engine) readUncached(ctx context.Context) (found []result, err error) {
	server, err := e.serve(ctx, "REJOINDER_CACHE_BYTES=0")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, server.stop()) }()
	name := func(key string) string { return e.name + ", uncached, thread " + key }
	return bestOf(ctx, []load{
		wrkLoad{name: name("hundred"), url: server.url + threadPath("hundred")},
		wrkLoad{name: name("thousand"), url: server.url + threadPath("thousand")},
		wrkLoad{name: name("ten-thousand"), url: server.url + threadPath("ten-thousand"), baseline: name("hundred")},
		wrkLoad{name: name("thousand, HTML"), url: server.url + fragmentPath("thousand")},
	}, e.duration)
}

// cachedETag returns the page's ETag once the page is cached. Until then each response has a different one.
func cachedETag(ctx context.Context, page string) (string, error) {
	for before := ""; ; {
		response, _, err := fetch(ctx, page, http.Header{"Accept-Encoding": {"br"}})
		if err != nil {
			return "", err
		}
		tag := response.Header.Get("ETag")
		if tag == before {
			return tag, nil
		}
		before = tag
	}
}
