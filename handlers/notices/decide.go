package notices

import (
	"cmp"
	"errors"
	"net/http"

	"github.com/gin-gonic/gin"

	"rejoinder/handlers/httpio"
	"rejoinder/handlers/locale"
	"rejoinder/handlers/page"
	"rejoinder/moderation"
	"rejoinder/moderation/queue"
	"rejoinder/notify"
)

// decideView is the page of a decision that a moderator was offered by mail.
type decideView struct {
	page.Frame
	Heading string
	Said    string // the result; empty: the page offers the decision
	Problem string
	Offer   *notify.Offer
	Done    *notify.Offer // the decision that was made
	On      string        // the article
	Verb    string
	Class   string // of the button
	Action  string
	Reasons []choice // of a rejection
	CaseURL string
}

var verbs = map[moderation.Action]struct{ verb, ask, class, done string }{
	moderation.ActionApprove: {"Approve", "Approve this comment?", "approve", "You approved this comment."},
	moderation.ActionReject:  {"Reject", "Reject this comment?", "reject", "You rejected this comment."},
	moderation.ActionSpam:    {"Mark as spam", "Mark this comment as spam?", "spam", "You marked this comment as spam."},
}

// results say who made the last decision, and when, by the state that it led to.
var results = map[moderation.Status]string{
	moderation.StatusApproved: "%s approved this %s.", moderation.StatusRejected: "%s rejected this %s.",
	moderation.StatusSpam:    "%s marked this as spam %s.",
	moderation.StatusDeleted: "%s deleted this %s.", moderation.StatusPending: "%s put this back into the queue %s.",
}

var actors = map[moderation.Actor]string{
	moderation.ActorRuleset: "The site’s rules", moderation.ActorCommenter: "Its author",
	moderation.ActorReaders: "A report by readers", moderation.ActorRetention: "The site’s retention",
}

// decideWords is the language of the moderator to whom a decision was offered; English if nobody knows who that is.
func decideWords(offer *notify.Offer) *locale.Language {
	if offer == nil || offer.Words == nil {
		return locale.MatchConsole("", "")
	}
	return offer.Words
}

func (h *Pages) renderDecide(c *gin.Context, status int, v decideView) error {
	words := decideWords(cmp.Or(v.Offer, v.Done))
	v.Frame = page.Frame{Lang: words.Tag, Dir: words.Dir, Locale: words, Title: v.Heading + " – Rejoinder",
		Style: "page.css", Private: true}
	v.Action = c.Request.URL.EscapedPath()
	setHeaders(c)
	return h.Renderer.Render(c, status, "notices-decide", v)
}

// refusedDecide shows a page for a link that cannot be used; other errors are returned.
func (h *Pages) refusedDecide(c *gin.Context, err error) error {
	v, status := decideView{Heading: "This link can’t be used",
		Said: "It may be incomplete, or your access has changed."}, http.StatusNotFound
	switch {
	case errors.Is(err, notify.ErrLinkExpired):
		v.Heading, v.Said, status = "This link has expired",
			"Links in mails work for 24 hours. Find the comment in the queue.", http.StatusGone
	case errors.Is(err, moderation.ErrNotFound):
		v.Said = "The comment was removed."
	case !errors.Is(err, notify.ErrLink):
		return err
	}
	v.CaseURL = "/console"
	return h.renderDecide(c, status, v)
}

// ShowDecision shows a comment as it is now, with one button.
func (h *Pages) ShowDecision(c *gin.Context) error {
	offer, err := h.Moderators.ShowOffer(c.Request.Context(), c.Param("token"))
	if err != nil {
		return h.refusedDecide(c, err)
	}
	return h.renderOffer(c, http.StatusOK, offer, "")
}

func (h *Pages) renderOffer(c *gin.Context, status int, offer notify.Offer, problem string) error {
	verb, words := verbs[offer.Action], offer.Words
	v := decideView{
		Heading: words.T(verb.ask), Offer: &offer, Verb: words.T(verb.verb), Class: verb.class, Problem: words.T(problem),
		On: page.ArticleHeading(offer.Article), CaseURL: "/console/comments/" + offer.Comment.ID,
	}
	if offer.Action == moderation.ActionReject {
		for _, reason := range offer.Site.Settings.ReasonList() {
			v.Reasons = append(v.Reasons, choice{Value: reason.Code, Label: page.ReasonWords(words, offer.Site.Locale,
				reason)})
		}
	}
	if offer.Stale {
		v.Heading = words.T("This comment has changed")
		who := cmp.Or(offer.Last.Moderator, words.T(actors[offer.Last.Actor]), words.T("A moderator"))
		v.Said = words.T(results[offer.Last.To], who, offer.Ago(h.Now())) + " " + words.T("Your link changed nothing.")
		if status == http.StatusOK {
			status = http.StatusConflict
		}
	}
	return h.renderDecide(c, status, v)
}

// Decide makes the decision.
func (h *Pages) Decide(c *gin.Context) error {
	values, err := h.readForm(c)
	if err != nil {
		return err
	}
	ctx, token := c.Request.Context(), c.Param("token")
	offer, err := h.Moderators.ShowOffer(ctx, token)
	if err != nil {
		return h.refusedDecide(c, err)
	}
	if offer.Stale {
		return h.renderOffer(c, http.StatusConflict, offer, "")
	}
	err = h.Moderators.Accept(ctx, token, values.Get("reason"))
	var invalid *moderation.Invalid
	switch {
	case errors.Is(err, moderation.ErrVersion):
		if offer, err = h.Moderators.ShowOffer(ctx, token); err != nil {
			return h.refusedDecide(c, err)
		}
		return h.renderOffer(c, http.StatusConflict, offer, "")
	case errors.As(err, &invalid), errors.Is(err, queue.ErrUndo), errors.Is(err, moderation.ErrClaimed),
		errors.Is(err, moderation.ErrAnotherModerator), errors.Is(err, moderation.ErrTransition):
		p := httpio.ReportProblem(c, h.Log, err)
		return h.renderOffer(c, p.Status, offer, p.Detail)
	case err != nil:
		return err
	}
	return h.renderDecide(c, http.StatusOK, decideView{
		Heading: offer.Words.T(verbs[offer.Action].done), Said: offer.Words.T("You can undo it in the console."),
		Done: &offer, CaseURL: "/console/comments/" + offer.Comment.ID,
	})
}
