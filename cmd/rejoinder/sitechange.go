package main

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"rejoinder/moderation"
	"rejoinder/moderation/rulebook"
	"rejoinder/moderation/rules"
	"rejoinder/moderation/schedule"
)

// siteSetting is a site setting as a flag.
type siteSetting struct {
	flag, help string
	get        func(moderation.SiteSettings) string
	set        func(t *moderation.SiteSettings, value string) error
}

// siteSettings are the settings of the first form on a site's page in the console.
var siteSettings = []siteSetting{
	{"votes", "whether and how readers can vote: off, up or up_down",
		func(t moderation.SiteSettings) string { return string(t.Votes) },
		func(t *moderation.SiteSettings, v string) error { t.Votes = moderation.VoteSetting(v); return nil }},
	{"reports", "whether readers may report comments: true or false",
		func(t moderation.SiteSettings) string { return strconv.FormatBool(t.Reports) },
		func(t *moderation.SiteSettings, v string) (err error) { t.Reports, err = parseBool(v); return err }},
	{"website", "whether the form asks for a website: true or false",
		func(t moderation.SiteSettings) string { return strconv.FormatBool(t.Website) },
		func(t *moderation.SiteSettings, v string) (err error) { t.Website, err = parseBool(v); return err }},
	{"mail", "whether readers may ask for mail about their comments: true or false",
		func(t moderation.SiteSettings) string { return strconv.FormatBool(!t.MailOff) },
		func(t *moderation.SiteSettings, v string) error {
			on, err := parseBool(v)
			t.MailOff = !on
			return err
		}},
	{"mail-sender", "sender's name in mail to readers; '' for the site's name",
		func(t moderation.SiteSettings) string { return strconv.Quote(t.MailSender) },
		func(t *moderation.SiteSettings, v string) error { t.MailSender = v; return nil }},
	{"mail-reply-to", "address for replies to mail to readers; '' for the sender's",
		func(t moderation.SiteSettings) string { return t.MailReplyTo },
		func(t *moderation.SiteSettings, v string) error { t.MailReplyTo = v; return nil }},
	{"guidelines", "text above the form, one paragraph per line; '' for none",
		func(t moderation.SiteSettings) string {
			return strconv.Quote(firstRunes(t.Guidelines, shownGuidelines))
		},
		func(t *moderation.SiteSettings, v string) error { t.Guidelines = v; return nil }},
	numberSetting("hold-after-reports", "number of open reports that holds a comment until a moderator decides; 0: never",
		func(t *moderation.SiteSettings) *int { return &t.HoldAfterReports }),
	numberSetting("edit-window-minutes", "minutes during which authors can edit a comment; 0: never",
		func(t *moderation.SiteSettings) *int { return &t.EditWindowMinutes }),
	numberSetting("close-after-days", "days after publication until an article closes; 0: never",
		func(t *moderation.SiteSettings) *int { return &t.CloseAfterDays }),
	numberSetting("max-depth", "the deepest level of replies",
		func(t *moderation.SiteSettings) *int { return &t.MaxDepth }),
	numberSetting("display-depth", "the deepest level that pages indent",
		func(t *moderation.SiteSettings) *int { return &t.DisplayDepth }),
	numberSetting("delete-declined-days", "days after the last decision until rejected comments and spam are deleted; 0: never",
		func(t *moderation.SiteSettings) *int { return &t.Retention.DeclinedDays }),
	numberSetting("anonymize-inactive-years", "years without a comment until a commenter is anonymized; 0: never",
		func(t *moderation.SiteSettings) *int { return &t.Retention.InactiveYears }),
	{"time-zone", "time zone of the opening hours, such as Europe/Berlin; '' for UTC",
		func(t moderation.SiteSettings) string { return schedule.Zone(t.TimeZone).String() },
		func(t *moderation.SiteSettings, v string) error { t.TimeZone = v; return nil }},
	{"hours", "opening hours, such as 'mon-fri 08:00-22:00, sat 10:00-18:00'; '' for always",
		func(t moderation.SiteSettings) string { return strconv.Quote(t.Schedule.Hours.String()) },
		setHours},
	{"outside", "moderation mode outside of the opening hours: closed or hold_all",
		func(t moderation.SiteSettings) string { return string(t.Schedule.Outside) },
		func(t *moderation.SiteSettings, v string) error {
			t.Schedule.Outside = rules.ModerationMode(v)
			return nil
		}},
	{"temporary", "mode until a time in the site's time zone, such as 'hold_all 2026-12-02T06:00'; '' for none",
		func(t moderation.SiteSettings) string { return strconv.Quote(temporaryText(t)) },
		setTemporary},
	{"identity", "whether readers can or must be signed in by the site: off, optional or required",
		func(t moderation.SiteSettings) string { return string(t.Identity) },
		func(t *moderation.SiteSettings, v string) error { t.Identity = moderation.IdentityMode(v); return nil }},
	{"identity-audience", "claim aud required in tokens of signed-in readers; '' for the slug",
		func(t moderation.SiteSettings) string { return t.IdentityAudience },
		func(t *moderation.SiteSettings, v string) error { t.IdentityAudience = v; return nil }},
	{"identity-issuer", "claim iss required in tokens of signed-in readers; '' for any",
		func(t moderation.SiteSettings) string { return t.IdentityIssuer },
		func(t *moderation.SiteSettings, v string) error { t.IdentityIssuer = v; return nil }},
	{"avatar-origins", "origins of pictures of signed-in readers, separated by spaces; '' for none",
		func(t moderation.SiteSettings) string { return strings.Join(t.AvatarOrigins, " ") },
		func(t *moderation.SiteSettings, v string) error { t.AvatarOrigins = strings.Fields(v); return nil }},
	{"sign-in-url", "page of the site on which readers sign in; '' for none",
		func(t moderation.SiteSettings) string { return t.SignInURL },
		func(t *moderation.SiteSettings, v string) error { t.SignInURL = v; return nil }},
}

