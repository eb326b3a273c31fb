package notices

import (
	"encoding/json"
	"net/http"
	"net/url"
	"time"

	"github.com/gin-gonic/gin"

	"rejoinder/handlers/page"
	"rejoinder/moderation"
	"rejoinder/notify"
)

// personPageSize is the number of comments on a page of a person's own comments.
const personPageSize = 20

// personView shows a person what they wrote under their email on one site.
type personView struct {
	page.Frame
	SiteName      string
	Text          string
	Comments      []personComment
	Next          string // URL of older comments
	Notifications string // URL of the page of notifications
	Export        string
	Erase         string // action of the form that erases everything
	Asked         bool   // the form was sent without its confirmation
	Expires       time.Time
}

// personComment is a comment in the list.
type personComment struct {
	On        string // title of its article; empty if it may not be shown
	Status    string // in words
	Href      string // the author's page of the comment
	Body      string // Markdown
	CreatedAt time.Time
}

// ShowPerson shows a person their own comments.
func (h *Pages) ShowPerson(c *gin.Context) error { return h.renderPerson(c, http.StatusOK, false) }

func (h *Pages) renderPerson(c *gin.Context, status int, asked bool) error {
	token := c.Param("token")
	reader, err := h.Readers.Show(c.Request.Context(), token)
	if err != nil {
		return h.refused(c, err)
	}
	own, err := h.Author.Comments(c.Request.Context(), moderation.CommentsQuery{
		CommenterID: reader.CommenterID, Limit: personPageSize, Cursor: c.Query("cursor"),
	})
	if err != nil {
		return err
	}
	l := words(c, reader.Site)
	v := personView{
		Frame:    page.Frame{Lang: l.Tag, Dir: l.Dir, Locale: l, Style: "page.css", Private: true},
		SiteName: reader.Site.Name, Notifications: notify.ManagePath + token, Export: notify.PersonPath + token + "/export",
		Erase: notify.PersonPath + token + "/erase", Asked: asked, Expires: reader.Expires,
		Text: l.Text("person.intro", "site", reader.Site.Name, "address", reader.Address),
	}
	v.Title = l.Text("person.title") + " – " + v.SiteName
	for _, one := range own.Comments {
		v.Comments = append(v.Comments, personComment{
			On: one.ArticleTitle, Status: l.Text("own." + string(one.Status)), Body: one.Body, CreatedAt: one.CreatedAt,
			Href: "/comments/" + one.ID + "?" + url.Values{"receipt": {one.Receipt}, "lang": {l.Tag}}.Encode(),
		})
	}
	if own.NextCursor != "" {
		v.Next = notify.PersonPath + token + "?" + url.Values{"cursor": {own.NextCursor}}.Encode()
	}
	setHeaders(c)
	return h.Renderer.Render(c, status, "person", v)
}

// exportedComment is a comment in a person's own export.
type exportedComment struct {
	ID         string            `json:"id"`
	Article    string            `json:"article"` // its key
	ParentID   string            `json:"parent_id,omitempty"`
	Status     moderation.Status `json:"status"`
	Reason     string            `json:"public_reason,omitempty"`
	AuthorName string            `json:"author_name"`
	AuthorURL  string            `json:"author_url,omitempty"`
	Badges     []string          `json:"badges,omitempty"`
	Body       string            `json:"body"`
	UpVotes    int               `json:"up_votes"`
	DownVotes  int               `json:"down_votes"`
	CreatedAt  time.Time         `json:"created_at"`
	EditedAt   time.Time         `json:"edited_at,omitzero"`
}

// ExportPerson sends a person their own comments as a file. Line by line, so that it may be long.
func (h *Pages) ExportPerson(c *gin.Context) error {
	ctx := c.Request.Context()
	reader, err := h.Readers.Show(ctx, c.Param("token"))
	if err != nil {
		return h.refused(c, err)
	}
	setHeaders(c)
	c.Header("Content-Type", "application/x-ndjson")
	c.Header("Content-Disposition", `attachment; filename="comments.ndjson"`)
	encoder := json.NewEncoder(c.Writer)
	query := moderation.CommentsQuery{CommenterID: reader.CommenterID, Limit: personPageSize}
	for {
		own, err := h.Author.Comments(ctx, query)
		if err != nil {
			return err
		}
		for _, o := range own.Comments {
			if err := encoder.Encode(exportedComment{
				ID: o.ID, Article: o.ArticleKey, ParentID: o.ParentID, Status: o.Status, Reason: o.PublicReason,
				AuthorName: o.AuthorName, AuthorURL: o.AuthorURL, Badges: o.Badges, Body: o.Body, UpVotes: o.UpVotes,
				DownVotes: o.DownVotes, CreatedAt: o.CreatedAt.UTC(), EditedAt: o.EditedAt.UTC(),
			}); err != nil {
				return err
			}
		}
		if query.Cursor = own.NextCursor; query.Cursor == "" {
			return nil
		}
	}
}

// ErasePerson erases everything that was sent under a person's email on the site, after a confirmation.
func (h *Pages) ErasePerson(c *gin.Context) error {
	values, err := h.readForm(c)
	if err != nil {
		return err
	}
	if values.Get("confirm") == "" {
		return h.renderPerson(c, http.StatusUnprocessableEntity, true)
	}
	reader, err := h.Readers.Show(c.Request.Context(), c.Param("token"))
	if err != nil {
		return h.refused(c, err)
	}
	if _, err := h.Author.EraseCommenter(c.Request.Context(), reader.CommenterID); err != nil {
		return err
	}
	l := words(c, reader.Site)
	v := h.view(c, reader, l.Text("person.erased"))
	v.Reader = nil
	return h.render(c, http.StatusOK, v)
}
