package api

import (
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"rejoinder/handlers/httpio"
	"rejoinder/handlers/session"
	"rejoinder/moderation"
	"rejoinder/moderation/archive"
	"rejoinder/moderation/imports"
	"rejoinder/transfer"
)

// Imports serves imports into sites and exports of them.
type Imports struct {
	Log     *imports.Log
	Uploads *archive.Runner
	Exports *archive.Exporter
	Server  *slog.Logger
}

type importResponse struct {
	ID        *string        `json:"id"` // null after a dry run
	Format    string         `json:"format"`
	Source    string         `json:"source"`
	FileName  string         `json:"file_name"`
	Status    string         `json:"status"`
	StartedAt time.Time      `json:"started_at"`
	UpdatedAt time.Time      `json:"updated_at"`
	Report    imports.Report `json:"report"`
}

func newImportResponse(i imports.Import) importResponse {
	return importResponse{ID: httpio.OrNull(i.ID), Format: i.Format, Source: i.Source, FileName: i.FileName,
		Status: string(i.Status), StartedAt: i.StartedAt.UTC(), UpdatedAt: i.UpdatedAt.UTC(), Report: i.Report}
}

// List lists the imports of a site, newest first.
func (h *Imports) List(c *gin.Context) error {
	all, err := h.Log.List(c.Request.Context(), session.ViewerOf(c), c.Param("site"))
	if err != nil {
		return err
	}
	httpio.List(c, all, newImportResponse)
	return nil
}

// Show returns an import, with its report so far.
func (h *Imports) Show(c *gin.Context) error {
	i, err := h.Log.Find(c.Request.Context(), session.ViewerOf(c), c.Param("site"), c.Param("id"))
	if err != nil {
		return err
	}
	httpio.JSON(c, http.StatusOK, newImportResponse(i))
	return nil
}

// Start imports the body, a file, in the background.
func (h *Imports) Start(c *gin.Context) error {
	ctx, viewer := c.Request.Context(), session.ViewerOf(c)
	upload, err := importRequest(c)
	if err != nil {
		return err
	}
	if _, err := h.Log.List(ctx, viewer, upload.SiteSlug); err != nil {
		return err // before the body is read
	}
	if upload.File, err = transfer.Spool(c.Request.Body, "", c.Query("file_name")); err != nil {
		return httpio.ErrReadTimeout
	}
	if upload.DryRun {
		i, err := h.Uploads.Try(ctx, viewer, upload)
		if err != nil {
			return err
		}
		i.ID = ""
		httpio.JSON(c, http.StatusOK, newImportResponse(i))
		return nil
	}
	i, err := h.Uploads.Start(ctx, viewer, upload)
	if err != nil {
		return err
	}
	httpio.JSON(c, http.StatusAccepted, newImportResponse(i))
	return nil
}

// importRequest reads the choices from the query.
func importRequest(c *gin.Context) (archive.Upload, error) {
	var faults moderation.Invalid
	zone, err := time.LoadLocation(c.DefaultQuery("timezone", "UTC"))
	if err != nil {
		faults.Add("/timezone", "unknown", "Must be a zone such as Europe/Berlin.")
	}
	r := imports.Request{SiteSlug: c.Param("site"), Source: c.Query("source"), FileName: c.Query("file_name"),
		KeyBy: imports.KeyBy(c.Query("key")), Base: c.Query("base"), DryRun: c.Query("dry_run") == "true",
		Judge: c.Query("judge") == "true", Hold: c.Query("hold") == "true", Learn: c.Query("learn") == "true", Pingbacks: c.Query("pingbacks") == "true"}
	for _, rewrite := range c.QueryArray("rewrite") {
		before, after, found := strings.Cut(rewrite, "=")
		if !found {
			faults.Add("/rewrite", "malformed", "Must be OLD=NEW, the beginnings of URLs.")
		}
		r.Rewrites = append(r.Rewrites, imports.Rewrite{Old: before, New: after})
	}
	columns := map[string]string{}
	for _, column := range c.QueryArray("column") {
		field, name, found := strings.Cut(column, "=")
		if !found || !slices.Contains(transfer.CSVFields(), field) {
			faults.Add("/column", "malformed", "Must be FIELD=COLUMN; fields are "+strings.Join(transfer.CSVFields(), ", ")+".")
		}
		columns[field] = name
	}
	options := transfer.Options{Format: c.Query("format"), Zone: zone, Columns: columns}
	return archive.Upload{Request: r, Options: options}, faults.Err()
}

// Undo takes an import back.
func (h *Imports) Undo(c *gin.Context) error {
	removed, err := h.Log.Undo(c.Request.Context(), session.ViewerOf(c), c.Param("site"), c.Param("id"), nil)
	if err != nil {
		return err
	}
	httpio.JSON(c, http.StatusOK, struct {
		Removed int `json:"removed"`
	}{removed})
	return nil
}

// Export writes a site in the native format, with sealed emails. After the first line, a failure closes
// the connection, so that clients notice that the export is incomplete.
func (h *Imports) Export(c *gin.Context) error {
	r := archive.Request{SiteSlug: c.Param("site"), ArticleKey: c.Query("article")}
	for name, to := range map[string]*time.Time{"since": &r.Since, "until": &r.Until, "changed_since": &r.ChangedSince} {
		var err error
		if *to, err = TimeParam(c, name); err != nil {
			return err
		}
	}
	lines, err := transfer.NewNativeWriter(c.Writer, "")
	if err != nil {
		return fmt.Errorf("export: %w", err)
	}
	if _, err := h.Log.List(c.Request.Context(), session.ViewerOf(c), r.SiteSlug); err != nil {
		return err
	}
	c.Header("Content-Type", "application/octet-stream")
	c.Header("Content-Disposition", `attachment; filename="export.ndjson"`)
	c.Header("Cache-Control", "private, no-store")
	_, err = h.Exports.Export(c.Request.Context(), session.ViewerOf(c), r, lines, nil)
	if errors.Is(err, moderation.ErrNotFound) && !c.Writer.Written() {
		c.Header("Content-Type", "")
		c.Header("Content-Disposition", "")
		return err
	}
	if err != nil {
		h.Server.ErrorContext(c.Request.Context(), "export broken off", "err", err)
		panic(http.ErrAbortHandler)
	}
	return lines.Close()
}
