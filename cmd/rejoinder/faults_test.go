package main

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"rejoinder/db/dbtest"
)

// loadEnv lets the load's readers come from many addresses.
func loadEnv(env ...string) []string {
	return append(env, throughProxy, realHashes, "REJOINDER_ADDRESS_LIMIT=0", "REJOINDER_SITE_LIMIT=0")
}

func TestNothingIsLostWhenTheServerIsKilledAgainAndAgain(t *testing.T) {
	t.Parallel()
	eachEngine(t, func(t *testing.T, env []string) {
		env = loadEnv(append(env, "REJOINDER_ADDR="+freeAddress(t))...)
		p := startProgram(t, env, "serve", "--demo")
		l := startWriteLoad(t, p.signIn(t), p.url)
		for round := range faultRounds(50) {
			l.waitForProgress(t, round)
			p.kill()
			p = startProgram(t, env, "serve", "--demo")
		}
		l.waitForProgress(t, -1)
		l.checkConsistency(t, env, p.url)
	})
}

func TestNothingIsLostWhenPostgreSQLIsKilledAgainAndAgain(t *testing.T) {
	t.Parallel()
	server := dbtest.StartPostgres(t)
	env := loadEnv("REJOINDER_DATA_DIR="+t.TempDir(), "REJOINDER_DATABASE_URL="+server.DSN())
	p := startProgram(t, env, "serve", "--demo")
	l := startWriteLoad(t, p.signIn(t), p.url)
	for round := range faultRounds(20) {
		l.waitForProgress(t, round)
		server.Kill()
		server.Restart(t)
	}
	l.waitForProgress(t, -1)
	l.checkConsistency(t, env, p.url)
}

func TestNothingIsLostWhenConnectionsToTheDatabaseAreCut(t *testing.T) {
	t.Parallel()
	server := dbtest.StartPostgres(t)
	env := loadEnv("REJOINDER_DATA_DIR="+t.TempDir(), "REJOINDER_DATABASE_URL="+server.DSN())
	p := startProgram(t, env, "serve", "--demo")
	l := startWriteLoad(t, p.signIn(t), p.url)
	database := openRaw(t, env)
	for round := range faultRounds(20) {
		l.waitForProgress(t, round)
		var cut int
		if err := database.QueryRow(`SELECT COUNT(pg_terminate_backend(pid)) FROM pg_stat_activity
			WHERE pid <> pg_backend_pid() AND backend_type = 'client backend'`).Scan(&cut); err != nil || cut == 0 {
			t.Fatalf("%d connections were cut: %v", cut, err)
		}
	}
	l.waitForProgress(t, -1)
	l.checkConsistency(t, env, p.url)
}

func TestNothingIsLostWhenOneOfTwoNodesIsKilled(t *testing.T) {
	t.Parallel()
	server := dbtest.StartPostgres(t)
	env := loadEnv("REJOINDER_DATA_DIR="+t.TempDir(), "REJOINDER_DATABASE_URL="+server.DSN(), "REJOINDER_PUBLIC_URL=http://comments.example")
	node := func() (p *program, own []string) {
		address := freeAddress(t)
		own = append(slices.Clone(env), "REJOINDER_ADDR="+address)
		p = startProgram(t, own, "serve", "--demo")
		p.url = "http://" + address // not the one that readers see
		return p, own
	}
	stays, _ := node()
	dies, own := node()
	l := startWriteLoad(t, stays.signIn(t), stays.url, dies.url)
	for round := range faultRounds(10) {
		l.waitForProgress(t, round)
		dies.kill()
		l.waitForProgress(t, round) // with one node
		dies = startProgram(t, own, "serve", "--demo")
	}
	l.waitForProgress(t, -1)
	l.checkConsistency(t, env, stays.url)
}

