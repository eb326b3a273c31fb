package main

import (
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"rejoinder/moderation"
	"rejoinder/moderation/queue"
)

func (a *app) decisionLog() *queue.DecisionLog {
	return &queue.DecisionLog{Store: a.db.ForDecisionLog()}
}

func decisionsCommand(std stdio) *cobra.Command {
	return group("decisions", "Export the decision log", exportDecisionsCommand(std))
}

// exportFlags are the flags of the export of decisions.
type exportFlags struct {
	site, from, to, format string
}

func exportDecisionsCommand(std stdio) *cobra.Command {
	var f exportFlags
	cmd := &cobra.Command{
		Use:   "export --site S [--from TIME] [--to TIME] [--format csv|json]",
		Short: "Print all decisions of a site, oldest first, for transparency reports",
		Long: "Print all decisions of a site, oldest first: time, comment, old and new status, actor and reason. The output\n" +
			"contains no reader's email, IP address or text, and identifies moderators by their ID.",
		Args: noArguments,
		RunE: withExisting(std, func(cmd *cobra.Command, a *app) error { return exportDecisions(cmd, a, std, f) }),
	}
	addFlags(cmd.Flags())
	cmd.Flags().StringVar(&f.site, "site", "", "slug of the site")
	cmd.Flags().StringVar(&f.from, "from", "",
		"only decisions from this time on, such as 2026-03-02 or 2026-03-02T09:00:00Z")
	cmd.Flags().StringVar(&f.to, "to", "", "only decisions before this time")
	cmd.Flags().StringVar(&f.format, "format", "csv", "csv or json")
	return cmd
}

func exportDecisions(cmd *cobra.Command, a *app, std stdio, f exportFlags) error {
	log := a.decisionLog()
	write := log.WriteCSV
	switch f.format {
	case "csv":
	case "json":
		write = log.WriteJSON
	default:
		return usageError{fmt.Errorf("--format is csv or json, not %q", f.format)}
	}
	if f.site == "" {
		return usageError{fmt.Errorf("name the site with --site (see %s --help)", cmd.CommandPath())}
	}
	query := queue.ExportQuery{SiteSlug: f.site}
	for _, flag := range []struct {
		name, value string
		moment      *time.Time
	}{{"--from", f.from, &query.From}, {"--to", f.to, &query.To}} {
		var err error
		if *flag.moment, err = timeFlag(flag.value); err != nil {
			return usageError{fmt.Errorf("%s must be a time such as 2026-03-02 or 2026-03-02T09:00:00Z", flag.name)}
		}
	}
	err := write(cmd.Context(), moderation.Viewer{}, query, std.out)
	if errors.Is(err, moderation.ErrSiteUnknown) {
		return a.noSite(cmd.Context(), f.site)
	}
	return explain(err)
}

// timeFlag parses a date (its start in UTC) or a time; zero if empty.
func timeFlag(value string) (time.Time, error) {
	if value == "" {
		return time.Time{}, nil
	}
	if day, err := time.Parse(time.DateOnly, value); err == nil {
		return day, nil
	}
	return time.Parse(time.RFC3339, value)
}
