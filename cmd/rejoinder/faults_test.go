package main

import (
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"rejoinder/db/dbtest"
)

// stormEnv lets the storm's readers come from many addresses.
func stormEnv(env ...string) []string {
	return append(env, throughProxy, "REJOINDER_ADDRESS_LIMIT=0", "REJOINDER_SITE_LIMIT=0")
}

func TestNothingIsLostWhenTheServerIsKilledAgainAndAgain(t *testing.T) {
	eachEngine(t, func(t *testing.T, env []string) {
		env = stormEnv(append(env, "REJOINDER_ADDR="+freeAddress(t))...)
		p := startProgram(t, env, "serve", "--demo")
		s := breaks(t, p.signIn(t), p.url)
		for round := range faultRounds(50) {
			s.goesOn(t, round)
			p.kill()
			p = startProgram(t, env, "serve", "--demo")
		}
		s.goesOn(t, -1)
		s.leavesNoDamage(t, env, p.url)
	})
}

func TestNothingIsLostWhenPostgreSQLIsKilledAgainAndAgain(t *testing.T) {
	server := dbtest.StartPostgres(t)
	env := stormEnv("REJOINDER_DATA_DIR="+t.TempDir(), "REJOINDER_DATABASE_URL="+server.DSN())
	p := startProgram(t, env, "serve", "--demo")
	s := breaks(t, p.signIn(t), p.url)
	for round := range faultRounds(20) {
		s.goesOn(t, round)
		server.Kill()
		server.Restart(t)
	}
	s.goesOn(t, -1)
	s.leavesNoDamage(t, env, p.url)
}

func TestNothingIsLostWhenConnectionsToTheDatabaseAreCut(t *testing.T) {
	server := dbtest.StartPostgres(t)
	env := stormEnv("REJOINDER_DATA_DIR="+t.TempDir(), "REJOINDER_DATABASE_URL="+server.DSN())
	p := startProgram(t, env, "serve", "--demo")
	s := breaks(t, p.signIn(t), p.url)
	database := openRaw(t, env)
	for round := range faultRounds(20) {
		s.goesOn(t, round)
		var cut int
		if err := database.QueryRow(`SELECT COUNT(pg_terminate_backend(pid)) FROM pg_stat_activity
			WHERE pid <> pg_backend_pid() AND backend_type = 'client backend'`).Scan(&cut); err != nil || cut == 0 {
			t.Fatalf("%d connections were cut: %v", cut, err)
		}
	}
	s.goesOn(t, -1)
	s.leavesNoDamage(t, env, p.url)
}

func TestOfTwoNodesOneIsKilledAndNothingIsLost(t *testing.T) {
	server := dbtest.StartPostgres(t)
	env := stormEnv("REJOINDER_DATA_DIR="+t.TempDir(), "REJOINDER_DATABASE_URL="+server.DSN(), "REJOINDER_PUBLIC_URL=http://comments.example")
	node := func() (p *program, own []string) {
		address := freeAddress(t)
		own = append(slices.Clone(env), "REJOINDER_ADDR="+address)
		p = startProgram(t, own, "serve", "--demo")
		p.url = "http://" + address // not the one that readers see
		return p, own
	}
	stays, _ := node()
	dies, own := node()
	s := breaks(t, stays.signIn(t), stays.url, dies.url)
	for round := range faultRounds(10) {
		s.goesOn(t, round)
		dies.kill()
		s.goesOn(t, round) // with one node
		dies = startProgram(t, own, "serve", "--demo")
	}
	s.goesOn(t, -1)
	s.leavesNoDamage(t, env, stays.url)
}

// insideNamespace says that the process may mount what it likes.
const insideNamespace = "REJOINDER_TEST_MOUNTS"

// TestAFullDiskRefusesAndLosesNothing runs in a mount namespace of its own, so that its small disk ends with it.
func TestAFullDiskRefusesAndLosesNothing(t *testing.T) {
	if os.Getenv(insideNamespace) == "" {
		inside := exec.Command("unshare", "--map-root-user", "--mount", os.Args[0], "-test.run", "^"+t.Name()+"$", "-test.v")
		inside.Env = append(os.Environ(), insideNamespace+"=1")
		if out, err := inside.CombinedOutput(); err != nil || !strings.Contains(string(out), "--- PASS: "+t.Name()) {
			t.Fatalf("in a mount namespace (Linux with unshare of util-linux): %v\n%s", err, out)
		}
		return
	}
	disk := t.TempDir()
	if err := syscall.Mount("tmpfs", disk, "tmpfs", 0, "size=64m"); err != nil {
		t.Fatalf("mount a small disk: %v", err)
	}
	t.Cleanup(func() { syscall.Unmount(disk, syscall.MNT_DETACH) }) // it ends with the process
	env := stormEnv("REJOINDER_DATA_DIR="+t.TempDir(), "REJOINDER_DATABASE_URL=sqlite:"+filepath.Join(disk, "test.db"))
	p := startProgram(t, env, "serve", "--demo")
	s := breaks(t, p.signIn(t), p.url)
	ballast, number := filepath.Join(disk, "ballast"), 1_000_000
	for round := range faultRounds(10) {
		s.goesOn(t, round)
		fill(t, ballast)
		eventually(t, "a full disk takes everything", func() bool {
			number++
			status, _, err := s.send(t.Context(), p.url, stormRequest{number: number, body: map[string]any{
				"article": map[string]string{"key": "welcome"}, "author_name": "Ada", "author_email": "ada@mail.example",
				"body": fmt.Sprint("Attempt ", number, strings.Repeat(": is there room for one more word? ", 200)),
			}, path: "/api/v1/sites/demo/comments"})
			if err != nil || status != http.StatusCreated && status != http.StatusServiceUnavailable {
				t.Errorf("on a full disk: status %d, %v", status, err)
			}
			return status == http.StatusServiceUnavailable
		})
		if err := os.Remove(ballast); err != nil {
			t.Fatal(err)
		}
	}
	s.goesOn(t, -1)
	s.leavesNoDamage(t, env, p.url)
}

// fill writes to a file until the disk is full.
func fill(t *testing.T, path string) {
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
