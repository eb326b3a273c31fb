package console

import (
	"errors"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"rejoinder/handlers/httpio"
	"rejoinder/handlers/locale"
	"rejoinder/handlers/session"
	"rejoinder/moderation"
	"rejoinder/moderation/archive"
	"rejoinder/moderation/imports"
	"rejoinder/transfer"
)

// Imports serves the page on which admins upload exports of other systems, watch their imports and undo them.
type Imports struct {
	*Pages
	Log     *imports.Log
	Uploads *archive.Runner
}

// importsView lists a site's imports below the form.
type importsView struct {
	adminFrame
	SiteName string
	Href     string // of the site
	Action   string
	Faults   []string
	Running  bool // the page loads itself again
	Checked  *checkedImport
	Mapping  *mappingView // nil: no file waits for its columns
	List     []importItem
}

// importItem is one import as the page shows it.
type importItem struct {
	Title    string
	File     string
	Status   string
	Counts   string
	Fault    string
	Undo     string // path; empty: it can't be undone
	Problems []string
	Unseen   int
	At       time.Time
}

// checkedImport is a file that was read without importing it.
type checkedImport struct {
	importItem
	Start   string // path that imports it
	Discard string
}

// importStates name the states of an import.
var importStates = map[imports.Status]string{
	imports.Running: "Running", imports.Done: "Imported", imports.Failed: "Stopped early; upload the file again to continue",
	imports.Undoing: "Being undone", imports.Undone: "Undone",
}

func newImportItem(words *locale.Language, i imports.Import, action string) importItem {
	r := i.Report
	item := importItem{Title: transfer.Title(i.Format), File: i.FileName, Status: importStates[i.Status],
		Fault: words.Detail(r.Fault), At: i.StartedAt, Unseen: r.Unseen()}
	if i.Format == "native" {
		item.Title = "Rejoinder"
	}
	item.Counts = words.T("%d of %s on %s. Already there: %d. Left out: %d. Without an email: %d.", r.Imported,
		words.N("%d comment", "%d comments", r.Read), words.N("%d page", "%d pages", r.Articles), r.Present, r.LeftOut, r.NoEmail)
	if i.Status == imports.Done || i.Status == imports.Failed || i.Status == imports.Undoing {
		item.Undo = action + "/" + i.ID + "/undo"
	}
	for _, p := range r.Problems {
		what := p.Detail
		if p.LeftOut {
			what = "left out: " + what
		}
		item.Problems = append(item.Problems, words.Detail(p.Place.String()+": "+what))
	}
	return item
}

// Show shows the form and the imports.
func (h *Imports) Show(c *gin.Context) error { return h.render(c, nil) }

func (h *Imports) render(c *gin.Context, refused error) error { return h.renderTyped(c, refused, nil) }

// renderTyped is render with what was typed into the form that names columns.
func (h *Imports) renderTyped(c *gin.Context, refused error, typed url.Values) error {
	ctx, viewer := c.Request.Context(), session.ViewerOf(c)
	site, err := h.Sites.Find(ctx, viewer, c.Param("site"))
	if err != nil {
		return err
	}
	all, err := h.Log.List(ctx, viewer, site.Slug)
	if err != nil {
		return err
	}
	view := importsView{SiteName: site.Name, Href: siteURL(site.Slug), Action: siteURL(site.Slug) + "/imports"}
	for _, i := range all {
		view.Running = view.Running || i.Status == imports.Running || i.Status == imports.Undoing
		view.List = append(view.List, newImportItem(session.Words(c), i, view.Action))
	}
	h.addChecked(c, &view, typed)
	status := http.StatusOK
	var invalid *moderation.Invalid
	switch {
	case errors.Is(refused, errNotKept):
		status = http.StatusNotFound
		view.Faults = []string{"The file is not here any more. Upload it again."}
	case errors.As(refused, &invalid):
		status = http.StatusUnprocessableEntity
		for _, f := range invalid.Fields {
			view.Faults = append(view.Faults, session.Words(c).Detail(httpio.Printable(f.Detail)))
		}
	case errors.Is(refused, moderation.ErrBusy):
		status = http.StatusServiceUnavailable
		view.Faults = []string{"Another import is running. Wait until it has finished, then upload the file again."}
	case refused != nil:
		return refused
	}
	if view.adminFrame, err = h.newAdminFrame(c, SitesPath, session.Words(c).T("Import and export: %s", site.Name)); err != nil {
		return err
	}
	view.Scripts = []string{"imports.js"}
	return h.Pages.render(c, status, "imports", view)
}

