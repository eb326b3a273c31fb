package dbtest

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"rejoinder/moderation"
)

func TestMain(m *testing.M) {
	if os.Getenv(orphan) != "" {
		beOrphan()
	}
	Main(m)
}

func TestCommittedDataSurvivesACrashOfTheServer(t *testing.T) {
	server := StartPostgres(t)
	d := Migrated(t, server.DSN())
	b := Build(t, d)
	for round := range 2 {
		site := b.Site(fmt.Sprintf("site-%d", round))
		server.Kill()
		if _, err := d.Sites.Site(t.Context(), site.ID); !errors.Is(err, moderation.ErrBusy) {
			t.Fatalf("without a server: %v, want ErrBusy", err)
		}
		err := d.Sites.UpdateSite(t.Context(), site, nil)
		if !errors.Is(err, moderation.ErrBusy) {
			t.Fatalf("without a server: %v, want ErrBusy", err)
		}
		server.Restart(t)
		if _, err := d.Sites.Site(t.Context(), site.ID); err != nil {
			t.Fatalf("after the restart: %v", err)
		}
	}
}

// orphan is set in a process that starts a server and then dies without stopping it.
const orphan = "REJOINDER_DBTEST_ORPHAN"

func beOrphan() {
	server, err := shared()
	if err != nil {
		panic(err)
	}
	fmt.Printf("%s %d\n", server.folder, server.pid)
	if os.Getenv(orphan) == "panic" {
		panic("as a test may")
	}
	select {} // until it is killed
}

func TestTheServerEndsWithItsProcess(t *testing.T) {
	for _, end := range []string{"panic", "kill"} {
		t.Run(end, func(t *testing.T) {
			cmd := exec.CommandContext(t.Context(), os.Args[0])
			cmd.Env = append(os.Environ(), orphan+"="+end)
			out, err := cmd.StdoutPipe()
			if err != nil {
				t.Fatal(err)
			}
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			line, err := bufio.NewReader(out).ReadString('\n')
			if err != nil {
				t.Fatal(err)
			}
			var folder string
			var pid int
			if _, err := fmt.Sscan(line, &folder, &pid); err != nil {
				t.Fatal(err)
			}
			if end == "kill" {
				if err := cmd.Process.Signal(syscall.SIGKILL); err != nil {
					t.Fatal(err)
				}
			}
			if err := cmd.Wait(); err == nil {
				t.Fatal("the process ended well")
			}
			until(t, "the server is gone", func() bool { return !alive(pid) })
			until(t, "its folder is gone", func() bool {
				_, err := os.Stat(folder)
				return errors.Is(err, os.ErrNotExist)
			})
		})
	}
}

// until polls until a condition holds.
func until(t *testing.T, what string, holds func() bool) {
	t.Helper()
	deadline := time.After(setUpTime)
	tick := time.NewTicker(pollEvery)
	defer tick.Stop()
	for !holds() {
		select {
		case <-deadline:
			t.Fatalf("waited in vain until %s", what)
		case <-tick.C:
		}
	}
}

func TestWithoutPostgreSQLTheErrorSaysWhatToInstall(t *testing.T) {
	before := places
	t.Cleanup(func() { places = before })
	places = []string{t.TempDir()}
	t.Setenv("PATH", t.TempDir())
	_, err := findTools()
	if err == nil || !strings.Contains(err.Error(), "apt-get install postgresql") {
		t.Fatalf("got %v", err)
	}
}

func TestSchemasOfOneServerDoNotSeeEachOther(t *testing.T) {
	one, two := Migrated(t, PostgresURL(t)), Migrated(t, PostgresURL(t))
	Build(t, one).Site("daily")
	sites, err := two.Sites.Sites(t.Context())
	if err != nil || len(sites) != 0 {
		t.Fatalf("%v, %v", sites, err)
	}
}
