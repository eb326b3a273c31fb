package db

import (
	"context"
	"encoding/json"
	"fmt"
	"sync"
	"time"

	"github.com/google/uuid"
	"github.com/lib/pq"

	"rejoinder/moderation"
)

// How long a lost connection for notices waits before it is tried again; the wait doubles up to the second.
const (
	listenAgain    = 100 * time.Millisecond
	listenAgainMax = 5 * time.Second
	// listenPing is how often the connection is tried when nothing comes: a dead peer sends no sign.
	listenPing = 30 * time.Second
)

// channelQuery names the channel of this schema. Names may have 63 bytes.
const channelQuery = `left('rejoinder_changes_' || current_schema(), 63)`

// notice is a change on its way to other processes.
type notice struct {
	From string `json:"from"` // the database handle that it comes from, which knows already
	moderation.Change
}

// news carries changes from transactions to watchers of this process.
type news struct {
	from string

	mu       sync.Mutex
	watchers map[*watcher]struct{}
}

type watcher struct{ tell func(moderation.Change) }

func newNews() *news {
	return &news{from: uuid.NewString(), watchers: map[*watcher]struct{}{}}
}

func (n *news) add(tell func(moderation.Change)) *watcher {
	w := &watcher{tell}
	n.mu.Lock()
	defer n.mu.Unlock()
	n.watchers[w] = struct{}{}
	return w
}

func (n *news) remove(w *watcher) {
	n.mu.Lock()
	defer n.mu.Unlock()
	delete(n.watchers, w)
}

// publish tells every watcher, before it returns.
func (n *news) publish(changes []moderation.Change) {
	n.mu.Lock()
	defer n.mu.Unlock()
	for w := range n.watchers {
		for _, change := range changes {
			w.tell(change)
		}
	}
}

// announce notes a change that is told to everybody once the transaction has committed.
func (s session) announce(ctx context.Context, change moderation.Change) error {
	*s.changes = append(*s.changes, change)
	if s.notify == "" {
		return nil
	}
	payload, err := json.Marshal(notice{s.news.from, change})
	if err != nil {
		return fmt.Errorf("announce change: %w", err)
	}
	_, err = s.exec(ctx, s.notify, string(payload))
	return err
}

// Watch tells of every change until ctx ends. A change made through this DB is told before the call that made
// it returns; one made by another process follows within a moment (on PostgreSQL; processes on one SQLite
// file do not hear of each other). The first is always of kind missed, when watching has begun; another one
// follows whenever the connection was lost and is back. tell must be quick, safe for concurrent use, and must
// not use this DB. It returns nil when ctx ends, and ErrBusy when listening can't begin.
func (d *DB) Watch(ctx context.Context, tell func(moderation.Change)) error {
	w := d.news.add(tell)
	defer d.news.remove(w)
	if d.notify == "" {
		tell(moderation.Change{Kind: moderation.ChangeResync})
		<-ctx.Done()
		return nil
	}
	if err := d.listen(ctx, tell); ctx.Err() == nil {
		return fmt.Errorf("watch changes: %w", err)
	}
	return nil
}

// listen passes on what other processes announce.
func (d *DB) listen(ctx context.Context, tell func(moderation.Change)) error {
	var channel string
	if err := d.get(ctx, &channel, `SELECT `+channelQuery); err != nil {
		return err
	}
	listener := pq.NewListener(d.dsn, listenAgain, listenAgainMax, nil)
	closed := make(chan struct{})
	stop := context.AfterFunc(ctx, func() {
		listener.Close() // it is closed once; Listen and Notify end then
		close(closed)
	})
	defer func() {
		if stop() {
			listener.Close()
			return
		}
		<-closed
	}()
	if err := listener.Listen(channel); err != nil {
		return d.translate(ctx, err)
	}
	tell(moderation.Change{Kind: moderation.ChangeResync})
	ping := time.NewTicker(listenPing)
	defer ping.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-ping.C:
			go listener.Ping() //nolint:errcheck // an error makes the listener connect anew
		case n, ok := <-listener.Notify:
			if !ok {
				return nil
			}
			d.pass(n, tell)
		}
	}
}

// pass tells of one notification. nil stands for those that were lost with the connection.
func (d *DB) pass(n *pq.Notification, tell func(moderation.Change)) {
	if n == nil {
		tell(moderation.Change{Kind: moderation.ChangeResync})
		return
	}
	var heard notice
	if err := json.Unmarshal([]byte(n.Extra), &heard); err != nil {
		tell(moderation.Change{Kind: moderation.ChangeResync}) // from a version that says it differently
		return
	}
	if heard.From != d.news.from {
		tell(heard.Change)
	}
}
