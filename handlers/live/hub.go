package live

import (
	"fmt"
	"net/netip"
	"sync"
	"time"

	"rejoinder/handlers/httpio"
	"rejoinder/moderation"
)

const (
	// eventBuffer is how many events may wait for a client. A client that falls further behind has to reload.
	eventBuffer = 32
	// historySize is how many changes, of all articles, are kept for clients that reconnect.
	historySize = 4096
	// limitRetry is the retry delay for a client that has too many streams.
	limitRetry = 30 * time.Second
)

// errTooManyStreams refuses a subscription when the server has too many.
var errTooManyStreams = fmt.Errorf("too many streams: %w", moderation.ErrBusy)

// Hub distributes changes to subscriptions. It never waits for a subscriber.
type Hub struct {
	limit, limitPerClient int
	done                  chan struct{}

	mu        sync.Mutex
	closed    bool
	count     int // subscriptions
	byClient  map[netip.Prefix]int
	byArticle map[string]map[*Subscription]struct{} // "" for articles that do not exist yet

	history     [historySize]moderation.Change // ring buffer
	historyNext int                            // changes written so far; modulo historySize, the next index
}

// Subscription is the subscription of one client to one article.
type Subscription struct {
	client    netip.Prefix
	articleID string                 // empty: the article does not exist yet
	events    chan moderation.Change // closed once the subscription has missed an event
	dropped   bool                   // events is closed
}

// NewHub returns a hub that allows so many subscriptions in total and for each client.
func NewHub(limit, limitPerClient int) *Hub {
	return &Hub{
		limit:          limit,
		limitPerClient: limitPerClient,
		done:           make(chan struct{}),
		byClient:       map[netip.Prefix]int{},
		byArticle:      map[string]map[*Subscription]struct{}{},
	}
}

// Subscribe subscribes a client to an article. The caller must call Unsubscribe. Errors: moderation.ErrBusy,
// and *moderation.RateLimitError if the client has too many subscriptions.
func (h *Hub) Subscribe(client netip.Addr, articleID string) (*Subscription, error) {
	s := &Subscription{
		client: httpio.AddressPrefix(client), articleID: articleID, events: make(chan moderation.Change, eventBuffer),
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	switch {
	case h.closed || h.count >= h.limit:
		return nil, errTooManyStreams
	case h.byClient[s.client] >= h.limitPerClient:
		return nil, &moderation.RateLimitError{RetryAfter: limitRetry}
	}
	h.count++
	h.byClient[s.client]++
	h.add(s)
	return s, nil
}

// Unsubscribe ends a subscription.
func (h *Hub) Unsubscribe(s *Subscription) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.remove(s)
	h.count--
	if h.byClient[s.client]--; h.byClient[s.client] == 0 {
		delete(h.byClient, s.client)
	}
}

// setArticle moves a subscription to an article that now exists.
func (h *Hub) setArticle(s *Subscription, articleID string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.remove(s)
	s.articleID = articleID
	h.add(s)
}

func (h *Hub) add(s *Subscription) {
	if h.byArticle[s.articleID] == nil {
		h.byArticle[s.articleID] = map[*Subscription]struct{}{}
	}
	h.byArticle[s.articleID][s] = struct{}{}
}

func (h *Hub) remove(s *Subscription) {
	delete(h.byArticle[s.articleID], s)
	if len(h.byArticle[s.articleID]) == 0 {
		delete(h.byArticle, s.articleID)
	}
}

// Publish sends a change to the subscriptions of its article.
func (h *Hub) Publish(change moderation.Change) {
	h.mu.Lock()
	defer h.mu.Unlock()
	switch change.Kind {
	case moderation.ChangePublished,
		moderation.ChangeRemoved,
		moderation.ChangeEdited,
		moderation.ChangeVotes,
		moderation.ChangeArticle:
		h.history[h.historyNext%historySize] = change
		h.historyNext++
		for s := range h.byArticle[change.ArticleID] {
			s.send(change)
		}
		// Its first comment creates an article, perhaps one that these subscriptions wait for.
		if change.Count <= 1 {
			for s := range h.byArticle[""] {
				s.send(change)
			}
		}
	case moderation.ChangeResync:
		h.historyNext, h.history = 0, [historySize]moderation.Change{}
		for _, subscriptions := range h.byArticle {
			for s := range subscriptions {
				s.drop()
			}
		}
	}
}

// send queues an event, or drops the subscription if its queue is full.
func (s *Subscription) send(change moderation.Change) {
	if s.dropped {
		return
	}
	select {
	case s.events <- change:
	default:
		s.drop()
	}
}

// drop closes the queue of events: the client has missed one and must reload.
func (s *Subscription) drop() {
	if !s.dropped {
		s.dropped = true
		close(s.events)
	}
}

// changesBetween returns the changes of an article after one version up to another, in order; false if the
// history lacks some of them.
func (h *Hub) changesBetween(articleID string, after, upTo int64) ([]moderation.Change, bool) {
	if after == upTo {
		return nil, true
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	missing := upTo - after
	if missing < 0 || missing > historySize {
		return nil, false
	}
	changes := make([]moderation.Change, missing)
	for i := range min(h.historyNext, historySize) {
		c := h.history[i]
		if c.ArticleID != articleID || c.Version <= after || c.Version > upTo {
			continue
		}
		if i := c.Version - after - 1; changes[i].Version == 0 {
			changes[i] = c
			missing--
		}
	}
	return changes, missing == 0
}

// Count returns the number of subscriptions.
func (h *Hub) Count() int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.count
}

// Close ends all subscriptions and refuses new ones.
func (h *Hub) Close() {
	h.mu.Lock()
	defer h.mu.Unlock()
	if !h.closed {
		h.closed = true
		close(h.done)
	}
}

// Done is closed when the hub is closed.
func (h *Hub) Done() <-chan struct{} { return h.done }
