package console

import (
	"context"
	"encoding/json"
	"net/http"
	"time"

	"github.com/gin-gonic/gin"

	"rejoinder/handlers/api"
	"rejoinder/handlers/httpio"
	"rejoinder/handlers/live"
	"rejoinder/handlers/page"
	"rejoinder/handlers/session"
	"rejoinder/moderation"
	"rejoinder/moderation/queue"
)

// EventsPath is the event stream of the queue's pages.
const EventsPath = RootPath + "/events"

const (
	// pollInterval is how often a stream looks for changes. Polling is cheaper than NOTIFY, for which PostgreSQL
	// would commit the notifying transactions one after the other.
	pollInterval = time.Second
	// noArticle is a key in the hub that gets no articles' events.
	noArticle = "console"
)

// queueUpdate is the state of the queue, as one page sees it.
type queueUpdate struct {
	Counts  map[string]string `json:"counts"`  // by tab, formatted
	Arrived int               `json:"arrived"` // comments of the page's list that arrived since the page was made
	More    bool              `json:"more"`    // counting stopped early
	Held    claimSummary      `json:"held"`    // the moderator's claims
}

// claimUpdate holds the claims that changed since the last update, by comment. The first update holds all.
type claimUpdate map[string]claimLabel

// StreamEvents streams counts, arrivals and claims to a page of the queue as server-sent events: the state at
// once, then every change, at most once per pollInterval. The stream ends with the session's access token;
// the browser reconnects with a new one.
func (h *Queue) StreamEvents(c *gin.Context) error {
	since, err := api.TimeParam(c, "since")
	if err != nil {
		return err
	}
	params := parseQueueParams(session.Words(c), c.Request.URL.Query())
	watcher := queueWatcher{queue: h, params: params.firstPage(), since: since,
		viewer: session.ViewerOf(c), token: h.Sessions.AccessToken(c)}
	first, err := watcher.poll(c.Request.Context())
	if err != nil {
		return err
	}
	joined, err := h.Hub.Subscribe(httpio.ClientAddress(c), noArticle)
	if err != nil {
		return err
	}
	defer h.Hub.Unsubscribe(joined)
	out, err := live.OpenStream(c)
	if err != nil || c.Request.Method == http.MethodHead || out.Write(first) != nil {
		return nil // the client is gone, or asked for no body
	}
	watcher.run(c.Request.Context(), out)
	return nil
}

// queueWatcher looks for changes on behalf of one page.
type queueWatcher struct {
	queue  *Queue
	params queueParams
	since  time.Time
	viewer moderation.Viewer
	token  string // checked before every poll: the session may have ended, and its sites changed

	lastQueue  string      // the last queue event that was sent
	lastClaims claimUpdate // all claims at the last poll; nil before the first
}

// run sends changes until the client leaves, the session ends or the server stops.
func (w *queueWatcher) run(ctx context.Context, out *live.EventWriter) {
	poll, beat := time.NewTicker(pollInterval), time.NewTicker(live.HeartbeatInterval)
	defer poll.Stop()
	defer beat.Stop()
	for {
		var err error
		select {
		case <-ctx.Done():
			return
		case <-w.queue.Hub.Done():
			return
		case <-beat.C:
			err = out.Heartbeat()
		case <-poll.C:
			err = w.sendChanges(ctx, out)
		}
		if err != nil {
			return
		}
	}
}

func (w *queueWatcher) sendChanges(ctx context.Context, out *live.EventWriter) error {
	who, err := w.queue.Auth.Authenticate(ctx, w.token)
	if err != nil {
		return err
	}
	w.viewer = session.NewViewer(who)
	events, err := w.poll(ctx)
	if err != nil || events == "" {
		return err
	}
	return out.Write(events)
}

// poll returns the events about what changed since the last poll; empty if nothing did.
func (w *queueWatcher) poll(ctx context.Context) (string, error) {
	claims, err := w.queue.Queue.Held(ctx, w.viewer)
	if err != nil {
		return "", err
	}
	update, err := w.queueUpdate(ctx)
	if err != nil {
		return "", err
	}
	update.Held = summarizeOwn(w.params.words, claims, w.viewer)
	events, err := encodeEvent("queue", update)
	if err != nil {
		return "", err
	}
	if events == w.lastQueue {
		events = ""
	} else {
		w.lastQueue = events
	}
	claimEvent, err := w.claimEvent(claims)
	return events + claimEvent, err
}

// queueUpdate reads counts and arrivals.
func (w *queueWatcher) queueUpdate(ctx context.Context) (queueUpdate, error) {
	counts, err := w.queue.Queue.Counts(ctx, w.viewer, w.params.site)
	if err != nil {
		return queueUpdate{}, err
	}
	update := queueUpdate{Counts: map[string]string{}}
	for _, tab := range queueTabs {
		var entry navEntry
		entry.setCount(w.params.words, tab.id, tab.count(counts))
		update.Counts[tab.id] = entry.Count
	}
	if !w.since.IsZero() && w.params.facets[waitingFacet] == "" { // new comments have not waited yet
		query := w.params.query(w.queue.Now())
		query.From = w.since
		update.Arrived, update.More, err = w.queue.Queue.Matches(ctx, w.viewer, query)
	}
	return update, err
}

// claimEvent returns the event about claims that began or ended since the last poll; empty if none did.
func (w *queueWatcher) claimEvent(claims []queue.Claim) (string, error) {
	before, now, changed := w.lastClaims, claimUpdate{}, claimUpdate{}
	for _, claim := range claims {
		label := newClaimLabel(w.params.words, &claim, w.viewer)
		now[claim.CommentID] = label
		if before[claim.CommentID] != label {
			changed[claim.CommentID] = label
		}
	}
	for id := range before {
		if _, ok := now[id]; !ok {
			changed[id] = claimLabel{}
		}
	}
	w.lastClaims = now
	switch {
	case before == nil:
		return encodeEvent("all-claims", changed)
	case len(changed) == 0:
		return "", nil
	}
	return encodeEvent("claims", changed)
}

// encodeEvent encodes a server-sent event with JSON data.
func encodeEvent(name string, data any) (string, error) {
	encoded, err := json.Marshal(data)
	return "event: " + name + "\ndata: " + string(encoded) + "\n\n", err
}

// eventsURL is the stream for a page of the list that was made at that time.
func (p queueParams) eventsURL(now time.Time) string {
	fields := append(p.firstPage().fields(), page.Hidden("since", now.UTC().Format("2006-01-02T15:04:05Z")))
	return pathWithFields(EventsPath, fields)
}
