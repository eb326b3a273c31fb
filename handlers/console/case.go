package console

import (
	"cmp"
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

// ReplyPath is the route of the form for a public reply.
const ReplyPath = RootPath + "/comments/:id/replies"

// ShowCase shows one comment with everything that helps to decide on it.
func (h *Queue) ShowCase(c *gin.Context) error {
	id, err := httpio.PathID(c)
	if err != nil {
		return err
	}
	params := parseQueueParams(session.Words(c), c.Request.URL.Query())
	view, err := h.loadCase(c, params, id, nil)
	if err != nil {
		return err
	}
	if view.NextURL, err = h.nextURL(c, params, id); err != nil {
		return err
	}
	return h.renderCase(c, http.StatusOK, casePageView{Case: view, BackURL: params.URL()})
}

// nextURL is the page of the comment that comes next in a list. It is empty if there is none, and for filters that the
// list refuses.
func (h *Queue) nextURL(c *gin.Context, params queueParams, id string) (string, error) {
	next, err := h.Queue.Next(c.Request.Context(), session.ViewerOf(c), params.query(h.Now()), id)
	var invalid *moderation.Invalid
	switch {
	case errors.As(err, &invalid), errors.Is(err, moderation.ErrNotFound), errors.Is(err, moderation.ErrSiteUnknown),
		errors.Is(err, moderation.ErrCursor), errors.Is(err, moderation.ErrForbidden):
		return "", nil
	case err != nil || next == "":
		return "", err
	}
	return params.caseURL(next), nil
}

// loadCase loads a comment with its context. refused is nil, or a refused form for a block or a note.
func (h *Queue) loadCase(c *gin.Context, params queueParams, id string, refused *refusal) (*caseView, error) {
	ctx, viewer := c.Request.Context(), session.ViewerOf(c)
	open, err := h.Queue.Case(ctx, viewer, id)
	if err != nil {
		return nil, err
	}
	related, err := h.Queue.Related(ctx, viewer, open)
	if err != nil {
		return nil, err
	}
	site, err := h.Sites.Find(ctx, viewer, open.Site.Slug)
	if err != nil {
		return nil, err
	}
	offers, err := h.Queue.BlockOffers(ctx, viewer, id)
	if err != nil {
		return nil, err
	}
	view := h.newCaseView(params, open, caseContext{related, viewer, params.words})
	view.addReasons(params.words, site, open.Item)
	view.Notes, view.BlocksURL = noteLines(params.words, open.Notes), siteBlocksURL(site.Slug)
	view.Block = newBlockForm(params.words, view, offers, refused)
	if open.Comment.AuthorName != "" { // erased comments take no notes
		view.NoteForm = newNoteForm(view, refused)
	}
	view.restrict(permissionsOf(session.IdentityOf(c)))
	return view, nil
}

func (h *Queue) renderCase(c *gin.Context, status int, view casePageView) error {
	title := session.Words(c).T("Comment by %s", view.Case.Name)
	if view.Explanation != "" {
		title = "Nothing was decided"
	}
	var err error
	if view.frame, err = h.newFrame(c, "queue", title); err != nil {
		return err
	}
	view.Renew = h.renewSeconds()
	view.Styles, view.Scripts = queueAssets(view.May)
	return h.render(c, status, "case-page", view)
}

// Decide applies the moderator's decision to a comment. From a comment's page, it leads to the next comment.
func (h *Queue) Decide(c *gin.Context) error {
	values, err := httpio.FormValues(c)
	if err != nil {
		return err
	}
	req, to := parseDecision(c.Param("id"), values), ""
	params := h.returnParams(c, values)
	if !wantsJSON(c) && !params.pane { // before the decision changes the comment's place in the list
		if to, err = h.nextURL(c, params, req.CommentID); err != nil {
			return err
		}
	}
	decided, err := h.Queue.Decide(c.Request.Context(), session.ViewerOf(c), req)
	switch {
	case err == nil && wantsJSON(c):
		httpio.JSON(c, http.StatusOK, api.NewDecidedResponse(decided))
		return nil
	case err == nil:
		return h.redirect(c, cmp.Or(to, params.URL()), notice{
			Text: textsOf(req.Action).done,
			Undo: RootPath + "/decisions/" + decided.DecisionID + "/undo",
		})
	case !wantsJSON(c) && isFormError(err):
		return h.renderRefused(c, params, values, err)
	}
	return err
}

// parseDecision parses the decision form. The buttons "reject" name the reason of a rejection, and the button
// "anyway" overrides someone else's claim.
func parseDecision(commentID string, values url.Values) queue.DecisionRequest {
	req := queue.DecisionRequest{CommentID: commentID, Action: moderation.Action(values.Get("action")),
		Version: parseVersion(values), Reason: values.Get("reason"), Reply: values.Get("reply"),
		Note: values.Get("note"), Code: values.Get("reason_code")}
	if values.Has("reject") {
		req.Action, req.Code = moderation.ActionReject, values.Get("reject")
	}
	if values.Has("anyway") {
		req.Action, req.Force = moderation.Action(values.Get("anyway")), true
	}
	if req.Action == moderation.ActionApprove {
		req.Code, req.Reason, req.Reply = "", "", "" // they belong to the other buttons of the form
	}
	return req
}

// parseVersion returns the version that a form names: 0 for none, and -1 for an invalid one, so that it does
// not pass for none.
func parseVersion(values url.Values) int {
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

// wantsJSON reports whether one of the console's modules sent the form and expects the result instead of a
// page.
func wantsJSON(c *gin.Context) bool { return c.GetHeader("Accept") == "application/json" }

// isFormError reports whether the page should be shown again with the error and what was typed.
func isFormError(err error) bool {
	var invalid *moderation.Invalid
	return errors.Is(err, moderation.ErrVersion) || errors.Is(err, moderation.ErrTransition) ||
		errors.Is(err, moderation.ErrAnotherModerator) || errors.Is(err, moderation.ErrClaimed) || errors.As(err, &invalid)
}

// renderRefused shows the comment as it is now, why the form was refused, and what was typed.
func (h *Queue) renderRefused(c *gin.Context, params queueParams, typed url.Values, refused error) error {
	view, err := h.loadCase(c, params, c.Param("id"), nil)
	if err != nil {
		return err
	}
	p := httpio.ProblemOf(refused, httpio.RequestID(c))
	httpio.RecordProblem(c, p)
	if c.FullPath() == ReplyPath {
		view.Answer = httpio.Printable(typed.Get("body"))
	} else {
		view.typedReason(typed)
	}
	explanation := p.Detail
	var claimed *queue.ClaimedError
	if errors.As(refused, &claimed) {
		words := session.Words(c)
		explanation = words.T("Claimed by %s until %s.", claimed.Claim.Moderator, words.Clock(claimed.Claim.ExpiresAt)) +
			" " + words.Detail(p.Detail)
		view.offerAnyway(parseDecision("", typed).Action)
	}
	if errors.Is(refused, moderation.ErrVersion) || errors.Is(refused, moderation.ErrTransition) {
		explanation = view.Happened
	}
	return h.renderCase(c, p.Status, casePageView{Case: view, BackURL: params.URL(), Explanation: explanation,
		Faults: faultDetails(params.words, p.Errors)})
}

// Reply publishes a moderator's reply to a comment.
func (h *Queue) Reply(c *gin.Context) error {
	values, err := httpio.FormValues(c)
	if err != nil {
		return err
	}
	params := h.returnParams(c, values)
	_, err = h.Queue.Reply(c.Request.Context(), session.ViewerOf(c),
		queue.StaffReply{ParentID: c.Param("id"), Body: values.Get("body")})
	switch {
	case err == nil:
		return h.redirect(c, params.returnURL(c.Param("id")), notice{Text: "Your reply has been published."})
	case isFormError(err):
		return h.renderRefused(c, params, values, err)
	}
	return err
}

// Highlight pins or features the comment, or takes that back.
func (h *Queue) Highlight(c *gin.Context) error {
	values, err := httpio.FormValues(c)
	if err != nil {
		return err
	}
	params := h.returnParams(c, values)
	_, err = h.Queue.Highlight(c.Request.Context(), session.ViewerOf(c), c.Param("id"), queue.Highlight{
		Pinned: optionalBool(values, "pinned"), Featured: optionalBool(values, "featured")})
	switch {
	case err == nil:
		return h.redirect(c, params.returnURL(c.Param("id")), notice{Text: highlightNotice(values)})
	case isFormError(err):
		return h.renderRefused(c, params, url.Values{}, err)
	}
	return err
}

// highlightNotice says what a button changed.
func highlightNotice(values url.Values) string {
	switch {
	case values.Get("pinned") == "true":
		return "Pinned to the top of the thread."
	case values.Has("pinned"):
		return "The comment isn’t pinned any more."
	case values.Get("featured") == "true":
		return "The comment is featured."
	}
	return "The comment isn’t featured any more."
}

// optionalBool returns the value of a button, nil if it was not pressed.
func optionalBool(values url.Values, name string) *bool {
	if !values.Has(name) {
		return nil
	}
	return new(values.Get(name) == "true")
}

// RevealEmail shows the comment with its commenter's email, once, to a moderator who gives a reason.
func (h *Queue) RevealEmail(c *gin.Context) error {
	values, err := httpio.FormValues(c)
	if err != nil {
		return err
	}
	params, id := h.returnParams(c, values), c.Param("id")
	email, err := h.Queue.RevealEmail(c.Request.Context(), session.ViewerOf(c), id, values.Get("reason"))
	if err != nil {
		if isFormError(err) {
			return h.renderRefused(c, params, url.Values{}, err)
		}
		return err
	}
	view, err := h.loadCase(c, params, id, nil)
	if err != nil {
		return err
	}
	view.Email = email
	return h.renderCase(c, http.StatusOK, casePageView{Case: view, BackURL: params.URL()})
}

// Undo reverts a recent decision of the moderator.
func (h *Queue) Undo(c *gin.Context) error {
	values, err := httpio.FormValues(c)
	if err != nil {
		return err
	}
	undone, err := h.Queue.Undo(c.Request.Context(), session.ViewerOf(c), c.Param("id"))
	if err != nil {
		return err
	}
	if wantsJSON(c) {
		httpio.JSON(c, http.StatusOK, api.NewDecidedResponse(undone))
		return nil
	}
	return h.redirect(c, h.returnParams(c, values).URL(), notice{Text: "The decision was undone."})
}
