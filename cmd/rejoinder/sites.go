package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"rejoinder/moderation"
	"rejoinder/moderation/readers"
	"rejoinder/web"
)

func siteCommand(std stdio) *cobra.Command {
	return group("site", "Administer sites", addSiteCommand(std), changeSiteCommand(std),
		listSitesCommand(std), showSiteCommand(std), embedCommand(std), removeSiteCommand(std), identityKeyCommand(std))
}

func addSiteCommand(std stdio) *cobra.Command {
	var n moderation.NewSite
	add := &cobra.Command{
		Use:     "add",
		Short:   "Add a site with the shipped ruleset, and print the code that embeds its threads",
		Example: "  rejoinder site add --slug gazette --name 'The Gazette' --origin https://gazette.example",
		Args:    noArguments,
		RunE: withApp(std, func(cmd *cobra.Command, a *app) error {
			site, err := a.sites().Add(cmd.Context(), moderation.Viewer{}, n)
			if errors.Is(err, moderation.ErrExists) {
				return fmt.Errorf("there is a site %q already; change it with \"rejoinder site change --slug %s\"", n.Slug, n.Slug)
			}
			if err != nil {
				return explain(err)
			}
			fmt.Fprintf(std.out, "Added site %s (%s).\n\n", site.Slug, site.Name)
			if err := a.printSite(cmd.Context(), std.out, site); err != nil {
				return err
			}
			fmt.Fprintln(std.out)
			a.printEmbedding(std.out, site)
			return nil
		}),
	}
	addFlags(add.Flags())
	add.Flags().StringVar(&n.Slug, "slug", "",
		"its name in URLs: lower-case letters, digits and hyphens; it cannot change later")
	add.Flags().StringVar(&n.Name, "name", "", "its display name")
	add.Flags().StringVar(&n.Locale, "locale", "en", "its language, such as en or pt-BR")
	add.Flags().StringArrayVar(&n.Origins, "origin", nil,
		"https://host of pages that may embed its threads; may be repeated")
	return add
}

func identityKeyCommand(std stdio) *cobra.Command {
	return group("identity-key", "Administer the keys with which a site's own server signs readers' tokens",
		addIdentityKeyCommand(std), listIdentityKeysCommand(std), removeIdentityKeyCommand(std))
}

func addIdentityKeyCommand(std stdio) *cobra.Command {
	var slug, file, ends string
	var n readers.NewKey
	add := &cobra.Command{
		Use:   "add",
		Short: "Add an identity key: a new secret, or public keys",
		Long: "Without --public-keys and --url, creates and prints a secret (HS256), which is not shown again. Public keys\n" +
			"(RS256, ES256, EdDSA) are read from a file with PEM or a JWK set, or from a JWK set at a URL.",
		Example: "  rejoinder site identity-key add --site gazette --name 'Website, 2026'\n" +
			"  rejoinder site identity-key add --site gazette --name 'Login service' --url https://login.gazette.example/jwks.json",
		Args: noArguments,
		RunE: withExisting(std, func(cmd *cobra.Command, a *app) error {
			if err := readIdentityKey(&n, file, ends); err != nil {
				return err
			}
			key, secret, err := a.readers().AddKey(cmd.Context(), moderation.Viewer{}, slug, n)
			if err != nil {
				return a.explainSite(cmd, slug, err)
			}
			fmt.Fprintf(std.errs, "Added identity key %s (%s).\n", key.ID, key.Name)
			if secret != "" {
				fmt.Fprintln(std.out, secret)
			}
			return nil
		}),
	}
	addFlags(add.Flags())
	add.Flags().StringVar(&slug, "site", "", "slug of the site")
	add.Flags().StringVar(&n.Name, "name", "", "name of the key")
	add.Flags().StringVar(&file, "public-keys", "", "file with public keys: PEM or a JWK set")
	add.Flags().StringVar(&n.Text, "url", "", "URL of a JWK set")
	add.Flags().StringVar(&ends, "expires", "", "day on which it expires, such as 2027-01-31; '' for never")
	return add
}

