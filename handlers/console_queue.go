package handlers

import (
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/gin-gonic/gin"

	"rejoinder/moderation"
)

// queueLimit is how many comments one console page shows.
const queueLimit = 20

// desk is what part of the queue a moderator looks at.
type desk struct {
	status moderation.Status
	sort   moderation.QueueSort
	site   string // slug; empty for every site
	cursor string
}

func deskOf(values url.Values) desk {
	d := desk{status: moderation.StatusPending, sort: moderation.QueueOldest, site: values.Get("site"), cursor: values.Get("cursor")}
	for _, tab := range queueTabs {
		if values.Get("status") == string(tab.status) {
			d.status = tab.status
		}
	}
	for _, order := range queueOrders {
		if values.Get("sort") == string(order.sort) {
			d.sort = order.sort
		}
	}
	return d
}

// address is the desk as a link.
func (d desk) address() string {
	query := url.Values{}
	for _, field := range d.fields() {
		query.Set(field.Name, field.Value)
	}
	to := url.URL{Path: consolePath, RawQuery: query.Encode()}
	return to.String()
}

// fields are what differs from the plain queue.
func (d desk) fields() []hiddenField {
	var fields []hiddenField
	if d.status != moderation.StatusPending {
		fields = append(fields, hiddenField{"status", string(d.status)})
	}
	if d.sort != moderation.QueueOldest {
		fields = append(fields, hiddenField{"sort", string(d.sort)})
	}
	if d.site != "" {
		fields = append(fields, hiddenField{"site", printable(d.site)})
	}
	if d.cursor != "" {
		fields = append(fields, hiddenField{"cursor", printable(d.cursor)})
	}
	return fields
}

// queuePage shows a part of the queue.
func (s *Server) queuePage(c *gin.Context) error {
	at, viewer := deskOf(c.Request.URL.Query()), viewerOf(c)
	page, err := s.Queue.List(c.Request.Context(), viewer, moderation.QueueQuery{
		SiteSlug: at.site, Status: at.status, Sort: at.sort, Limit: queueLimit, Cursor: at.cursor,
	})
	if err != nil {
		return err
	}
	view := newQueueView(at, page)
	if view.consoleFrame, err = s.consoleFrame(c, "queue", view.Heading); err != nil {
		return err
	}
	for _, item := range page.Items {
		open, err := s.Queue.Case(c.Request.Context(), viewer, item.Comment.ID)
		if err != nil {
			return err
		}
		view.Items = append(view.Items, s.caseView(at, viewer, open))
	}
	return s.renderConsole(c, http.StatusOK, "queue", view)
}

// decideForm takes a decision from the console's form.
func (s *Server) decideForm(c *gin.Context) error {
	values, err := formValues(c)
	if err != nil {
		return err
	}
	at, viewer := deskOf(values), viewerOf(c)
	version, _ := strconv.Atoi(values.Get("version")) // what is no number is no version, and refused as such
	ruling := moderation.Ruling{CommentID: c.Param("id"), Action: moderation.Action(values.Get("action")),
		Version: version, Reason: values.Get("reason")}
	_, err = s.Queue.Decide(c.Request.Context(), viewer, ruling)
	if err == nil {
		s.leaveNotice(c, string(ruling.Action))
		seeOther(c, at.address())
		return nil
	}
	var invalid *moderation.Invalid
	if errors.Is(err, moderation.ErrVersion) || errors.Is(err, moderation.ErrTransition) || errors.As(err, &invalid) {
		return s.showRefused(c, at, ruling, err)
	}
	return err
}

// showRefused shows the comment as it is now, says why nothing was decided, and keeps the reason that was typed.
func (s *Server) showRefused(c *gin.Context, at desk, ruling moderation.Ruling, refusal error) error {
	viewer := viewerOf(c)
	open, err := s.Queue.Case(c.Request.Context(), viewer, ruling.CommentID)
	if err != nil {
		return err
	}
	p := problemOf(refusal, requestID(c))
	s.noteProblem(c, p)
	item := s.caseView(at, viewer, open)
	item.Reason = printable(ruling.Reason)
	view := refusedView{Item: item, BackURL: at.address(), Explanation: p.Detail}
	if view.consoleFrame, err = s.consoleFrame(c, "queue", "Nothing was decided"); err != nil {
		return err
	}
	for _, fault := range p.Errors {
		view.Faults = append(view.Faults, fault.Detail)
	}
	if len(p.Errors) == 0 {
		view.Explanation = whatHappened(open, viewer)
	}
	return s.renderConsole(c, p.Status, "refused", view)
}

// whatHappened says who changed a comment since a moderator saw it.
func whatHappened(open moderation.Case, viewer moderation.Viewer) string {
	const present = " Below is how the comment stands now."
	if len(open.Decisions) == 0 {
		return "This comment has changed since you saw it." + present
	}
	last := open.Decisions[len(open.Decisions)-1]
	by := whoDecided(last, viewer)
	done := "changed"
	for _, known := range consoleActions {
		if known.action == last.Action {
			done = known.done
		}
	}
	happened := "This comment was " + done + " by " + by + " on " + humanTime(last.CreatedAt) + "."
	if last.Actor == moderation.ActorRuleset && !open.Comment.EditedAt.IsZero() {
		happened = "The commenter edited this comment on " + humanTime(open.Comment.EditedAt) + ", and it was " + done + " by " + by + "."
	}
	return happened + present
}

func whoDecided(d moderation.Decision, viewer moderation.Viewer) string {
	switch {
	case d.Actor == moderation.ActorRuleset:
		return "the ruleset"
	case d.Actor == moderation.ActorCommenter:
		return "the commenter"
	case d.Actor == moderation.ActorReaders:
		return "readers’ reports"
	case d.ModeratorID == viewer.ModeratorID:
		return "you"
	}
	return "another moderator"
}

// capitalised begins a sentence.
func capitalised(s string) string {
	if s == "" {
		return s
	}
	return strings.ToUpper(s[:1]) + s[1:]
}
