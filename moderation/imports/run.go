package imports

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"runtime"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"rejoinder/moderation"
	"rejoinder/privacy"
	"rejoinder/transfer"
)

// Importer imports comments into sites.
type Importer struct {
	Store  Store
	Judges moderation.Judges
	Keys   *privacy.Keyring
	Log    *slog.Logger
	Now    func() time.Time
	NewID  func() string
	// TempDir holds replies that come before their parents; empty: the system's directory.
	TempDir string
	// Processors is how many processors an import may keep busy; 0: all. A server leaves the others to its
	// requests, which otherwise wait until Go interrupts the import after 10 ms.
	Processors int
}

// Watcher receives the progress of an import. Its fields may be nil.
type Watcher struct {
	// Begun gets the import once it is recorded.
	Begun func(Import)
	// Problem gets every problem as it is found, with the text that was left out.
	Problem func(Problem)
	// Progress gets the report so far, after each chunk.
	Progress func(Report)
}

// saveInterval is how often the state of a running import is saved.
const saveInterval = 2 * time.Second

// Run imports all comments that a reader returns. If it fails or the process ends, what was written stays,
// and running it again continues. The report covers everything up to that point. Errors: *moderation.Invalid,
// *transfer.Fault, ErrSiteUnknown, ErrBusy.
func (im *Importer) Run(ctx context.Context, v moderation.Viewer, r Request, from transfer.Reader, watch Watcher,
) (Import, error) {
	site, err := moderation.VisibleSite(ctx, im.Store, v, r.SiteSlug)
	if err != nil {
		return Import{}, fmt.Errorf("import: %w", err)
	}
	if err := r.prepare(site); err != nil {
		return Import{}, err
	}
	d := &drafter{Importer: im, request: r, site: site, now: stored(im.Now())}
	if r.Judge {
		if d.judge, err = im.Judges.Judge(ctx, site.ActiveRulesetID); err != nil {
			return Import{}, fmt.Errorf("import: %w", err)
		}
	}
	w := &writer{drafter: d, watch: watch, report: NewReport(), articles: map[string]bool{}, planned: map[string]Ref{}}
	if err := w.begin(ctx, v); err != nil {
		return Import{}, fmt.Errorf("import: %w", err)
	}
	if watch.Begun != nil {
		watch.Begun(w.record)
	}
	err = w.run(ctx, from)
	return w.end(ctx, err)
}

// writer writes chunks in the order of the file. While it writes one, it prepares the next.
type writer struct {
	*drafter
	watch    Watcher
	slots    Slots
	size     chunkSize
	record   Import
	report   Report
	articles map[string]bool
	late     *deferred
	saved    time.Time
	// raced reports that another import writes the same comments, so chunks are prepared again before they are
	// written.
	raced bool

	preparing sync.Mutex     // held while a chunk is prepared; guards the fields below
	planned   map[string]Ref // rows that storage may not have yet: of the last chunk, or of all in a dry run
	series    series
}

// begin records the import, or continues an unfinished one of the same file.
func (w *writer) begin(ctx context.Context, v moderation.Viewer) error {
	w.record = Import{ID: w.NewID(), SiteID: w.site.ID, Format: w.request.Format, Source: w.request.Source,
		FileName: w.request.FileName, Status: Running, Report: w.report, Learn: w.request.Learn, CreatedBy: v.ModeratorID,
		StartedAt: w.now, UpdatedAt: w.now}
	if w.request.DryRun {
		return nil
	}
	earlier, err := w.Store.UnfinishedImport(ctx, w.record)
	if err == nil {
		w.record.ID, w.record.StartedAt, w.record.CreatedBy = earlier.ID, earlier.StartedAt, earlier.CreatedBy
		return w.Store.SaveImport(ctx, w.record, nil)
	}
	if !errors.Is(err, moderation.ErrNotFound) {
		return err
	}
	return w.Store.SaveImport(ctx, w.record, &moderation.AuditEntry{ID: w.NewID(), ModeratorID: v.ModeratorID,
		Action: moderation.AuditImport, SiteID: w.site.ID, SubjectID: w.record.ID, CreatedAt: w.now})
}

// end records how the import ended.
func (w *writer) end(ctx context.Context, failed error) (Import, error) {
	w.report.Articles = len(w.articles)
	w.record.Status = Done
	if failed != nil {
		w.record.Status = Failed
		var fault *transfer.Fault
		if errors.As(failed, &fault) {
			w.report.Fault = fault.Error()
		}
		failed = fmt.Errorf("import: %w", failed)
	}
	w.record.Report, w.record.UpdatedAt = w.report, stored(w.Now())
	if w.request.DryRun {
		return w.record, failed
	}
	var err error
	w.record, err = Finish(ctx, w.Store, w.record)
	return w.record, errors.Join(failed, err)
}

