package archive

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"rejoinder/moderation"
	"rejoinder/moderation/imports"
	"rejoinder/transfer"
)

const (
	maxChecked  = 4         // files kept at once
	checkedLife = time.Hour // how long a file is kept
)

// Checked is an upload that was read without writing anything. Its file is kept for an hour on this node, so that it
// can be imported without another upload.
type Checked struct {
	ID     string
	Import imports.Import // with the report
	// Table is the beginning of a CSV file whose columns must be named before it can be read; it has no report then.
	Table *transfer.Table

	upload Upload
	by     string // moderator id
	at     time.Time
}

// Check reads an upload without writing anything, and keeps its file for StartChecked. If there are too many, it
// removes the oldest one. Errors: *moderation.Invalid, also about the file, ErrSiteUnknown.
func (r *Runner) Check(ctx context.Context, v moderation.Viewer, u Upload) (Checked, error) {
	dry := u
	dry.DryRun = true
	report, err := r.run(ctx, v, dry, imports.Watcher{})
	if err != nil {
		return Checked{}, errors.Join(invalidFile(err), u.File.Close())
	}
	c := Checked{ID: report.ID, Import: report, upload: u, by: v.ModeratorID, at: r.Importer.Now()}
	return c, r.keep(c)
}

// keep adds a file to those that are kept.
func (r *Runner) keep(c Checked) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.checked = append(r.checked, c)
	if len(r.checked) == 1 {
		context.AfterFunc(r.Life, func() { r.forget(func(Checked) bool { return true }) })
	}
	return r.removeOld()
}

// KeepUnmapped keeps a CSV file whose columns must be named before it can be imported. ok is false, and nothing
// is kept, for any other file. Errors: *moderation.Invalid about the file.
func (r *Runner) KeepUnmapped(v moderation.Viewer, u Upload) (c Checked, ok bool, err error) {
	if native, err := u.File.IsNative(); native || err != nil {
		return Checked{}, false, invalidFile(err)
	}
	var unknown *transfer.UnknownColumns
	reader, _, err := transfer.Open(u.File, u.Options)
	switch {
	case err == nil:
		return Checked{}, false, reader.Close()
	case !errors.As(err, &unknown):
		return Checked{}, false, nil // the import says what is wrong
	}
	table, err := transfer.ReadTable(u.File)
	if err != nil {
		return Checked{}, false, invalidFile(err)
	}
	c = Checked{ID: r.Importer.NewID(), Table: &table, upload: u, by: v.ModeratorID, at: r.Importer.Now()}
	return c, true, r.keep(c)
}

// MapColumns names the columns of a kept CSV file, by field as in transfer.Options. Errors: ErrNotFound,
// *moderation.Invalid if fields that every comment needs have no column.
func (r *Runner) MapColumns(v moderation.Viewer, siteSlug, id string, columns map[string]string) error {
	c, err := r.Checked(v, siteSlug, id)
	if err != nil {
		return err
	}
	options := c.upload.Options
	options.Format, options.Columns = "csv", columns
	reader, _, err := transfer.Open(c.upload.File, options)
	if err != nil {
		var unknown *transfer.UnknownColumns
		if errors.As(err, &unknown) {
			var faults moderation.Invalid
			faults.Add("/column", "required",
				"Choose a column for the text of the comments, and one for the URL or the ID of their page.")
			return faults.Err()
		}
		return invalidFile(err)
	}
	if err := reader.Close(); err != nil {
		return err
	}
	r.change(id, func(c *Checked) { c.upload.Options = options })
	return nil
}

// CheckMapped reads a kept file whose columns were named, without writing anything. Errors: as of Check, ErrNotFound.
func (r *Runner) CheckMapped(ctx context.Context, v moderation.Viewer, siteSlug, id string) error {
	c, err := r.Checked(v, siteSlug, id)
	if err != nil {
		return err
	}
	c.upload.DryRun = true
	report, err := r.run(ctx, v, c.upload, imports.Watcher{})
	if err != nil {
		return invalidFile(err)
	}
	r.change(id, func(c *Checked) { c.Import, c.Table = report, nil })
	return nil
}

// change changes a kept file, if it is still there.
func (r *Runner) change(id string, change func(*Checked)) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if i := slices.IndexFunc(r.checked, func(c Checked) bool { return c.ID == id }); i >= 0 {
		change(&r.checked[i])
	}
}

// removeOld removes files that are too old or too many. The caller holds mu.
func (r *Runner) removeOld() error {
	var errs []error
	for len(r.checked) > 0 && (len(r.checked) > maxChecked || r.Importer.Now().Sub(r.checked[0].at) >= checkedLife) {
		errs = append(errs, r.checked[0].upload.File.Close())
		r.checked = r.checked[1:]
	}
	return errors.Join(errs...)
}

// forget removes files.
func (r *Runner) forget(which func(Checked) bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.checked = slices.DeleteFunc(r.checked, func(c Checked) bool {
		if !which(c) {
			return false
		}
		if err := c.upload.File.Close(); err != nil {
			r.Log.Warn("a checked file could not be removed", "err", err)
		}
		return true
	})
}

// Checked returns what a moderator uploaded to a site and checked; ErrNotFound if it is not kept any more.
func (r *Runner) Checked(v moderation.Viewer, siteSlug, id string) (Checked, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if err := r.removeOld(); err != nil {
		return Checked{}, err
	}
	for _, c := range r.checked {
		if c.ID == id && c.by == v.ModeratorID && c.upload.SiteSlug == siteSlug {
			return c, nil
		}
	}
	return Checked{}, fmt.Errorf("find a checked file: %w", moderation.ErrNotFound)
}

// StartChecked begins the import of a file that was checked, like Start. Errors: ErrNotFound, ErrBusy, and those of
// Start.
func (r *Runner) StartChecked(ctx context.Context, v moderation.Viewer, siteSlug, id string) (imports.Import, error) {
	c, err := r.Checked(v, siteSlug, id)
	if err != nil {
		return imports.Import{}, err
	}
	if !r.busy.TryLock() {
		return imports.Import{}, busy()
	}
	if !r.take(id) {
		r.busy.Unlock()
		return imports.Import{}, fmt.Errorf("import a checked file: %w", moderation.ErrNotFound)
	}
	return r.start(ctx, v, c.upload)
}

// take removes a checked upload from the list and leaves its file to the caller.
func (r *Runner) take(id string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	n := len(r.checked)
	r.checked = slices.DeleteFunc(r.checked, func(c Checked) bool { return c.ID == id })
	return len(r.checked) < n
}

// DiscardChecked removes a file that was checked.
func (r *Runner) DiscardChecked(v moderation.Viewer, siteSlug, id string) error {
	if _, err := r.Checked(v, siteSlug, id); err != nil {
		return err
	}
	r.forget(func(c Checked) bool { return c.ID == id })
	return nil
}