// addChecked shows a file that is kept: what was found in it, or a form to name its columns.
func (h *Imports) addChecked(c *gin.Context, view *importsView, typed url.Values) {
	id := c.Param("id")
	if id == "" {
		id = c.Query("checked")
	}
	checked, err := h.Uploads.Checked(session.ViewerOf(c), c.Param("site"), id)
	if err != nil {
		return // it is not kept any more
	}
	path := view.Action + "/checked/" + checked.ID
	if checked.Table != nil {
		view.Mapping = newMappingView(*checked.Table, typed)
		view.Mapping.Action, view.Mapping.Discard = path+"/columns", path+"/discard"
		return
	}
	view.Checked = &checkedImport{newImportItem(session.Words(c), checked.Import, view.Action), path, path + "/discard"}
}

// Upload takes a file and begins its import, or only checks it.
func (h *Imports) Upload(c *gin.Context) error {
	ctx, viewer := c.Request.Context(), session.ViewerOf(c)
	site, err := h.Sites.Find(ctx, viewer, c.Param("site"))
	if err != nil {
		return err
	}
	upload, err := readUpload(c.Request)
	if err != nil {
		return h.render(c, err)
	}
	upload.SiteSlug = site.Slug
	if kept, unmapped, err := h.Uploads.KeepUnmapped(viewer, upload); err != nil {
		return h.render(c, errors.Join(err, upload.File.Close()))
	} else if unmapped {
		httpio.SeeOther(c, siteURL(site.Slug)+"/imports?checked="+kept.ID+"#columns")
		return nil
	}
	if upload.DryRun {
		upload.DryRun = false
		checked, err := h.Uploads.Check(ctx, viewer, upload)
		if err != nil {
			return h.render(c, err)
		}
		httpio.SeeOther(c, siteURL(site.Slug)+"/imports?checked="+checked.ID)
		return nil
	}
	if _, err := h.Uploads.Start(ctx, viewer, upload); err != nil {
		return h.render(c, err)
	}
	return h.redirect(c, siteURL(site.Slug)+"/imports", notice{Text: "The import has started."})
}

// errNotKept reports that a checked file was removed, or is on another node.
var errNotKept = errors.New("checked file is not kept")

func notKept(err error) error {
	if errors.Is(err, moderation.ErrNotFound) {
		return errNotKept
	}
	return err
}

// StartChecked imports a file that was checked before.
func (h *Imports) StartChecked(c *gin.Context) error {
	site := c.Param("site")
	if _, err := h.Uploads.StartChecked(c.Request.Context(), session.ViewerOf(c), site, c.Param("id")); err != nil {
		return h.render(c, notKept(err))
	}
	return h.redirect(c, siteURL(site)+"/imports", notice{Text: "The import has started."})
}

// mappingView is a form that names the columns of a CSV file.
type mappingView struct {
	Action, Discard string
	Columns         []columnView
}

// columnView is a column with its first values.
type columnView struct {
	Field   string // name of the menu
	Name    string
	Samples []string
	Choices []choice
}

// fieldLabels name what a column of a CSV file can be, by transfer's names.
var fieldLabels = map[string]string{
	"id": "ID of the comment", "parent": "ID of the comment that it replies to",
	"url": "URL of the page", "key": "ID of the page", "title": "Title of the page",
	"name": "Name of the author", "email": "Email of the author", "website": "Website of the author",
	"text": "Text of the comment", "html": "Text of the comment, as HTML", "date": "Date", "status": "Status",
	"up": "Votes for it", "down": "Votes against it",
}

// newMappingView selects what was typed or, if nothing was, the fields that the columns are named like.
func newMappingView(table transfer.Table, typed url.Values) *mappingView {
	view := &mappingView{}
	for i, name := range table.Columns {
		column := columnView{Field: "column-" + strconv.Itoa(i), Name: name, Choices: []choice{{Label: "Not imported"}}}
		for _, row := range table.Rows {
			column.Samples = append(column.Samples, row[i])
		}
		for _, field := range transfer.CSVFields() {
			at, guessed := table.Fields[field]
			selected := guessed && at == i
			if typed.Has(column.Field) {
				selected = typed.Get(column.Field) == field
			}
			column.Choices = append(column.Choices, choice{Value: field, Label: fieldLabels[field], Selected: selected})
		}
		view.Columns = append(view.Columns, column)
	}
	return view
}