// saveTimeout bounds how long recording the end of an import takes, even if it was cancelled.
const saveTimeout = 10 * time.Second

// Finish records how an import ended. After a fault in the file, it removes what was written.
func Finish(ctx context.Context, store UndoStore, record Import) (Import, error) {
	if record.Report.Fault != "" && ctx.Err() == nil {
		return UndoFailed(ctx, store, record)
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), saveTimeout)
	defer cancel()
	return record, store.SaveImport(ctx, record, nil)
}

// Bounds of a job: comments that are drafted together.
const (
	jobComments = 125
	jobBytes    = 256 << 10
)

// job is a part of a chunk.
type job struct {
	comments []transfer.Comment
	drafts   []*draft
	ready    chan struct{} // closed once there are drafts
}

// run reads, drafts, prepares and writes at the same time.
func (w *writer) run(ctx context.Context, from transfer.Reader) (err error) {
	w.late = newDeferred(w.TempDir)
	defer func() { err = errors.Join(err, w.late.close()) }()
	workers := runtime.GOMAXPROCS(0)
	w.slots = NewSlots(w.Processors)
	group, running := errgroup.WithContext(ctx)
	work, ordered, chunks := make(chan *job), make(chan *job, workers), make(chan *chunk)
	var fault *transfer.Fault // what was read before it is written like everything else
	group.Go(func() error {
		defer close(work)
		defer close(ordered)
		err := w.readJobs(running, from, func(j *job) error { return pass(running, j, ordered, work) })
		if errors.As(err, &fault) {
			return nil
		}
		return err
	})
	for range workers {
		group.Go(func() error {
			for j := range work {
				if err := w.slots.Use(running, func() error { return w.draftJob(running, j) }); err != nil {
					return err
				}
			}
			return nil
		})
	}
	group.Go(func() error {
		defer close(chunks)
		return w.prepareJobs(running, ordered, chunks)
	})
	group.Go(func() error {
		for c := range chunks {
			if err := w.slots.Use(running, func() error { return w.write(running, c) }); err != nil {
				return err
			}
		}
		return nil
	})
	if err := group.Wait(); err != nil {
		return err
	}
	if err := w.writeDeferred(ctx); err != nil {
		return err
	}
	if fault != nil {
		return fault
	}
	return nil
}

func (w *writer) draftJob(ctx context.Context, j *job) error {
	for _, c := range j.comments {
		j.drafts = append(j.drafts, w.draft(ctx, c))
	}
	close(j.ready)
	return nil
}

// pass hands a job to several channels.
func pass(ctx context.Context, j *job, channels ...chan *job) error {
	for _, to := range channels {
		select {
		case to <- j:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return nil
}

// prepareJobs collects jobs and prepares them as chunks. The channel must have no buffer, so that only the previous
// chunk can be unwritten while a chunk is prepared.
func (w *writer) prepareJobs(ctx context.Context, ordered <-chan *job, chunks chan<- *chunk) error {
	whole, jobs := &job{}, 0
	send := func() error {
		var c *chunk
		err := w.slots.Use(ctx, func() (err error) {
			c, err = w.prepare(ctx, whole, false)
			return err
		})
		if err != nil {
			return err
		}
		whole, jobs = &job{}, 0
		select {
		case chunks <- c:
			return nil
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	for j := range ordered {
		select {
		case <-j.ready:
		case <-ctx.Done():
			return ctx.Err()
		}
		whole.comments, whole.drafts = append(whole.comments, j.comments...), append(whole.drafts, j.drafts...)
		if jobs++; jobs < w.size.jobs() {
			continue
		}
		if err := send(); err != nil {
			return err
		}
	}
	return send()
}

// readJobs reads the file, a job at a time. The comments before a fault are still passed on.
func (w *writer) readJobs(ctx context.Context, from transfer.Reader, pass func(*job) error) error {
	for {
		j := &job{ready: make(chan struct{})}
		ended := w.slots.Use(ctx, func() error { return j.read(from) })
		if len(j.comments) > 0 {
			if err := pass(j); err != nil {
				return err
			}
		}
		if errors.Is(ended, io.EOF) {
			return nil
		}
		if ended != nil {
			return ended
		}
		if err := ctx.Err(); err != nil {
			return err
		}
	}
}

// read fills the job. With an error, it has the comments before the error.
func (j *job) read(from transfer.Reader) error {
	for bytes := 0; len(j.comments) < jobComments && bytes < jobBytes; {
		c, err := from.Next()
		if err != nil {
			return err
		}
		j.comments, bytes = append(j.comments, c), bytes+len(c.Body)
	}
	return nil
}
