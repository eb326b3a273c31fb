package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"rejoinder/auth"
	"rejoinder/db/dbtest"
)

// runAsProgram makes the test binary run as the program itself, so that tests can start and kill it.
const runAsProgram = "REJOINDER_TEST_RUN_AS_PROGRAM"

// realHashes in a program's environment makes passwords as expensive as for operators. The tests of overload need
// that.
const realHashes = "REJOINDER_TEST_REAL_HASHES=1"

func TestMain(m *testing.M) {
	if os.Getenv(runAsProgram) != "" {
		if name, value, _ := strings.Cut(realHashes, "="); os.Getenv(name) != value {
			hashParams = auth.HashParams{MemoryKiB: 8, Passes: 1, Parallelism: 1}
		}
		main()
		return
	}
	// Most tests wait for another process half of the time.
	if err := flag.Set("test.parallel", strconv.Itoa(2*runtime.GOMAXPROCS(0))); err != nil {
		panic(err)
	}
	dbtest.Main(m, stopChromium)
}

// startTime bounds how long a server may take until it is ready; reaching it is a failure, not a delay.
const startTime = 30 * time.Second

// program is one running server.
type program struct {
	url    string
	banner string
	cmd    *exec.Cmd
	log    *lockedBuffer
	ended  chan struct{}
}

// lockedBuffer collects what a process writes.
type lockedBuffer struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.Write(p)
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.String()
}

var readyLine = regexp.MustCompile(`ready at (\S+)`)

// startProgram runs `rejoinder ARGS` with the environment given and waits until it says that it is ready.
func startProgram(t *testing.T, env []string, args ...string) *program {
	t.Helper()
	p := &program{cmd: programCommand(env, args...), log: &lockedBuffer{}, ended: make(chan struct{})}
	out, err := p.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	p.cmd.Stderr = p.log
	if err := p.cmd.Start(); err != nil {
		t.Fatalf("start: %v", err)
	}
	t.Cleanup(p.kill)
	ready := make(chan string, 1)
	go p.readBanner(out, ready)
	select {
	case p.url = <-ready:
	case <-p.ended:
		t.Fatalf("the server ended before it was ready:\n%s", p.log)
	case <-time.After(startTime):
		t.Fatalf("the server was not ready after %s:\n%s", startTime, p.log)
	}
	return p
}

// readBanner reads standard output up to its end; the banner is complete with the first empty line after
// the URL.
func (p *program) readBanner(out io.Reader, ready chan<- string) {
	var banner strings.Builder
	url := ""
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		banner.WriteString(lines.Text() + "\n")
		if m := readyLine.FindStringSubmatch(lines.Text()); m != nil {
			url = m[1]
		}
		if url != "" && strings.Contains(banner.String(), "/console") && lines.Text() == "" {
			p.banner = banner.String()
			ready <- url
			url = ""
		}
	}
	p.cmd.Wait() //nolint:errcheck // a killed process always fails
	close(p.ended)
}

// programCommand is `rejoinder ARGS`. Most tests bring their own comments: --demo is an empty demo here, and
// --demo=full the one that people get.
func programCommand(env []string, args ...string) *exec.Cmd {
	args = slices.Clone(args)
	if i := slices.Index(args, "--demo"); i >= 0 {
		args[i] = "--demo=empty"
	}
	cmd := exec.Command(os.Args[0], args...)
	cmd.Env = append(os.Environ(), runAsProgram+"=1", "REJOINDER_ADDR=127.0.0.1:0")
	cmd.Env = append(cmd.Env, env...)
	return cmd
}

// runProgram runs one command to its end.
func runProgram(t *testing.T, env []string, stdin string, args ...string) (stdout, stderr string, code int) {
	t.Helper()
	cmd := programCommand(env, args...)
	var out, errs bytes.Buffer
	cmd.Stdin, cmd.Stdout, cmd.Stderr = strings.NewReader(stdin), &out, &errs
	err := cmd.Run()
	if _, isExit := err.(*exec.ExitError); err != nil && !isExit {
		t.Fatalf("run %v: %v", args, err)
	}
	return out.String(), errs.String(), cmd.ProcessState.ExitCode()
}

// kill is kill -9, and waits until the process is gone.
func (p *program) kill() {
	p.cmd.Process.Kill() //nolint:errcheck // it may be gone already
	<-p.ended
}

// stop asks the server to end, as an operator does, and waits until it did.
func (p *program) stop(t *testing.T) {
	t.Helper()
	if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatalf("ask to stop: %v", err)
	}
	<-p.ended
}

// eachEngine runs a test against a server's environment on SQLite and on PostgreSQL.
func eachEngine(t *testing.T, test func(t *testing.T, env []string)) {
	t.Run("sqlite", func(t *testing.T) {
		dir := t.TempDir()
		test(t, []string{"REJOINDER_DATA_DIR=" + dir, "REJOINDER_DATABASE_URL=sqlite:" + filepath.Join(dir, "test.db")})
	})
	t.Run("postgres", func(t *testing.T) {
		test(t, []string{"REJOINDER_DATA_DIR=" + t.TempDir(), "REJOINDER_DATABASE_URL=" + dbtest.PostgresDatabase(t)})
	})
}

// call sends one JSON request and decodes the response into target, unless that is nil.
func call(t *testing.T, method, url, token string, body, target any) int {
	t.Helper()
	var reader io.Reader
	if body != nil {
		raw, err := json.Marshal(body)
		if err != nil {
			t.Fatal(err)
		}
		reader = bytes.NewReader(raw)
	}
	req, err := http.NewRequestWithContext(t.Context(), method, url, reader)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatalf("%s %s: %v", method, url, err)
	}
	defer resp.Body.Close()
	raw, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatalf("read answer: %v", err)
	}
	if target != nil {
		if err := json.Unmarshal(raw, target); err != nil {
			t.Fatalf("%s %s answered %d with %.200q: %v", method, url, resp.StatusCode, raw, err)
		}
	}
	return resp.StatusCode
}

var passwordLine = regexp.MustCompile(`Password:\s+(\S+)`)

// password is the one that the banner printed.
func (p *program) password(t *testing.T) string {
	t.Helper()
	m := passwordLine.FindStringSubmatch(p.banner)
	if m == nil {
		t.Fatalf("no password in the banner:\n%s", p.banner)
	}
	return m[1]
}

// signIn returns an access token of the demo's moderator.
func (p *program) signIn(t *testing.T) string {
	t.Helper()
	var session struct {
		AccessToken string `json:"access_token"`
	}
	status := call(t, http.MethodPost, p.url+"/api/v1/auth/login", "",
		map[string]string{"email": demoEmail, "password": p.password(t)}, &session)
	if status != http.StatusOK || session.AccessToken == "" {
		t.Fatalf("sign in: status %d\n%s", status, p.log)
	}
	return session.AccessToken
}

// nextPort is where freeAddress continues. Linux uses ports from 32768 on for connections, so a server that
// is started again might find such a port taken.
var nextPort atomic.Int32

// freeAddress is a local address on which nothing listens, and which no other test gets.
func freeAddress(t *testing.T) string {
	t.Helper()
	nextPort.CompareAndSwap(0, int32(10_000+os.Getpid()%200*100)) // other packages have tests, too
	for range 1000 {
		listener, err := net.Listen("tcp", fmt.Sprint("127.0.0.1:", nextPort.Add(1)))
		if err == nil {
			listener.Close()
			return listener.Addr().String()
		}
	}
	t.Fatal("no port of a thousand is free")
	return ""
}
