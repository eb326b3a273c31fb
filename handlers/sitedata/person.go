package sitedata

import (
	"bytes"
	"errors"
	"net/http"
	"net/url"
	"time"

	"github.com/gin-gonic/gin"

	"rejoinder/handlers/console"
	"rejoinder/handlers/httpio"
	"rejoinder/handlers/session"
	"rejoinder/moderation"
	"rejoinder/moderation/archive"
)

const personForm = "person"

// personView is the page about a person who asks for their data. The email is in forms only, never in a URL.
type personView struct {
	console.AdminFrame
	Name, Href string
	Action     string
	Form       console.Form
	Nothing    bool // nothing is stored under the email
	Email      string
	AllSites   bool
	Found      []foundPerson
	Erasure    *archive.Erasure // asks before it is carried out; nil: nothing is asked
}

// foundPerson is what a site stores about the person.
type foundPerson struct {
	Site, Name  string
	Comments    int
	First, Last time.Time
}

// ShowPerson asks for the person's email.
func (h *Pages) ShowPerson(c *gin.Context) error { return h.renderPerson(c, nil, personView{}) }

func (h *Pages) renderPerson(c *gin.Context, refused *console.Refusal, v personView) error {
	site, err := h.Sites.Find(c.Request.Context(), session.ViewerOf(c), c.Param("site"))
	if err != nil {
		return err
	}
	v.Name, v.Href, v.Action = site.Name, console.SitesPath+"/"+site.Slug, c.Request.URL.Path
	if v.AdminFrame, err = h.NewAdminFrame(c, console.SitesPath, "A person’s data"); err != nil {
		return err
	}
	all := ""
	if v.AllSites {
		all = "yes"
	}
	v.Form = console.NewForm(console.Form{ID: personForm, Action: v.Action, Button: "Find", Fields: []console.Field{
		{Name: "email", Label: "Email of the person", Kind: "email", Required: true, Value: v.Email},
		{Name: "all", Label: "On all your sites", Kind: "check", Value: all},
	}}, refused)
	return h.Render(c, refused.Status(), "person-data", v)
}

// Person finds, downloads or erases a person's data, as the form says.
func (h *Pages) Person(c *gin.Context) error {
	values, err := httpio.FormValues(c)
	if err != nil {
		return err
	}
	q := archive.SubjectQuery{Email: values.Get("email"), SiteSlug: c.Param("site")}
	if values.Get("all") != "" {
		q.SiteSlug = ""
	}
	v := personView{Email: httpio.Printable(q.Email), AllSites: q.SiteSlug == ""}
	switch values.Get("do") {
	case "json", "page":
		err = h.download(c, q, values.Get("do"))
	case "erase":
		err = h.erase(c, q, v, values.Get("confirmed") != "")
	default:
		err = h.find(c, q, v)
	}
	if errors.Is(err, moderation.ErrNotFound) {
		v.Nothing = true
		return h.renderPerson(c, nil, v)
	}
	if err == nil {
		return nil
	}
	return h.Refuse(c, console.NewRefusal(personForm, url.Values{"email": {v.Email}, "all": values["all"]}), err,
		func(c *gin.Context, r *console.Refusal) error { return h.renderPerson(c, r, v) })
}

func (h *Pages) find(c *gin.Context, q archive.SubjectQuery, v personView) error {
	found, err := h.Subjects.Find(c.Request.Context(), session.ViewerOf(c), q)
	if err != nil {
		return err
	}
	for _, s := range found {
		v.Found = append(v.Found, foundPerson{s.Site, s.Name, len(s.Comments), s.FirstSeenAt, s.LastSeenAt})
	}
	return h.renderPerson(c, nil, v)
}

// download sends what is stored about the person as a file.
func (h *Pages) download(c *gin.Context, q archive.SubjectQuery, format string) error {
	found, err := h.Subjects.Export(c.Request.Context(), session.ViewerOf(c), q)
	if err != nil {
		return err
	}
	c.Header("Cache-Control", "private, no-store")
	if format == "json" {
		c.Header("Content-Disposition", `attachment; filename="person.json"`)
		httpio.JSON(c, http.StatusOK, subjectsResponse{found})
		return nil
	}
	var file bytes.Buffer
	if err := archive.WriteSubjectPage(&file, found); err != nil {
		return err
	}
	c.Header("Content-Disposition", `attachment; filename="person.html"`)
	c.Data(http.StatusOK, "application/octet-stream", file.Bytes()) // to be saved, not shown
	return nil
}

// erase asks, or if that is confirmed, erases the person's data.
func (h *Pages) erase(c *gin.Context, q archive.SubjectQuery, v personView, confirmed bool) error {
	e, err := h.Subjects.Erase(c.Request.Context(), session.ViewerOf(c), q, !confirmed)
	if err != nil {
		return err
	}
	if !confirmed {
		v.Erasure = &e
		return h.renderPerson(c, nil, v)
	}
	return h.Redirect(c, c.Request.URL.Path, session.Words(c).N("Erased: %d comment.", "Erased: %d comments.", e.Comments))
}

type subjectsResponse struct {
	Subjects []archive.Subject `json:"subjects"`
}

// subjectRequest names a person.
type subjectRequest struct {
	Email string `json:"email"`
	Site  string `json:"site"`
}

// ExportSubject returns what is stored about a person.
func (h *Pages) ExportSubject(c *gin.Context) error {
	var req subjectRequest
	if err := httpio.BindJSON(c, &req, httpio.MaxBody); err != nil {
		return err
	}
	found, err := h.Subjects.Export(c.Request.Context(), session.ViewerOf(c),
		archive.SubjectQuery{Email: req.Email, SiteSlug: req.Site})
	if err != nil {
		return err
	}
	httpio.JSON(c, http.StatusOK, subjectsResponse{found})
	return nil
}

// EraseSubject erases what is stored about a person, or counts it.
func (h *Pages) EraseSubject(c *gin.Context) error {
	var req struct {
		subjectRequest
		Preview bool `json:"preview"`
	}
	if err := httpio.BindJSON(c, &req, httpio.MaxBody); err != nil {
		return err
	}
	e, err := h.Subjects.Erase(c.Request.Context(), session.ViewerOf(c),
		archive.SubjectQuery{Email: req.Email, SiteSlug: req.Site}, req.Preview)
	if err != nil {
		return err
	}
	httpio.JSON(c, http.StatusOK, e)
	return nil
}
