package main

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

// modeOf returns the permissions of a file.
func modeOf(t *testing.T, path string) fs.FileMode {
	t.Helper()
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	return info.Mode().Perm()
}

func TestADatabaseReadableByOthersIsMadePrivate(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("mode bits mean nothing here")
	}
	dir := filepath.Join(t.TempDir(), "data")
	env := []string{"REJOINDER_DATA_DIR=" + dir, "REJOINDER_DATABASE_URL="}
	database := filepath.Join(dir, "rejoinder.db")
	for range 2 { // the second start finds what others could read
		p := startProgram(t, env, "serve", "--demo")
		for _, path := range []string{database, database + "-wal", database + "-shm"} {
			if mode := modeOf(t, path); mode != 0o600 {
				t.Errorf("%s has mode %04o", filepath.Base(path), mode)
			}
		}
		if mode := modeOf(t, dir); mode != 0o700 {
			t.Errorf("the folder has mode %04o", mode)
		}
		p.stop(t)
		if err := os.Chmod(dir, 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(database, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	mended, err := prepareDataFolder(Config{DataDir: dir, DatabaseURL: "sqlite:" + database})
	if err != nil || strings.Join(mended, " ") != database+" "+dir {
		t.Errorf("mended %q, %v", mended, err)
	}
}

func TestAFolderThatIsNotOursIsLeftAlone(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("mode bits mean nothing here")
	}
	dir := t.TempDir()
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	if mended, err := prepareDataFolder(Config{DataDir: dir, DatabaseURL: "postgres://db/rejoinder"}); err != nil || len(mended) > 0 {
		t.Errorf("a folder without keys: mended %q, %v", mended, err)
	}
	if err := os.WriteFile(filepath.Join(dir, "token-keys.json"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(dir, fs.ModeSticky|0o777); err != nil {
		t.Fatal(err)
	}
	if mended, err := prepareDataFolder(Config{DataDir: dir, DatabaseURL: "postgres://db/rejoinder"}); err != nil || len(mended) > 0 {
		t.Errorf("a shared folder: mended %q, %v", mended, err)
	}
}

// TestAMistypedFolderCreatesNoInstallation runs commands that read or change existing data where there is no
// database.
func TestAMistypedFolderCreatesNoInstallation(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{
		{"migrate", "--check"}, {"verify"}, {"backup", "--into", t.TempDir()}, {"decisions", "export", "--site", "gazette"},
		{"site", "list"}, {"site", "change", "--slug", "gazette", "--name", "Gazette"}, {"site", "embed", "--slug", "gazette"},
		{"moderator", "list"}, {"moderator", "unlock", "--email", "eve@gazette.example"},
		{"rules", "list", "--site", "gazette"}, {"rules", "export", "--site", "gazette"},
	} {
		t.Run(strings.Join(args[:min(len(args), 2)], " "), func(t *testing.T) {
			dir := filepath.Join(t.TempDir(), "typo")
			_, errs, code := runProgram(t, []string{"REJOINDER_DATA_DIR=" + dir}, "", args...)
			if code != exitFailed || !strings.Contains(errs, "there is no database "+dir) || !strings.Contains(errs, "--data-dir") {
				t.Errorf("exit code %d: %s", code, errs)
			}
			if _, err := os.Stat(dir); !errors.Is(err, fs.ErrNotExist) {
				t.Errorf("the folder was made: %v", err)
			}
		})
	}
}

func TestAMistypedFolderBesideADatabaseGetsNoKeys(t *testing.T) {
	t.Parallel()
	eachEngine(t, func(t *testing.T, env []string) {
		if _, errs, code := runProgram(t, env, "", "migrate"); code != exitDone {
			t.Fatal(errs)
		}
		dir := filepath.Join(t.TempDir(), "typo")
		for _, args := range [][]string{{"verify"}, {"backup", "--into", t.TempDir()}} {
			_, errs, code := runProgram(t, append(env, "REJOINDER_DATA_DIR="+dir), "", args...)
			if code != exitFailed || !strings.Contains(errs, "there are no keys in "+dir) {
				t.Errorf("%v: exit code %d: %s", args, code, errs)
			}
		}
		if _, err := os.Stat(dir); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("the folder was made: %v", err)
		}
	})
}
