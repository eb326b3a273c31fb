package main

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"rejoinder/moderation"
	"rejoinder/web"
)

func siteCommand(std stdio) *cobra.Command {
	return group("site", "Administer sites", addSiteCommand(std), changeSiteCommand(std),
		listSitesCommand(std), embedCommand(std), removeSiteCommand(std))
}

func addSiteCommand(std stdio) *cobra.Command {
	var n moderation.NewSite
	add := &cobra.Command{
		Use:     "add",
		Short:   "Add a site, judged by the shipped default ruleset, and print the code that embeds its threads",
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
			a.printEmbedding(std.out, site)
			return nil
		}),
	}
	addFlags(add.Flags())
	add.Flags().StringVar(&n.Slug, "slug", "",
		"its name in addresses: lower-case letters, digits, hyphens; it never changes")
	add.Flags().StringVar(&n.Name, "name", "", "its name for people")
	add.Flags().StringVar(&n.Locale, "locale", "en", "its language, as en or pt-BR")
	add.Flags().StringArrayVar(&n.Origins, "origin", nil,
		"https://host of pages that may embed its threads; may be repeated")
	return add
}

func listSitesCommand(std stdio) *cobra.Command {
	list := &cobra.Command{
		Use:   "list",
		Short: "List all sites with their settings",
		Args:  noArguments,
		RunE: withExisting(std, func(cmd *cobra.Command, a *app) error {
			sites, err := a.sites().List(cmd.Context(), moderation.Viewer{})
			if err != nil {
				return err
			}
			return printSites(std.out, sites)
		}),
	}
	addFlags(list.Flags())
	return list
}

func printSites(out io.Writer, sites []moderation.Site) error {
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	columns := []string{"SLUG", "NAME", "LOCALE"}
	for _, s := range siteSettings {
		columns = append(columns, strings.ToUpper(strings.ReplaceAll(s.flag, "-", " ")))
	}
	fmt.Fprintln(table, strings.Join(append(columns, "ORIGINS"), "\t"))
	for _, site := range sites {
		row := []string{site.Slug, site.Name, site.Locale}
		for _, s := range siteSettings {
			row = append(row, s.get(site.Settings))
		}
		fmt.Fprintln(table, strings.Join(append(row, strings.Join(site.Origins, " ")), "\t"))
	}
	return table.Flush()
}

func embedCommand(std stdio) *cobra.Command {
	var slug string
	embed := &cobra.Command{
		Use:     "embed",
		Short:   "Print the code that embeds a site's threads",
		Example: "  rejoinder site embed --slug gazette --public-url https://comments.gazette.example",
		Args:    noArguments,
		RunE: withExisting(std, func(cmd *cobra.Command, a *app) error {
			if slug == "" {
				return usageError{errors.New("name the site with --slug")}
			}
			site, err := a.sites().Find(cmd.Context(), moderation.Viewer{}, slug)
			if errors.Is(err, moderation.ErrSiteUnknown) {
				return a.noSite(cmd.Context(), slug)
			}
			if err != nil {
				return err
			}
			a.printEmbedding(std.out, site)
			return nil
		}),
	}
	addFlags(embed.Flags())
	embed.Flags().StringVar(&slug, "slug", "", "which site")
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