// TestAFullDiskRefusesAndLosesNothing runs in a mount namespace of its own, so that its small disk ends with
// it.
func TestAFullDiskRefusesAndLosesNothing(t *testing.T) {
	t.Parallel()
	disk, inside := mountSmallDisk(t)
	if !inside {
		return
	}
	metrics := freeAddress(t)
	env := loadEnv("REJOINDER_DATA_DIR="+t.TempDir(), "REJOINDER_DATABASE_URL=sqlite:"+filepath.Join(disk, "test.db"), "REJOINDER_METRICS_ADDR="+metrics)
	p := startProgram(t, env, "serve", "--demo")
	l := startWriteLoad(t, p.signIn(t), p.url)
	ballast, number := filepath.Join(disk, "ballast"), 1_000_000
	for round := range faultRounds(10) {
		l.waitForProgress(t, round)
		fillDisk(t, ballast)
		p.waitForRefusedWrites(t, metrics, "storage-full") // before any write was tried
		eventually(t, "a full disk takes everything", func() bool {
			number++
			r := p.ask(t, http.MethodPost, demoComments, newComment(fmt.Sprint("Attempt ", number, strings.Repeat(": is there room for one more word? ", 200))))
			if r.status != http.StatusCreated && (r.status != http.StatusServiceUnavailable || !strings.Contains(r.body, ":storage-full") || r.header.Get("Retry-After") == "") {
				t.Errorf("on a full disk: %+v", r)
			}
			return r.status == http.StatusServiceUnavailable
		})
		if err := os.Remove(ballast); err != nil {
			t.Fatal(err)
		}
		p.waitForWrites(t, metrics)
	}
	l.waitForProgress(t, -1)
	l.checkConsistency(t, env, p.url)
	if strings.Contains(p.log.String(), "request failed") {
		t.Errorf("refused requests fill the log, which may be on that disk:\n%s", p.log)
	}
}

// waitForRefusedWrites waits until the server reports everywhere that its database refuses writes, and why.
// Reads continue.
func (p *program) waitForRefusedWrites(t *testing.T, metrics, problem string) {
	t.Helper()
	eventually(t, "the server is ready although it can't write", func() bool {
		r := p.ask(t, http.MethodGet, "/readyz", "")
		return r.status == http.StatusServiceUnavailable && strings.Contains(r.body, ":"+problem)
	})
	eventually(t, "the metrics say that the database takes writes", func() bool {
		numbers := string(get(t, "http://"+metrics+"/metrics"))
		return strings.Contains(numbers, "rejoinder_database_writable 0") && strings.Contains(numbers, "rejoinder_database_reachable 1")
	})
	if r := p.ask(t, http.MethodGet, demoThread, ""); r.status != http.StatusOK {
		t.Errorf("a thread meanwhile: %+v", r)
	}
	if !strings.Contains(p.log.String(), "the database refuses writes") {
		t.Errorf("the log does not tell:\n%s", p.log)
	}
}

// waitForWrites waits until the server reports that its database accepts writes again.
func (p *program) waitForWrites(t *testing.T, metrics string) {
	t.Helper()
	eventually(t, "the server does not notice that it can write", func() bool {
		return p.ask(t, http.MethodGet, "/readyz", "").status == http.StatusOK &&
			strings.Contains(string(get(t, "http://"+metrics+"/metrics")), "rejoinder_database_writable 1")
	})
}

func TestAPostgreSQLWhoseDiskIsFullRefusesWritesAndIsRead(t *testing.T) {
	t.Parallel()
	server := dbtest.StartPostgres(t)
	metrics := freeAddress(t)
	env := []string{"REJOINDER_DATA_DIR=" + t.TempDir(), "REJOINDER_DATABASE_URL=" + server.DSN(), "REJOINDER_METRICS_ADDR=" + metrics}
	p := startProgram(t, env, "serve", "--demo")
	database := openRaw(t, env)
	run := func(statements ...string) {
		t.Helper()
		for _, statement := range statements {
			if _, err := database.ExecContext(t.Context(), statement); err != nil {
				t.Fatal(err)
			}
		}
	}
	run(`CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION USING ERRCODE = 'disk_full'; END $$`,
		`CREATE TABLE write_probe (padding BYTEA NOT NULL)`, // the guard would create it
		`CREATE TRIGGER refuse BEFORE INSERT ON write_probe FOR EACH ROW EXECUTE FUNCTION refuse()`,
		`CREATE TRIGGER refuse BEFORE INSERT ON comments FOR EACH ROW EXECUTE FUNCTION refuse()`)
	r := p.ask(t, http.MethodPost, demoComments, newComment("Will this be stored?"))
	if r.status != http.StatusServiceUnavailable || !strings.Contains(r.body, ":storage-full") || r.header.Get("Retry-After") != "30" {
		t.Errorf("on a full disk: %+v", r)
	}
	p.waitForRefusedWrites(t, metrics, "storage-full")
	run(`DROP TABLE write_probe`, `DROP TRIGGER refuse ON comments`)
	p.waitForWrites(t, metrics)
	if r := p.ask(t, http.MethodPost, demoComments, newComment("It is stored now.")); r.status != http.StatusCreated {
		t.Errorf("afterwards: %+v", r)
	}
}

// fillDisk writes to a file until the disk is full.
func fillDisk(t *testing.T, path string) {
	t.Helper()
	file, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	for block := make([]byte, 4096); err == nil; {
		_, err = file.Write(block)
	}
}
