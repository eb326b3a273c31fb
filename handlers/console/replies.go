package console

import (
	"fmt"
	"maps"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/gin-gonic/gin"

	"rejoinder/handlers/httpio"
	"rejoinder/handlers/locale"
	"rejoinder/handlers/session"
	"rejoinder/moderation"
)

const repliesFormID = "replies"

// spareReplies is how many empty rows the form has, for new replies.
const spareReplies = 2

// repliesView is the page of a site's canned replies.
type repliesView struct {
	adminFrame
	Name string // of the site
	Href string
	Form formView
}

// replyRow is a canned reply as it is typed.
type replyRow struct{ name, code, text string }

func replyRows(list []moderation.CannedReply) []replyRow {
	var rows []replyRow
	for _, reply := range list {
		var parts []string
		for _, tag := range slices.Sorted(maps.Keys(reply.Text)) {
			parts = append(parts, tag+": "+reply.Text[tag])
		}
		rows = append(rows, replyRow{reply.Name, reply.Code, strings.Join(parts, "\n")})
	}
	return append(rows, make([]replyRow, spareReplies)...)
}

// parseReplyRows returns the rows of the form.
func parseReplyRows(values url.Values) []replyRow {
	var rows []replyRow
	for i := 0; i < moderation.MaxCannedReplies+spareReplies && values.Has("name-"+strconv.Itoa(i)); i++ {
		n := strconv.Itoa(i)
		rows = append(rows, replyRow{strings.TrimSpace(values.Get("name-" + n)), values.Get("code-" + n),
			strings.TrimSpace(values.Get("text-" + n))})
	}
	return rows
}

// empty reports whether the row has no reply. A reason alone does not count.
func (r replyRow) empty() bool { return r.name == "" && r.text == "" }

// parseReplies returns the replies of the rows. locale is the language of texts without a language.
func parseReplies(rows []replyRow, locale string) []moderation.CannedReply {
	var list []moderation.CannedReply
	for _, row := range rows {
		if !row.empty() {
			list = append(list, moderation.CannedReply{Name: row.name, Code: row.code, Text: parseReplyText(row.text, locale)})
		}
	}
	return list
}

// languageLine is a line that starts the text in another language, as in "de: Bitte".
var languageLine = regexp.MustCompile(`^([a-z]{2,3}(?:-[A-Za-z0-9]{2,8})*):[ \t]*(.*)$`)

// parseReplyText divides a text into languages. What stands before the first language is in locale.
func parseReplyText(words, locale string) map[string]string {
	texts := map[string]string{}
	tag := locale
	for line := range strings.Lines(strings.ReplaceAll(words, "\r\n", "\n")) {
		if found := languageLine.FindStringSubmatch(strings.TrimRight(line, "\n")); found != nil {
			tag, line = found[1], found[2]+"\n"
		}
		texts[tag] += line
	}
	for tag, words := range texts {
		if texts[tag] = strings.TrimSpace(words); texts[tag] == "" {
			delete(texts, tag)
		}
	}
	return texts
}

// replyPointers returns the API's pointer to each row's reply; empty for empty rows.
func replyPointers(rows []replyRow) []string {
	at, n := make([]string, len(rows)), 0
	for i, row := range rows {
		if !row.empty() {
			at[i] = fmt.Sprintf("/settings/replies/%d", n)
			n++
		}
	}
	return at
}

func repliesForm(
	words *locale.Language, site moderation.Site, guidelines string, rows []replyRow, refused *refusal,
) formView {
	form := formView{ID: repliesFormID, Class: "replies", Action: siteURL(site.Slug) + "/replies", Button: "Save",
		Fields: []fieldView{{Name: "guidelines_url", Label: "Address of your guidelines", Kind: "url", Value: guidelines,
			Pointer: "/settings/guidelines_url", Hint: "Replaces {guidelines}, and is linked above the readers’ form."}}}
	codes := []choice{{Label: "Any reason"}}
	for _, reason := range site.Settings.ReasonList() {
		codes = append(codes, choice{Value: reason.Code, Label: reasonLabel(words, reason.Code), Verbatim: true})
	}
	for i, pointer := range replyPointers(rows) {
		n := strconv.Itoa(i)
		if pointer == "" {
			pointer = "/settings/no-reply" // matches no fault
		}
		form.Fields = append(form.Fields,
			fieldView{Name: "name-" + n, Label: words.T("Name of reply %d", i+1), Kind: "text", Value: rows[i].name,
				Pointer: pointer + "/name"},
			fieldView{Name: "code-" + n, Label: words.T("Reason of reply %d", i+1), Kind: "select",
				Choices: withSelected(codes, rows[i].code), Pointer: pointer + "/code"},
			fieldView{Name: "text-" + n, Label: words.T("Text of reply %d", i+1), Kind: "textarea", Value: rows[i].text,
				Pointer: pointer + "/text"})
	}
	return newFormView(form, refused)
}

// ShowReplies shows the canned replies of a site.
func (h *Sites) ShowReplies(c *gin.Context) error { return h.renderReplies(c, nil) }

func (h *Sites) renderReplies(c *gin.Context, refused *refusal) error {
	site, err := h.Sites.Find(c.Request.Context(), session.ViewerOf(c), c.Param("site"))
	if err != nil {
		return err
	}
	rows, guidelines := replyRows(site.Settings.Replies), site.Settings.GuidelinesURL
	if refused != nil {
		rows = parseReplyRows(refused.typed)
	}
	view := repliesView{Name: site.Name, Href: siteURL(site.Slug),
		Form: repliesForm(session.Words(c), site, guidelines, rows, refused)}
	if view.adminFrame, err = h.newAdminFrame(c, SitesPath, session.Words(c).T("Canned replies for %s", site.Name)); err != nil {
		return err
	}
	return h.render(c, refused.status(), "replies", view)
}

// ChangeReplies changes a site's canned replies.
func (h *Sites) ChangeReplies(c *gin.Context) error {
	values, err := httpio.FormValues(c)
	if err != nil {
		return err
	}
	ctx, viewer := c.Request.Context(), session.ViewerOf(c)
	site, err := h.Sites.Find(ctx, viewer, c.Param("site"))
	if err != nil {
		return err
	}
	list := parseReplies(parseReplyRows(values), site.Locale)
	_, err = h.Sites.Change(ctx, viewer, site.Slug, moderation.SiteChange{
		Settings: func(settings moderation.SiteSettings) moderation.SiteSettings {
			settings.Replies, settings.GuidelinesURL = list, strings.TrimSpace(values.Get("guidelines_url"))
			return settings
		}})
	if err != nil {
		return h.refuse(c, &refusal{form: repliesFormID, typed: values}, err, h.renderReplies)
	}
	return h.redirect(c, siteURL(site.Slug)+"/replies", notice{Text: "Saved."})
}
