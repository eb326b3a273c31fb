package console

import (
	"errors"
	"net/http"
	"net/url"

	"github.com/gin-gonic/gin"

	"rejoinder/handlers/api"
	"rejoinder/handlers/httpio"
	"rejoinder/handlers/session"
	"rejoinder/moderation"
	"rejoinder/moderation/queue"
)

// CasePage shows one comment with everything that bears on it.
func (h *Queue) CasePage(c *gin.Context) error {
	id, err := httpio.CommentID(c)
	if err != nil {
		return err
	}
	at := deskOf(c.Request.URL.Query())
	view, err := h.openCase(c, at, id, nil)
	if err != nil {
		return err
	}
	return h.showCase(c, http.StatusOK, casePageView{Case: view, BackURL: at.Address()})
}

func (h *Queue) showCase(c *gin.Context, status int, view casePageView) error {
	title := "Comment of " + view.Case.Name
	if view.Explanation != "" {
		title = "Nothing was decided"
	}
	var err error
	if view.consoleFrame, err = h.consoleFrame(c, "queue", title); err != nil {
		return err
	}
	view.Renew = h.renewSeconds()
	view.Styles, view.Scripts = []string{"queue.css"}, []string{"queue.js"}
	return h.renderConsole(c, status, "case-page", view)
}

// openCase reads a comment and what stands around it. What was refused, if anything, was one of its forms for
// blocks and notes.
func (h *Queue) openCase(c *gin.Context, at desk, id string, refused *refusal) (*caseView, error) {
	open, err := h.Queue.Case(c.Request.Context(), session.ViewerOf(c), id)
	if err != nil {
		return nil, err
	}
	around, err := h.Queue.Related(c.Request.Context(), open)
	if err != nil {
		return nil, err
	}
	site, err := h.Sites.Find(c.Request.Context(), session.ViewerOf(c), open.Site.Slug)
	if err != nil {
		return nil, err
	}
	view := h.newCaseView(at, open, people{session.ViewerOf(c), around})
	for _, reason := range api.NewReasonResponses(site) {
		view.Codes = append(view.Codes, choice{Value: reason.Code, Label: reason.Words})
	}
	offers, err := h.Queue.BlockOffers(c.Request.Context(), session.ViewerOf(c), id)
	if err != nil {
		return nil, err
	}
	view.Notes, view.BlocksURL = noteLines(open.Notes), siteBlocks(site.Slug)
	view.Block = newBlockForm(view, offers, refused)
	if open.Comment.AuthorName != "" { // else it is erased, and takes no more notes
		view.NoteForm = newNoteForm(view, refused)
	}
	return view, nil
}

// DecideForm takes a decision from the console's form.
func (h *Queue) DecideForm(c *gin.Context) error {
	values, err := httpio.FormValues(c)
	if err != nil {
		return err
	}
	viewer := session.ViewerOf(c)
	version := versionField(values)
	ruling := queue.DecisionRequest{CommentID: c.Param("id"), Action: moderation.Action(values.Get("action")),
		Version: version, Reason: values.Get("reason"), Note: values.Get("note"),
		Code: values.Get("reason_code")}
	if values.Has("anyway") {
		ruling.Action, ruling.Force = moderation.Action(values.Get("anyway")), true
	}
	if ruling.Action == moderation.ActionApprove {
		ruling.Code = "" // the chooser stands beside every button
	}
	decided, err := h.Queue.Decide(c.Request.Context(), viewer, ruling)
	if err == nil && moduleAsks(c) {
		httpio.JSON(c, http.StatusOK, api.NewDecidedResponse(decided))
		return nil
	}
	if err == nil {
		h.leaveNotice(c, string(ruling.Action)+":"+decided.DecisionID)
		httpio.SeeOther(c, h.WayBack(c, values).Address())
		return nil
	}
	if !moduleAsks(c) && refusesForm(err) {
		return h.showRefused(c, h.WayBack(c, values), values, err)
	}
	return err
}

// versionField reads the version that a form names: 0 for none, and -1 for what is no version, so that
// neither passes for the other.
func versionField(values url.Values) int {
	raw := values.Get("version")
	if raw == "" {
		return 0
	}
	version, ok := httpio.WholeNumber(raw)
	if !ok || version < 1 {
		return -1
	}
	return version
}

