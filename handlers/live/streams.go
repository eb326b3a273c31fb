package live

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"time"

	"github.com/gin-gonic/gin"

	"rejoinder/handlers/httpio"
	"rejoinder/moderation"
)

// lookupInterval is how often a stream checks, at most, whether its article exists now.
const lookupInterval = 2 * time.Second

// Streams serves live changes of threads.
type Streams struct {
	Hub     *Hub
	Threads *moderation.Threads
}

// Events streams the changes of an article's public thread as server-sent events. An event says what kind of
// change occurred; the client loads the content from the usual endpoints.
func (s *Streams) Events(c *gin.Context) error {
	after, err := clientVersion(c)
	if err != nil {
		return err
	}
	at, err := s.articleVersion(c.Request.Context(), c.Param("site"), c.Query("article"))
	if err != nil {
		return err
	}
	subscription, err := s.Hub.Subscribe(httpio.ClientAddress(c), at.ArticleID)
	if err != nil {
		return err
	}
	defer s.Hub.Unsubscribe(subscription)
	// Read the version after subscribing: it includes all earlier changes, and the subscription gets all later
	// ones.
	if at, err = s.articleVersion(c.Request.Context(), c.Param("site"), c.Query("article")); err != nil {
		return err
	}
	out, err := OpenStream(c)
	if err != nil || c.Request.Method == http.MethodHead {
		return nil // the client has disconnected, or wants only the header
	}
	f := feed{streams: s, site: c.Param("site"), key: c.Query("article"), subscription: subscription, out: out}
	if err := f.catchUp(after, at); err == nil {
		f.run(c.Request.Context())
	}
	return nil
}

// articleVersion returns the zero version for an article that does not exist yet.
func (s *Streams) articleVersion(ctx context.Context, site, key string) (moderation.ArticleVersion, error) {
	at, err := s.Threads.Version(ctx, site, key)
	if errors.Is(err, moderation.ErrNotFound) {
		return moderation.ArticleVersion{}, nil
	}
	return at, err
}

// noVersion is the version of a client that names none.
const noVersion = -1

// clientVersion returns the version of the thread that the client has: from the Last-Event-ID header when it
// reconnects, from the query when it has loaded a page.
func clientVersion(c *gin.Context) (int64, error) {
	raw := c.GetHeader("Last-Event-ID")
	if raw == "" {
		raw = c.Query("since")
	}
	if raw == "" {
		return noVersion, nil
	}
	version, err := strconv.ParseInt(raw, 10, 64)
	if err != nil || version < 0 {
		return 0, httpio.InvalidField("/since", "malformed", "Must be the version of a thread, a whole number.")
	}
	return version, nil
}

// feed sends the events of one subscription to its client.
type feed struct {
	streams      *Streams
	site, key    string
	subscription *Subscription
	out          *EventWriter
	initial      int64 // version of the thread at the start of the stream
	last         int64 // newest version sent to the client

	// For an article that does not exist yet: look-ups are throttled.
	throttle      <-chan time.Time // nil: a look-up is allowed now
	lookupPending bool
}

// catchUp sends the changes between the client's version and the version at which the stream starts.
func (f *feed) catchUp(after int64, at moderation.ArticleVersion) error {
	if f.subscription.articleID != at.ArticleID {
		f.streams.Hub.setArticle(f.subscription, at.ArticleID)
	}
	f.initial, f.last = at.Version, at.Version
	if after == noVersion || after == at.Version {
		return f.out.writeVersion(at.Version)
	}
	changes, complete := f.streams.Hub.changesBetween(at.ArticleID, after, at.Version)
	if !complete {
		return f.out.writeReload(at.Version)
	}
	for _, change := range changes {
		if err := f.out.writeChange(change); err != nil {
			return err
		}
	}
	return nil
}

// run sends events until the client disconnects, the server stops, or the subscription is dropped.
func (f *feed) run(ctx context.Context) {
	heartbeat := time.NewTicker(HeartbeatInterval)
	defer heartbeat.Stop()
	for {
		var err error
		select {
		case <-ctx.Done():
			return
		case <-f.streams.Hub.Done():
			return
		case <-heartbeat.C:
			err = f.out.Heartbeat()
		case <-f.throttle:
			f.throttle = nil
			err = f.lookUpArticle(ctx)
		case change, ok := <-f.subscription.events:
			if !ok {
				f.out.writeReload(f.last) //nolint:errcheck // a client that does not receive it reconnects anyway
				return
			}
			err = f.handle(ctx, change)
		}
		if err != nil {
			return
		}
	}
}

// handle sends a change to the client. While the article does not exist, any change may be its creation.
func (f *feed) handle(ctx context.Context, change moderation.Change) error {
	if f.subscription.articleID == "" {
		f.lookupPending = true
		return f.lookUpArticle(ctx)
	}
	if change.Version <= f.initial {
		return nil // the client has it
	}
	f.last = max(f.last, change.Version)
	return f.out.writeChange(change)
}

// lookUpArticle checks whether the article exists now. If so, it subscribes to the article and tells the
// client to reload.
func (f *feed) lookUpArticle(ctx context.Context) error {
	if !f.lookupPending || f.throttle != nil {
		return nil
	}
	f.lookupPending, f.throttle = false, time.After(lookupInterval)
	at, err := f.streams.articleVersion(ctx, f.site, f.key)
	if err != nil || at.ArticleID == "" {
		return err
	}
	f.streams.Hub.setArticle(f.subscription, at.ArticleID)
	// Read the version after subscribing, so that no change is lost in between.
	if at, err = f.streams.articleVersion(ctx, f.site, f.key); err != nil {
		return err
	}
	f.initial, f.last = at.Version, at.Version
	return f.out.writeReload(at.Version)
}
