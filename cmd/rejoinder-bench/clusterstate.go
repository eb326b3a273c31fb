package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"rejoinder/db/dbtest"
)

// clusterTimeout bounds how long the cluster may take to become whole.
const clusterTimeout = 3 * time.Minute

// clusterPoll is how often the cluster's state is looked at.
const clusterPoll = 200 * time.Millisecond

// clusterState is what Patroni says about the cluster.
type clusterState struct {
	Members []struct {
		Name  string `json:"name"`
		Role  string `json:"role"`
		State string `json:"state"`
	} `json:"members"`
}

// state asks the members in turn for the cluster's state.
func (c *cluster) state(ctx context.Context) (clusterState, error) {
	var s clusterState
	var errs []error
	for _, m := range c.Members {
		err := callPatroni(ctx, http.MethodGet, m.REST+"/cluster", nil, &s)
		if err == nil {
			return s, nil
		}
		errs = append(errs, err)
	}
	return s, errors.Join(errs...)
}

// callPatroni sends a request to Patroni and decodes its response into target, unless that is nil.
func callPatroni(ctx context.Context, method, address string, body, target any) error {
	ctx, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	if target == nil { // a switchover takes its time
		ctx = context.WithoutCancel(ctx)
	}
	raw, err := json.Marshal(body)
	if err != nil {
		return fmt.Errorf("call Patroni: %w", err)
	}
	request, err := http.NewRequestWithContext(ctx, method, "http://"+address, bytes.NewReader(raw))
	if err != nil {
		return fmt.Errorf("call Patroni: %w", err)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return fmt.Errorf("call Patroni: %w", err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil || response.StatusCode != http.StatusOK {
		return errors.Join(err, fmt.Errorf("call Patroni: %s %s: %d %s", method, address, response.StatusCode, text))
	}
	if target == nil {
		return nil
	}
	return json.Unmarshal(text, target)
}

// Roles of members, as Patroni names them.
const (
	rolePrimary = "leader"
	roleStandby = "sync_standby" // the synchronous one
)

// memberWith returns the member that runs in a role, or nil.
func (c *cluster) memberWith(role string, s clusterState) *member {
	for _, found := range s.Members {
		for _, m := range c.Members {
			if m.Name == found.Name && found.Role == role {
				return m
			}
		}
	}
	return nil
}

// whole reports whether every member runs, one is the primary, and one is its synchronous standby.
func (s clusterState) whole() bool {
	roles := map[string]int{}
	for _, m := range s.Members {
		if m.State != "running" && m.State != "streaming" {
			return false
		}
		roles[m.Role]++
	}
	return len(s.Members) == clusterMembers && roles[rolePrimary] == 1 && roles[roleStandby] > 0
}

// waitWhole waits until the cluster is whole, and returns the member in a role.
func (c *cluster) waitWhole(ctx context.Context, role string) (*member, error) {
	ctx, cancel := context.WithTimeout(ctx, clusterTimeout)
	defer cancel()
	for {
		s, err := c.state(ctx)
		if err == nil && s.whole() && c.streaming(ctx, s) {
			return c.memberWith(role, s), nil
		}
		select {
		case <-ctx.Done():
			return nil, fmt.Errorf("wait for the cluster: %w; last: %+v, %w%s", ctx.Err(), s, err, c.logs())
		case <-time.After(clusterPoll):
		}
	}
}

// streaming reports whether all standbys receive what the primary writes.
func (c *cluster) streaming(ctx context.Context, s clusterState) bool {
	pool, err := dbtest.OpenPool(c.url("postgres", c.memberWith(rolePrimary, s).SQL, "postgres"))
	if err != nil {
		return false
	}
	defer pool.Close()
	var standbys int
	err = pool.QueryRowContext(ctx, `SELECT count(*) FROM pg_stat_replication
		WHERE state = 'streaming' AND sync_state IN ('sync', 'async')`).Scan(&standbys)
	return err == nil && standbys == clusterMembers-1
}

// url is a database URL.
func (c *cluster) url(user, hosts, database string) string {
	return "postgres://" + user + ":" + c.Password + "@" + hosts + "/" + database + "?sslmode=disable"
}

// createDatabase makes the role and the database of Rejoinder.
func (c *cluster) createDatabase(ctx context.Context, leader *member) error {
	pool, err := dbtest.OpenPool(c.url("postgres", leader.SQL, "postgres"))
	if err != nil {
		return err
	}
	defer pool.Close()
	for _, statement := range []string{
		`CREATE ROLE rejoinder LOGIN PASSWORD '` + c.Password + `'`, `CREATE DATABASE rejoinder OWNER rejoinder`,
	} {
		if _, err := pool.ExecContext(ctx, statement); err != nil {
			return fmt.Errorf("create database: %w", err)
		}
	}
	return nil
}

// logs returns the end of each server's log.
func (c *cluster) logs() string {
	var all string
	files, _ := filepath.Glob(filepath.Join(c.dir, "*.log")) // the pattern is well-formed
	for _, file := range files {
		raw, err := os.ReadFile(file)
		if err == nil {
			all += fmt.Sprintf("\n%s: … %s", filepath.Base(file), raw[max(0, len(raw)-1500):])
		}
	}
	return all
}
