package live

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"github.com/gin-gonic/gin"

	"rejoinder/handlers/httpio"
	"rejoinder/moderation"
)

// Times of live streams.
const (
	// StreamBeat is how often a silent stream says that it lives. Proxies close what is silent for 60 seconds.
	StreamBeat = 25 * time.Second
	// streamWrite bounds one write: a client that takes nothing for so long is gone, or is meant to hold us up.
	streamWrite = 10 * time.Second
	// streamRetry is how long a browser waits before it connects again, in milliseconds.
	streamRetry = 3000
	// StreamFull is how long a client is asked to wait that has too many streams open.
	StreamFull = 30 * time.Second
	// streamLook is how often at most a stream asks whether its article is known by now.
	streamLook = 2 * time.Second
)

// Events streams what changes in an article's public thread, as server-sent events (HTML standard, section
// 9.2). It tells that something changed, not what it says now: the thread itself is read where it is always
// read.
func (s *Streams) Events(c *gin.Context) error {
	after, err := lastEvent(c)
	if err != nil {
		return err
	}
	at, err := s.articleVersion(c.Request.Context(), c.Param("site"), c.Query("article"))
	if err != nil {
		return err
	}
	joined, err := s.Hub.Join(httpio.ClientAddress(c), at.ArticleID)
	if errors.Is(err, ErrAddressStreams) {
		return &moderation.RateLimitError{RetryAfter: StreamFull}
	}
	if err != nil {
		return err
	}
	defer s.Hub.Leave(joined)
	// What changed before the stream was joined is in this version; what comes now comes through the stream.
	if at, err = s.articleVersion(c.Request.Context(), c.Param("site"), c.Query("article")); err != nil {
		return err
	}
	out, err := OpenStream(c)
	if err != nil || c.Request.Method == http.MethodHead {
		return nil // the client is gone, or wants no more
	}
	f := feeder{streams: s, site: c.Param("site"), key: c.Query("article"), stream: joined, out: out}
	if err := f.begin(after, at); err == nil {
		f.run(c.Request.Context())
	}
	return nil
}

// articleVersion is Threads.Version with nothing for an article that is not known yet.
func (s *Streams) articleVersion(ctx context.Context, site, key string) (moderation.ArticleVersion, error) {
	at, err := s.Threads.Version(ctx, site, key)
	if errors.Is(err, moderation.ErrNotFound) {
		return moderation.ArticleVersion{}, nil
	}
	return at, err
}

// noEvent stands for a client that has seen no event.
const noEvent = -1

// lastEvent is the version of the thread that the client has: what it says it last heard of when it comes
// back, or the one of the page that it has read.
func lastEvent(c *gin.Context) (int64, error) {
	raw := c.GetHeader("Last-Event-ID")
	if raw == "" {
		raw = c.Query("since")
	}
	if raw == "" {
		return noEvent, nil
	}
	version, err := strconv.ParseInt(raw, 10, 64)
	if err != nil || version < 0 {
		return 0, httpio.OneFault("/since", "malformed", "This is the version of a thread, a whole number.")
	}
	return version, nil
}

// EventWriter writes events, each before its deadline.
type EventWriter struct {
	writer  http.ResponseWriter
	control *http.ResponseController
}

// OpenStream sends the head of the answer. The server's time limits for one answer are lifted.
func OpenStream(c *gin.Context) (*EventWriter, error) {
	out := &EventWriter{writer: c.Writer, control: http.NewResponseController(c.Writer)}
	if err := out.control.SetReadDeadline(time.Time{}); err != nil && !errors.Is(err, http.ErrNotSupported) {
		return nil, err
	}
	c.Header("Content-Type", "text/event-stream; charset=utf-8")
	c.Header("Cache-Control", "no-store, no-transform")
	c.Header("X-Accel-Buffering", "no") // nginx would gather the stream
	c.Status(http.StatusOK)
	return out, out.Write("retry: " + strconv.Itoa(streamRetry) + "\n\n")
}

