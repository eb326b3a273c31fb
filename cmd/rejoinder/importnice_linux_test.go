package main

import (
	"syscall"
	"testing"
)

// TestAnImportGivesWay looks at the priority of an import that waits for the rest of its file.
func TestAnImportGivesWay(t *testing.T) {
	t.Parallel()
	env := []string{"REJOINDER_DATA_DIR=" + t.TempDir()}
	out, errs, code := runProgram(t, env, "", "site", "add", "--slug", "gazette", "--name", "Gazette")
	if code != exitDone {
		t.Fatalf("add site: %s%s", out, errs)
	}
	cmd := programCommand(env, "import", "--site", "gazette", "--nice", "19", "-")
	file, err := cmd.StdinPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	eventually(t, "the import has its old priority", func() bool {
		raw, err := syscall.Getpriority(syscall.PRIO_PROCESS, cmd.Process.Pid)
		return err == nil && 20-raw == 19
	})
	if err := file.Close(); err != nil {
		t.Error(err)
	}
	if err := cmd.Wait(); cmd.ProcessState.ExitCode() != exitMisused {
		t.Errorf("an empty file: %v", err)
	}
}
