package main

import (
	"bufio"
	"bytes"
	"database/sql"
	"encoding/binary"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"rejoinder/db/dbtest"
)

func TestStatementsAndRoundTripsAreCountedOnTheWire(t *testing.T) {
	message := func(kind, content string) string {
		length := binary.BigEndian.AppendUint32(nil, uint32(4+len(content)))
		return kind + string(length) + content
	}
	var p wireProxy
	p.count(bufio.NewReader(bytes.NewBufferString(message("", "start-up") + message("Q", "BEGIN\x00") +
		message("P", "SELECT") + message("D", "S") + message("S", "") + // prepared
		message("B", "QES") + message("E", "") + message("S", "") + // executed
		message("B", "") + message("E", "") + message("B", "") + message("E", "") + message("S", "")))) // two at once
	if p.statements.Load() != 4 || p.roundTrips.Load() != 4 {
		t.Errorf("%d statements in %d round trips", p.statements.Load(), p.roundTrips.Load())
	}
}

func TestTheProxyDelaysEachRoundTrip(t *testing.T) {
	server := dbtest.StartPostgres(t)
	const roundTrip = 20 * time.Millisecond
	p, url, err := startWireProxy(server.DSN(), roundTrip)
	if err != nil {
		t.Fatal(err)
	}
	pool, err := sql.Open("postgres", url)
	if err != nil {
		t.Fatal(err)
	}
	pool.SetMaxOpenConns(1)
	if err := pool.PingContext(t.Context()); err != nil {
		t.Fatal(err)
	}
	before, start := p.roundTrips.Load(), time.Now()
	for range 3 {
		if _, err := pool.ExecContext(t.Context(), `SELECT 1`); err != nil {
			t.Fatal(err)
		}
	}
	if took := time.Since(start); took < 3*roundTrip {
		t.Errorf("three round trips took %s", took)
	}
	if n := p.roundTrips.Load() - before; n != 3 {
		t.Errorf("%d round trips", n)
	}
	if err := pool.Close(); err != nil {
		t.Error(err)
	}
	if err := p.stop(); err != nil {
		t.Error(err)
	}
}

func TestGrowthIsListedPerSubmission(t *testing.T) {
	a := anatomy{submissions: 10}
	a.setRelations([]relation{{Name: "comments", Bytes: 100}, {Name: "sites", Bytes: 50}},
		[]relation{{Name: "comments", Bytes: 700}, {Name: "comments_new", Index: true, Bytes: 80}, {Name: "sites", Bytes: 50}})
	want := anatomy{submissions: 10, Bytes: 68,
		Relations: []relation{{Name: "comments", Bytes: 60}, {Name: "comments_new", Index: true, Bytes: 8}}}
	if diff := cmp.Diff(want, a, cmp.AllowUnexported(anatomy{})); diff != "" {
		t.Error(diff)
	}
}

func TestTablesIndexesAndLogOfAFileAreMeasured(t *testing.T) {
	path := filepath.Join(t.TempDir(), "measured.db")
	g, err := openGauge("sqlite:" + path)
	if err != nil {
		t.Fatal(err)
	}
	pool := g.(*sqliteGauge).pool
	write := func(statement string) {
		if _, err := pool.ExecContext(t.Context(), statement); err != nil {
			t.Fatal(err)
		}
	}
	write(`CREATE TABLE schema_migrations (version INTEGER)`)
	write(`CREATE TABLE texts (body TEXT UNIQUE)`)
	before, err := g.logBytes(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for range 10 {
		write(`INSERT INTO texts VALUES (hex(randomblob(5000)))`)
	}
	after, err := g.logBytes(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if after-before < 10*20_000 {
		t.Errorf("the log grew by %.0f bytes", after-before)
	}
	if err := g.release(); err != nil {
		t.Fatal(err)
	}
	found, err := g.relations(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	bytes := map[string]float64{}
	for _, r := range found {
		bytes[r.Name] = r.Bytes
		if index := r.Name == "sqlite_autoindex_texts_1"; r.Index != index {
			t.Errorf("%s is an index: %t", r.Name, r.Index)
		}
	}
	if bytes["texts"] < 10*10_000 || bytes["sqlite_autoindex_texts_1"] < 10*10_000 {
		t.Errorf("the texts and their index take %v", bytes)
	}
	if err := g.close(); err != nil {
		t.Error(err)
	}
}

func TestCPUTimeOfThisProcessIsRead(t *testing.T) {
	stat, err := readProcessStat(os.Getpid())
	if err != nil {
		t.Fatal(err)
	}
	if stat.parent != os.Getppid() {
		t.Errorf("the parent is %d", stat.parent)
	}
	for start := stat.millis; stat.millis < start+millisPerTick; { // spends it
		if stat, err = readProcessStat(os.Getpid()); err != nil {
			t.Fatal(err)
		}
	}
}
