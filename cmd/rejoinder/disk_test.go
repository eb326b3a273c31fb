package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"rejoinder/db/dbtest"
)

// insideNamespace reports whether the process may mount file systems.
const insideNamespace = "REJOINDER_TEST_MOUNTS"

// mountSmallDisk runs the test again in a mount namespace, in which it returns a small disk that disappears
// with the namespace. Outside of it, it returns false.
func mountSmallDisk(t *testing.T) (disk string, inside bool) {
	t.Helper()
	if os.Getenv(insideNamespace) == "" {
		inside := exec.Command("unshare", "--map-root-user", "--mount", os.Args[0], "-test.run", "^"+t.Name()+"$", "-test.v")
		inside.Env = append(os.Environ(), insideNamespace+"=1")
		if out, err := inside.CombinedOutput(); err != nil || !strings.Contains(string(out), "--- PASS: "+t.Name()) {
			t.Fatalf("in a mount namespace (Linux with unshare of util-linux): %v\n%s", err, out)
		}
		return "", false
	}
	disk = t.TempDir()
	if err := syscall.Mount("tmpfs", disk, "tmpfs", 0, "size=64m"); err != nil {
		t.Fatalf("mount a small disk: %v", err)
	}
	t.Cleanup(func() { syscall.Unmount(disk, syscall.MNT_DETACH) }) // it ends with the process
	return disk, true
}

// readOnlyCommands change nothing.
func readOnlyCommands(backup string) [][]string {
	return [][]string{
		{"verify"}, {"migrate", "--check"}, {"site", "list"}, {"moderator", "list"}, {"rules", "list", "--site", "demo"},
		{"decisions", "export", "--site", "demo"}, {"backup", "--into", backup},
	}
}

// checkReadCommands requires that every reading command succeeds, and that the backup holds the whole
// database.
func checkReadCommands(t *testing.T, env []string) {
	t.Helper()
	backup := filepath.Join(t.TempDir(), "backup")
	for _, args := range readOnlyCommands(backup) {
		if _, errs, code := runProgram(t, env, "", args...); code != exitDone || errs != "" {
			t.Errorf("%v: exit code %d: %s", args, code, errs)
		}
	}
	copies, err := filepath.Glob(filepath.Join(backup, "*"))
	if err != nil || len(copies) != 1 {
		t.Fatalf("backups: %v, %v", copies, err)
	}
	if out, errs, code := runProgram(t, []string{"REJOINDER_DATA_DIR=" + copies[0]}, "", "verify"); code != exitDone {
		t.Errorf("the backup: %s%s", out, errs)
	}
}

func TestAFullDiskFailsNeitherReadsNorShutdown(t *testing.T) {
	t.Parallel()
	disk, inside := mountSmallDisk(t)
	if !inside {
		return
	}
	env := []string{"REJOINDER_DATA_DIR=" + disk}
	p := startProgram(t, env, "serve", "--demo")
	if r := p.ask(t, "POST", demoComments, newComment("This is in the log.")); r.status != 201 {
		t.Fatalf("a comment: %+v", r)
	}
	fillDisk(t, filepath.Join(disk, "ballast"))
	checkReadCommands(t, env)
	p.stop(t)
	if code := p.cmd.ProcessState.ExitCode(); code != exitDone {
		t.Errorf("the server ended with exit code %d:\n%s", code, p.log)
	}
	checkReadCommands(t, env)
}

func TestReadingCommandsRunOnAReadOnlyDisk(t *testing.T) {
	t.Parallel()
	disk, inside := mountSmallDisk(t)
	if !inside {
		return
	}
	remount := func(flags uintptr) {
		t.Helper()
		if err := syscall.Mount("tmpfs", disk, "", syscall.MS_REMOUNT|flags, ""); err != nil {
			t.Fatal(err)
		}
	}
	env := []string{"REJOINDER_DATA_DIR=" + disk}
	p := startProgram(t, env, "serve", "--demo")
	p.stop(t)
	remount(syscall.MS_RDONLY)
	checkReadCommands(t, env)
	_, errs, code := runProgram(t, env, "", "site", "change", "--slug", "demo", "--name", "Another")
	if code != exitFailed || !strings.Contains(errs, "the database is read-only") {
		t.Errorf("a change: exit code %d: %s", code, errs)
	}
	remount(0)
	p = startProgram(t, env, "serve", "--demo")
	if r := p.ask(t, "POST", demoComments, newComment("This is in the log.")); r.status != 201 {
		t.Fatalf("a comment: %+v", r)
	}
	p.kill()
	remount(syscall.MS_RDONLY)
	checkReadCommands(t, env)
	remount(0)
	if err := os.Remove(filepath.Join(disk, "rejoinder.db-shm")); err != nil {
		t.Fatal(err)
	}
	remount(syscall.MS_RDONLY)
	_, errs, code = runProgram(t, env, "", "verify")
	if code != exitFailed || !strings.Contains(errs, "its log cannot be read") {
		t.Errorf("a log that cannot be read: exit code %d: %s", code, errs)
	}
}

func TestABackupThatFailsLeavesNoFolder(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	into := filepath.Join(t.TempDir(), "backups")
	env := []string{"REJOINDER_DATA_DIR=" + dir, "REJOINDER_DATABASE_URL=" + dbtest.SQLiteURL(t)}
	runProgram(t, env, "", "migrate")
	if err := os.Mkdir(filepath.Join(dir, "token-keys.json"), 0o700); err != nil { // not a file
		t.Fatal(err)
	}
	if _, errs, code := runProgram(t, env, "", "backup", "--into", into); code != exitFailed {
		t.Errorf("exit code %d: %s", code, errs)
	}
	if _, err := os.Stat(into); !os.IsNotExist(err) {
		t.Errorf("the folder is there: %v", err)
	}
}
