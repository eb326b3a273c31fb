package main

import (
	"errors"
	"fmt"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"rejoinder/moderation"
	"rejoinder/moderation/imports"
)

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
		Short: "Remove all comments of an import, as if it had not happened",
		Long: "Removes all comments of an import and everything attached to them. Refused once somebody has replied to one of them.\n" +
			"If interrupted, run it again. `rejoinder import list` shows the ids.",
		Args: exactly(1),
	}
	return siteFlag(std, cmd, &site, func(cmd *cobra.Command, a *app, args []string) error {
		bar := newTransferBar(std.errs, func() (int64, int64) { return 0, 0 })
		removed, err := a.importLog().Undo(cmd.Context(), moderation.Viewer{}, site, args[0], bar.show)
		bar.end(removed)
		if errors.Is(err, moderation.ErrNotFound) {
			return fmt.Errorf("there is no import %q into %s; rejoinder import list --site %s shows them", args[0], site, site)
		}
		if err != nil {
			return explain(err)
		}
		fmt.Fprintf(std.out, "Import undone: %d comments removed.\n", removed)
		return nil
	})
}
