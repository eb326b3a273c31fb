package main

import (
	"bytes"
	"crypto/md5"  //nolint:gosec // a hash that others publish of emails, and that must not be found here
	"crypto/sha1" //nolint:gosec // likewise
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"rejoinder/db"
	"rejoinder/moderation"
)

// planted are values that must not appear anywhere after they were sent.
const (
	plantedEmail   = "planted.reader.7Q@secret-mailbox.example"
	plantedAddress = "203.0.113.77"
)

// plantedValues returns the planted values and their common hashes.
func plantedValues() map[string]string {
	found := map[string]string{"the address": plantedAddress}
	for _, spelling := range []string{plantedEmail, strings.ToLower(plantedEmail)} {
		found["the email"] = "planted.reader.7"
		for name, sum := range map[string][]byte{
			"MD5": sumOf(md5.Sum([]byte(spelling))), "SHA-1": sumOf(sha1.Sum([]byte(spelling))),
			"SHA-256": sumOf(sha256.Sum256([]byte(spelling))),
		} {
			found[name+" of "+spelling] = string(sum)
			found[name+" of "+spelling+", hexadecimal"] = hex.EncodeToString(sum)
			found[name+" of "+spelling+", base64"] = base64.RawStdEncoding.EncodeToString(sum)
			found[name+" of "+spelling+", base64url"] = base64.RawURLEncoding.EncodeToString(sum)
		}
	}
	return found
}

func sumOf[T [16]byte | [20]byte | [32]byte](sum T) []byte {
	switch s := any(sum).(type) {
	case [16]byte:
		return s[:]
	case [20]byte:
		return s[:]
	case [32]byte:
		return s[:]
	}
	return nil
}

func TestNeitherDatabaseNorLogNorMetricsHoldAnEmailOrAddress(t *testing.T) {
	t.Parallel()
	eachEngine(t, func(t *testing.T, env []string) {
		metrics := freeAddress(t)
		p := startProgram(t, append(env, "REJOINDER_TRUSTED_PROXIES=127.0.0.1", "REJOINDER_METRICS_ADDR="+metrics,
			"REJOINDER_LOG_LEVEL=debug", "REJOINDER_OUTBOUND_NETWORKS=127.0.0.1"), "serve", "--demo")
		token := p.signIn(t)
		webhooks := recordWebhooks(t, p, token)
		plant(t, p)
		webhooks.check(t)
		call(t, http.MethodGet, p.url+"/api/v1/queue?site=demo", token, nil, nil)
		call(t, http.MethodGet, p.url+"/api/v1/"+plantedEmail, token, nil, nil)
		search(t, "a metric", get(t, "http://"+metrics+"/metrics"))
		p.stop(t)
		search(t, "the log", []byte(p.log.String()))
		searchFrozen(t, env)
		if path, ok := sqlitePath(env); ok {
			searchFiles(t, filepath.Dir(path))
			return
		}
		searchTables(t, env)
	})
}

// plant sends the planted values in every possible way: in valid requests, in invalid ones, and in failed
// sign-ins.
func plant(t *testing.T, p *program) {
	t.Helper()
	comment := `{"article":{"key":"welcome"},"author_name":"Quiet","author_email":"` + plantedEmail + `","body":"Nothing to see."}`
	for _, r := range []struct{ path, kind, body string }{
		{"/api/v1/sites/demo/comments", "application/json", comment},
		{"/api/v1/sites/demo/comments", "application/json", strings.Replace(comment, "Nothing to see.", "", 1)},
		{"/api/v1/sites/demo/comments", "application/json", comment[:len(comment)-2]},
		{"/sites/demo/comments", "application/x-www-form-urlencoded",
			"article=welcome&author_name=Quiet&remember=1&body=Again&author_email=" + plantedEmail},
		{"/api/v1/auth/login", "application/json", `{"email":"` + plantedEmail + `","password":"a wrong password"}`},
	} {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, p.url+r.path, strings.NewReader(r.body))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Content-Type", r.kind)
		req.Header.Set("X-Forwarded-For", plantedAddress)
		req.Header.Set("User-Agent", plantedEmail)
		resp, err := http.DefaultTransport.RoundTrip(req)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		if resp.StatusCode >= http.StatusInternalServerError {
			t.Errorf("%s: status %d\n%s", r.path, resp.StatusCode, p.log)
		}
	}
}

// search reports every trace in content.
func search(t *testing.T, where string, content []byte) {
	t.Helper()
	if len(content) == 0 {
		t.Errorf("%s is empty: nothing was searched", where)
	}
	for what, trace := range plantedValues() {
		if i := bytes.Index(content, []byte(trace)); i >= 0 {
			t.Errorf("%s holds %s: …%q…", where, what, content[max(0, i-60):min(len(content), i+60)])
		}
	}
}

// searchFrozen reads the facts and verdicts of all submissions, which are compressed in the tables.
func searchFrozen(t *testing.T, env []string) {
	t.Helper()
	address := databaseURL(env)
	if path, ok := sqlitePath(env); ok {
		address = "sqlite:" + path
	}
	d, err := db.Open(t.Context(), address, db.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	sites, err := d.Sites.Sites(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, site := range sites {
		all := moderation.HistoryQuery{SiteID: site.ID, Until: time.Now().Add(time.Hour), Limit: 1_000}
		past, err := d.History.PastSubmissions(t.Context(), all)
		if err != nil || len(past) == 0 {
			t.Fatalf("%d submissions were read: %v", len(past), err)
		}
		for _, p := range past {
			search(t, "facts", p.FrozenFacts)
		}
		judged, err := d.RuleDays.JudgedSubmissions(t.Context(), all)
		if err != nil {
			t.Fatal(err)
		}
		for _, j := range judged {
			search(t, "a verdict", j.Verdict)
		}
	}
}

func searchFiles(t *testing.T, dir string) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		content, err := os.ReadFile(path)
		if len(content) > 0 {
			search(t, entry.Name(), content)
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
}

// searchTables reads every row of every table as text.
func searchTables(t *testing.T, env []string) {
	t.Helper()
	database := openRaw(t, env)
	tables, err := database.Query(`SELECT table_name FROM information_schema.tables WHERE table_schema = current_schema()`)
	if err != nil {
		t.Fatal(err)
	}
	defer tables.Close()
	searched := 0
	for tables.Next() {
		var name, content string
		if err := tables.Scan(&name); err != nil {
			t.Fatal(err)
		}
		row := database.QueryRow(`SELECT coalesce(string_agg(r::text, ''), '-') FROM "` + name + `" r`)
		if err := row.Scan(&content); err != nil {
			t.Fatal(err)
		}
		search(t, name, []byte(content))
		searched++
	}
	if err := tables.Err(); err != nil || searched == 0 {
		t.Errorf("%d tables were searched: %v", searched, err)
	}
}

func get(t *testing.T, url string) []byte {
	t.Helper()
	resp, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	content, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return content
}
