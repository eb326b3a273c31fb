package mailconsole

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"time"

	"github.com/gin-gonic/gin"

	"rejoinder/handlers/console"
	"rejoinder/handlers/httpio"
	"rejoinder/handlers/session"
	"rejoinder/moderation"
	"rejoinder/notify"
)

// outboxView is a page of the outbox.
type outboxView struct {
	console.AdminFrame
	SendsMail bool
	Files     bool // mails are written to a folder
	Counts    notify.OutboxCounts
	Oldest    string // how long the oldest message is overdue; empty: none is
	States    []console.Choice
	Items     []outboxItem
	Next      string
}

type outboxItem struct {
	ID        string
	Kind      string
	To        string
	State     string
	Tries     int
	Error     string
	At        time.Time
	Due       time.Time // zero: done
	Resend    bool
	CommentID string
	Mail      string // URL of the mail, in the demo
}

var kindLabels = map[notify.Kind]string{
	notify.KindConfirm: "Address confirmation", notify.KindPublished: "Comment published",
	notify.KindDeclined: "Comment declined",
	notify.KindReply:    "Reply", notify.KindReplies: "Digest of replies", notify.KindManage: "Link to notifications",
	notify.KindUrgent: "Urgent comment", notify.KindDigest: "Digest of the queue",
	notify.KindLink:   "Invitation or new password",
	notify.KindSignIn: "New sign-in", notify.KindAccount: "Account changed",
	notify.KindWebhookPaused: "Webhook paused",
}

var stateLabels = map[notify.State]string{
	notify.StateWaiting: "Waiting", notify.StateSent: "Sent", notify.StateDropped: "Dropped", notify.StateFailed: "Failed",
}

const outboxPageSize = 50

// ShowOutbox shows a page of the outbox.
func (h *Pages) ShowOutbox(c *gin.Context) error {
	ctx, viewer := c.Request.Context(), session.ViewerOf(c)
	page, err := h.Outbox.List(ctx, viewer, notify.MessageQuery{
		State: notify.State(c.Query("state")), Before: c.Query("before"), Limit: outboxPageSize,
	})
	if err != nil {
		return err
	}
	view := outboxView{SendsMail: h.SendsMail, Files: h.Files != nil}
	if view.AdminFrame, err = h.NewAdminFrame(c, console.OutboxPath, "Outbox"); err != nil {
		return err
	}
	if view.Counts, err = h.Outbox.Counts(ctx); err != nil {
		return err
	}
	if due := view.Counts.OldestDue; !due.IsZero() {
		view.Oldest = h.Now().Sub(due).Round(time.Second).String()
	}
	view.States = selected(c.Query("state"), "", "All", "waiting", "Waiting", "failed", "Failed", "sent", "Sent",
		"dropped", "Dropped")
	for _, m := range page.Items {
		view.Items = append(view.Items, h.item(m))
	}
	if page.Next != "" {
		view.Next = console.OutboxPath + "?" + url.Values{"state": {c.Query("state")}, "before": {page.Next}}.Encode()
	}
	return h.Render(c, http.StatusOK, "outbox", view)
}

func (h *Pages) item(m notify.Message) outboxItem {
	item := outboxItem{ID: m.ID, Kind: kindLabels[m.Kind], To: "a moderator", State: stateLabels[m.State], Tries: m.Tries,
		Error: m.Error, At: m.CreatedAt, Resend: m.State == notify.StateFailed, CommentID: m.CommentID}
	if m.Kind.ToReader() {
		item.To = "a reader"
	}
	if m.State == notify.StateWaiting {
		item.Due = m.DueAt
	}
	if h.Files != nil && m.State == notify.StateSent {
		item.Mail = console.OutboxPath + "/" + m.ID + "/mail"
	}
	return item
}

// Resend sends a failed message again.
func (h *Pages) Resend(c *gin.Context) error {
	id, err := httpio.PathID(c)
	if err != nil {
		return err
	}
	if err := h.Outbox.Resend(c.Request.Context(), session.ViewerOf(c), id); err != nil {
		return err
	}
	return h.Redirect(c, console.OutboxPath+"?state=waiting", "The message will be sent again.")
}

// mailPolicy shows a mail as mail programs do: with its own styles, and without scripts, images or anything from
// elsewhere. Its links work.
const mailPolicy = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

// ShowMail shows a mail of the demo. Its links belong to its recipient, so only admins of all sites may see it.
func (h *Pages) ShowMail(c *gin.Context) error {
	id, err := httpio.PathID(c)
	if err != nil {
		return err
	}
	if h.Files == nil || len(session.IdentityOf(c).SiteIDs) > 0 {
		return fmt.Errorf("show mail: %w", moderation.ErrNotFound)
	}
	html, err := h.Files.Read(id)
	if errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("show mail: %w", moderation.ErrNotFound)
	}
	if err != nil {
		return err
	}
	c.Header("Cache-Control", "private, no-store")
	c.Header("Content-Security-Policy", mailPolicy)
	c.Data(http.StatusOK, "text/html; charset=utf-8", html)
	return nil
}

// messageResponse is a message for programs. It has no address.
type messageResponse struct {
	ID          string         `json:"id"`
	Channel     notify.Channel `json:"channel"`
	Kind        notify.Kind    `json:"kind"`
	State       notify.State   `json:"state"`
	ModeratorID *string        `json:"moderator_id"`
	CommentID   *string        `json:"comment_id"`
	Tries       int            `json:"tries"`
	Error       string         `json:"error,omitempty"`
	CreatedAt   time.Time      `json:"created_at"`
	DueAt       time.Time      `json:"due_at"`
	DoneAt      *time.Time     `json:"done_at"`
}

func newMessageResponse(m notify.Message) messageResponse {
	r := messageResponse{ID: m.ID, Channel: m.Channel, Kind: m.Kind, State: m.State,
		ModeratorID: httpio.OrNull(m.ModeratorID),
		CommentID:   httpio.OrNull(m.CommentID), Tries: m.Tries, Error: m.Error, CreatedAt: m.CreatedAt.UTC(),
		DueAt: m.DueAt.UTC()}
	if !m.DoneAt.IsZero() {
		at := m.DoneAt.UTC()
		r.DoneAt = &at
	}
	return r
}

// List returns a page of the outbox, the newest messages first.
func (h *Pages) List(c *gin.Context) error {
	limit, err := httpio.LimitParam(c)
	if err != nil {
		return err
	}
	page, err := h.Outbox.List(c.Request.Context(), session.ViewerOf(c), notify.MessageQuery{
		State: notify.State(c.Query("state")), Before: c.Query("cursor"), Limit: limit,
	})
	if err != nil {
		return err
	}
	httpio.Page(c, page.Items, page.Next, newMessageResponse)
	return nil
}

// ResendMessage sends a failed message again.
func (h *Pages) ResendMessage(c *gin.Context) error {
	id, err := httpio.PathID(c)
	if err != nil {
		return err
	}
	if err := h.Outbox.Resend(c.Request.Context(), session.ViewerOf(c), id); err != nil {
		return err
	}
	c.Status(http.StatusNoContent)
	return nil
}
