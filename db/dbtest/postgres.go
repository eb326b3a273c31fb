package dbtest

import (
	"bufio"
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	_ "github.com/lib/pq" // the driver
)

// pollEvery is the interval for polling conditions.
const pollEvery = 10 * time.Millisecond

// supervise runs PostgreSQL as long as the other end of its standard input is open. The end of the test
// process, even by a panic or kill -9, closes it; the server then stops at once. $1 is a folder to remove at
// the end, or empty.
const supervise = `
remove=$1; shift
"$@" </dev/null >&2 & pid=$!
echo $pid
cat >/dev/null
kill -QUIT $pid 2>/dev/null
wait $pid
test -z "$remove" || rm -rf "$remove"
`

// fast gives up durability: a test's data need not outlive it.
var fast = []string{"fsync=off", "synchronous_commit=off", "full_page_writes=off"}

// roomy has the settings that docs/scaling.md recommends: memory for frequent reads, fewer checkpoints, and
// less log after each.
var roomy = []string{"shared_buffers=1GB", "max_wal_size=4GB", "wal_compression=lz4"}

// Postgres is a private PostgreSQL server. It listens on a socket in its own folder only.
type Postgres struct {
	tools    tools
	folder   string
	settings []string

	mu    sync.Mutex
	pid   int // of the server; 0 when it was stopped or killed
	lease io.Closer
	done  chan struct{} // closed when the supervisor has ended
}

// StartPostgres starts a server with durable settings, for tests that kill it. It is stopped after the test.
func StartPostgres(t testing.TB) *Postgres {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), setUpTime)
	defer cancel()
	p, err := start(ctx, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := p.Remove(); err != nil {
			t.Errorf("remove the server's folder: %v", err)
		}
	})
	return p
}

// Launch starts a private server with durable settings, for benchmarks. Remove ends it.
func Launch(ctx context.Context) (*Postgres, error) { return start(ctx, roomy) }

// Remove stops the server and removes its data.
func (p *Postgres) Remove() error {
	p.stop()
	return os.RemoveAll(p.folder)
}

// start makes a new cluster and runs it.
func start(ctx context.Context, settings []string) (*Postgres, error) {
	tools, err := findTools()
	if err != nil {
		return nil, err
	}
	folder, err := os.MkdirTemp("", "rejoinder-pg-")
	if err != nil {
		return nil, fmt.Errorf("start PostgreSQL: %w", err)
	}
	p := &Postgres{tools: tools, folder: folder, settings: settings}
	if err := p.initialise(ctx); err != nil {
		return nil, errors.Join(err, os.RemoveAll(folder))
	}
	if err := p.run(ctx); err != nil {
		return nil, errors.Join(err, os.RemoveAll(folder))
	}
	return p, nil
}

func (p *Postgres) initialise(ctx context.Context) error {
	if p.tools.credential != nil {
		if err := os.Chown(p.folder, int(p.tools.credential.Uid), int(p.tools.credential.Gid)); err != nil {
			return fmt.Errorf("start PostgreSQL: %w", err)
		}
	}
	cmd := p.tools.command(ctx, p.tools.initdb, "--pgdata", p.data(), "--auth", "trust", "--username", "rejoinder",
		"--encoding", "UTF8", "--locale", "C", "--no-sync")
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("initdb: %w: %s", err, out)
	}
	return nil
}

// run starts the server and waits until it responds.
func (p *Postgres) run(ctx context.Context) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	for {
		err := p.launch()
		if err != nil {
			return fmt.Errorf("start PostgreSQL: %w", err)
		}
		if err = p.answers(ctx); err == nil {
			return nil
		}
		p.halt()
		// After kill -9 of the server, its child processes exit a moment later.
		if ctx.Err() != nil || !errors.Is(err, errExited) || !bytes.Contains(p.log(),
			[]byte("pre-existing shared memory")) {
			return fmt.Errorf("start PostgreSQL: %w: %s", err, p.log())
		}
	}
}

func (p *Postgres) launch() error {
	remove := ""
	if p.settings != nil {
		remove = p.folder
	}
	args := []string{"-c", supervise, "supervise", remove, p.tools.postgres, "-D", p.data(),
		"-c", "listen_addresses=", "-c", "unix_socket_directories=" + p.folder, "-c", "max_connections=200",
		"-c", "shared_buffers=32MB", "-c", "timezone=UTC"}
	for _, setting := range p.settings {
		args = append(args, "-c", setting)
	}
	// The supervisor must outlive the context of its caller.
	cmd := p.tools.command(context.Background(), "/bin/sh", args...)
	log, err := os.Create(filepath.Join(p.folder, "log"))
	if err != nil {
		return err
	}
	defer log.Close()
	cmd.Stderr = log
	lease, err := cmd.StdinPipe()
	if err != nil {
		return err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return err
	}
	if err := cmd.Start(); err != nil {
		return err
	}
	line, readErr := bufio.NewReader(out).ReadString('\n')
	pid, err := strconv.Atoi(strings.TrimSpace(line))
	done := make(chan struct{})
	go func() {
		cmd.Wait() //nolint:errcheck // the supervisor's exit code says nothing about the server
		close(done)
	}()
	p.lease, p.done = lease, done
	if readErr != nil || err != nil {
		p.halt()
		return errors.New("the supervisor named no process")
	}
	p.pid = pid
	return nil
}

