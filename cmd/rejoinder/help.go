package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"rejoinder/moderation"
	"rejoinder/moderation/text"
)

// settingsHint follows the help of commands that also accept the server's settings.
const settingsHint = `
The server's settings apply, too, such as --data-dir and --database-url: see "rejoinder help settings".
`

// settingsTopic is the help topic on the settings that most commands share.
func settingsTopic() *cobra.Command {
	return &cobra.Command{
		Use:   "settings",
		Short: "The settings that the server and most commands take",
		Long: "A setting is a flag, an environment variable or a line in the configuration file. Flags override the environment,\n" +
			"and the environment overrides the file. To read a value from a file, append _FILE to the variable's name.\n\n" +
			strings.TrimRight(defaultFlags().FlagUsages(), "\n"),
	}
}

// hideSettings limits the help of every command but serve to its own flags and one line about settings.
func hideSettings(root *cobra.Command) {
	show := root.HelpFunc()
	root.SetHelpFunc(func(cmd *cobra.Command, args []string) {
		show(cmd, args)
		if cmd.Name() != "serve" && cmd.Flags().Lookup("config") != nil {
			fmt.Fprint(cmd.OutOrStdout(), settingsHint)
		}
	})
	for _, cmd := range root.Commands() {
		hideSettingsOf(cmd)
	}
}

func hideSettingsOf(cmd *cobra.Command) {
	for _, sub := range cmd.Commands() {
		hideSettingsOf(sub)
	}
	if cmd.Name() == "serve" {
		return
	}
	shared := defaultFlags()
	cmd.Flags().VisitAll(func(flag *pflag.Flag) {
		flag.Hidden = flag.Hidden || shared.Lookup(flag.Name) != nil
	})
}

// refusedFlag explains an invalid flag and suggests a similar one.
func refusedFlag(cmd *cobra.Command, err error) error {
	var known []string
	cmd.Flags().VisitAll(func(flag *pflag.Flag) { known = append(known, "--"+flag.Name) })
	meant := ""
	if unknown := (*pflag.NotExistError)(nil); errors.As(err, &unknown) {
		meant = didYouMean("--"+unknown.GetSpecifiedName(), known)
	}
	return usageError{fmt.Errorf("%w%s (see %s --help)", wrongValue(err), meant, cmd.CommandPath())}
}

func noArguments(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	var known []string
	for _, sub := range cmd.Commands() {
		known = append(known, sub.Name())
	}
	return usageError{
		fmt.Errorf("there is no command or argument %q%s (see %s --help)", args[0],
			didYouMean(args[0], known), cmd.CommandPath()),
	}
}

// didYouMean suggests the most similar known name; empty if none is similar.
func didYouMean(written string, known []string) string {
	if near := text.Nearest(written, known); near != "" {
		return fmt.Sprintf("; did you mean %q?", near)
	}
	return ""
}

// namedSite returns the site that a flag names.
func (a *app) namedSite(ctx context.Context, flag, slug string) (moderation.Site, error) {
	if slug == "" {
		return moderation.Site{}, usageError{fmt.Errorf("name the site with --%s", flag)}
	}
	site, err := a.sites().Find(ctx, moderation.Viewer{}, slug)
	if errors.Is(err, moderation.ErrSiteUnknown) {
		return moderation.Site{}, a.noSite(ctx, slug)
	}
	return site, err
}

// noSite reports an unknown site and suggests a similar one.
func (a *app) noSite(ctx context.Context, slug string) error {
	sites, err := a.sites().List(ctx, moderation.Viewer{})
	if err != nil {
		return err
	}
	var known []string
	for _, site := range sites {
		known = append(known, site.Slug)
	}
	meant := didYouMean(slug, known)
	if meant == "" {
		meant = "; rejoinder site list names them all"
	}
	return fmt.Errorf("there is no site %q%s", slug, meant)
}

// checkEnvironment refuses variables that look like misspelt settings. Others may have our prefix: Kubernetes sets
// REJOINDER_PORT for a service of that name.
func checkEnvironment(environ []string) error {
	known := []string{envPrefix + "CONFIG"}
	for _, s := range settings {
		known = append(known, s.env(), s.env()+envFile)
	}
	var faults []error
	for _, variable := range environ {
		name, _, _ := strings.Cut(variable, "=")
		if !strings.HasPrefix(name, envPrefix) || slices.Contains(known, name) {
			continue
		}
		short := make([]string, len(known)) // without the prefix, which would make all names alike
		for i := range known {
			short[i] = strings.TrimPrefix(known[i], envPrefix)
		}
		if near := text.Nearest(strings.TrimPrefix(name, envPrefix), short); near != "" {
			faults = append(faults, fmt.Errorf("%s (from the environment): there is no such setting; did you mean %s%s?",
				name, envPrefix, near))
		}
	}
	if err := errors.Join(faults...); err != nil {
		return usageError{err}
	}
	return nil
}
