package live

import (
	"errors"
	"fmt"
	"net/netip"
	"sync"

	"rejoinder/handlers/httpio"
	"rejoinder/moderation"
)

// Bounds of live streams.
const (
	// streamBuffer is how many events may wait for one client. Whoever falls further behind is told to read
	// anew.
	streamBuffer = 32
	// ringSize is how many changes, of all articles, are remembered for clients that come back.
	ringSize = 4096
)

// Reasons for opening no stream.
var (
	errStreams        = fmt.Errorf("too many streams: %w", moderation.ErrBusy)
	ErrAddressStreams = errors.New("too many streams from one address")
)

// Hub passes changes on to the streams of clients. It never waits for one.
type Hub struct {
	most, mostOfAddress int

	mu        sync.Mutex
	open      int
	ofAddress map[netip.Prefix]int
	ofArticle map[string]map[*stream]struct{} // "": of articles that are not known yet
	ring      [ringSize]moderation.Change
	next      int // place in ring
	closed    bool
	Closing   chan struct{}
}

// stream is one client's. Its channel is closed when something was missed and the client must read anew.
type stream struct {
	address   netip.Prefix
	articleID string // empty: not known yet
	events    chan moderation.Change
	lost      bool // events is closed
}

func NewHub(most, mostOfAddress int) *Hub {
	return &Hub{
		most:          most,
		mostOfAddress: mostOfAddress,
		ofAddress:     map[netip.Prefix]int{},
		ofArticle:     map[string]map[*stream]struct{}{},
		Closing:       make(chan struct{}),
	}
}

// Join opens a stream. Every stream must leave. Errors: errStreams, errAddressStreams.
func (h *Hub) Join(address netip.Addr, articleID string) (*stream, error) {
	s := &stream{address: httpio.StreamSource(address), articleID: articleID, events: make(chan moderation.Change, streamBuffer)}
	h.mu.Lock()
	defer h.mu.Unlock()
	switch {
	case h.closed || h.open >= h.most:
		return nil, errStreams
	case h.ofAddress[s.address] >= h.mostOfAddress:
		return nil, ErrAddressStreams
	}
	h.open++
	h.ofAddress[s.address]++
	h.enlist(s)
	return s, nil
}

// follow lets a stream hear of an article that was not known before.
func (h *Hub) follow(s *stream, articleID string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.strike(s)
	s.articleID = articleID
	h.enlist(s)
}

func (h *Hub) Leave(s *stream) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.strike(s)
	h.open--
	if h.ofAddress[s.address]--; h.ofAddress[s.address] == 0 {
		delete(h.ofAddress, s.address)
	}
}

func (h *Hub) enlist(s *stream) {
	if h.ofArticle[s.articleID] == nil {
		h.ofArticle[s.articleID] = map[*stream]struct{}{}
	}
	h.ofArticle[s.articleID][s] = struct{}{}
}

func (h *Hub) strike(s *stream) {
	delete(h.ofArticle[s.articleID], s)
	if len(h.ofArticle[s.articleID]) == 0 {
		delete(h.ofArticle, s.articleID)
	}
}

// Tell passes a change on.
func (h *Hub) Tell(change moderation.Change) {
	h.mu.Lock()
	defer h.mu.Unlock()
	switch change.Kind {
	case moderation.ChangePublished,
		moderation.ChangeRemoved,
		moderation.ChangeEdited,
		moderation.ChangeVotes,
		moderation.ChangeArticle:
		h.ring[h.next%ringSize] = change
		h.next++
		for s := range h.ofArticle[change.ArticleID] {
			s.put(change)
		}
		// The first comment of an article is what makes it known.
		if change.Count <= 1 {
			for s := range h.ofArticle[""] {
				s.put(change)
			}
		}
	case moderation.ChangeResync:
		h.next, h.ring = 0, [ringSize]moderation.Change{}
		for _, streams := range h.ofArticle {
			for s := range streams {
				s.lose()
			}
		}
	}
}

// put hands a stream an event, or gives the stream up when it does not keep up.
func (s *stream) put(change moderation.Change) {
	if s.lost {
		return
	}
	select {
	case s.events <- change:
	default:
		s.lose()
	}
}

func (s *stream) lose() {
	if !s.lost {
		s.lost = true
		close(s.events)
	}
}

// since returns the changes of an article after one version up to another, in order; false when not all are
// remembered.
func (h *Hub) since(articleID string, after, upTo int64) ([]moderation.Change, bool) {
	if after == upTo {
		return nil, true
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	missing := upTo - after
	if missing < 0 || missing > ringSize {
		return nil, false
	}
	found := make([]moderation.Change, missing)
	for i := range min(h.next, ringSize) {
		c := h.ring[i]
		if c.ArticleID == articleID && c.Version > after && c.Version <= upTo && found[c.Version-after-1].Version == 0 {
			found[c.Version-after-1] = c
			missing--
		}
	}
	return found, missing == 0
}

// Count returns how many streams are open.
func (h *Hub) Count() int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.open
}

// Close ends all streams and opens no more.
func (h *Hub) Close() {
	h.mu.Lock()
	defer h.mu.Unlock()
	if !h.closed {
		h.closed = true
		close(h.Closing)
	}
}
