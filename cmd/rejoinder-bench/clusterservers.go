package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"text/template"

	"rejoinder/db/dbtest"
)

// clusterPassword is that of every role in the temporary cluster, which listens on this machine only.
const clusterPassword = "Cluster-Test-1"

// clusterMembers is the number of PostgreSQL servers.
const clusterMembers = 3

// clusterPrograms are the programs that a cluster needs, with Debian's packages.
var clusterPrograms = map[string]string{
	"etcd": "etcd-server", "patroni": "patroni", "haproxy": "haproxy", "pgbouncer": "pgbouncer",
}

// findProgram returns the path of a program; Debian keeps some outside of PATH.
func findProgram(name string) (string, error) {
	if path, err := exec.LookPath(name); err == nil {
		return path, nil
	}
	path := "/usr/sbin/" + name
	if _, err := os.Stat(path); err != nil {
		return "", fmt.Errorf("%s is not installed; on Debian: apt-get install --no-install-recommends %s",
			name, clusterPrograms[name])
	}
	return path, nil
}

// cluster is a PostgreSQL cluster with failover on this machine: etcd, three servers under Patroni, HAProxy, which
// connects to their primary, and PgBouncer before it.
type cluster struct {
	dir        string
	Postgres   string // folder of PostgreSQL's programs
	Password   string
	Etcd, Peer string // addresses
	Members    []*member
	Proxy      string // address of HAProxy
	Pool       string // address of PgBouncer
	Pooling    string // pool mode of PgBouncer: session or transaction
	programs   map[string]string
	credential *syscall.Credential // nil: the user who runs this
	cleanUp    io.Closer           // closing it ends all servers
	cleaned    chan struct{}
}

// member is a PostgreSQL server with its Patroni.
type member struct {
	Name string
	SQL  string // address of PostgreSQL
	REST string // address of Patroni
	Data string // folder
}

// sweep ends everything that wrote its process ID into a folder, once the other end of its standard input is closed,
// and removes the folder.
const sweep = `
cat >/dev/null
for signal in CONT KILL; do
	for file in "$1"/pid/* "$1"/*/postmaster.pid; do
		pid=$(head -n 1 "$file" 2>/dev/null) && test -n "$pid" && kill -$signal -"$pid" "$pid" 2>/dev/null
	done
done
sleep 1
rm -rf "$1"
`

// newCluster chooses addresses and writes the configuration into a temporary folder. pooling is what PgBouncer pools:
// session or transaction. close removes the cluster.
func newCluster(ctx context.Context, pooling string) (*cluster, error) {
	c := &cluster{Password: clusterPassword, Pooling: pooling, programs: map[string]string{}, cleaned: make(chan struct{})}
	for name := range clusterPrograms {
		path, err := findProgram(name)
		if err != nil {
			return nil, usageError{err}
		}
		c.programs[name] = path
	}
	var err error
	if c.Postgres, err = postgresFolder(); err != nil {
		return nil, usageError{err}
	}
	if c.credential, err = dbtest.Unprivileged(); err != nil {
		return nil, err
	}
	if c.dir, err = os.MkdirTemp("", "rejoinder-cluster-"); err != nil {
		return nil, fmt.Errorf("prepare cluster: %w", err)
	}
	if err := c.prepare(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("prepare cluster: %w", err), c.close())
	}
	return c, nil
}

func (c *cluster) prepare(ctx context.Context) error {
	if err := c.startSweeper(); err != nil {
		return err
	}
	addresses := []*string{&c.Etcd, &c.Peer, &c.Proxy, &c.Pool}
	for n := range clusterMembers {
		name := fmt.Sprintf("pg%d", n+1)
		m := &member{Name: name, Data: filepath.Join(c.dir, name)}
		c.Members, addresses = append(c.Members, m), append(addresses, &m.SQL, &m.REST)
	}
	if err := unusedAddresses(addresses); err != nil {
		return err
	}
	return c.configure(ctx)
}

// startSweeper starts the process that removes the cluster, even after this one was killed.
func (c *cluster) startSweeper() error {
	cmd := exec.CommandContext(context.Background(), "/bin/sh", "-c", sweep, "sweep", c.dir)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	stdin, err := cmd.StdinPipe()
	if err != nil {
		return err
	}
	if err := cmd.Start(); err != nil {
		return err
	}
	c.cleanUp = stdin
	go func() {
		cmd.Wait() //nolint:errcheck // processes that have ended cannot be killed
		close(c.cleaned)
	}()
	return nil
}

// close ends all servers and removes their data.
func (c *cluster) close() error {
	if c.cleanUp == nil {
		return os.RemoveAll(c.dir)
	}
	err := c.cleanUp.Close()
	<-c.cleaned
	return err
}

// unusedAddresses fills in local addresses, all different.
func unusedAddresses(addresses []*string) error {
	for _, address := range addresses {
		listener, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			return fmt.Errorf("find free addresses: %w", err)
		}
		defer listener.Close()
		*address = listener.Addr().String()
	}
	return nil
}

