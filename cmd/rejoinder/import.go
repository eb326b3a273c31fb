package main

import (
	"bufio"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"rejoinder/cmd/rejoinder/priority"
	"rejoinder/db"
	"rejoinder/moderation"
	"rejoinder/moderation/imports"
	"rejoinder/transfer"
)

// importFlags are the flags of import.
type importFlags struct {
	imports.Request
	key      string
	keys     string
	rewrites []string
	columns  []string
	zone     string
	report   string
	nice     int // of the process
	asJSON   bool
}

// importNice is low enough for a reader's request to interrupt the import at once. With a higher value, an import
// beside a busy server would hold SQLite's write lock for long.
const importNice = 5

func importCommand(std stdio) *cobra.Command {
	var f importFlags
	cmd := &cobra.Command{
		Use:   "import --site S [--format F] FILE",
		Short: "Import comments from another system into a site",
		Long: "Imports comments from an export of another system, with their threads, dates, authors, statuses and votes.\n" +
			"FILE may be compressed with gzip, zip or zstd; - reads standard input. Nobody is notified. Importing the same\n" +
			"file or a newer one again adds only what is new. docs/moving-from.md explains the export of each system.",
		Example: "  rejoinder import --site gazette --dry-run wordpress.xml\n" +
			"  rejoinder import --site gazette --rewrite http://old.example=https://gazette.example disqus.xml.gz",
		Args: exactly(1),
	}
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if f.SiteSlug == "" {
			return usageError{fmt.Errorf("name the site with --site (see %s --help)", cmd.CommandPath())}
		}
		run := withExisting(std, func(cmd *cobra.Command, a *app) error {
			return runImport(cmd.Context(), std, a, &f, args[0])
		})
		return run(cmd, args)
	}
	addFlags(cmd.Flags())
	addImportFlags(cmd, &f)
	cmd.AddCommand(listImportsCommand(std), undoImportCommand(std))
	return cmd
}

func addImportFlags(cmd *cobra.Command, f *importFlags) {
	flags := cmd.Flags()
	flags.StringVar(&f.SiteSlug, "site", "", "slug of the site")
	flags.StringVar(&f.Format, "format", "", "native, "+strings.Join(transfer.Formats(), ", ")+" (default: detected)")
	flags.StringVar(&f.Source, "source", "",
		"name of the system that the file comes from; needed only to import from two systems of the same format (default: the format)")
	flags.BoolVar(&f.DryRun, "dry-run", false, "print the report and write nothing")
	flags.BoolVar(&f.Judge, "judge", false, "let the site's rules decide on every comment that is not spam")
	flags.BoolVar(&f.Hold, "hold", false, "make all approved comments wait for a moderator")
	flags.BoolVar(&f.Learn, "learn", false, "train the site's spam classifier on the comments that were approved or marked as spam")
	flags.BoolVar(&f.Pingbacks, "pingbacks", false, "also import pingbacks and trackbacks")
	flags.BoolVar(&f.Internal, "internal-notes", false, "also import editors' internal notes, as comments that wait for a moderator")
	flags.StringVar(&f.key, "key", "url", "identifier of an article: url (of its page) or id (in the CMS)")
	flags.StringVar(&f.keys, "keys", "", "CSV file that maps pages to article keys: URL or id, key")
	flags.StringVar(&f.Base, "base", "", "origin of pages that are named by their path (default: the site's first origin)")
	flags.StringArrayVar(&f.rewrites, "rewrite", nil, "OLD=NEW: replace the beginning of the URLs of pages that moved; may be repeated")
	flags.StringArrayVar(&f.columns, "column", nil, "FIELD=COLUMN: read a field from this column of a CSV file; may be repeated. Fields: "+
		strings.Join(transfer.CSVFields(), ", "))
	flags.StringVar(&f.zone, "timezone", "UTC", "time zone of times without one, such as Europe/Berlin")
	flags.StringVar(&f.report, "report", "", "write all problems to this file, one JSON object per line, with the texts that were left out")
	flags.IntVar(&f.nice, "nice", importNice, "nice value of this process, 0 to 19: the higher it is, "+
		"the more the import gives way to a server beside it; ignored on Windows")
	flags.BoolVar(&f.asJSON, "json", false, "print the report as JSON")
}

