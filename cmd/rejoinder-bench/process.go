package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"time"
)

// startTimeout bounds how long a server may take to start listening.
const startTimeout = 30 * time.Second

// process is a server that runs as a separate process.
type process struct {
	url string
	cmd *exec.Cmd
}

// readyLine is what both servers print once they listen.
var readyLine = regexp.MustCompile(`ready at (\S+)`)

// serverProgram returns the rejoinder program to measure: the named one, or the one beside this program.
func serverProgram(named string) (string, error) {
	if named == "" {
		self, err := os.Executable()
		if err != nil {
			return "", fmt.Errorf("find the server: %w", err)
		}
		named = filepath.Join(filepath.Dir(self), "rejoinder")
	}
	if _, err := os.Stat(named); err != nil {
		return "", usageError{fmt.Errorf("find the server: %w (build it with make build, or name it with --server)", err)}
	}
	return named, nil
}

// startProcess runs the command and waits until it prints where it listens. Its log goes to a file in dir.
func startProcess(ctx context.Context, dir string, env []string, command ...string) (*process, error) {
	log, err := os.OpenFile(filepath.Join(dir, "log"), os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return nil, fmt.Errorf("start server: %w", err)
	}
	defer log.Close()
	p := &process{cmd: exec.CommandContext(ctx, command[0], command[1:]...)}
	p.cmd.Env = append(slices.Clone(env), "PATH="+os.Getenv("PATH"), "HOME="+dir)
	p.cmd.Stderr = log
	p.cmd.Cancel = func() error { return p.cmd.Process.Signal(syscall.SIGTERM) }
	p.cmd.WaitDelay = startTimeout
	out, err := p.cmd.StdoutPipe()
	if err != nil {
		return nil, fmt.Errorf("start server: %w", err)
	}
	if err := p.cmd.Start(); err != nil {
		return nil, fmt.Errorf("start server: %w", err)
	}
	kill := time.AfterFunc(startTimeout, func() { p.cmd.Process.Kill() }) // closes out
	defer kill.Stop()
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		if m := readyLine.FindStringSubmatch(lines.Text()); m != nil {
			p.url = m[1]
			go io.Copy(io.Discard, out) //nolint:errcheck // keeps the pipe from filling up; ends with the process
			return p, nil
		}
	}
	tail, _ := os.ReadFile(log.Name()) // an empty tail is reported, too
	return nil, errors.Join(fmt.Errorf("start server: it ended before it was ready: %s", strings.TrimSpace(string(tail))),
		p.cmd.Wait())
}

// stop ends the process with SIGTERM and waits for it.
func (p *process) stop() error {
	if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		return fmt.Errorf("stop server: %w", err)
	}
	if err := p.cmd.Wait(); err != nil && !errors.Is(err, os.ErrClosed) { // its output may be closed already
		return fmt.Errorf("stop server: %w", err)
	}
	return nil
}