// moduleAsks reports whether the console's module sent the form: it wants to know what came of it, and no
// page.
func moduleAsks(c *gin.Context) bool { return c.GetHeader("Accept") == "application/json" }

// refusesForm reports whether the page should come back with what was typed.
func refusesForm(err error) bool {
	var invalid *moderation.Invalid
	return errors.Is(err, moderation.ErrVersion) || errors.Is(err, moderation.ErrTransition) ||
		errors.Is(err, moderation.ErrAnotherModerator) || errors.Is(err, moderation.ErrClaimed) || errors.As(err, &invalid)
}

// showRefused shows the comment as it is now, says why nothing was done, and keeps what was typed.
func (h *Queue) showRefused(c *gin.Context, at desk, typed url.Values, refusal error) error {
	open, err := h.openCase(c, at, c.Param("id"), nil)
	if err != nil {
		return err
	}
	p := httpio.ProblemOf(refusal, httpio.RequestID(c))
	httpio.RecordProblem(c, p)
	if c.FullPath() == AnswerPath {
		open.Answer = httpio.Printable(typed.Get("body"))
	} else {
		open.chooseCode(typed.Get("reason_code"))
		open.Reason, open.Note = httpio.Printable(typed.Get("reason")), httpio.Printable(typed.Get("note"))
	}
	view := casePageView{Case: open, BackURL: at.Address(), Explanation: p.Detail}
	for _, fault := range p.Errors {
		view.Faults = append(view.Faults, fault.Detail)
	}
	if claimed := (*queue.ClaimedError)(nil); errors.As(refusal, &claimed) {
		view.Explanation = signOf(&claimed.Claim, session.ViewerOf(c)).Words + ". " + p.Detail
		open.offerAnyway(moderation.Action(typed.Get("action")))
	}
	if errors.Is(refusal, moderation.ErrVersion) || errors.Is(refusal, moderation.ErrTransition) {
		view.Explanation = open.Happened
	}
	return h.showCase(c, p.Status, view)
}

// AnswerPath is the route of forms that answer a comment in public.
const AnswerPath = RootPath + "/comments/:id/replies"

// AnswerForm publishes a moderator's answer to a comment.
func (h *Queue) AnswerForm(c *gin.Context) error {
	values, err := httpio.FormValues(c)
	if err != nil {
		return err
	}
	at := h.WayBack(c, values)
	_, err = h.Queue.Reply(
		c.Request.Context(),
		session.ViewerOf(c),
		queue.StaffReply{ParentID: c.Param("id"), Body: values.Get("body")},
	)
	switch {
	case err == nil:
		h.leaveNotice(c, "answer")
		httpio.SeeOther(c, at.afterForm(c.Param("id")))
		return nil
	case refusesForm(err):
		return h.showRefused(c, at, values, err)
	}
	return err
}

// RevealEmailForm shows the comment with its writer's email, once, to a moderator who says why.
func (h *Queue) RevealEmailForm(c *gin.Context) error {
	values, err := httpio.FormValues(c)
	if err != nil {
		return err
	}
	at, id := h.WayBack(c, values), c.Param("id")
	email, err := h.Queue.RevealEmail(c.Request.Context(), session.ViewerOf(c), id, values.Get("reason"))
	if err != nil {
		if refusesForm(err) {
			return h.showRefused(c, at, url.Values{}, err)
		}
		return err
	}
	open, err := h.openCase(c, at, id, nil)
	if err != nil {
		return err
	}
	open.Email = email
	return h.showCase(c, http.StatusOK, casePageView{Case: open, BackURL: at.Address()})
}

// UndoForm takes back what the moderator decided a moment ago.
func (h *Queue) UndoForm(c *gin.Context) error {
	values, err := httpio.FormValues(c)
	if err != nil {
		return err
	}
	undone, err := h.Queue.Undo(c.Request.Context(), session.ViewerOf(c), c.Param("id"))
	switch {
	case err != nil:
		return err
	case moduleAsks(c):
		httpio.JSON(c, http.StatusOK, api.NewDecidedResponse(undone))
	default:
		h.leaveNotice(c, "undo")
		httpio.SeeOther(c, h.WayBack(c, values).Address())
	}
	return nil
}
