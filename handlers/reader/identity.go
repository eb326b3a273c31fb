package reader

import (
	"cmp"
	"errors"
	"math"
	"net/http"
	"strings"

	"github.com/gin-gonic/gin"

	"rejoinder/handlers/httpio"
	"rejoinder/handlers/locale"
	"rejoinder/handlers/page"
	"rejoinder/moderation"
	"rejoinder/moderation/readers"
)

// identityView says in the widget's form who writes, or why the token of a signed-in reader was refused.
type identityView struct {
	page.Frame
	Before, After string // of "Commenting as NAME"
	Name          string
	Badges        []string // in words
	Left          int      // seconds until the token ends
	SignInURL     string
	OwnURL        string // page of their comments; empty: they have none
	Refusal       string // code; empty: accepted
	Detail        string // of a refusal, for developers
}

// Identity tells the widget who a token says that the reader is.
func (h *Threads) Identity(c *gin.Context) error {
	values, err := httpio.FormValues(c)
	if err != nil {
		return err
	}
	at := page.ParseThreadURL(c.Param("site"), values)
	if err := h.checkSource(c, at.Site); err != nil {
		return err
	}
	site, err := h.Sites.Find(c.Request.Context(), moderation.Viewer{}, at.Site)
	if err != nil {
		return err
	}
	c.Header("Cache-Control", "private, no-store")
	words := languageOf(requestedLanguage(c, at), site)
	view := identityView{Frame: page.Frame{Lang: words.Tag, Dir: words.Dir, Locale: words},
		SignInURL: site.Settings.SignInURL}
	reader, err := h.Readers.Check(c.Request.Context(), site, values.Get("identity"))
	if err != nil {
		if view.Refusal, view.Detail = refusalOf(err); view.Refusal == "" {
			return err
		}
		p := httpio.ReportProblem(c, h.Log, err)
		return h.Renderer.Render(c, p.Status, "identity", view)
	}
	view.Before, view.After, _ = strings.Cut(words.Text("words.as"), "#")
	view.Name = reader.Name
	view.Left = int(math.Floor(max(0, reader.ExpiresAt.Sub(h.Now()).Seconds())))
	if view.OwnURL, err = h.ownURL(c, site, reader); err != nil {
		return err
	}
	view.Badges = badgeWords(moderation.PublicBadges(reader.Badges), words)
	return h.Renderer.Render(c, http.StatusOK, "identity", view)
}

// ownURL returns the page of a signed-in reader's own comments. The publication has verified the email, so it proves as
// much as a link that was mailed there.
func (h *Threads) ownURL(c *gin.Context, site moderation.Site, reader moderation.SignedReader) (string, error) {
	commenterID, err := h.Readers.Commenter(c.Request.Context(), site, reader)
	if err != nil || commenterID == "" {
		return "", err
	}
	return h.PersonURL(commenterID), nil
}

// badgeWords returns public badges in words.
func badgeWords(badges []string, words *locale.Language) []string {
	texts := make([]string, 0, len(badges))
	for _, badge := range badges {
		texts = append(texts, words.Text("badge."+badge))
	}
	return texts
}

// refusalOf returns the code of an error about the identity of a reader, with a text for developers; empty
// for other errors.
func refusalOf(err error) (code, detail string) {
	var refused *moderation.IdentityError
	switch {
	case errors.As(err, &refused):
		return refused.Code, refused.Detail
	case errors.Is(err, moderation.ErrIdentityRequired):
		return "required", ""
	case errors.Is(err, moderation.ErrIdentityOff):
		return "off", "The site does not accept signed-in readers: switch them on under Administration → Sites."
	}
	return "", ""
}

// signInView stands in place of a form that only signed-in readers can use.
type signInView struct {
	URL  string
	Hide bool // the form, which is empty
}

// newSignIn returns what stands in place of the form; nil for a form that the reader can use. The widget
// shows the form all the same once its page has signed the reader in.
func newSignIn(at page.ThreadURL, on *threadView, f commentForm) *signInView {
	if !on.identityRequired || f.Identity != "" {
		return nil
	}
	url := on.signInURL
	if !at.Embedded && !at.Part {
		url = cmp.Or(url, on.ArticleURL)
	}
	return &signInView{URL: url, Hide: f.Body == ""}
}

// addSigned adds the comments of a signed-in reader on the article to those for which the widget has
// receipts.
func (h *Threads) addSigned(
	c *gin.Context, at page.ThreadURL, token string, own []authorComment,
) ([]authorComment, error) {
	if token == "" {
		return own, nil
	}
	signed, err := h.Readers.Own(c.Request.Context(), readers.OwnQuery{
		SiteSlug: at.Site, Token: token, ArticleKey: at.Article, Limit: maxFragmentComments,
	})
	if code, _ := refusalOf(err); code != "" {
		return own, nil // the widget learns it from Identity
	}
	if err != nil {
		return nil, err
	}
	there := map[string]bool{}
	for _, o := range own {
		there[o.ID] = true
	}
	for _, o := range signed.Comments {
		if !there[o.ID] {
			own = append(own, authorComment{o.AuthorView, o.Receipt})
		}
	}
	return own, nil
}
