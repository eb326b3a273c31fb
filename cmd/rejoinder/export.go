package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"time"

	"github.com/spf13/cobra"

	"rejoinder/moderation"
	"rejoinder/moderation/archive"
	"rejoinder/moderation/imports"
	"rejoinder/transfer"
)

// archiveFlags are the flags of export.
type archiveFlags struct {
	site, into, article, emails string
	since, until, changedSince  string
}

func exportSiteCommand(std stdio) *cobra.Command {
	var f archiveFlags
	cmd := &cobra.Command{
		Use:   "export --site S --into FILE",
		Short: "Export a site: all comments with revisions, decisions and notes, its rulesets and settings",
		Long: "Exports a site as NDJSON, compressed if FILE ends in .gz or .zst (- writes to standard output). `rejoinder import`\n" +
			"reads the file, even into another database or installation. IP addresses and moderators' accounts are not included.\n" +
			"Emails are sealed with the keys of this installation, unless --emails is plain. docs/transfer.md describes the format.",
		Example: "  rejoinder export --site gazette --into gazette.ndjson.zst",
		Args:    noArguments,
	}
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		switch {
		case f.site == "":
			return usageError{fmt.Errorf("name the site with --site (see %s --help)", cmd.CommandPath())}
		case f.into == "":
			return usageError{errors.New("name the output file with --into")}
		case f.emails != transfer.EmailsSealed && f.emails != transfer.EmailsPlain:
			return usageError{fmt.Errorf("--emails must be sealed or plain, not %q", f.emails)}
		}
		run := withExisting(std, func(cmd *cobra.Command, a *app) error { return exportSite(cmd.Context(), std, a, f) })
		return run(cmd, args)
	}
	addFlags(cmd.Flags())
	flags := cmd.Flags()
	flags.StringVar(&f.site, "site", "", "slug of the site")
	flags.StringVar(&f.into, "into", "", "output file, which must not exist")
	flags.StringVar(&f.emails, "emails", transfer.EmailsSealed, "sealed, or plain: readable by everybody who has the file")
	flags.StringVar(&f.article, "article", "", "key of the only article to export")
	flags.StringVar(&f.since, "since", "", "only comments from this time on, such as 2026-03-02 or 2026-03-02T09:00:00Z")
	flags.StringVar(&f.until, "until", "", "only comments before this time")
	flags.StringVar(&f.changedSince, "changed-since", "",
		"only comments written, edited or decided on since this time; for incremental exports, use next_changed_since of the last one")
	return cmd
}

func (f archiveFlags) request() (archive.Request, error) {
	r := archive.Request{SiteSlug: f.site, ArticleKey: f.article, PlainEmails: f.emails == transfer.EmailsPlain}
	for _, flag := range []struct {
		name, value string
		moment      *time.Time
	}{{"--since", f.since, &r.Since}, {"--until", f.until, &r.Until}, {"--changed-since", f.changedSince, &r.ChangedSince}} {
		var err error
		if *flag.moment, err = timeFlag(flag.value); err != nil {
			return r, fmt.Errorf("%s must be a time such as 2026-03-02 or 2026-03-02T09:00:00Z", flag.name)
		}
	}
	return r, nil
}

func exportSite(ctx context.Context, std stdio, a *app, f archiveFlags) (err error) {
	r, err := f.request()
	if err != nil {
		return usageError{err}
	}
	out, done, err := createExport(std, f.into)
	if err != nil {
		return usageError{err}
	}
	defer func() { err = done(err) }()
	lines, err := transfer.NewNativeWriter(out, f.into)
	if err != nil {
		return err
	}
	if r.PlainEmails {
		fmt.Fprintln(std.errs, "Warning: everybody who gets this file can read the email of every commenter.")
	}
	defer collectLess(std.getenv, exportGCPercent)()
	total, began := a.exportSize(ctx, r), time.Now()
	var written archive.Counts
	bar := newTransferBar(std.errs, func() (int64, int64) { return int64(written.Comments), total })
	exporter := archive.Exporter{Store: a.db.ForExport(), Keys: a.keys, Now: time.Now, NewID: newID}
	counts, err := exporter.Export(ctx, moderation.Viewer{}, r, lines, func(c archive.Counts) {
		written = c
		bar.show(c.Comments)
	})
	bar.end(counts.Comments)
	err = errors.Join(err, lines.Close())
	if errors.Is(err, moderation.ErrSiteUnknown) {
		return a.noSite(ctx, f.site)
	}
	if errors.Is(err, moderation.ErrNotFound) && f.article != "" {
		return fmt.Errorf("the site has no article %q", f.article)
	}
	if err != nil {
		return err
	}
	fmt.Fprintf(std.errs, "Exported %d comments by %d commenters on %d articles in %s.\n", counts.Comments, counts.Commenters,
		counts.Articles, time.Since(began).Round(time.Millisecond))
	return nil
}

// exportSize returns the number of comments to export, for the progress bar.
func (a *app) exportSize(ctx context.Context, r archive.Request) int64 {
	site, err := a.db.Sites.SiteBySlug(ctx, r.SiteSlug)
	if err != nil {
		return 0 // the export itself says why
	}
	counts, err := a.db.Queue.QueueCounts(ctx, []string{site.ID})
	if err != nil {
		return 0
	}
	return int64(counts.Pending + counts.Approved + counts.Rejected + counts.Spam + counts.Deleted)
}

// createExport opens a temporary file, which replaces path once the export has succeeded.
func createExport(std stdio, path string) (*os.File, func(error) error, error) {
	if path == "-" {
		out, ok := std.out.(*os.File)
		if !ok {
			return nil, nil, errors.New("standard output is not a file")
		}
		return out, func(err error) error { return err }, nil
	}
	if _, err := os.Lstat(path); err == nil {
		return nil, nil, fmt.Errorf("%s already exists", path)
	}
	file, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*")
	if err != nil {
		return nil, nil, fmt.Errorf("write export: %w", err)
	}
	return file, func(failed error) error {
		if failed == nil {
			failed = file.Sync()
		}
		failed = errors.Join(failed, file.Close())
		if failed == nil {
			failed = os.Rename(file.Name(), path)
		}
		if failed != nil {
			return errors.Join(failed, os.Remove(file.Name()))
		}
		return nil
	}, nil
}

// importNative imports a file in the native format.
func (a *app) importNative(ctx context.Context, f *importFlags, file *transfer.File, watch imports.Watcher,
) (imports.Import, error) {
	reader, err := transfer.OpenNative(file)
	if err != nil {
		return imports.Import{}, err
	}
	f.FileName = file.Name
	restorer := archive.Restorer{Store: a.db.ForRestore(), Keys: a.keys, Now: time.Now, NewID: newID}
	done, err := restorer.Run(ctx, moderation.Viewer{}, f.Request, reader, watch)
	return done, errors.Join(err, reader.Close())
}

// uploads runs uploaded imports until ctx ends. They leave half of the processors to requests.
func (a *app) uploads(ctx context.Context) *archive.Runner {
	importer, processors := a.importer(), max(1, runtime.GOMAXPROCS(0)/2)
	importer.Processors = processors
	return &archive.Runner{Importer: importer, Life: ctx, Log: a.log, Restorer: &archive.Restorer{
		Store: a.db.ForRestore(), Keys: a.keys, Now: time.Now, NewID: newID, Processors: processors}}
}