func (a *app) importer() *imports.Importer {
	return &imports.Importer{Store: a.db.ForImports(), Judges: a.rulebook(), Keys: a.keys, Log: a.log, Now: time.Now,
		NewID: newID}
}

// options checks the flags.
func (f *importFlags) options() (transfer.Options, error) {
	o := transfer.Options{Format: f.Format, OpenIsso: db.OpenIsso, Columns: map[string]string{}}
	var err error
	if o.Zone, err = time.LoadLocation(f.zone); err != nil {
		return o, fmt.Errorf("--timezone %q is unknown", f.zone)
	}
	for _, column := range f.columns {
		field, name, found := strings.Cut(column, "=")
		if !found {
			return o, fmt.Errorf("--column must be FIELD=COLUMN, not %q", column)
		}
		if !slices.Contains(transfer.CSVFields(), field) {
			return o, fmt.Errorf("--column %s: a comment has no field %q; its fields are %s", column, field,
				strings.Join(transfer.CSVFields(), ", "))
		}
		o.Columns[field] = name
	}
	for _, rewrite := range f.rewrites {
		before, after, found := strings.Cut(rewrite, "=")
		if !found {
			return o, fmt.Errorf("--rewrite must be OLD=NEW, not %q", rewrite)
		}
		f.Rewrites = append(f.Rewrites, imports.Rewrite{Old: before, New: after})
	}
	f.KeyBy = imports.KeyBy(f.key)
	if f.keys != "" {
		f.Keys, err = readKeys(f.keys)
	}
	return o, err
}

// readKeys reads a CSV file with two columns.
func readKeys(path string) (map[string]string, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	keys := map[string]string{}
	rows := csv.NewReader(bufio.NewReader(file))
	rows.FieldsPerRecord = 2
	for {
		row, err := rows.Read()
		if errors.Is(err, io.EOF) {
			return keys, nil
		}
		if err != nil {
			return nil, fmt.Errorf("--keys %s: %w", path, err)
		}
		keys[strings.TrimSpace(row[0])] = strings.TrimSpace(row[1])
	}
}

// openImport opens the file, or copies standard input.
func openImport(std stdio, path string) (*transfer.File, error) {
	if path == "-" {
		return transfer.Spool(std.in, "", "")
	}
	return transfer.OpenFile(path)
}

