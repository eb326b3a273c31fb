package handlers

import (
	"html/template"
	"net/http"

	"github.com/gin-gonic/gin"

	"rejoinder/moderation"
)

// reportView is the page on which a reader reports a comment.
type reportView struct {
	actPage
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

var reportReasons = []moderation.ReportReason{
	moderation.ReportOffensive,
	moderation.ReportSpam,
	moderation.ReportPersonal,
	moderation.ReportOffTopic,
	moderation.ReportOther,
}

// reportPage shows the form by which a reader reports a comment.
func (s *Server) reportPage(c *gin.Context) error {
	id, err := commentID(c)
	if err != nil {
		return err
	}
	comment, on, err := s.Threads.Comment(c.Request.Context(), id)
	if err != nil {
		return err
	}
	if !on.Site.Settings.Reports {
		return moderation.ErrReportsOff
	}
	c.Header("Cache-Control", "no-cache")
	return s.render(c, http.StatusOK, "report", s.newReportView(c, comment, on, asked(c.Query("lang"))))
}

// reportForm takes in a reader's complaint. The answer is a page at once: the comment may be held now, so
// that there is nothing to lead back to, and sending it again changes nothing.
func (s *Server) reportForm(c *gin.Context) error {
	id, values, err := actFields(c)
	if err != nil {
		return err
	}
	comment, on, err := s.Threads.Comment(c.Request.Context(), id)
	if err != nil {
		return err
	}
	if err = s.checkSiteSource(c, on.Site); err == nil {
		err = s.Reports.Report(c.Request.Context(), moderation.Complaint{
			CommentID: id,
			Reason:    moderation.ReportReason(values.Get("reason")),
			Note:      values.Get("note"),
			Address:   clientAddress(c),
		})
	}
	c.Header("Cache-Control", "private, no-store")
	view, status := s.newReportView(c, comment, on, asked(values.Get("lang"))), http.StatusCreated
	if err != nil {
		view.Outcome = s.noteAct(c, err, view.words)
		status, view.Note = view.Outcome.Status, printable(values.Get("note"))
		for i, choice := range view.Reasons {
			view.Reasons[i].Chosen = string(choice.Value) == values.Get("reason")
		}
	}
	view.Sent = err == nil
	switch {
	case values.Get("part") == "":
		return s.render(c, status, "report", view)
	case view.Sent:
		return s.render(c, status, "reported", view)
	}
	return s.render(c, status, "report-form", view)
}

func (s *Server) newReportView(
	c *gin.Context,
	comment moderation.PublicComment,
	on moderation.CommentPlace,
	asked string,
) reportView {
	words := s.actWords(c, asked, on.Site)
	view := reportView{actPage: newActPage(comment.ID, on, words, asked), MaxNote: moderation.MaxReportNoteCharacters}
	view.Title = words.Text("report.title") + " – " + view.SiteName
	view.BackURL = s.backAddress(on, asked)
	view.Comment = &commentView{
		ID:         comment.ID,
		ParentID:   comment.ParentID,
		AuthorName: comment.AuthorName,
		AuthorURL:  comment.AuthorURL,
		Staff:      comment.Staff,
		Avatar:     avatar(comment.Avatar),
		CreatedAt:  comment.CreatedAt,
		Edited:     !comment.EditedAt.IsZero(),
		HTML:       template.HTML(comment.BodyHTML),
		Permalink:  s.permalink(on, comment.ID, asked),
	}
	for _, reason := range reportReasons {
		view.Reasons = append(view.Reasons, reasonChoice{Value: reason, Text: words.Text("report." + string(reason))})
	}
	return view
}