// readMapping returns the columns of all fields by their numbers. *moderation.Invalid if a field has two.
func readMapping(values url.Values) (map[string]string, error) {
	columns := map[string]string{}
	for _, field := range transfer.CSVFields() {
		columns[field] = ""
	}
	var faults moderation.Invalid
	for name := range values {
		number, err := strconv.Atoi(strings.TrimPrefix(name, "column-"))
		field := values.Get(name)
		if before, known := columns[field]; err != nil || !known || !strings.HasPrefix(name, "column-") {
			continue
		} else if before != "" {
			faults.Add("/column", "repeated", "Choose each kind of column once.")
		}
		columns[field] = "#" + strconv.Itoa(number+1)
	}
	return columns, faults.Err()
}

// MapColumns names the columns of an uploaded CSV file, and imports it or only checks it.
func (h *Imports) MapColumns(c *gin.Context) error {
	ctx, viewer, site, id := c.Request.Context(), session.ViewerOf(c), c.Param("site"), c.Param("id")
	values, err := httpio.FormValues(c)
	if err != nil {
		return err
	}
	columns, err := readMapping(values)
	if err == nil {
		err = h.Uploads.MapColumns(viewer, site, id, columns)
	}
	if err == nil && values.Get("do") == "check" {
		err = h.Uploads.CheckMapped(ctx, viewer, site, id)
	}
	switch {
	case err != nil:
		return h.renderTyped(c, notKept(err), values)
	case values.Get("do") == "check":
		httpio.SeeOther(c, siteURL(site)+"/imports?checked="+id)
		return nil
	}
	return h.StartChecked(c)
}

// DiscardChecked removes a file that was checked.
func (h *Imports) DiscardChecked(c *gin.Context) error {
	site := c.Param("site")
	if err := h.Uploads.DiscardChecked(session.ViewerOf(c), site, c.Param("id")); err != nil {
		return h.render(c, notKept(err))
	}
	return h.redirect(c, siteURL(site)+"/imports", notice{Text: "The file was removed."})
}

// maxChoice bounds a field of the form besides the file.
const maxChoice = 200

// readUpload reads the form and copies the file to disk.
func readUpload(r *http.Request) (u archive.Upload, err error) {
	defer func() {
		if err != nil && u.File != nil {
			err = errors.Join(err, u.File.Close())
		}
	}()
	parts, err := r.MultipartReader()
	if err != nil {
		return u, httpio.ErrFormType
	}
	for {
		part, err := parts.NextPart()
		if errors.Is(err, io.EOF) && u.File != nil {
			return u, nil
		}
		if errors.Is(err, io.EOF) {
			return u, noFile()
		}
		if err != nil {
			return u, httpio.ErrReadTimeout
		}
		if part.FormName() != "file" || u.File != nil {
			value, err := io.ReadAll(io.LimitReader(part, maxChoice))
			if err != nil {
				return u, httpio.ErrReadTimeout
			}
			choose(&u, part.FormName(), string(value))
			continue
		}
		if part.FileName() == "" {
			return u, noFile()
		}
		if u.File, err = transfer.Spool(part, "", part.FileName()); err != nil {
			return u, httpio.ErrReadTimeout
		}
		u.FileName = u.File.Name
	}
}

func choose(u *archive.Upload, name, value string) {
	switch name {
	case "format":
		u.Options.Format = value
	case "mode":
		u.Judge, u.Hold = value == "judge", value == "hold"
	case "learn":
		u.Learn = value != ""
	case "check":
		u.DryRun = value != ""
	}
}

func noFile() error {
	var faults moderation.Invalid
	faults.Add("/file", "required", "Choose a file.")
	return faults.Err()
}

// Undo undoes an import.
func (h *Imports) Undo(c *gin.Context) error {
	site := c.Param("site")
	removed, err := h.Log.Undo(c.Request.Context(), session.ViewerOf(c), site, c.Param("id"), nil)
	if err != nil {
		return h.render(c, err)
	}
	done := session.Words(c).T("Import undone. Comments removed: %d.", removed)
	if removed == 0 {
		done = session.Words(c).T("The import is undone. None of its comments were left.")
	}
	return h.redirect(c, siteURL(site)+"/imports", notice{Text: done})
}
