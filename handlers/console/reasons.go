package console

import (
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/gin-gonic/gin"

	"rejoinder/handlers/httpio"
	"rejoinder/handlers/locale"
	"rejoinder/handlers/page"
	"rejoinder/handlers/session"
	"rejoinder/moderation"
)

const reasonsFormID = "reasons"

// spareReasons is how many empty rows the form has, for new reasons.
const spareReasons = 3

// reasonsView is the page of a site's reasons for rejections.
type reasonsView struct {
	adminFrame
	Name      string // of the site
	Href      string
	Languages string // languages in which the default codes have texts
	Form      formView
}

// reasonRow is a reason as it is typed: a code, and a line per language.
type reasonRow struct{ code, lines string }

func reasonRows(list []moderation.Reason) []reasonRow {
	var rows []reasonRow
	for _, reason := range list {
		var lines []string
		for _, tag := range slices.Sorted(maps.Keys(reason.Text)) {
			lines = append(lines, tag+": "+reason.Text[tag])
		}
		rows = append(rows, reasonRow{reason.Code, strings.Join(lines, "\n")})
	}
	return append(rows, make([]reasonRow, spareReasons)...)
}

// parseReasonRows returns the rows of the form.
func parseReasonRows(values url.Values) []reasonRow {
	var rows []reasonRow
	for i := 0; i < moderation.MaxReasons+spareReasons && values.Has("code-"+strconv.Itoa(i)); i++ {
		n := strconv.Itoa(i)
		rows = append(rows,
			reasonRow{strings.TrimSpace(values.Get("code-" + n)), strings.TrimSpace(values.Get("words-" + n))})
	}
	return rows
}

// reasonPointers returns the API's pointer to each row's reason; empty for empty rows, which the API does not
// have.
func reasonPointers(rows []reasonRow) []string {
	at, n := make([]string, len(rows)), 0
	for i, row := range rows {
		if row != (reasonRow{}) {
			at[i] = fmt.Sprintf("/settings/reasons/%d", n)
			n++
		}
	}
	return at
}

// parseReasons parses the rows, nil for the default reasons. *moderation.Invalid names rows with malformed
// lines.
func parseReasons(rows []reasonRow) ([]moderation.Reason, error) {
	var list []moderation.Reason
	var faults moderation.Invalid
	noTexts := true
	pointers := reasonPointers(rows)
	for i, row := range rows {
		if pointers[i] == "" {
			continue
		}
		reason := moderation.Reason{Code: row.code, Text: map[string]string{}}
		for _, line := range nonEmptyLines(row.lines) {
			tag, words, found := strings.Cut(line, ":")
			if tag = strings.TrimSpace(tag); !found || reason.Text[tag] != "" {
				faults.Add(pointers[i]+"/text", "malformed", "Each line must start with a different language tag, such as “en:”.")
				break
			}
			reason.Text[tag] = strings.TrimSpace(words)
		}
		noTexts = noTexts && len(reason.Text) == 0
		list = append(list, reason)
	}
	codes := make([]string, len(list))
	for i, reason := range list {
		codes[i] = reason.Code
	}
	if noTexts && slices.Equal(codes, moderation.DefaultReasonCodes()) {
		return nil, faults.Err()
	}
	return list, faults.Err()
}

func reasonsForm(words *locale.Language, slug string, rows []reasonRow, refused *refusal) formView {
	form := formView{ID: reasonsFormID, Class: "pairs", Action: siteURL(slug) + "/reasons", Button: "Save"}
	for i, pointer := range reasonPointers(rows) {
		n, hint := strconv.Itoa(i), ""
		if slices.Contains(moderation.DefaultReasonCodes(), rows[i].code) {
			hint = words.T("Default: %s", page.ReasonWords(words, "en", moderation.Reason{Code: rows[i].code}))
		}
		if pointer == "" {
			pointer = "/settings/no-reason" // matches no fault
		}
		form.Fields = append(form.Fields,
			fieldView{Name: "code-" + n, Label: words.T("Code %d", i+1), Kind: "text", Value: rows[i].code,
				Pointer: pointer + "/code"},
			fieldView{Name: "words-" + n, Label: words.T("Text of code %d", i+1), Kind: "textarea",
				Value: rows[i].lines, Hint: hint, Pointer: pointer + "/text"})
	}
	return newFormView(form, refused)
}

// ShowReasons shows the reasons of a site.
func (h *Sites) ShowReasons(c *gin.Context) error { return h.renderReasons(c, nil) }

func (h *Sites) renderReasons(c *gin.Context, refused *refusal) error {
	site, err := h.Sites.Find(c.Request.Context(), session.ViewerOf(c), c.Param("site"))
	if err != nil {
		return err
	}
	rows := reasonRows(site.Settings.ReasonList())
	if refused != nil {
		rows = parseReasonRows(refused.typed)
	}
	view := reasonsView{Name: site.Name, Href: siteURL(site.Slug),
		Form: reasonsForm(session.Words(c), site.Slug, rows, refused)}
	var tags []string
	for _, words := range locale.Languages() {
		tags = append(tags, words.Tag)
	}
	view.Languages = strings.Join(tags, ", ")
	if view.adminFrame, err = h.newAdminFrame(c, SitesPath, session.Words(c).T("Reasons for %s", site.Name)); err != nil {
		return err
	}
	return h.render(c, refused.status(), "reasons", view)
}

// ChangeReasons changes a site's reasons.
func (h *Sites) ChangeReasons(c *gin.Context) error {
	values, err := httpio.FormValues(c)
	if err != nil {
		return err
	}
	list, err := parseReasons(parseReasonRows(values))
	if err == nil {
		_, err = h.Sites.Change(c.Request.Context(), session.ViewerOf(c), c.Param("site"), moderation.SiteChange{
			Settings: func(settings moderation.SiteSettings) moderation.SiteSettings {
				settings.Reasons = list
				return settings
			}})
	}
	if err != nil {
		return h.refuse(c, &refusal{form: reasonsFormID, typed: values}, err, h.renderReasons)
	}
	return h.redirect(c, siteURL(c.Param("site"))+"/reasons", notice{Text: "Saved."})
}
