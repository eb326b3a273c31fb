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
	"rejoinder/handlers/session"
	"rejoinder/moderation"
	"rejoinder/moderation/queue"
)

const (
	ConsoleEventsPath = RootPath + "/events"
	// queueLook is how often a stream of the console looks for what is different. Looking costs less than
	// announcing would: PostgreSQL commits what notifies one transaction after the other.
	queueLook = time.Second
	// noArticle is what console streams are joined under: they hear of no article.
	noArticle = "console"
)

// queueNews is what a page of the queue is told.
type queueNews struct {
	Counts  map[string]string `json:"counts"`  // by tab, as they are shown
	Arrived int               `json:"arrived"` // comments of the page's list that came since the time it named
	More    bool              `json:"more"`    // there are more than were counted
	Held    heldSign          `json:"held"`    // what the moderator holds
}

// claimNews says which comments are held otherwise than the page was told last. The first says all that are
// held.
type claimNews map[string]claimSign

// QueueEvents streams counts and arrivals to a page of the queue, as server-sent events: at once, and
// whenever they are different, at most once a second. It ends when the session's access token does; the
// browser comes back with a new one.
func (h *Queue) QueueEvents(c *gin.Context) error {
	since, err := api.TimeParam(c, "since")
	if err != nil {
		return err
	}
	look := queueLooker{queue: h, at: deskOf(c.Request.URL.Query()).from(""), since: since, viewer: session.ViewerOf(c),
		token: h.Sessions.AccessToken(c)}
	first, _, err := look.news(c.Request.Context())
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
		return nil // the client is gone, or wants no more
	}
	look.run(c.Request.Context(), out)
	return nil
}

// queueLooker looks for what is different for one page.
type queueLooker struct {
	queue  *Queue
	at     desk
	since  time.Time
	viewer moderation.Viewer
	token  string // of the session, asked for again each time: sessions end, and so may what somebody sees
	told   string
	signs  claimNews // as they were told
}

// run tells what is different until the client leaves, the session ends or the server stops.
func (l *queueLooker) run(ctx context.Context, out *live.EventWriter) {
	look, beat := time.NewTicker(queueLook), time.NewTicker(live.HeartbeatInterval)
	defer look.Stop()
	defer beat.Stop()
	for {
		var err error
		select {
		case <-ctx.Done():
			return
		case <-l.queue.Hub.Done():
			return
		case <-beat.C:
			err = out.Heartbeat()
		case <-look.C:
			err = l.tell(ctx, out)
		}
		if err != nil {
			return
		}
	}
}

func (l *queueLooker) tell(ctx context.Context, out *live.EventWriter) error {
	who, err := l.queue.Auth.Authenticate(ctx, l.token)
	if err != nil {
		return err
	}
	l.viewer.SiteIDs = who.SiteIDs
	news, different, err := l.news(ctx)
	if err != nil || !different {
		return err
	}
	return out.Write(news)
}

// news are the events that say how things stand, and who holds what otherwise than before.
func (l *queueLooker) news(ctx context.Context) (events string, different bool, err error) {
	counts, err := l.queue.Queue.Counts(ctx, l.viewer, l.at.site)
	if err != nil {
		return "", false, err
	}
	held, err := l.queue.Queue.Held(ctx, l.viewer)
	if err != nil {
		return "", false, err
	}
	news := queueNews{Counts: map[string]string{}, Held: heldWords(held, l.viewer)}
	for _, tab := range queueTabs {
		var entry navEntry
		entry.count(tab.id, tab.of(counts))
		news.Counts[tab.id] = entry.Count
	}
	if !l.since.IsZero() {
		filter := l.at.query()
		filter.From = l.since
		if news.Arrived, news.More, err = l.queue.Queue.Matches(ctx, l.viewer, filter); err != nil {
			return "", false, err
		}
	}
	data, err := json.Marshal(news)
	if err != nil {
		return "", false, err
	}
	claims, err := l.claims(held)
	if err != nil {
		return "", false, err
	}
	state := "event: queue\ndata: " + string(data) + "\n\n"
	if state != l.told {
		events, l.told = state, state
	}
	events += claims
	return events, events != "", nil
}

// claims is the event that says of which comments there are other holders than before; empty when there are
// none.
func (l *queueLooker) claims(held []queue.Claim) (string, error) {
	name, before, now := "claims", l.signs, claimNews{}
	if before == nil {
		name = "all-claims"
	}
	different := claimNews{}
	for _, claim := range held {
		sign := signOf(&claim, l.viewer)
		now[claim.CommentID] = sign
		if before[claim.CommentID] != sign {
			different[claim.CommentID] = sign
		}
	}
	for id := range before {
		if _, still := now[id]; !still {
			different[id] = claimSign{}
		}
	}
	l.signs = now
	if before != nil && len(different) == 0 {
		return "", nil
	}
	data, err := json.Marshal(different)
	return "event: " + name + "\ndata: " + string(data) + "\n\n", err
}

// eventsAddress is where a page that shows the desk now hears what is different.
func (d desk) eventsAddress(now time.Time) string {
	address := d.from("").at(ConsoleEventsPath)
	separator := "?"
	if len(d.from("").fields()) > 0 {
		separator = "&"
	}
	return address + separator + "since=" + now.UTC().Format("2006-01-02T15:04:05Z")
}