// configure writes the configuration files, and makes the folder the unprivileged user's.
func (c *cluster) configure(ctx context.Context) error {
	if err := os.Mkdir(filepath.Join(c.dir, "pid"), 0o700); err != nil {
		return err
	}
	for name, text := range map[string]string{
		"haproxy.cfg": haproxyConfig, "pgbouncer.ini": pgbouncerConfig, "userlist.txt": pgbouncerUsers,
		"pgpass": "*:*:*:*:" + c.Password + "\n",
	} {
		if err := c.writeConfig(name, text, c); err != nil {
			return err
		}
	}
	for _, m := range c.Members {
		if err := c.writeConfig(m.Name+".yml", patroniConfig, struct {
			*cluster
			*member
		}{c, m}); err != nil {
			return err
		}
	}
	if c.credential == nil {
		return nil
	}
	owner := fmt.Sprintf("%d:%d", c.credential.Uid, c.credential.Gid)
	return exec.CommandContext(ctx, "chown", "-R", owner, c.dir).Run()
}

var templateFuncs = template.FuncMap{
	"host": func(address string) string { return address[:strings.LastIndexByte(address, ':')] },
	"port": func(address string) string { return address[strings.LastIndexByte(address, ':')+1:] },
}

func (c *cluster) writeConfig(name, text string, values any) error {
	t, err := template.New(name).Funcs(templateFuncs).Parse(text)
	if err != nil {
		return err
	}
	file, err := os.OpenFile(filepath.Join(c.dir, name), os.O_CREATE|os.O_WRONLY|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	return errors.Join(t.Execute(file, values), file.Close())
}

// Dir is the cluster's folder.
func (c *cluster) Dir() string { return c.dir }

// command prepares a program to run as the unprivileged user, in a process group of its own.
func (c *cluster) command(ctx context.Context, program string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, program, args...)
	cmd.Dir = c.dir
	cmd.Env = []string{"LC_ALL=C", "HOME=" + c.dir, "PATH=" + c.Postgres + ":" + os.Getenv("PATH"),
		"PGPASSWORD=" + c.Password}
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Credential: c.credential}
	return cmd
}

// start runs a server under a name. Its output goes to NAME.log. It outlives ctx until the sweeper ends it.
func (c *cluster) start(name, program string, args ...string) error {
	log, err := os.OpenFile(filepath.Join(c.dir, name+".log"), os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return fmt.Errorf("start %s: %w", name, err)
	}
	defer log.Close()
	cmd := c.command(context.Background(), c.programs[program], args...)
	cmd.Stdout, cmd.Stderr = log, log
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("start %s: %w", name, err)
	}
	go cmd.Wait() //nolint:errcheck // killed on purpose
	pid := strconv.Itoa(cmd.Process.Pid)
	if err := os.WriteFile(filepath.Join(c.dir, "pid", name), []byte(pid), 0o600); err != nil {
		return fmt.Errorf("start %s: %w", name, err)
	}
	return nil
}

// startAll starts every server.
func (c *cluster) startAll() error {
	// With etcd's API v3, a primary that was frozen takes the lock from its successor in Patroni before 3.0.3, which
	// Debian 12 has (https://github.com/patroni/patroni/pull/2689).
	err := c.start("etcd", "etcd", "--enable-v2", "--data-dir", filepath.Join(c.dir, "etcd"), "--name", "etcd1",
		"--listen-client-urls", "http://"+c.Etcd, "--advertise-client-urls", "http://"+c.Etcd,
		"--listen-peer-urls", "http://"+c.Peer, "--initial-advertise-peer-urls", "http://"+c.Peer,
		"--initial-cluster", "etcd1=http://"+c.Peer)
	for _, m := range c.Members {
		err = errors.Join(err, c.startMember(m))
	}
	return errors.Join(err, c.start("haproxy", "haproxy", "-f", "haproxy.cfg"),
		c.start("pgbouncer", "pgbouncer", "pgbouncer.ini"))
}

func (c *cluster) startMember(m *member) error { return c.start(m.Name, "patroni", m.Name+".yml") }

// pids returns the processes of a member: Patroni, PostgreSQL and the processes that serve its connections.
func (c *cluster) pids(m *member) []int {
	var found []int
	for _, file := range []string{filepath.Join(c.dir, "pid", m.Name), filepath.Join(m.Data, "postmaster.pid")} {
		raw, err := os.ReadFile(file)
		if err != nil {
			continue // it does not run
		}
		first, _, _ := strings.Cut(string(raw), "\n")
		if pid, err := strconv.Atoi(strings.TrimSpace(first)); err == nil {
			found = append(append(found, pid), dbtest.Children(pid)...)
		}
	}
	return found
}

// signal sends a signal to every process of a member.
func (c *cluster) signal(m *member, signal syscall.Signal) {
	for _, pid := range c.pids(m) {
		syscall.Kill(pid, signal) //nolint:errcheck // it may have ended
	}
}

// kill ends a member as the loss of its machine would.
func (c *cluster) kill(m *member) {
	pids := c.pids(m)
	for _, signal := range []syscall.Signal{syscall.SIGSTOP, syscall.SIGKILL} {
		for _, pid := range pids {
			syscall.Kill(pid, signal) //nolint:errcheck // it may have ended
		}
	}
}

// postgresFolder returns the folder of the newest PostgreSQL's programs.
func postgresFolder() (string, error) {
	found, err := filepath.Glob("/usr/lib/postgresql/*/bin/postgres")
	if err == nil && len(found) > 0 {
		return filepath.Dir(found[len(found)-1]), nil
	}
	path, err := exec.LookPath("postgres")
	if err != nil {
		return "", errors.New("PostgreSQL is not installed; on Debian: apt-get install postgresql")
	}
	return filepath.Dir(path), nil
}