// readIdentityKey completes a key from flags.
func readIdentityKey(n *readers.NewKey, file, ends string) error {
	switch n.Kind = readers.KindSecret; {
	case file != "" && n.Text != "":
		return usageError{errors.New("use --public-keys or --url, not both")}
	case n.Text != "":
		n.Kind = readers.KindURL
	case file != "":
		raw, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		n.Kind, n.Text = readers.KindPublic, string(raw)
	}
	if ends == "" {
		return nil
	}
	day, err := time.Parse(time.DateOnly, ends)
	if err != nil {
		return usageError{fmt.Errorf("--expires must be a day, such as 2027-01-31, not %q", ends)}
	}
	n.ExpiresAt = day
	return nil
}

func listIdentityKeysCommand(std stdio) *cobra.Command {
	var slug string
	list := &cobra.Command{
		Use:   "list",
		Short: "List a site's identity keys",
		Args:  noArguments,
		RunE: withExisting(std, func(cmd *cobra.Command, a *app) error {
			keys, err := a.readers().ListKeys(cmd.Context(), moderation.Viewer{}, slug)
			if err != nil {
				return a.explainSite(cmd, slug, err)
			}
			table := tabwriter.NewWriter(std.out, 0, 0, 2, ' ', 0)
			fmt.Fprintln(table, "ID\tNAME\tKIND\tALGORITHMS\tADDED\tEXPIRES\tURL")
			for _, key := range keys {
				ends := "-"
				if !key.ExpiresAt.IsZero() {
					ends = key.ExpiresAt.Format(time.DateOnly)
				}
				fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\t%s\t%s\n", key.ID, key.Name, key.Kind, strings.Join(key.Algorithms, " "),
					key.CreatedAt.Format(time.DateOnly), ends, key.URL)
			}
			return table.Flush()
		}),
	}
	addFlags(list.Flags())
	list.Flags().StringVar(&slug, "site", "", "slug of the site")
	return list
}

func removeIdentityKeyCommand(std stdio) *cobra.Command {
	var slug, id string
	remove := &cobra.Command{
		Use:     "remove",
		Short:   "Remove an identity key: tokens signed with it are refused at once",
		Example: "  rejoinder site identity-key remove --site gazette --id 01957000-0000-7000-8000-000000000001",
		Args:    noArguments,
		RunE: withExisting(std, func(cmd *cobra.Command, a *app) error {
			err := a.readers().RemoveKey(cmd.Context(), moderation.Viewer{}, slug, id)
			if errors.Is(err, moderation.ErrNotFound) {
				return fmt.Errorf("site %s has no identity key %q; list them with \"rejoinder site identity-key list --site %s\"",
					slug, id, slug)
			}
			if err != nil {
				return a.explainSite(cmd, slug, err)
			}
			fmt.Fprintln(std.out, "Removed the identity key. Tokens signed with it are refused from now on.")
			return nil
		}),
	}
	addFlags(remove.Flags())
	remove.Flags().StringVar(&slug, "site", "", "slug of the site")
	remove.Flags().StringVar(&id, "id", "", "ID of the key")
	return remove
}

// explainSite explains an error of a command about the site of --site.
func (a *app) explainSite(cmd *cobra.Command, slug string, err error) error {
	switch {
	case slug == "":
		return usageError{errors.New("name the site with --site")}
	case errors.Is(err, moderation.ErrSiteUnknown):
		return a.noSite(cmd.Context(), slug)
	}
	return explain(err)
}

func listSitesCommand(std stdio) *cobra.Command {
	list := &cobra.Command{
		Use:   "list",
		Short: "List all sites",
		Args:  noArguments,
		RunE: withExisting(std, func(cmd *cobra.Command, a *app) error {
			sites, err := a.sites().List(cmd.Context(), moderation.Viewer{})
			if err != nil {
				return err
			}
			return a.printSites(cmd.Context(), std.out, sites)
		}),
	}
	addFlags(list.Flags())
	return list
}

