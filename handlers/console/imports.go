package console

import (
	"errors"
	"io"
	"net/http"
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

// importStates name the states of an import.
var importStates = map[imports.Status]string{
	imports.Running: "Running", imports.Done: "Imported", imports.Failed: "Stopped early; upload the file again to continue",
	imports.Undoing: "Being undone", imports.Undone: "Undone",
}

func newImportItem(words *locale.Language, i imports.Import, action string) importItem {
	r := i.Report
	item := importItem{Title: transfer.Title(i.Format), File: i.FileName, Status: importStates[i.Status], Fault: r.Fault,
		At: i.StartedAt, Unseen: r.Unseen()}
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
			what = words.T("left out: %s", what)
		}
		item.Problems = append(item.Problems, p.Place.String()+": "+what)
	}
	return item
}

// Show shows the form and the imports.
func (h *Imports) Show(c *gin.Context) error { return h.render(c, nil) }

func (h *Imports) render(c *gin.Context, refused error) error {
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
	status := http.StatusOK
	var invalid *moderation.Invalid
	switch {
	case errors.As(refused, &invalid):
		status = http.StatusUnprocessableEntity
		for _, f := range invalid.Fields {
			view.Faults = append(view.Faults, httpio.Printable(f.Detail))
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

// Upload takes a file and begins its import. The choices come before the file in the form.
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
	if _, err := h.Uploads.Start(ctx, viewer, upload); err != nil {
		return h.render(c, err)
	}
	return h.redirect(c, siteURL(site.Slug)+"/imports", notice{Text: "The import has started."})
}

// maxChoice bounds a field of the form besides the file.
const maxChoice = 200

// readUpload reads the form and copies the file to disk.
func readUpload(r *http.Request) (archive.Upload, error) {
	var u archive.Upload
	parts, err := r.MultipartReader()
	if err != nil {
		return u, httpio.ErrFormType
	}
	for {
		part, err := parts.NextPart()
		if errors.Is(err, io.EOF) {
			return u, noFile()
		}
		if err != nil {
			return u, httpio.ErrReadTimeout
		}
		if part.FormName() != "file" {
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
		return u, nil
	}
}

func choose(u *archive.Upload, name, value string) {
	switch name {
	case "format":
		u.Options.Format = value
	case "mode":
		u.Judge, u.Hold = value == "judge", value == "hold"
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
	return h.redirect(c, siteURL(site)+"/imports", notice{Text: session.Words(c).T("Import undone. Comments removed: %d.", removed)})
}