func (w *EventWriter) Write(text string) error {
	if err := w.control.SetWriteDeadline(time.Now().Add(streamWrite)); err != nil &&
		!errors.Is(err, http.ErrNotSupported) {
		return err
	}
	if _, err := w.writer.Write([]byte(text)); err != nil {
		return err
	}
	if err := w.control.Flush(); err != nil && !errors.Is(err, http.ErrNotSupported) {
		return err
	}
	return nil
}

// liveChange is what a client is told.
type liveChange struct {
	Kind      moderation.ChangeKind `json:"kind"`
	CommentID string                `json:"comment_id"`
	Count     int                   `json:"count"`
}

func (w *EventWriter) change(c moderation.Change) error {
	data, err := json.Marshal(liveChange{c.Kind, c.CommentID, c.Count})
	if err != nil {
		return err
	}
	return w.Write(fmt.Sprintf("id: %d\nevent: change\ndata: %s\n\n", c.Version, data))
}

// reload tells the client to read the thread anew.
func (w *EventWriter) reload(version int64) error {
	return w.Write(fmt.Sprintf("id: %d\nevent: reload\ndata: {}\n\n", version))
}

// mark tells the browser where it is, without an event.
func (w *EventWriter) mark(version int64) error { return w.Write(fmt.Sprintf("id: %d\n\n", version)) }

// feeder feeds one stream.
type feeder struct {
	streams   *Streams
	site, key string
	stream    *stream
	out       *EventWriter
	version   int64 // up to which the client knew everything when it came
	told      int64 // the newest version that it heard of

	// Of an article that is not known yet: no more is asked before rest ends, and then only when due.
	rest <-chan time.Time
	due  bool
}

// begin brings the client up to the version at which the stream was joined.
func (f *feeder) begin(after int64, at moderation.ArticleVersion) error {
	if f.stream.articleID != at.ArticleID {
		f.streams.Hub.follow(f.stream, at.ArticleID)
	}
	f.version, f.told = at.Version, at.Version
	if after == noEvent || after == at.Version {
		return f.out.mark(at.Version)
	}
	missed, all := f.streams.Hub.since(at.ArticleID, after, at.Version)
	if !all {
		return f.out.reload(at.Version)
	}
	for _, change := range missed {
		if err := f.out.change(change); err != nil {
			return err
		}
	}
	return nil
}

// run passes events on until the client leaves, the server stops, or the client must start anew.
func (f *feeder) run(ctx context.Context) {
	beat := time.NewTicker(StreamBeat)
	defer beat.Stop()
	for {
		var err error
		select {
		case <-ctx.Done():
			return
		case <-f.streams.Hub.Closing:
			return
		case <-beat.C:
			err = f.out.Write(": \n\n")
		case <-f.rest:
			f.rest = nil
			err = f.look(ctx)
		case change, ok := <-f.stream.events:
			if !ok {
				f.out.reload(f.told) //nolint:errcheck // a client that does not receive it connects again anyway
				return
			}
			err = f.pass(ctx, change)
		}
		if err != nil {
			return
		}
	}
}

// pass tells the client of a change. For an article that was not known, it only says that there may be
// something now.
func (f *feeder) pass(ctx context.Context, change moderation.Change) error {
	if f.stream.articleID == "" {
		f.due = true
		return f.look(ctx)
	}
	if change.Version <= f.version {
		return nil // the client has read it
	}
	f.told = max(f.told, change.Version)
	return f.out.change(change)
}

// look finds out whether the article is known by now, and lets the client read it then.
func (f *feeder) look(ctx context.Context) error {
	if !f.due || f.rest != nil {
		return nil
	}
	f.due, f.rest = false, time.After(streamLook)
	at, err := f.streams.articleVersion(ctx, f.site, f.key)
	if err != nil || at.ArticleID == "" {
		return err
	}
	f.streams.Hub.follow(f.stream, at.ArticleID)
	// Followed first, asked second: nothing falls in between.
	if at, err = f.streams.articleVersion(ctx, f.site, f.key); err != nil {
		return err
	}
	f.version, f.told = at.Version, at.Version
	return f.out.reload(at.Version)
}

// Streams serves live changes of threads.
type Streams struct {
	Hub     *Hub
	Threads *moderation.Threads
}
