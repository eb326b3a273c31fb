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
	firstListenRetry   = 100 * time.Millisecond
	longestListenRetry = 5 * time.Second
	// listenPing is how often the connection is tried when nothing comes: a dead peer sends no sign.
	listenPing = 10 * time.Second
)

// channelQuery names the channel of this schema. Names may have 63 bytes.
const channelQuery = `left('rejoinder_changes_' || current_schema(), 63)`

// notification is a change sent to other processes.
type notification struct {
	Origin string `json:"from"` // the database handle that it comes from, which knows already
	moderation.Change
}

// broadcaster passes changes from transactions to subscribers in this process.
type broadcaster struct {
	origin string

	mu          sync.Mutex
	subscribers map[*subscriber]struct{}
}

type subscriber struct{ notify func(moderation.Change) }

func newBroadcaster() *broadcaster {
	return &broadcaster{origin: uuid.NewString(), subscribers: map[*subscriber]struct{}{}}
}

func (n *broadcaster) subscribe(tell func(moderation.Change)) *subscriber {
	w := &subscriber{tell}
	n.mu.Lock()
	defer n.mu.Unlock()
	n.subscribers[w] = struct{}{}
	return w
}

func (n *broadcaster) unsubscribe(w *subscriber) {
	n.mu.Lock()
	defer n.mu.Unlock()
	delete(n.subscribers, w)
}

// publish calls every subscriber before it returns.
func (n *broadcaster) publish(changes []moderation.Change) {
	n.mu.Lock()
	defer n.mu.Unlock()
	for w := range n.subscribers {
		for _, change := range changes {
			w.notify(change)
		}
	}
}

// announce publishes changes when the transaction commits.
func (x executor) announce(ctx context.Context, changes ...moderation.Change) error {
	x.tx.changes = append(x.tx.changes, changes...)
	if x.notify == "" || len(changes) == 0 {
		return nil
	}
	all := make([]notification, len(changes))
	for i, change := range changes {
		all[i] = notification{x.broadcaster.origin, change}
	}
	payloads, err := json.Marshal(all)
	if err != nil {
		return fmt.Errorf("announce changes: %w", err)
	}
	_, err = x.exec(ctx, x.notify, string(payloads))
	return err
}

// Watch calls tell with every change until ctx ends. A change made through this DB arrives before the call
// that made it returns. One made by another process follows shortly on PostgreSQL; on SQLite it does not
// arrive. The first change is of kind ChangeResync, and so is one after each lost connection: the subscriber
// must reload what it keeps. tell must be quick, safe for concurrent use, and must not use this DB. Watch
// returns nil when ctx ends, and ErrBusy when it cannot listen.
func (d *DB) Watch(ctx context.Context, tell func(moderation.Change)) error {
	handle := tell
	tell = func(change moderation.Change) {
		d.webhookSites.follow(change)
		handle(change)
	}
	w := d.broadcaster.subscribe(tell)
	defer d.broadcaster.unsubscribe(w)
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

// checkListener connects to Options.ListenURL once, since the driver's listener repeats failed attempts for ever
// without a word.
func (d *DB) checkListener(ctx context.Context) error {
	if d.listenHosts.hosts == nil {
		return nil
	}
	conn, err := d.listenHosts.Connect(ctx)
	if err == nil {
		err = conn.Close()
	}
	return d.translate(ctx, err)
}

// listen passes on the changes of other processes.
func (d *DB) listen(ctx context.Context, tell func(moderation.Change)) error {
	var channel string
	if err := d.get(ctx, &channel, `SELECT `+channelQuery); err != nil {
		return err
	}
	dialer := deadlineDialer{silence: func() time.Duration { return listenPing + d.probeTimeout }}
	listener := pq.NewDialListener(dialer, d.listenDSN, firstListenRetry, longestListenRetry, nil)
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
			go listener.Ping() //nolint:errcheck // an error makes the listener reconnect
		case n, ok := <-listener.Notify:
			if !ok {
				return nil
			}
			d.dispatch(n, tell)
		}
	}
}

// dispatch passes on one notification. nil means that some were lost with the connection.
func (d *DB) dispatch(n *pq.Notification, tell func(moderation.Change)) {
	if n == nil {
		tell(moderation.Change{Kind: moderation.ChangeResync})
		return
	}
	var heard notification
	if err := json.Unmarshal([]byte(n.Extra), &heard); err != nil {
		tell(moderation.Change{Kind: moderation.ChangeResync}) // from a version with another format
		return
	}
	if heard.Origin != d.broadcaster.origin {
		tell(heard.Change)
	}
}