func runImport(ctx context.Context, std stdio, a *app, f *importFlags, path string) (err error) {
	o, err := f.options()
	if err == nil && (f.nice < 0 || f.nice > priority.Lowest) {
		err = fmt.Errorf("--nice must be from 0 to %d, not %d", priority.Lowest, f.nice)
	}
	if err != nil {
		return usageError{err}
	}
	if _, err := a.siteIDs(ctx, []string{f.SiteSlug}); err != nil { // before a long file is read
		return err
	}
	if err := priority.Lower(f.nice); err != nil {
		a.log.WarnContext(ctx, "the import does not give way to other processes", "err", err)
	}
	file, err := openImport(std, path)
	if err != nil {
		return usageError{err}
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	problems, err := newProblemLog(f.report)
	if err != nil {
		return usageError{err}
	}
	defer func() { err = errors.Join(err, problems.close()) }()
	bar := newTransferBar(std.errs, file.Progress)
	watch := imports.Watcher{Problem: problems.add, Progress: func(r imports.Report) { bar.show(r.Read) }}
	done, err := a.importFile(ctx, f, o, file, watch)
	if errors.Is(err, transfer.ErrFormat) {
		return usageError{fmt.Errorf("%s: %w", path, err)}
	}
	if unknown := (*transfer.UnknownColumns)(nil); errors.As(err, &unknown) {
		err = usageError{fmt.Errorf("%s: %w; name one with --column FIELD=COLUMN", path, unknown)}
	}
	bar.end(done.Report.Read)
	if errors.Is(err, moderation.ErrSiteUnknown) {
		return a.noSite(ctx, f.SiteSlug)
	}
	if done.ID != "" {
		if err := printImport(std, f, done); err != nil {
			return err
		}
	}
	return explain(err)
}

// importFile imports a file in the format that the flags name, or that the file has.
func (a *app) importFile(
	ctx context.Context, f *importFlags, o transfer.Options, file *transfer.File, watch imports.Watcher,
) (imports.Import, error) {
	native, err := file.IsNative()
	if err != nil {
		return imports.Import{}, err
	}
	if o.Format == "native" || o.Format == "" && native {
		return a.importNative(ctx, f, file, watch)
	}
	reader, format, err := transfer.Open(file, o)
	if err != nil {
		return imports.Import{}, err
	}
	f.Format, f.FileName = format, file.Name
	done, err := a.importer().Run(ctx, moderation.Viewer{}, f.Request, reader, watch)
	return done, errors.Join(err, reader.Close())
}

func (a *app) importLog() *imports.Log {
	return &imports.Log{Store: a.db.ForImportLog(), Now: time.Now, NewID: newID}
}

// siteFlag adds --site to a command and requires it.
func siteFlag(
	std stdio, cmd *cobra.Command, site *string, work func(cmd *cobra.Command, a *app, args []string) error,
) *cobra.Command {
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if *site == "" {
			return usageError{fmt.Errorf("name the site with --site (see %s --help)", cmd.CommandPath())}
		}
		run := withExisting(std, func(cmd *cobra.Command, a *app) error {
			err := work(cmd, a, args)
			if errors.Is(err, moderation.ErrSiteUnknown) {
				return a.noSite(cmd.Context(), *site)
			}
			return err
		})
		return run(cmd, args)
	}
	addFlags(cmd.Flags())
	cmd.Flags().StringVar(site, "site", "", "slug of the site")
	return cmd
}

func listImportsCommand(std stdio) *cobra.Command {
	var site string
	cmd := &cobra.Command{Use: "list --site S", Short: "List the imports into a site, newest first", Args: noArguments}
	return siteFlag(std, cmd, &site, func(cmd *cobra.Command, a *app, _ []string) error {
		all, err := a.importLog().List(cmd.Context(), moderation.Viewer{}, site)
		if err != nil {
			return err
		}
		table := tabwriter.NewWriter(std.out, 0, 0, 2, ' ', 0)
		fmt.Fprintln(table, "ID\tSTARTED\tFORMAT\tFILE\tSTATUS\tIMPORTED\tLEFT OUT")
		for _, i := range all {
			fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\t%d\t%d\n", i.ID, i.StartedAt.Format(time.RFC3339), i.Format, i.FileName, i.Status,
				i.Report.Imported, i.Report.LeftOut)
		}
		return table.Flush()
	})
}

func undoImportCommand(std stdio) *cobra.Command {
	var site string
	cmd := &cobra.Command{
		Use:   "undo --site S ID",
		Short: "Remove all comments of an import",
		Long: "Removes all comments of an import and everything attached to them. This is refused once somebody has replied to one\n" +
			"of them. If it is interrupted, run it again. `rejoinder import list` shows the IDs.",
		Args: exactly(1),
	}
	return siteFlag(std, cmd, &site, func(cmd *cobra.Command, a *app, args []string) error {
		before, err := a.importLog().Find(cmd.Context(), moderation.Viewer{}, site, args[0])
		if err == nil && before.Status == imports.Undone {
			return fmt.Errorf("import %s was already undone", args[0])
		}
		bar := newTransferBar(std.errs, func() (int64, int64) { return 0, 0 })
		removed, err := a.importLog().Undo(cmd.Context(), moderation.Viewer{}, site, args[0], bar.show)
		bar.end(removed)
		if errors.Is(err, moderation.ErrNotFound) {
			return fmt.Errorf("there is no import %q into %s; rejoinder import list --site %s shows them", args[0], site, site)
		}
		if err != nil {
			return explain(err)
		}
		noun := "comments"
		if removed == 1 {
			noun = "comment"
		}
		fmt.Fprintf(std.out, "Import undone: %d %s removed.\n", removed, noun)
		return nil
	})
}
