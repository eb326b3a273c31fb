package main

import (
	"net/http"
	"regexp"
	"strings"
	"testing"

	"rejoinder/db/dbtest"
)

func TestTheReplicaServesReadersAndApprovalsShowAtOnce(t *testing.T) {
	t.Parallel()
	server := dbtest.StartPostgres(t)
	standby := server.Standby(t)
	metrics := freeAddress(t)
	p := startProgram(t, []string{"REJOINDER_DATA_DIR=" + t.TempDir(), "REJOINDER_DATABASE_URL=" + server.DSN(),
		"REJOINDER_DATABASE_REPLICA_URL=" + standby.DSN(), "REJOINDER_METRICS_ADDR=" + metrics, "REJOINDER_CACHE_BYTES=0"}, "serve", "--demo")
	replicaReads := regexp.MustCompile(`(?m)^rejoinder_replica_reads_total [1-9]`)
	eventually(t, "the replica is never asked", func() bool {
		p.ask(t, http.MethodGet, demoThread, "")
		return replicaReads.Match(get(t, "http://"+metrics+"/metrics"))
	})
	token := p.signIn(t)
	for _, body := range []string{"The gulls were louder than usual.", "Somebody should paint the railing.", "Is the ferry on time today?"} {
		id := p.submit(t, body)
		status := call(t, http.MethodPost, p.url+"/api/v1/comments/"+id+"/decisions", token, map[string]any{"action": "approve", "version": 1}, nil)
		if status != http.StatusCreated && status != http.StatusOK {
			t.Fatalf("approve: status %d", status)
		}
		if thread := p.ask(t, http.MethodGet, demoThread, ""); !strings.Contains(thread.body, body) {
			t.Errorf("%q is approved but not shown: %s", body, thread.body)
		}
	}
	standby.Kill()
	if thread := p.ask(t, http.MethodGet, demoThread, ""); thread.status != http.StatusOK || !strings.Contains(thread.body, "ferry") {
		t.Errorf("without the replica: %+v", thread)
	}
}
