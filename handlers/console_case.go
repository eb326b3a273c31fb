package handlers

import (
	"errors"
	"net/http"
	"net/url"

	"github.com/gin-gonic/gin"

	"rejoinder/moderation"
)

// casePage shows one comment with everything that bears on it.
func (s *Server) casePage(c *gin.Context) error {
	id, err := commentID(c)
	if err != nil {
		return err
	}
	at := deskOf(c.Request.URL.Query())
	view, err := s.openCase(c, at, id, nil)
	if err != nil {
		return err
	}
	return s.showCase(c, http.StatusOK, casePageView{Case: view, BackURL: at.address()})
}

func (s *Server) showCase(c *gin.Context, status int, view casePageView) error {
	title := "Comment of " + view.Case.Name
	if view.Explanation != "" {
		title = "Nothing was decided"
	}
	var err error
	if view.consoleFrame, err = s.consoleFrame(c, "queue", title); err != nil {
		return err
	}
	view.Renew = s.renewSeconds()
	view.Styles, view.Scripts = []string{"queue.css"}, []string{"queue.js"}
	return s.renderConsole(c, status, "case-page", view)
}

// openCase reads a comment and what stands around it. What was refused, if anything, was one of its forms for blocks and notes.
func (s *Server) openCase(c *gin.Context, at desk, id string, refused *refusal) (*caseView, error) {
	open, err := s.Queue.Case(c.Request.Context(), viewerOf(c), id)
	if err != nil {
		return nil, err
	}
	around, err := s.Queue.Around(c.Request.Context(), open)
	if err != nil {
		return nil, err
	}
	site, err := s.Sites.Find(c.Request.Context(), viewerOf(c), open.Site.Slug)
	if err != nil {
		return nil, err
	}
	view := s.newCaseView(at, open, people{viewerOf(c), around})
	for _, reason := range newReasonAnswers(site) {
		view.Codes = append(view.Codes, choice{Value: reason.Code, Label: reason.Words})
	}
	offers, err := s.Queue.BlockOffers(c.Request.Context(), viewerOf(c), id)
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

// decideForm takes a decision from the console's form.
func (s *Server) decideForm(c *gin.Context) error {
	values, err := formValues(c)
	if err != nil {
		return err
	}
	viewer := viewerOf(c)
	version := versionField(values)
	ruling := moderation.Ruling{CommentID: c.Param("id"), Action: moderation.Action(values.Get("action")),
		Version: version, Reason: values.Get("reason"), Note: values.Get("note"),
		Code: values.Get("reason_code")}
	if values.Has("anyway") {
		ruling.Action, ruling.Force = moderation.Action(values.Get("anyway")), true
	}
	if ruling.Action == moderation.ActionApprove {
		ruling.Code = "" // the chooser stands beside every button
	}
	decided, err := s.Queue.Decide(c.Request.Context(), viewer, ruling)
	if err == nil && moduleAsks(c) {
		answer(c, http.StatusOK, newDecidedAnswer(decided))
		return nil
	}
	if err == nil {
		s.leaveNotice(c, string(ruling.Action)+":"+decided.DecisionID)
		seeOther(c, s.wayBack(c, values).address())
		return nil
	}
	if !moduleAsks(c) && refusesForm(err) {
		return s.showRefused(c, s.wayBack(c, values), values, err)
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
	version, ok := wholeNumber(raw)
	if !ok || version < 1 {
		return -1
	}
	return version
}

// moduleAsks reports whether the console's module sent the form: it wants to know what came of it, and no page.
func moduleAsks(c *gin.Context) bool { return c.GetHeader("Accept") == "application/json" }

// refusesForm reports whether the page should come back with what was typed.
func refusesForm(err error) bool {
	var invalid *moderation.Invalid
	return errors.Is(err, moderation.ErrVersion) || errors.Is(err, moderation.ErrTransition) ||
		errors.Is(err, moderation.ErrAnotherModerator) || errors.Is(err, moderation.ErrClaimed) || errors.As(err, &invalid)
}

// showRefused shows the comment as it is now, says why nothing was done, and keeps what was typed.
func (s *Server) showRefused(c *gin.Context, at desk, typed url.Values, refusal error) error {
	open, err := s.openCase(c, at, c.Param("id"), nil)
	if err != nil {
		return err
	}
	p := problemOf(refusal, requestID(c))
	s.noteProblem(c, p)
	if c.FullPath() == answerPath {
		open.Answer = printable(typed.Get("body"))
	} else {
		open.chooseCode(typed.Get("reason_code"))
		open.Reason, open.Note = printable(typed.Get("reason")), printable(typed.Get("note"))
	}
	view := casePageView{Case: open, BackURL: at.address(), Explanation: p.Detail}
	for _, fault := range p.Errors {
		view.Faults = append(view.Faults, fault.Detail)
	}
	if claimed := (*moderation.Claimed)(nil); errors.As(refusal, &claimed) {
		view.Explanation = signOf(&claimed.Claim, viewerOf(c)).Words + ". " + p.Detail
		open.offerAnyway(moderation.Action(typed.Get("action")))
	}
	if errors.Is(refusal, moderation.ErrVersion) || errors.Is(refusal, moderation.ErrTransition) {
		view.Explanation = open.Happened
	}
	return s.showCase(c, p.Status, view)
}

// answerPath is the route of forms that answer a comment in public.
const answerPath = consolePath + "/comments/:id/replies"

// answerForm publishes a moderator's answer to a comment.
func (s *Server) answerForm(c *gin.Context) error {
	values, err := formValues(c)
	if err != nil {
		return err
	}
	at := s.wayBack(c, values)
	_, err = s.Queue.Reply(c.Request.Context(), viewerOf(c), moderation.StaffReply{ParentID: c.Param("id"), Body: values.Get("body")})
	switch {
	case err == nil:
		s.leaveNotice(c, "answer")
		seeOther(c, at.afterForm(c.Param("id")))
		return nil
	case refusesForm(err):
		return s.showRefused(c, at, values, err)
	}
	return err
}

// revealEmailForm shows the comment with its writer's email, once, to a moderator who says why.
func (s *Server) revealEmailForm(c *gin.Context) error {
	values, err := formValues(c)
	if err != nil {
		return err
	}
	at, id := s.wayBack(c, values), c.Param("id")
	email, err := s.Queue.RevealEmail(c.Request.Context(), viewerOf(c), id, values.Get("reason"))
	if err != nil {
		if refusesForm(err) {
			return s.showRefused(c, at, url.Values{}, err)
		}
		return err
	}
	open, err := s.openCase(c, at, id, nil)
	if err != nil {
		return err
	}
	open.Email = email
	return s.showCase(c, http.StatusOK, casePageView{Case: open, BackURL: at.address()})
}

// undoForm takes back what the moderator decided a moment ago.
func (s *Server) undoForm(c *gin.Context) error {
	values, err := formValues(c)
	if err != nil {
		return err
	}
	undone, err := s.Queue.Undo(c.Request.Context(), viewerOf(c), c.Param("id"))
	switch {
	case err != nil:
		return err
	case moduleAsks(c):
		answer(c, http.StatusOK, newDecidedAnswer(undone))
	default:
		s.leaveNotice(c, "undo")
		seeOther(c, s.wayBack(c, values).address())
	}
	return nil
}
