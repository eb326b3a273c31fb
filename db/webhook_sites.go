package db

import (
	"context"
	"sync"
	"time"

	"rejoinder/moderation"
)

// webhookSitesLife is how long the sites with webhooks are cached: on SQLite, another process may add a
// webhook without an announcement.
const webhookSitesLife = 5 * time.Second

// webhookSites caches which sites have an active webhook, so that submissions on others cost nothing more.
type webhookSites struct {
	now func() time.Time

	mu         sync.Mutex
	sites      map[ID]bool
	readAt     time.Time // zero: not read
	generation int       // increases with every change, so that no outdated read is kept
}

// has reports whether a site has an active webhook. x reads them if they are not cached.
func (w *webhookSites) has(ctx context.Context, x executor, site ID) (bool, error) {
	now := w.now()
	w.mu.Lock()
	age, generation := now.Sub(w.readAt), w.generation
	if !w.readAt.IsZero() && 0 <= age && age < webhookSitesLife {
		found := w.sites[site]
		w.mu.Unlock()
		return found, nil
	}
	w.mu.Unlock()
	var ids []ID
	if err := x.selectAll(ctx, &ids, `SELECT DISTINCT site_id FROM webhooks WHERE state = 'active'`); err != nil {
		return false, err
	}
	sites := make(map[ID]bool, len(ids))
	for _, id := range ids {
		sites[id] = true
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if generation == w.generation {
		w.sites, w.readAt = sites, now
	}
	return sites[site], nil
}

// forget makes the next look-up read anew.
func (w *webhookSites) forget() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.readAt = time.Time{}
	w.generation++
}

// follow applies an announced change.
func (w *webhookSites) follow(change moderation.Change) {
	if change.Kind == moderation.ChangeWebhooks || change.Kind == moderation.ChangeResync {
		w.forget()
	}
}
