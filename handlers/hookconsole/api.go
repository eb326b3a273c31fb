package hookconsole

import (
	"net/http"
	"time"

	"github.com/gin-gonic/gin"

	"rejoinder/handlers/httpio"
	"rejoinder/handlers/session"
	"rejoinder/notify"
	"rejoinder/notify/webhook"
)

// webhookResponse is a webhook for programs. The secret is only in the response to the request that made it.
type webhookResponse struct {
	ID             string              `json:"id"`
	Name           string              `json:"name"`
	Type           webhook.Type        `json:"type"`
	URL            string              `json:"url"` // of chats only the host
	Chat           string              `json:"chat,omitempty"`
	Events         []webhook.EventType `json:"events"`
	Email          bool                `json:"email"`
	Depth          int                 `json:"depth"`
	State          webhook.State       `json:"state"`
	PauseReason    webhook.PauseReason `json:"pause_reason,omitempty"`
	Failures       int                 `json:"failures"`
	FailingSince   time.Time           `json:"failing_since,omitzero"`
	OldSecretUntil time.Time           `json:"old_secret_until,omitzero"`
	Secret         string              `json:"secret,omitempty"`
	CreatedAt      time.Time           `json:"created_at"`
}

func (h *Pages) newWebhookResponse(w webhook.Webhook, secret string) (webhookResponse, error) {
	url, err := h.Hooks.URL(w)
	return webhookResponse{ID: w.ID, Name: w.Name, Type: w.Type, URL: url, Chat: w.Chat, Events: w.Events, Email: w.Email,
		Depth: w.Depth, State: w.State, PauseReason: w.PauseReason, Failures: w.Failures, FailingSince: w.FailingSince.UTC(),
		OldSecretUntil: w.OldSecretUntil.UTC(), Secret: secret, CreatedAt: w.CreatedAt.UTC()}, err
}

// respond responds with a webhook.
func (h *Pages) respond(c *gin.Context, status int, w webhook.Webhook, secret string) error {
	response, err := h.newWebhookResponse(w, secret)
	if err != nil {
		return err
	}
	httpio.JSON(c, status, response)
	return nil
}

// refuseEmails refuses server keys that set up a webhook with emails: only people may decide who gets these.
func refuseEmails(c *gin.Context, emails bool) error {
	if emails && session.IdentityOf(c).IsKey() {
		return httpio.ErrNoKeys
	}
	return nil
}

// List lists a site's webhooks, the oldest first.
func (h *Pages) List(c *gin.Context) error {
	_, list, err := h.Hooks.List(c.Request.Context(), session.ViewerOf(c), c.Param("site"))
	if err != nil {
		return err
	}
	items := make([]webhookResponse, len(list))
	for i, w := range list {
		if items[i], err = h.newWebhookResponse(w, ""); err != nil {
			return err
		}
	}
	httpio.JSON(c, http.StatusOK, struct {
		Items []webhookResponse `json:"items"`
	}{items})
	return nil
}

// Create adds a webhook and responds with its secret.
func (h *Pages) Create(c *gin.Context) error {
	var req struct {
		Name   string              `json:"name"`
		Type   webhook.Type        `json:"type"`
		URL    string              `json:"url"`
		Chat   string              `json:"chat"`
		Events []webhook.EventType `json:"events"`
		Email  bool                `json:"email"`
		Depth  int                 `json:"depth"`
	}
	if err := httpio.BindJSON(c, &req, httpio.MaxBody); err != nil {
		return err
	}
	if err := refuseEmails(c, req.Email); err != nil {
		return err
	}
	w, secret, err := h.Hooks.Add(c.Request.Context(), session.ViewerOf(c), c.Param("site"), webhook.NewWebhook(req))
	if err != nil {
		return err
	}
	return h.respond(c, http.StatusCreated, w, secret)
}

// Get returns a webhook.
func (h *Pages) Get(c *gin.Context) error {
	of, err := ref(c)
	if err != nil {
		return err
	}
	w, err := h.Hooks.Find(c.Request.Context(), session.ViewerOf(c), of)
	if err != nil {
		return err
	}
	return h.respond(c, http.StatusOK, w, "")
}

// Update changes what the request contains.
func (h *Pages) Update(c *gin.Context) error {
	of, err := ref(c)
	if err != nil {
		return err
	}
	var req struct {
		Name   *string              `json:"name"`
		URL    *string              `json:"url"`
		Chat   *string              `json:"chat"`
		Events *[]webhook.EventType `json:"events"`
		Email  *bool                `json:"email"`
		Depth  *int                 `json:"depth"`
	}
	if err := httpio.BindJSON(c, &req, httpio.MaxBody); err != nil {
		return err
	}
	before, err := h.Hooks.Find(c.Request.Context(), session.ViewerOf(c), of)
	if err != nil {
		return err
	}
	if err := refuseEmails(c, before.Email || req.Email != nil && *req.Email); err != nil {
		return err
	}
	w, err := h.Hooks.Change(c.Request.Context(), session.ViewerOf(c), of, webhook.Change(req))
	if err != nil {
		return err
	}
	return h.respond(c, http.StatusOK, w, "")
}

// Delete removes a webhook with its deliveries.
func (h *Pages) Delete(c *gin.Context) error {
	of, err := ref(c)
	if err != nil {
		return err
	}
	if err := h.Hooks.Remove(c.Request.Context(), session.ViewerOf(c), of); err != nil {
		return err
	}
	httpio.NoContent(c)
	return nil
}

