package archive

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"

	"rejoinder/moderation"
	"rejoinder/moderation/imports"
	"rejoinder/transfer"
)

// Runner runs uploaded imports in the background, one at a time.
type Runner struct {
	Importer *imports.Importer
	Restorer *Restorer
	// Life ends when the server stops. A running import then stops too, and continues when the file is uploaded
	// again.
	Life context.Context
	Log  *slog.Logger

	busy sync.Mutex

	mu      sync.Mutex
	checked []Checked // the oldest first
}

// Upload is a file that was uploaded.
type Upload struct {
	imports.Request
	Options transfer.Options
	File    *transfer.File
}

// Start begins an import and returns once it is recorded. It closes the file when the import has ended, or
// now if there is none. Errors: *moderation.Invalid, also about the file, ErrSiteUnknown, ErrBusy if another
// one runs.
func (r *Runner) Start(ctx context.Context, v moderation.Viewer, u Upload) (imports.Import, error) {
	if !r.busy.TryLock() {
		return imports.Import{}, errors.Join(busy(), u.File.Close())
	}
	return r.start(ctx, v, u)
}

func busy() error { return fmt.Errorf("another import runs: %w", moderation.ErrBusy) }

// start does what Start does, once busy is locked.
func (r *Runner) start(ctx context.Context, v moderation.Viewer, u Upload) (imports.Import, error) {
	begun, ended := make(chan imports.Import, 1), make(chan error, 1)
	life, cancel := context.WithCancel(context.WithoutCancel(ctx))
	stop := context.AfterFunc(r.Life, cancel)
	go func() {
		defer r.busy.Unlock()
		defer cancel()
		defer stop()
		_, err := r.run(life, v, u, imports.Watcher{Begun: func(i imports.Import) { begun <- i }})
		err = errors.Join(err, u.File.Close())
		if err != nil {
			r.Log.WarnContext(life, "import ended early", "format", u.Format, "err", err)
		}
		ended <- err
	}()
	select {
	case i := <-begun:
		return i, nil
	case err := <-ended:
		select {
		case i := <-begun: // it was quick
			return i, nil
		default:
			return imports.Import{}, invalidFile(err)
		}
	}
}

// invalidFile makes an error about the file one about the request.
func invalidFile(err error) error {
	var fault *transfer.Fault
	if errors.As(err, &fault) || errors.Is(err, transfer.ErrFormat) {
		var faults moderation.Invalid
		faults.Add("/file", "malformed", "The file can't be imported: "+err.Error()+".")
		return faults.Err()
	}
	return err
}

// Try returns the report of a dry run.
func (r *Runner) Try(ctx context.Context, v moderation.Viewer, u Upload) (imports.Import, error) {
	u.DryRun = true
	i, err := r.run(ctx, v, u, imports.Watcher{})
	if closed := u.File.Close(); err == nil {
		err = closed
	}
	return i, invalidFile(err)
}

func (r *Runner) run(
	ctx context.Context, v moderation.Viewer, u Upload, watch imports.Watcher,
) (imports.Import, error) {
	native, err := u.File.IsNative()
	if err != nil {
		return imports.Import{}, err
	}
	if u.Options.Format == "native" || u.Options.Format == "" && native {
		reader, err := transfer.OpenNative(u.File)
		if err != nil {
			return imports.Import{}, err
		}
		i, err := r.Restorer.Run(ctx, v, u.Request, reader, watch)
		return i, errors.Join(err, reader.Close())
	}
	reader, format, err := transfer.Open(u.File, u.Options)
	if err != nil {
		return imports.Import{}, err
	}
	u.Format = format
	i, err := r.Importer.Run(ctx, v, u.Request, reader, watch)
	return i, errors.Join(err, reader.Close())
}
