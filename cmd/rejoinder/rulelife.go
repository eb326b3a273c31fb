package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"runtime"
	"time"

	"github.com/spf13/cobra"

	"rejoinder/moderation"
	"rejoinder/moderation/rulebook"
	"rejoinder/moderation/rules"
)

// ruleFlags are the flags of the commands for a site's rules. Not every command has all of them.
type ruleFlags struct {
	site    string
	version int
	days    int
	asJSON  bool
}

// siteRules returns a command for the rules of a site.
func siteRules(
	std stdio,
	cmd *cobra.Command,
	f *ruleFlags,
	work func(ctx context.Context, a *app, args []string) error,
) *cobra.Command {
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if f.site == "" {
			return usageError{fmt.Errorf("name the site with --site (see %s --help)", cmd.CommandPath())}
		}
		run := withExisting(std, func(cmd *cobra.Command, a *app) error {
			err := explainRules(std, f.site, args, work(cmd.Context(), a, args))
			if errors.Is(err, moderation.ErrSiteUnknown) {
				return a.noSite(cmd.Context(), f.site)
			}
			return err
		})
		return run(cmd, args)
	}
	addFlags(cmd.Flags())
	cmd.Flags().StringVar(&f.site, "site", "", "slug of the site")
	return cmd
}

// explainRules explains an error of a ruleset use case for the terminal.
func explainRules(std stdio, site string, args []string, err error) error {
	var faults *rules.Faults
	switch {
	case errors.As(err, &faults):
		path := "ruleset"
		if len(args) > 0 {
			path = args[0]
		}
		printFaults(std, path, faults)
		return fmt.Errorf("%s: faults: %d", path, len(faults.List))
	case errors.Is(err, moderation.ErrNotFound):
		return fmt.Errorf("the site %q has no such version; rules list names them all", site)
	case errors.Is(err, moderation.ErrNotActive):
		return errors.New("only the active version may decide: activate it first, or use --preview")
	}
	return explain(err)
}

func (a *app) rulebook() *rulebook.Rulebook {
	return rulebook.New(a.db.ForRulebook(), time.Now, newID)
}

func (a *app) backtests(b *rulebook.Rulebook, workers int) *rulebook.Backtests {
	return rulebook.NewBacktests(
		rulebook.Backtests{Store: a.db.History, Rulebook: b, Keys: a.keys, Now: time.Now, Workers: workers},
	)
}

func (a *app) rerun(b *rulebook.Rulebook) *rulebook.Rerun {
	return &rulebook.Rerun{Store: a.db.ForRerun(), Rulebook: b, Keys: a.keys, Now: time.Now, NewID: newID}
}

func listCommand(std stdio) *cobra.Command {
	var f ruleFlags
	cmd := &cobra.Command{
		Use:   "list --site S",
		Short: "List the versions of a site's ruleset, newest first",
		Args:  noArguments,
	}
	return siteRules(std, cmd, &f, func(ctx context.Context, a *app, _ []string) error {
		versions, err := a.rulebook().List(ctx, moderation.Viewer{}, f.site)
		if err != nil {
			return err
		}
		for _, r := range versions {
			active := ""
			if r.Active {
				active = "active"
			}
			fmt.Fprintf(std.out, "%d\t%s\t%s\t%s\n", r.Version, r.CreatedAt.UTC().Format(time.RFC3339), active, r.Note)
		}
		return nil
	})
}

func exportCommand(std stdio) *cobra.Command {
	var f ruleFlags
	cmd := &cobra.Command{Use: "export --site S [--version N]",
		Short: "Print the document of a version as it was saved", Args: noArguments}
	cmd.Flags().Var(positiveInt{&f.version}, "version", "the version to print (default: the active one)")
	return siteRules(std, cmd, &f, func(ctx context.Context, a *app, _ []string) error {
		r, err := versionOrActive(ctx, a, f)
		if err != nil {
			return err
		}
		_, err = io.WriteString(std.out, r.Source)
		return err
	})
}