// clockLayout is the format of a time in the site's time zone.
const clockLayout = "2006-01-02T15:04"

// setHours sets the opening hours. Unless another flag says otherwise, comments are closed outside of them.
func setHours(t *moderation.SiteSettings, v string) (err error) {
	t.Schedule.Hours, err = schedule.ParseHours(v)
	if t.Schedule.Outside == "" {
		t.Schedule.Outside = rules.ModeClosed
	}
	return err
}

func temporaryText(t moderation.SiteSettings) string {
	if t.Schedule.Temporary == nil {
		return ""
	}
	return string(t.Schedule.Temporary.Mode) + " " +
		t.Schedule.Temporary.Until.In(schedule.Zone(t.TimeZone)).Format(clockLayout)
}

// setTemporary sets a mode and the time when it ends.
func setTemporary(t *moderation.SiteSettings, v string) error {
	if t.Schedule.Temporary = nil; v == "" {
		return nil
	}
	mode, clock, _ := strings.Cut(v, " ")
	until, err := time.ParseInLocation(clockLayout, strings.TrimSpace(clock), schedule.Zone(t.TimeZone))
	if err != nil {
		return fmt.Errorf("%q is not a mode and a time, such as hold_all 2026-12-02T06:00", v)
	}
	t.Schedule.Temporary = &schedule.Temporary{Mode: rules.ModerationMode(mode), Until: until.UTC()}
	return nil
}

func numberSetting(flag, help string, of func(*moderation.SiteSettings) *int) siteSetting {
	return siteSetting{flag, help,
		func(t moderation.SiteSettings) string { return strconv.Itoa(*of(&t)) },
		func(t *moderation.SiteSettings, v string) (err error) { *of(t), err = parseCount(v); return err }}
}

// shownGuidelines is how many characters of the guidelines a list shows.
const shownGuidelines = 20

// firstRunes returns the beginning of a text.
func firstRunes(text string, n int) string {
	if runes := []rune(text); len(runes) > n {
		return string(runes[:n]) + "…"
	}
	return text
}

// siteFlags are the flags of `site change`.
type siteFlags struct {
	slug, name, locale string
	origins            []string
	moderation         moderationFlags
}

