package main

import (
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"rejoinder/auth"
	"rejoinder/handlers/locale"
	"rejoinder/moderation"
	"rejoinder/web"
)

func demoCommand(std stdio) *cobra.Command {
	remove := &cobra.Command{
		Use:   "remove",
		Short: "Remove the demo's site with its articles, comments and decisions",
		Long: "Remove the demo's site with its articles, comments and decisions, and the accounts of moderators who\n" +
			"work on no other site. Other sites stay as they are. \"rejoinder serve --demo\" makes the demo again.",
		Args: noArguments,
		RunE: withExisting(std, func(cmd *cobra.Command, a *app) error { return removeDemo(cmd, std, a) }),
	}
	addFlags(remove.Flags())
	return group("demo", "Remove the demo that \"serve --demo\" made", remove)
}

func removeDemo(cmd *cobra.Command, std stdio, a *app) error {
	removed, err := a.sites().RemoveDemo(cmd.Context(), moderation.Viewer{}, web.DemoSite)
	var invalid *moderation.Invalid
	switch {
	case errors.Is(err, moderation.ErrSiteUnknown):
		return errors.New("there is no demo")
	case errors.Is(err, moderation.ErrForbidden):
		return fmt.Errorf("the site %q was not made by \"rejoinder serve --demo\"", web.DemoSite)
	case errors.As(err, &invalid):
		return errors.New(invalid.Fields[0].Detail)
	case err != nil:
		return err
	}
	fmt.Fprintf(std.out, "Removed the demo: %s, %s and %s.\n", locale.Plural(removed.Articles, "article"),
		locale.Plural(removed.Comments, "comment"), locale.Plural(removed.Decisions, "decision"))
	if removed.Accounts > 0 {
		fmt.Fprintf(std.out, "Removed %s of moderators who worked on no other site.\n",
			locale.Plural(removed.Accounts, "account"))
	}
	accounts, err := a.accounts(a.config.publicURL(a.config.Addr))
	if err != nil {
		return err
	}
	m, err := accounts.ModeratorWithEmail(cmd.Context(), demoEmail)
	if errors.Is(err, auth.ErrUnknownModerator) || err == nil && !m.Active() {
		return nil
	}
	if err == nil {
		fmt.Fprintf(std.out, "%s can still sign in. Disable the account once there is another admin:\n"+
			"  rejoinder moderator disable --email %s\n", m.Name, demoEmail)
	}
	return err
}
