package main

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"rejoinder/moderation"
	"rejoinder/moderation/rulebook"
	"rejoinder/moderation/rules"
)

// moderationFlags are the settings of a site that are kept as rules, as flags.
type moderationFlags struct {
	mode, maxLinks                 string
	maxLength                      int
	heldWords, rejected, languages []string
}

func (f *moderationFlags) add(flags *pflag.FlagSet) {
	flags.StringVar(&f.mode, "mode", "", "when comments appear: at_once, hold_first, hold_all or closed")
	flags.StringArrayVar(&f.heldWords, "hold-word", nil,
		"word or phrase that holds a comment; may be repeated; replaces all earlier ones; '' for none")
	flags.StringArrayVar(&f.rejected, "reject-word", nil, "word or phrase that rejects a comment; may be repeated; replaces all earlier ones; '' for none")
	flags.StringVar(&f.maxLinks, "max-links", "", "maximum number of links in a comment that is not held; -1: any number")
	flags.IntVar(&f.maxLength, "max-length", 0, "maximum number of characters of a comment that is not held; 0: any length")
	flags.StringArrayVar(&f.languages, "language", nil,
		"language of comments that are not held, as a two-letter tag; may be repeated; replaces all earlier ones; '' for all languages")
}

// change returns the change requested by the given flags.
func (f *moderationFlags) change(flags *pflag.FlagSet) (rulebook.ModerationChange, error) {
	var change rulebook.ModerationChange
	if flags.Changed("mode") {
		mode := rules.ModerationMode(f.mode)
		change.Mode = &mode
	}
	if flags.Changed("hold-word") {
		words := flagWords(f.heldWords)
		change.HeldWords = &words
	}
	if flags.Changed("reject-word") {
		words := flagWords(f.rejected)
		change.RejectedWords = &words
	}
	if flags.Changed("max-length") {
		change.MaxLength = &f.maxLength
	}
	if flags.Changed("language") {
		tags := flagWords(f.languages)
		change.Languages = &tags
	}
	if flags.Changed("max-links") {
		n, err := strconv.Atoi(f.maxLinks)
		if err != nil {
			return change, errors.New("--max-links: must be a whole number, or -1 for any number")
		}
		change.MaxLinks = &n
	}
	return change, nil
}

// flagWords returns the values of a repeatable flag; a single empty value means none.
func flagWords(words []string) []string {
	if len(words) == 1 && words[0] == "" {
		return []string{}
	}
	return words
}

// moderation administers the settings that are kept as rules.
func (a *app) moderation() *rulebook.SiteModeration {
	return &rulebook.SiteModeration{Rulebook: rulebook.New(a.db.ForRulebook(), time.Now, newID), Sites: a.sites()}
}

// printModeration prints when comments appear, and what makes them wait.
func printModeration(out io.Writer, m rulebook.Moderation) {
	links := strconv.Itoa(m.MaxLinks)
	if m.MaxLinks == rules.NoLinkLimit {
		links = "any number"
	}
	length := "any number"
	if m.MaxLength > 0 {
		length = strconv.Itoa(m.MaxLength)
	}
	for _, line := range []struct {
		setting rules.Setting
		label   string
		value   string
	}{
		{rules.SettingMode, "Comments appear", string(m.SiteMode())},
		{rules.SettingHeldWords, "Words that hold", strings.Join(m.HeldWords, ", ")},
		{rules.SettingRejectedWords, "Words that reject", strings.Join(m.RejectedWords, ", ")},
		{rules.SettingMaxLinks, "Links before a hold", links},
		{rules.SettingMaxLength, "Characters before a hold", length},
		{rules.SettingLanguages, "Languages without a hold", cmp.Or(strings.Join(m.Languages, ", "), "all")},
	} {
		if m.IsLocked(line.setting) {
			line.value = "(locked: its rules were changed by hand)"
		}
		printLine(out, line.label, line.value)
	}
}

func removeSiteCommand(std stdio) *cobra.Command {
	var slug, confirm string
	remove := &cobra.Command{
		Use:   "remove",
		Short: "Delete a site with its articles, comments, decisions and rules",
		Long: "Delete a site with its articles, comments, decisions and rules, and the accounts of moderators who work on no\n" +
			"other site. This cannot be undone: make a backup first.",
		Example: "  rejoinder site remove --slug gazette --confirm gazette",
		Args:    noArguments,
		RunE: withExisting(std, func(cmd *cobra.Command, a *app) error {
			removed, err := a.sites().Remove(cmd.Context(), moderation.Viewer{}, slug, confirm)
			if errors.Is(err, moderation.ErrSiteUnknown) {
				return a.noSite(cmd.Context(), slug)
			}
			if err != nil {
				return explain(err)
			}
			fmt.Fprintf(std.out, "Deleted site %s: %d articles, %d comments, %d decisions, %d accounts.\n", slug,
				removed.Articles, removed.Comments, removed.Decisions, removed.Accounts)
			return nil
		}),
	}
	addFlags(remove.Flags())
	remove.Flags().StringVar(&slug, "slug", "", "slug of the site")
	remove.Flags().StringVar(&confirm, "confirm", "", "the slug again, to confirm")
	return remove
}
