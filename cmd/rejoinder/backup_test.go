package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"rejoinder/db/dbtest"
	"rejoinder/privacy"
)

func TestABackupUnderLoadHoldsEverythingAcknowledgedBeforeIt(t *testing.T) {
	t.Parallel()
	eachEngine(t, func(t *testing.T, env []string) {
		env = append(env, "REJOINDER_ADDRESS_LIMIT=0")
		server := startProgram(t, env, "serve", "--demo")
		b := &submissionBurst{url: server.url}
		into := filepath.Join(t.TempDir(), "backups", "rejoinder") // does not exist yet
		var before map[int]acknowledgement
		var once sync.Once
		b.sendAll(t, func() {
			if b.count.Load() < crashAfter {
				return
			}
			once.Do(func() {
				before = b.snapshot()
				if out, errs, code := runProgram(t, env, "", "backup", "--into", into); code != exitDone {
					t.Errorf("rejoinder backup: %s%s", out, errs)
				}
			})
		})
		server.stop(t)

		restored := restore(t, env, into)
		if out, errs, code := runProgram(t, restored, "", "verify"); code != exitDone {
			t.Fatalf("rejoinder verify: %s%s", out, errs)
		}
		second := startProgram(t, restored, "serve", "--demo")
		b.url = second.url
		for i, a := range before {
			b.checkShown(t, i, a)
		}
		second.stop(t)
	})
}

// restore follows the manual in a new folder, and returns the environment of a server there.
func restore(t *testing.T, env []string, into string) []string {
	t.Helper()
	folders, err := filepath.Glob(filepath.Join(into, "rejoinder-*"))
	if err != nil || len(folders) != 1 {
		t.Fatalf("one backup was to be in %s: %v, %v", into, folders, err)
	}
	checkPrivate(t, folders[0])
	if _, ok := sqlitePath(env); ok {
		return []string{"REJOINDER_DATA_DIR=" + folders[0]}
	}
	server := dbtest.StartPostgres(t)
	command := exec.Command("pg_restore", "--no-owner", "--exit-on-error", "--dbname", server.DSN(),
		filepath.Join(folders[0], "rejoinder.dump"))
	if out, err := command.CombinedOutput(); err != nil {
		t.Fatalf("pg_restore: %v\n%s", err, out)
	}
	return []string{"REJOINDER_DATA_DIR=" + folders[0], "REJOINDER_DATABASE_URL=" + server.DSN()}
}

// checkPrivate requires that only the owner can read a backup, since it holds the keys of every email.
func checkPrivate(t *testing.T, folder string) {
	t.Helper()
	err := filepath.WalkDir(folder, func(path string, entry os.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := entry.Info()
		if err == nil && info.Mode().Perm()&0o077 != 0 {
			t.Errorf("%s may be read by others: %s", path, info.Mode())
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestABackupNamesWhatIsMissing(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		args []string
		want string
		code int
	}{
		{"no folder is named", []string{"backup"}, "--into", exitMisused},
		{"the folder cannot be made", []string{"backup", "--into", "backup_test.go/all"}, "make the folder of --into", exitFailed},
		{"there is no database", []string{"backup", "--into", "."}, "there is no database", exitFailed},
		{"there are no keys", []string{"backup", "--into", "."}, "there are no keys", exitFailed},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			data := t.TempDir()
			for file, missing := range map[string]string{"rejoinder.db": "there is no database", privacy.FileName: "there are no keys"} {
				if test.name == missing {
					continue
				}
				if err := os.WriteFile(filepath.Join(data, file), nil, 0o600); err != nil {
					t.Fatal(err)
				}
			}
			_, errs, code := runProgram(t, []string{"REJOINDER_DATA_DIR=" + data}, "", test.args...)
			if code != test.code || !strings.Contains(errs, test.want) {
				t.Errorf("exit code %d and %q, want %d and %q", code, errs, test.code, test.want)
			}
		})
	}
}