func showSiteCommand(std stdio) *cobra.Command {
	var slug string
	show := &cobra.Command{
		Use:     "show",
		Short:   "Show a site with all its settings",
		Example: "  rejoinder site show --slug gazette",
		Args:    noArguments,
		RunE: withExisting(std, func(cmd *cobra.Command, a *app) error {
			site, err := a.namedSite(cmd.Context(), "slug", slug)
			if err != nil {
				return err
			}
			return a.printSite(cmd.Context(), std.out, site)
		}),
	}
	addFlags(show.Flags())
	show.Flags().StringVar(&slug, "slug", "", "slug of the site")
	return show
}

// printSites prints the settings that distinguish sites; printSite prints the rest.
func (a *app) printSites(ctx context.Context, out io.Writer, sites []moderation.Site) error {
	counts, err := a.db.Sites.SiteCounts(ctx)
	if err != nil {
		return err
	}
	waiting := map[string]int{}
	for _, n := range counts {
		waiting[n.Slug] = n.Pending
	}
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "SLUG\tNAME\tMODE\tWAITING\tORIGINS")
	for _, site := range sites {
		m, err := a.moderation().Show(ctx, moderation.Viewer{}, site.Slug)
		if err != nil {
			return err
		}
		fmt.Fprintf(table, "%s\t%s\t%s\t%d\t%s\n", site.Slug, site.Name, m.SiteMode(), waiting[site.Slug],
			strings.Join(site.Origins, " "))
	}
	return table.Flush()
}

// printSite prints a site with all its settings, one on each line.
func (a *app) printSite(ctx context.Context, out io.Writer, site moderation.Site) error {
	m, err := a.moderation().Show(ctx, moderation.Viewer{}, site.Slug)
	if err != nil {
		return err
	}
	printLine(out, "Slug", site.Slug)
	printLine(out, "Name", site.Name)
	printLine(out, "Locale", site.Locale)
	printLine(out, "Origins", strings.Join(site.Origins, " "))
	printModeration(out, m)
	for _, s := range siteSettings {
		label := strings.ReplaceAll(strings.ReplaceAll(s.flag, "-", " "), "url", "URL")
		printLine(out, strings.ToUpper(label[:1])+label[1:], s.get(site.Settings))
	}
	return nil
}

func printLine(out io.Writer, label, value string) {
	fmt.Fprintln(out, strings.TrimRight(fmt.Sprintf("%-26s %s", label+":", value), " "))
}

func embedCommand(std stdio) *cobra.Command {
	var slug string
	embed := &cobra.Command{
		Use:     "embed",
		Short:   "Print the code that embeds a site's threads",
		Example: "  rejoinder site embed --slug gazette --public-url https://comments.gazette.example",
		Args:    noArguments,
		RunE: withExisting(std, func(cmd *cobra.Command, a *app) error {
			site, err := a.namedSite(cmd.Context(), "slug", slug)
			if err != nil {
				return err
			}
			a.printEmbedding(std.out, site)
			return nil
		}),
	}
	addFlags(embed.Flags())
	embed.Flags().StringVar(&slug, "slug", "", "slug of the site")
	return embed
}

// printEmbedding prints how to embed a thread in a page, and what may prevent it.
func (a *app) printEmbedding(out io.Writer, site moderation.Site) {
	fmt.Fprintf(out,
		"Put this where the thread of an article goes. KEY is the canonical URL of the article, URL-encoded:\n\n%s\n",
		web.EmbedCode(a.config.publicURL(a.config.Addr), site.Slug))
	if a.config.PublicURL == "" {
		fmt.Fprintln(out,
			"\nThese addresses only work on this machine. Set --public-url or REJOINDER_PUBLIC_URL to where readers reach the server.")
	}
	if len(site.Origins) == 0 {
		fmt.Fprintf(out, "\nThe site has no origins yet, so no page can embed its threads. Add them:\n"+
			"  rejoinder site change --slug %s --origin https://www.example.org\n", site.Slug)
	}
}
