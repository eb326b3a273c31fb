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
	"strings"
	"syscall"
	"time"
)

// childStart bounds how long a server may take until it listens.
const childStart = 30 * time.Second

// child is this program, running as a server of its own.
type child struct {
	url string
	cmd *exec.Cmd
}

var childReady = regexp.MustCompile(`ready at (\S+)`)

// startChild runs this program with the arguments and waits until it says where it listens. What it logs goes to a file
// in dir, as a service's log would.
func startChild(ctx context.Context, dir string, env []string, args ...string) (*child, error) {
	program, err := os.Executable()
	if err != nil {
		return nil, fmt.Errorf("start server: %w", err)
	}
	log, err := os.OpenFile(filepath.Join(dir, "log"), os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return nil, fmt.Errorf("start server: %w", err)
	}
	defer log.Close()
	c := &child{cmd: exec.CommandContext(ctx, program, args...)}
	c.cmd.Env = append(env, "PATH="+os.Getenv("PATH"), "HOME="+dir)
	c.cmd.Stderr = log
	c.cmd.Cancel = func() error { return c.cmd.Process.Signal(syscall.SIGTERM) }
	c.cmd.WaitDelay = childStart
	out, err := c.cmd.StdoutPipe()
	if err != nil {
		return nil, fmt.Errorf("start server: %w", err)
	}
	if err := c.cmd.Start(); err != nil {
		return nil, fmt.Errorf("start server: %w", err)
	}
	slow := time.AfterFunc(childStart, func() { c.cmd.Process.Kill() }) // its output ends then
	defer slow.Stop()
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		if m := childReady.FindStringSubmatch(lines.Text()); m != nil {
			c.url = m[1]
			go io.Copy(io.Discard, out) // so that it never waits for a reader; ends with the process
			return c, nil
		}
	}
	tail, _ := os.ReadFile(log.Name()) // the error below says the rest
	return nil, errors.Join(fmt.Errorf("start server: it ended before it was ready: %s", strings.TrimSpace(string(tail))), c.cmd.Wait())
}

// stop ends the server as an operator would.
func (c *child) stop() error {
	if err := c.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		return fmt.Errorf("stop server: %w", err)
	}
	err := c.cmd.Wait()
	var exit *exec.ExitError
	if errors.As(err, &exit) || errors.Is(err, os.ErrClosed) {
		return nil // told to end, it ended
	}
	return err
}
