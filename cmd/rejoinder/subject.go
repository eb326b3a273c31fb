package main

import (
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"rejoinder/handlers/locale"
	"rejoinder/moderation"
	"rejoinder/moderation/archive"
)

func subjectCommand(std stdio) *cobra.Command {
	return group("subject", "Export or erase a person's data", exportSubjectCommand(std), eraseSubjectCommand(std))
}

func (a *app) subjects() *archive.Subjects {
	return &archive.Subjects{Store: a.db.ForSubjects(), Keys: a.keys, Now: time.Now, NewID: newID}
}

// subjectFlags adds --email and --site, and explains errors.
func subjectFlags(
	std stdio, cmd *cobra.Command, q *archive.SubjectQuery, work func(cmd *cobra.Command, a *app) error,
) *cobra.Command {
	cmd.Args = noArguments
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if q.Email == "" {
			return usageError{fmt.Errorf("name the person with --email (see %s --help)", cmd.CommandPath())}
		}
		run := withExisting(std, func(cmd *cobra.Command, a *app) error {
			err := work(cmd, a)
			switch {
			case errors.Is(err, moderation.ErrSiteUnknown):
				return a.noSite(cmd.Context(), q.SiteSlug)
			case errors.Is(err, moderation.ErrNotFound):
				return errors.New("nothing is stored under that email")
			}
			return explain(err)
		})
		return run(cmd, args)
	}
	addFlags(cmd.Flags())
	cmd.Flags().StringVar(&q.Email, "email", "", "email of the person")
	cmd.Flags().StringVar(&q.SiteSlug, "site", "", "slug of the site (default: all sites)")
	return cmd
}

func exportSubjectCommand(std stdio) *cobra.Command {
	var q archive.SubjectQuery
	var format string
	cmd := &cobra.Command{
		Use:   "export --email E [--site S] [--format json|html]",
		Short: "Print everything stored about a person",
		Long: "Prints everything stored under an email: comments with all revisions, their decisions and reports, and notes.\n" +
			"Make sure first that the request comes from the owner of the email. Votes are stored by IP address, not by person,\n" +
			"and are no longer linked to anyone once the address is deleted.",
	}
	subjectFlags(std, cmd, &q, func(cmd *cobra.Command, a *app) error {
		if format != "json" && format != "html" {
			return usageError{fmt.Errorf("--format is json or html, not %q", format)}
		}
		found, err := a.subjects().Find(cmd.Context(), moderation.Viewer{}, q)
		if err != nil {
			return err
		}
		if format == "html" {
			return archive.WriteSubjectPage(std.out, found)
		}
		return printJSON(std, struct {
			Subjects []archive.Subject `json:"subjects"`
		}{found})
	})
	cmd.Flags().StringVar(&format, "format", "json", "json, or html: a page to read")
	return cmd
}

func eraseSubjectCommand(std stdio) *cobra.Command {
	var q archive.SubjectQuery
	var preview bool
	cmd := &cobra.Command{
		Use:   "erase --email E [--site S] [--preview]",
		Short: "Erase name, email and all comments of a person",
		Long: "Erases name, email and all comments stored under an email, immediately and permanently. What stays: placeholders\n" +
			"without name and text for comments with replies, and the log of who decided what. Backups and exports stay as they are.",
	}
	subjectFlags(std, cmd, &q, func(cmd *cobra.Command, a *app) error {
		e, err := a.subjects().Erase(cmd.Context(), moderation.Viewer{}, q, preview)
		if err != nil {
			return err
		}
		verb := "Erased"
		if preview {
			verb = "Would erase"
		}
		fmt.Fprintf(std.out, "%s %s by %s. Placeholders kept: %d. Already erased: %d.\n", verb,
			locale.Plural(e.Comments, "comment"), locale.Plural(e.Commenters, "commenter"), e.Tombstones, e.Gone)
		return nil
	})
	cmd.Flags().BoolVar(&preview, "preview", false, "only print what would be erased")
	return cmd
}