// RotateSecret makes a new secret and responds with it.
func (h *Pages) RotateSecret(c *gin.Context) error {
	of, err := ref(c)
	if err != nil {
		return err
	}
	w, secret, err := h.Hooks.Rotate(c.Request.Context(), session.ViewerOf(c), of)
	if err != nil {
		return err
	}
	return h.respond(c, http.StatusOK, w, secret)
}

// PauseWebhook pauses a webhook.
func (h *Pages) PauseWebhook(c *gin.Context) error {
	of, err := ref(c)
	if err != nil {
		return err
	}
	w, err := h.Hooks.Pause(c.Request.Context(), session.ViewerOf(c), of)
	if err != nil {
		return err
	}
	return h.respond(c, http.StatusOK, w, "")
}

// ResumeWebhook resumes a webhook.
func (h *Pages) ResumeWebhook(c *gin.Context) error {
	of, err := ref(c)
	if err != nil {
		return err
	}
	w, err := h.Hooks.Resume(c.Request.Context(), session.ViewerOf(c), of)
	if err != nil {
		return err
	}
	return h.respond(c, http.StatusOK, w, "")
}

// deliveryResponse is a delivery for programs.
type deliveryResponse struct {
	ID        string            `json:"id"` // in the header webhook-id
	Event     string            `json:"event"`
	State     notify.State      `json:"state"`
	CommentID *string           `json:"comment_id"`
	Tries     int               `json:"tries"`
	Error     string            `json:"error,omitempty"`
	CreatedAt time.Time         `json:"created_at"`
	DueAt     time.Time         `json:"due_at"`
	DoneAt    *time.Time        `json:"done_at"`
	Requests  []requestResponse `json:"requests,omitempty"`
}

// requestResponse is a request with what came back, both shortened.
type requestResponse struct {
	At             time.Time        `json:"at"`
	Milliseconds   int64            `json:"milliseconds"`
	Status         int              `json:"status"` // 0: there was no response
	Error          string           `json:"error,omitempty"`
	RequestHeader  []webhook.Header `json:"request_header"`
	RequestBody    string           `json:"request_body"`
	ResponseHeader []webhook.Header `json:"response_header"`
	ResponseBody   string           `json:"response_body"`
}

func newDeliveryResponse(m notify.Message) deliveryResponse {
	r := deliveryResponse{ID: m.ID, Event: string(m.Kind), State: m.State, CommentID: httpio.OrNull(m.CommentID),
		Tries: m.Tries, Error: m.Error, CreatedAt: m.CreatedAt.UTC(), DueAt: m.DueAt.UTC()}
	if !m.DoneAt.IsZero() {
		at := m.DoneAt.UTC()
		r.DoneAt = &at
	}
	return r
}

// respondDelivery responds with a delivery and its requests. Server keys get no bodies, which may hold emails.
func respondDelivery(c *gin.Context, d webhook.Delivery) {
	response := newDeliveryResponse(d.Message)
	for _, a := range d.Attempts {
		if session.IdentityOf(c).IsKey() {
			a.Exchange.RequestBody, a.Exchange.ResponseBody = "", ""
		}
		response.Requests = append(response.Requests, requestResponse{At: a.At.UTC(), Milliseconds: a.Took.Milliseconds(),
			Status: a.Status, Error: a.Error, RequestHeader: a.Exchange.RequestHeader, RequestBody: a.Exchange.RequestBody,
			ResponseHeader: a.Exchange.ResponseHeader, ResponseBody: a.Exchange.ResponseBody})
	}
	httpio.JSON(c, http.StatusOK, response)
}

// TestWebhook sends a test and responds with what came back.
func (h *Pages) TestWebhook(c *gin.Context) error {
	of, err := ref(c)
	if err != nil {
		return err
	}
	d, err := h.Hooks.Test(c.Request.Context(), session.ViewerOf(c), of)
	if err != nil {
		return err
	}
	respondDelivery(c, d)
	return nil
}

// ListDeliveries lists a webhook's deliveries, the newest first.
func (h *Pages) ListDeliveries(c *gin.Context) error {
	of, err := ref(c)
	if err != nil {
		return err
	}
	query, err := pageQuery(c)
	if err != nil {
		return err
	}
	found, err := h.Hooks.Deliveries(c.Request.Context(), session.ViewerOf(c), of, query)
	if err != nil {
		return err
	}
	httpio.Page(c, found.Items, found.Next, newDeliveryResponse)
	return nil
}

// GetDelivery returns a delivery with its requests.
func (h *Pages) GetDelivery(c *gin.Context) error {
	of, id, err := deliveryRef(c)
	if err != nil {
		return err
	}
	d, err := h.Hooks.Delivery(c.Request.Context(), session.ViewerOf(c), of, id)
	if err != nil {
		return err
	}
	respondDelivery(c, d)
	return nil
}

// ResendDelivery sends a delivery again.
func (h *Pages) ResendDelivery(c *gin.Context) error {
	of, id, err := deliveryRef(c)
	if err != nil {
		return err
	}
	if _, err := h.Hooks.Resend(c.Request.Context(), session.ViewerOf(c), of, id); err != nil {
		return err
	}
	httpio.NoContent(c)
	return nil
}

// ResendAll sends all deliveries again that failed.
func (h *Pages) ResendAll(c *gin.Context) error {
	of, err := ref(c)
	if err != nil {
		return err
	}
	n, err := h.Hooks.Resend(c.Request.Context(), session.ViewerOf(c), of, "")
	if err != nil {
		return err
	}
	httpio.JSON(c, http.StatusOK, struct {
		Resent int `json:"resent"`
	}{n})
	return nil
}