func versionOrActive(ctx context.Context, a *app, f ruleFlags) (moderation.Ruleset, error) {
	book := a.rulebook()
	version := f.version
	if version == 0 {
		versions, err := book.List(ctx, moderation.Viewer{}, f.site)
		if err != nil {
			return moderation.Ruleset{}, err
		}
		for _, r := range versions {
			if r.Active {
				version = r.Version
			}
		}
	}
	return book.Version(ctx, moderation.Viewer{}, rulebook.Ref{SiteSlug: f.site, Version: version})
}

func activateCommand(std stdio) *cobra.Command {
	var f ruleFlags
	var note string
	cmd := &cobra.Command{
		Use:   "activate --site S FILE | --version N",
		Short: "Save a document as the next version and activate it, or activate a saved version",
		Long: "With FILE (- reads standard input), checks the document, runs its tests, saves it as the next version and activates it.\n" +
			"Nothing happens if the same document is active already, so you can run this after every change in a repository.\n" +
			"With --version, activates a saved version again.",
		Args: atMostOne,
	}
	cmd.Flags().Var(positiveInt{&f.version}, "version", "a saved version, instead of a document")
	cmd.Flags().StringVar(&note, "note", "", "reason for the change, for colleagues")
	return siteRules(std, cmd, &f, func(ctx context.Context, a *app, args []string) error {
		if (len(args) == 1) == (f.version != 0) {
			return usageError{errors.New("give either a file or a --version")}
		}
		if f.version != 0 {
			return activateVersion(ctx, std, a, rulebook.Ref{SiteSlug: f.site, Version: f.version})
		}
		source, err := readSource(std, args[0])
		if err != nil {
			return usageError{err}
		}
		return activateDocument(ctx, std, a, f.site, rulebook.Draft{Source: string(source), Note: note})
	})
}

func activateDocument(ctx context.Context, std stdio, a *app, site string, d rulebook.Draft) error {
	book := a.rulebook()
	compiled, err := book.Check(ctx, moderation.Viewer{}, site, []byte(d.Source))
	if err != nil {
		return err
	}
	active, err := versionOrActive(ctx, a, ruleFlags{site: site})
	if err != nil {
		return err
	}
	if active.Source == d.Source && active.Base == string(compiled.Base()) {
		fmt.Fprintf(std.out, "This is version %d, and it is active.\n", active.Version)
		return nil
	}
	saved, err := book.Save(ctx, moderation.Viewer{}, site, d)
	if err != nil {
		return err
	}
	return activateVersion(ctx, std, a, rulebook.Ref{SiteSlug: site, Version: saved.Version})
}

func activateVersion(ctx context.Context, std stdio, a *app, ref rulebook.Ref) error {
	active, err := a.rulebook().Activate(ctx, moderation.Viewer{}, ref)
	if err != nil {
		return err
	}
	fmt.Fprintf(std.out, "Version %d judges from the next submission on.\n", active.Version)
	return nil
}

func rerunCommand(std stdio) *cobra.Command {
	var f ruleFlags
	var preview bool
	cmd := &cobra.Command{Use: "rerun --site S [--version N] [--preview]",
		Short: "Judge pending comments again, except those that a moderator has decided on", Args: noArguments}
	cmd.Flags().Var(positiveInt{&f.version}, "version", "the version to judge by (default: the active one)")
	cmd.Flags().BoolVar(&preview, "preview", false, "only print what would happen")
	return siteRules(std, cmd, &f, func(ctx context.Context, a *app, _ []string) error {
		r, err := versionOrActive(ctx, a, f)
		if err != nil {
			return err
		}
		ref := rulebook.Ref{SiteSlug: f.site, Version: r.Version}
		work := a.rerun(a.rulebook()).Run
		if preview {
			work = a.rerun(a.rulebook()).Preview
		}
		result, err := work(ctx, moderation.Viewer{}, ref)
		if err != nil {
			return err
		}
		return printJSON(std, result)
	})
}

