package hookconsole

import (
	"net/http"
	"net/url"
	"time"

	"github.com/gin-gonic/gin"

	"rejoinder/handlers/console"
	"rejoinder/handlers/httpio"
	"rejoinder/handlers/session"
	"rejoinder/moderation"
	"rejoinder/notify"
	"rejoinder/notify/webhook"
)

// deliveryLog is a page of a webhook's deliveries.
type deliveryLog struct {
	States []console.Choice
	Items  []logItem
	Next   string
	Failed bool // some are shown that failed and can be sent again
}

type logItem struct {
	ID, Event, State, Error, Href string
	CommentID                     string
	Tries                         int
	At                            time.Time
	Due                           time.Time // zero: done
}

// deliveryView is the page of one delivery.
type deliveryView struct {
	console.AdminFrame
	Back     string
	Name     string // of the webhook
	Item     logItem
	Resend   bool
	Requests []requestView
}

type requestView struct {
	webhook.Request
	Took    string
	Outcome string
}

var stateLabels = map[notify.State]string{
	notify.StateWaiting: "Waiting", notify.StateSent: "Delivered", notify.StateDropped: "Dropped",
	notify.StateFailed: "Failed",
}

const logPageSize = 30

func newLogItem(of webhook.Ref, m notify.Message) logItem {
	item := logItem{ID: m.ID, Event: string(m.Kind), State: stateLabels[m.State], Error: m.Error, Tries: m.Tries,
		Href: webhookURL(of) + "/deliveries/" + m.ID, CommentID: m.CommentID, At: m.CreatedAt}
	if m.State == notify.StateWaiting {
		item.Due = m.DueAt
	}
	return item
}

// log returns the page of deliveries that the query asks for.
func (h *Pages) log(c *gin.Context, of webhook.Ref) (deliveryLog, webhook.Webhook, error) {
	state := c.Query("state")
	found, err := h.Hooks.Deliveries(c.Request.Context(), session.ViewerOf(c), of, webhook.DeliveryQuery{
		State: notify.State(state), Before: c.Query("before"), Limit: logPageSize,
	})
	if err != nil {
		return deliveryLog{}, webhook.Webhook{}, err
	}
	var log deliveryLog
	for _, s := range []struct{ value, label string }{
		{"", "All"}, {"waiting", "Waiting"}, {"failed", "Failed"}, {"sent", "Delivered"}, {"dropped", "Dropped"},
	} {
		log.States = append(log.States, console.Choice{Value: s.value, Label: s.label, Selected: s.value == state})
	}
	for _, m := range found.Items {
		log.Items = append(log.Items, newLogItem(of, m))
		log.Failed = log.Failed || m.State == notify.StateFailed && m.Kind != notify.Kind(webhook.WebhookTest) &&
			found.Webhook.State == webhook.Active
	}
	if found.Next != "" {
		log.Next = webhookURL(of) + "?" + url.Values{"state": {state}, "before": {found.Next}}.Encode() + "#log"
	}
	return log, found.Webhook, nil
}

// ShowDelivery shows a delivery with its requests.
func (h *Pages) ShowDelivery(c *gin.Context) error {
	of, id, err := deliveryRef(c)
	if err != nil {
		return err
	}
	d, err := h.Hooks.Delivery(c.Request.Context(), session.ViewerOf(c), of, id)
	if err != nil {
		return err
	}
	view := deliveryView{Back: webhookURL(of), Name: d.Webhook.Name, Item: newLogItem(of, d.Message),
		Resend: d.State != notify.StateWaiting && d.Webhook.State == webhook.Active}
	words := session.Words(c)
	for _, r := range d.Attempts {
		shown := requestView{Request: r, Took: words.T("%d ms", int(r.Took.Milliseconds())), Outcome: words.T("Accepted")}
		if r.Error != "" {
			shown.Outcome = words.T("Failed: %s", r.Error)
		}
		view.Requests = append(view.Requests, shown)
	}
	if view.AdminFrame, err = h.NewAdminFrame(c, console.SitesPath, words.T("Delivery of %s", string(d.Kind))); err != nil {
		return err
	}
	return h.Render(c, http.StatusOK, "delivery", view)
}

// Resend sends a delivery again.
func (h *Pages) Resend(c *gin.Context) error {
	of, id, err := deliveryRef(c)
	if err != nil {
		return err
	}
	if _, err := h.Hooks.Resend(c.Request.Context(), session.ViewerOf(c), of, id); err != nil {
		return err
	}
	return h.Redirect(c, webhookURL(of)+"/deliveries/"+id, "The delivery will be sent again.")
}

// ResendFailed sends all deliveries again that failed.
func (h *Pages) ResendFailed(c *gin.Context) error {
	of, err := ref(c)
	if err != nil {
		return err
	}
	n, err := h.Hooks.Resend(c.Request.Context(), session.ViewerOf(c), of, "")
	if err != nil {
		return err
	}
	return h.Redirect(c, webhookURL(of),
		session.Words(c).N("%d delivery will be sent again.", "%d deliveries will be sent again.", n))
}

// pageQuery returns the page of deliveries that the API's query asks for.
func pageQuery(c *gin.Context) (webhook.DeliveryQuery, error) {
	limit, err := httpio.LimitWithin(c, logPageSize, webhook.MaxDeliveries)
	if err != nil {
		return webhook.DeliveryQuery{}, err
	}
	before := c.Query("cursor")
	if before != "" && !moderation.ValidID(before) {
		return webhook.DeliveryQuery{}, moderation.ErrCursor
	}
	return webhook.DeliveryQuery{State: notify.State(c.Query("state")), Before: before, Limit: limit}, nil
}
