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

// spareReasons is how many empty rows wait for reasons to come.
const spareReasons = 3

// reasonsView is what a site's moderators choose among when they refuse a comment, and what each tells the
// writer.
type reasonsView struct {
	adminFrame
	Slug      string
	Href      string
	Languages string // that have words for the codes of the start
	Form      consoleForm
}

// reasonRow is a reason as it is typed: a code, and a line for each language.
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

// typedRows are the rows as they were sent.
func typedRows(values url.Values) []reasonRow {
	var rows []reasonRow
	for i := 0; i < moderation.MaxReasons+spareReasons && values.Has("code-"+strconv.Itoa(i)); i++ {
		n := strconv.Itoa(i)
		rows = append(
			rows,
			reasonRow{strings.TrimSpace(values.Get("code-" + n)), strings.TrimSpace(values.Get("words-" + n))},
		)
	}
	return rows
}

// pointers names each row as the API does, which knows no empty ones.
func pointers(rows []reasonRow) []string {
	at, n := make([]string, len(rows)), 0
	for i, row := range rows {
		if row != (reasonRow{}) {
			at[i] = fmt.Sprintf("/settings/reasons/%d", n)
			n++
		}
	}
	return at
}

// reasonsOf reads the rows. *moderation.Invalid names lines that are in no language.
func reasonsOf(rows []reasonRow) ([]moderation.Reason, error) {
	var list []moderation.Reason
	var faults moderation.Invalid
	standard := true // the codes of the start, with the words that they have anyway
	for i, row := range rows {
		at := pointers(rows)[i]
		if at == "" {
			continue
		}
		reason := moderation.Reason{Code: row.code, Text: map[string]string{}}
		for _, line := range linesOf(row.lines) {
			tag, words, found := strings.Cut(line, ":")
			if tag = strings.TrimSpace(tag); !found || reason.Text[tag] != "" {
				faults.Add(at+"/text", "malformed", "Each line is for one language and begins with it, as “en:”.")
				break
			}
			reason.Text[tag] = strings.TrimSpace(words)
		}
		standard = standard && len(reason.Text) == 0
		list = append(list, reason)
	}
	codes := make([]string, len(list))
	for i, reason := range list {
		codes[i] = reason.Code
	}
	if standard && slices.Equal(codes, moderation.DefaultReasonCodes()) {
		return nil, faults.Err()
	}
	return list, faults.Err()
}

func reasonsForm(slug string, rows []reasonRow, refused *refusal) consoleForm {
	form := consoleForm{ID: reasonsFormID, Class: "pairs", Action: siteAddress(slug) + "/reasons", Button: "Save"}
	english := locale.Match("en", "", "")
	for i, at := range pointers(rows) {
		n, hint := strconv.Itoa(i), ""
		if slices.Contains(moderation.DefaultReasonCodes(), rows[i].code) {
			hint = "If empty: " + page.ReasonWords(english, "en", moderation.Reason{Code: rows[i].code})
		}
		if at == "" {
			at = "/settings/no-reason"
		}
		form.Fields = append(
			form.Fields,
			consoleField{
				Name:    "code-" + n,
				Label:   fmt.Sprintf("Code %d", i+1),
				Kind:    "text",
				Value:   rows[i].code,
				Pointer: at + "/code",
			},
			consoleField{
				Name:    "words-" + n,
				Label:   fmt.Sprintf("Words of code %d", i+1),
				Kind:    "textarea",
				Value:   rows[i].lines,
				Hint:    hint,
				Pointer: at + "/text",
			},
		)
	}
	return newConsoleForm(form, refused)
}

func (h *Sites) ReasonsPage(c *gin.Context) error { return h.showReasons(c, nil) }

func (h *Sites) showReasons(c *gin.Context, refused *refusal) error {
	site, err := h.Sites.Find(c.Request.Context(), session.ViewerOf(c), c.Param("site"))
	if err != nil {
		return err
	}
	rows := reasonRows(site.Settings.ReasonList())
	if refused != nil {
		rows = typedRows(refused.typed)
	}
	view := reasonsView{Slug: site.Slug, Href: siteAddress(site.Slug), Form: reasonsForm(site.Slug, rows, refused)}
	var tags []string
	for _, words := range locale.Languages() {
		tags = append(tags, words.Tag)
	}
	view.Languages = strings.Join(tags, ", ")
	if view.adminFrame, err = h.adminFrame(c, SitesPath, "Reasons of "+site.Name); err != nil {
		return err
	}
	return h.renderConsole(c, refused.status(), "reasons", view)
}

// ChangeReasonsForm changes a site's reasons.
func (h *Sites) ChangeReasonsForm(c *gin.Context) error {
	values, err := httpio.FormValues(c)
	if err != nil {
		return err
	}
	list, err := reasonsOf(typedRows(values))
	if err == nil {
		_, err = h.Sites.Change(c.Request.Context(), session.ViewerOf(c), c.Param("site"), moderation.SiteChange{
			Settings: func(settings moderation.SiteSettings) moderation.SiteSettings {
				settings.Reasons = list
				return settings
			}})
	}
	if err != nil {
		refused, err := h.refuse(c, reasonsFormID, values, err)
		if err != nil {
			return err
		}
		return h.showReasons(c, refused)
	}
	h.leaveNotice(c, "saved")
	httpio.SeeOther(c, siteAddress(c.Param("site"))+"/reasons")
	return nil
}
