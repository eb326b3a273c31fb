package reader

import (
	"html/template"
	"net/http"

	"github.com/gin-gonic/gin"

	"rejoinder/handlers/httpio"
	"rejoinder/handlers/page"
	"rejoinder/moderation"
)

// reportView is the page on which a reader reports a comment.
type reportView struct {
	commentPage
	Comment *commentView
	Reasons []reasonChoice
	Note    string
	MaxNote int
	Sent    bool
}

type reasonChoice struct {
	Value  moderation.ReportReason
	Text   string
	Chosen bool
}

// reportReasons are in the order of the page.
var reportReasons = []moderation.ReportReason{
	moderation.ReportOffensive, moderation.ReportSpam, moderation.ReportPersonal, moderation.ReportOffTopic,
	moderation.ReportOther,
}

// ReportPage shows the form to report a comment.
func (h *Comments) ReportPage(c *gin.Context) error {
	id, err := httpio.PathID(c)
	if err != nil {
		return err
	}
	comment, on, err := h.Threads.Comment(c.Request.Context(), id)
	if err != nil {
		return err
	}
	if !on.Site.Settings.Reports {
		return moderation.ErrReportsOff
	}
	c.Header("Cache-Control", "no-cache")
	return h.Renderer.Render(c, http.StatusOK, "report", h.newReportView(c, comment, on, page.KnownLanguage(c.Query("lang"))))
}

// Report takes a report. It responds with a page instead of a redirect, because the comment may be held now,
// and because repeating a report changes nothing.
func (h *Comments) Report(c *gin.Context) error {
	id, values, err := readCommentForm(c)
	if err != nil {
		return err
	}
	comment, on, err := h.Threads.Comment(c.Request.Context(), id)
	if err != nil {
		return err
	}
	if err = h.checkSiteSource(c, on.Site); err == nil {
		err = h.Reports.Report(c.Request.Context(), moderation.ReportRequest{
			CommentID: id,
			Reason:    moderation.ReportReason(values.Get("reason")),
			Note:      values.Get("note"),
			Address:   httpio.ClientAddress(c),
		})
	}
	c.Header("Cache-Control", "private, no-store")
	view, status := h.newReportView(c, comment, on, page.KnownLanguage(values.Get("lang"))), http.StatusCreated
	if err != nil {
		view.Outcome = h.logOutcome(c, err, view.Locale)
		status, view.Note = view.Outcome.Status, httpio.Printable(values.Get("note"))
		for i, choice := range view.Reasons {
			view.Reasons[i].Chosen = string(choice.Value) == values.Get("reason")
		}
	}
	view.Sent = err == nil
	switch {
	case values.Get("part") == "":
		return h.Renderer.Render(c, status, "report", view)
	case view.Sent:
		return h.Renderer.Render(c, status, "reported", view)
	}
	return h.Renderer.Render(c, status, "report-form", view)
}

func (h *Comments) newReportView(c *gin.Context, comment moderation.PublicComment, on moderation.CommentLocation,
	asked string) reportView {
	words := pageLanguage(c, asked, on.Site)
	view := reportView{
		commentPage: newCommentPage(comment.ID, on, words, asked), MaxNote: moderation.MaxReportNoteCharacters,
	}
	view.Title = words.Text("report.title") + " – " + view.SiteName
	view.BackURL = h.articleURL(on, asked)
	view.Comment = &commentView{
		ID:         comment.ID,
		ParentID:   comment.ParentID,
		AuthorName: comment.AuthorName,
		AuthorURL:  comment.AuthorURL,
		Staff:      comment.Staff,
		Avatar:     page.Avatar{Seed: comment.Avatar, Name: comment.AuthorName},
		CreatedAt:  comment.CreatedAt,
		Edited:     !comment.EditedAt.IsZero(),
		HTML:       template.HTML(comment.BodyHTML),
		Permalink:  h.permalink(on, comment.ID, asked),
	}
	for _, reason := range reportReasons {
		view.Reasons = append(view.Reasons, reasonChoice{Value: reason, Text: words.Text("report." + string(reason))})
	}
	return view
}
