package dbtest

import (
	"context"
	"os"
	"path/filepath"
	"testing"
)

// Standby starts a streaming replica of the server. It is stopped after the test.
func (p *Postgres) Standby(t testing.TB) *Postgres {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), setUpTime)
	defer cancel()
	folder, err := os.MkdirTemp("", "rejoinder-pg-")
	if err != nil {
		t.Fatal(err)
	}
	standby := &Postgres{tools: p.tools, folder: folder}
	t.Cleanup(func() {
		if err := standby.Remove(); err != nil {
			t.Errorf("remove the standby's folder: %v", err)
		}
	})
	if c := p.tools.credential; c != nil {
		if err := os.Chown(folder, int(c.Uid), int(c.Gid)); err != nil {
			t.Fatal(err)
		}
	}
	backup := filepath.Join(filepath.Dir(p.tools.postgres), "pg_basebackup")
	cmd := p.tools.command(ctx, backup, "--pgdata", standby.data(), "--host", p.folder, "--username", "rejoinder",
		"--write-recovery-conf", "--wal-method", "stream", "--checkpoint", "fast", "--no-sync")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("pg_basebackup: %v: %s", err, out)
	}
	if err := standby.run(ctx); err != nil {
		t.Fatal(err)
	}
	return standby
}

// Execute runs one statement on the server's database.
func (p *Postgres) Execute(t testing.TB, statement string) {
	t.Helper()
	execute(t, p.DSN(), statement)
}