var errExited = errors.New("the server has exited")

func (p *Postgres) answers(ctx context.Context) error {
	pool, err := sql.Open("postgres", p.DSN())
	if err != nil {
		return err
	}
	defer pool.Close()
	tick := time.NewTicker(pollEvery)
	defer tick.Stop()
	for {
		if err = pool.PingContext(ctx); err == nil {
			return nil
		}
		if !alive(p.pid) {
			return errExited
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("%w, last: %w", ctx.Err(), err)
		case <-tick.C:
		}
	}
}

// DSN is the URL of the server's database.
func (p *Postgres) DSN() string {
	options := url.Values{"host": {p.folder}, "sslmode": {"disable"}}
	return "postgres://rejoinder@/postgres?" + options.Encode()
}

// Kill ends the server and every process that serves a connection with SIGKILL, as a crash of the machine
// would.
func (p *Postgres) Kill() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.pid != 0 {
		syscall.Kill(p.pid, syscall.SIGSTOP) // so that it starts no more of them; each may be gone already
		for _, pid := range append(Children(p.pid), p.pid) {
			syscall.Kill(pid, syscall.SIGKILL)
		}
	}
	p.halt()
}

// Restart starts the server again after Kill, on the same data and at the same address, and waits until it
// responds.
func (p *Postgres) Restart(t testing.TB) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), setUpTime)
	defer cancel()
	if err := p.run(ctx); err != nil {
		t.Fatal(err)
	}
}

func (p *Postgres) stop() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.halt()
}

// halt lets the supervisor end the server, and waits for that.
func (p *Postgres) halt() {
	if p.lease != nil {
		p.lease.Close() // it may be broken already
		<-p.done
	}
	p.lease, p.pid = nil, 0
}

// Folder is the folder of the server's socket.
func (p *Postgres) Folder() string { return p.folder }

func (p *Postgres) data() string { return filepath.Join(p.folder, "data") }

func (p *Postgres) log() []byte {
	log, err := os.ReadFile(filepath.Join(p.folder, "log"))
	if err != nil {
		return []byte(err.Error())
	}
	return log
}

// Children lists the child processes of a process, if there is a /proc; elsewhere PostgreSQL's children end
// by themselves after the server.
func Children(parent int) []int {
	var found []int
	files, _ := filepath.Glob("/proc/[0-9]*/stat") // the pattern is well-formed
	for _, file := range files {
		stat, err := os.ReadFile(file)
		if err != nil {
			continue // it has ended
		}
		// pid (name, which may hold anything) state parent …
		_, rest, _ := strings.Cut(string(stat[max(0, bytes.LastIndexByte(stat, ')')):]), " ")
		fields := strings.Fields(rest)
		pid, err := strconv.Atoi(filepath.Base(filepath.Dir(file)))
		if err == nil && len(fields) > 1 && fields[1] == strconv.Itoa(parent) {
			found = append(found, pid)
		}
	}
	return found
}

func alive(pid int) bool { return syscall.Kill(pid, 0) == nil }

// command runs a program as a user that PostgreSQL accepts, out of reach of the terminal's Ctrl-C.
func (t tools) command(ctx context.Context, program string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, program, args...)
	cmd.Dir = "/"
	cmd.Env = []string{"LC_ALL=C", "PATH=" + os.Getenv("PATH")}
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Credential: t.credential}
	return cmd
}

// execute runs one statement on a server.
func execute(t testing.TB, dsn, statement string) {
	t.Helper()
	administer(t, dsn, func(ctx context.Context, conn *sql.Conn) error {
		if _, err := conn.ExecContext(ctx, statement); err != nil {
			return fmt.Errorf("%s: %w", statement, err)
		}
		return nil
	})
}

// pools are the connections of administer, by URL: a new connection costs more than its statement.
var pools sync.Map

// administer runs f on a connection of the superuser.
func administer(t testing.TB, dsn string, f func(context.Context, *sql.Conn) error) {
	t.Helper()
	pool, found := pools.Load(dsn)
	if !found {
		opened, err := sql.Open("postgres", dsn)
		if err != nil {
			t.Fatal(err)
		}
		pool, _ = pools.LoadOrStore(dsn, opened)
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(t.Context()), setUpTime)
	defer cancel()
	conn, err := pool.(*sql.DB).Conn(ctx)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if err := f(ctx, conn); err != nil {
		t.Fatal(err)
	}
}