func changeSiteCommand(std stdio) *cobra.Command {
	var f siteFlags
	change := &cobra.Command{
		Use:   "change",
		Short: "Change a site's name, language, origins or settings",
		Long: "Change the given settings of a site; the others stay as they are. --origin replaces all origins: give every\n" +
			"one of them. A running server uses the new settings within seconds.",
		Example: "  rejoinder site change --slug gazette --hours 'mon-fri 08:00-22:00' --outside closed\n" +
			"  rejoinder site change --slug gazette --origin https://gazette.example --origin https://www.gazette.example\n" +
			"  rejoinder site change --slug gazette --votes up --close-after-days 30\n" +
			"  rejoinder site change --slug gazette --mode hold_all --hold-word casino --hold-word 'coupon code'",
		Args: noArguments,
		RunE: withExisting(std, func(cmd *cobra.Command, a *app) error { return changeSite(cmd, std, a, f) }),
	}
	addFlags(change.Flags())
	change.Flags().StringVar(&f.slug, "slug", "", "slug of the site")
	change.Flags().StringVar(&f.name, "name", "", "its display name")
	change.Flags().StringVar(&f.locale, "locale", "", "its language, such as en or pt-BR")
	change.Flags().StringArrayVar(&f.origins, "origin", nil,
		"https://host of pages that may embed its threads; may be repeated; '' for none")
	for _, s := range siteSettings {
		change.Flags().String(s.flag, "", s.help)
	}
	f.moderation.add(change.Flags())
	return change
}

func changeSite(cmd *cobra.Command, std stdio, a *app, f siteFlags) error {
	if f.slug == "" {
		return usageError{fmt.Errorf("name the site with --slug (see %s --help)", cmd.CommandPath())}
	}
	rules, err := f.moderation.change(cmd.Flags())
	if err != nil {
		return usageError{err}
	}
	change, err := f.change(cmd.Flags(), rules != rulebook.ModerationChange{})
	if err != nil {
		return usageError{err}
	}
	site, err := a.sites().Change(cmd.Context(), moderation.Viewer{}, f.slug, change)
	if errors.Is(err, moderation.ErrSiteUnknown) {
		return a.noSite(cmd.Context(), f.slug)
	}
	if err != nil {
		return explain(err)
	}
	if _, err := a.moderation().Change(cmd.Context(), moderation.Viewer{}, f.slug, rules); err != nil {
		return explain(err)
	}
	fmt.Fprintf(std.out, "Changed site %s.\n\n", site.Slug)
	return a.printSite(cmd.Context(), std.out, site)
}

// change returns the change requested by the given flags. asked says whether other flags asked for a change.
func (f siteFlags) change(flags *pflag.FlagSet, asked bool) (moderation.SiteChange, error) {
	var change moderation.SiteChange
	given := func(name string) bool {
		asked = asked || flags.Changed(name)
		return flags.Changed(name)
	}
	if given("name") {
		change.Name = &f.name
	}
	if given("locale") {
		change.Locale = &f.locale
	}
	if given("origin") {
		if len(f.origins) == 1 && f.origins[0] == "" {
			f.origins = []string{}
		}
		change.Origins = &f.origins
	}
	var typed moderation.SiteSettings
	var sets []func(*moderation.SiteSettings)
	var faults []error
	for _, s := range siteSettings {
		if !given(s.flag) {
			continue
		}
		value, err := flags.GetString(s.flag)
		if err == nil {
			err = s.set(&typed, value)
		}
		if err != nil {
			faults = append(faults, fmt.Errorf("--%s: %w", s.flag, err))
		}
		sets = append(sets, func(t *moderation.SiteSettings) { _ = s.set(t, value) }) // checked above
	}
	if !asked {
		faults = append(faults, errors.New("say what to change, for example with --name or --origin (see rejoinder site change --help)"))
	}
	change.Settings = func(t moderation.SiteSettings) moderation.SiteSettings {
		for _, set := range sets {
			set(&t)
		}
		return t
	}
	return change, errors.Join(faults...)
}
