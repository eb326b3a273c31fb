package db

import (
	"path/filepath"
	"testing"
	"time"

	"rejoinder/moderation"
)

// TestSubmissionsDoNotLookForWebhooksInTheDatabase counts on executor{}, which cannot run a statement.
func TestSubmissionsDoNotLookForWebhooksInTheDatabase(t *testing.T) {
	now := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	d, err := Open(t.Context(), "sqlite:"+filepath.Join(t.TempDir(), "rejoinder.db"), Options{Now: func() time.Time { return now }})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { d.Close() })
	if err := d.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	site := ID("01957000-0000-7000-8000-000000000001")
	look := func(x executor) {
		t.Helper()
		if found, err := d.webhookSites.has(t.Context(), x, site); found || err != nil {
			t.Errorf("found %v, %v", found, err)
		}
	}
	look(d.executor)
	for range 1000 {
		look(executor{})
	}
	queries := func(what string) {
		t.Helper()
		defer func() {
			if recover() == nil {
				t.Errorf("%s: the cache is still used", what)
			}
		}()
		d.webhookSites.has(t.Context(), executor{}, site)
	}
	now = now.Add(webhookSitesLife)
	queries("after its life")
	look(d.executor)
	d.webhookSites.follow(moderation.Change{Kind: moderation.ChangeWebhooks})
	queries("after a change")
}

func BenchmarkLookForWebhooks(b *testing.B) {
	sites := webhookSites{now: time.Now, readAt: time.Now().Add(-time.Second), sites: map[ID]bool{}}
	for b.Loop() {
		sites.readAt = time.Now()
		if found, err := sites.has(b.Context(), executor{}, "01957000-0000-7000-8000-000000000001"); found || err != nil {
			b.Fatal(found, err)
		}
	}
}