func diffCommand(std stdio) *cobra.Command {
	var f ruleFlags
	var against int
	cmd := &cobra.Command{Use: "diff --site S --against N [--version N]",
		Short: "Show the differences between two versions", Args: noArguments,
		PreRunE: func(cmd *cobra.Command, _ []string) error {
			if against == 0 {
				return usageError{fmt.Errorf("name the earlier version with --against (see %s --help)",
					cmd.CommandPath())}
			}
			return nil
		}}
	cmd.Flags().Var(positiveInt{&f.version}, "version", "the later version (default: the active one)")
	cmd.Flags().Var(positiveInt{&against}, "against", "the earlier version")
	cmd.Flags().BoolVar(&f.asJSON, "json", false, "print JSON")
	return siteRules(std, cmd, &f, func(ctx context.Context, a *app, _ []string) error {
		r, err := versionOrActive(ctx, a, f)
		if err != nil {
			return err
		}
		changes, err := a.rulebook().Diff(ctx, moderation.Viewer{}, rulebook.Ref{SiteSlug: f.site, Version: against},
			rulebook.Ref{SiteSlug: f.site, Version: r.Version})
		if err != nil {
			return err
		}
		if f.asJSON {
			return printJSON(std, changes)
		}
		printChanges(std.out, changes)
		return nil
	})
}

func healthCommand(std stdio) *cobra.Command {
	var f ruleFlags
	cmd := &cobra.Command{
		Use:   "health --site S [--days N]",
		Short: "Show how often a site's rules matched and were overruled in the last days",
		Args:  noArguments,
	}
	cmd.Flags().IntVar(&f.days, "days", 30, "number of days, including today")
	cmd.Flags().BoolVar(&f.asJSON, "json", false, "print JSON")
	return siteRules(std, cmd, &f, func(ctx context.Context, a *app, _ []string) error {
		health := rulebook.Health{Store: a.db.ForRuleHealth(), Rulebook: a.rulebook(), Now: time.Now}
		report, err := health.Report(ctx, moderation.Viewer{}, f.site, f.days)
		if err != nil {
			return err
		}
		if f.asJSON {
			return printJSON(std, report)
		}
		printHealth(std.out, report)
		return nil
	})
}

func backtestCommand(std stdio) *cobra.Command {
	var f ruleFlags
	cmd := &cobra.Command{
		Use:   "backtest --site S --days N [FILE | --version N]",
		Short: "Judge the submissions of the last days with a draft and compare; nothing is written",
		Long: "Judges every submission of the last days again, with the facts of the time it arrived, and compares the result with the\n" +
			"verdict then and with moderators' decisions. FILE is a document (- reads standard input); without FILE and --version,\n" +
			"the active version is judged by.",
		Args: atMostOne,
	}
	cmd.Flags().Var(positiveInt{&f.version}, "version", "a saved version, instead of a document")
	cmd.Flags().IntVar(&f.days, "days", 30, "number of days to look back")
	cmd.Flags().BoolVar(&f.asJSON, "json", false, "print JSON")
	return siteRules(std, cmd, &f, func(ctx context.Context, a *app, args []string) error {
		draft, err := draftFrom(std, f, args)
		if err != nil {
			return err
		}
		bar := newProgressLine(std.errs)
		began := time.Now()
		report, err := a.backtests(a.rulebook(), runtime.GOMAXPROCS(0)).Run(ctx, moderation.Viewer{},
			rulebook.BacktestQuery{SiteSlug: f.site, Ruleset: draft, Days: f.days}, bar.show)
		bar.clear()
		if err != nil {
			return err
		}
		if f.asJSON {
			return printJSON(std, report)
		}
		printBacktest(std.out, report, time.Since(began))
		return nil
	})
}

// draftFrom reads the document, if given.
func draftFrom(std stdio, f ruleFlags, args []string) (rulebook.DraftRef, error) {
	draft := rulebook.DraftRef{Version: f.version}
	if len(args) == 1 {
		source, err := readSource(std, args[0])
		if err != nil {
			return draft, usageError{err}
		}
		if len(source) == 0 {
			return draft, fmt.Errorf("%s is empty", args[0])
		}
		draft.Source = string(source)
	}
	return draft, nil
}

func atMostOne(cmd *cobra.Command, args []string) error {
	if len(args) <= 1 {
		return nil
	}
	return usageError{fmt.Errorf("one file at most, not %d (see %s --help)", len(args), cmd.CommandPath())}
}

func printJSON(std stdio, v any) error {
	encoder := json.NewEncoder(std.out)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	return encoder.Encode(v)
}
