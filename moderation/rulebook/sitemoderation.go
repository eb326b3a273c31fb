package rulebook

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"rejoinder/moderation"
	"rejoinder/moderation/rules"
	"rejoinder/moderation/text"
)

// SiteModeration administers the settings of sites that are kept as rules in their rulesets, and whether a
// site is closed.
type SiteModeration struct {
	Rulebook *Rulebook
	Sites    *moderation.Sites
}

// ModeClosed is the mode of a site that takes no comments. It is kept with the site, not as a rule.
const ModeClosed = rules.ModeClosed

// Limits of the settings.
const (
	MaxSettingWords = 500 // of each list
	MaxLinkSetting  = 100
)

// Moderation holds the settings that decide when comments appear on a site.
type Moderation struct {
	rules.StoredSettings
	Closed  bool
	Version int // of the active ruleset, which keeps the settings
}

// SiteMode returns the mode of the site, which may be ModeClosed.
func (m Moderation) SiteMode() rules.ModerationMode {
	if m.Closed {
		return ModeClosed
	}
	return m.Mode
}

// IsLocked reports whether the rules of a setting were changed by hand.
func (m Moderation) IsLocked(s rules.Setting) bool { return slices.Contains(m.Locked, s) }

// ModerationChange is a partial change: nil fields are left unchanged.
type ModerationChange struct {
	Mode          *rules.ModerationMode // or ModeClosed
	HeldWords     *[]string
	RejectedWords *[]string
	MaxLinks      *int      // rules.NoLinkLimit: any number
	MaxLength     *int      // in characters; 0: any length
	Languages     *[]string // tags; empty: all languages
}

// Show returns the settings that the site's active ruleset keeps. Errors: ErrSiteUnknown.
func (m *SiteModeration) Show(ctx context.Context, v moderation.Viewer, siteSlug string) (Moderation, error) {
	shown, _, err := m.read(ctx, v, siteSlug)
	if err != nil {
		return Moderation{}, fmt.Errorf("read moderation settings: %w", err)
	}
	return shown, nil
}

func (m *SiteModeration) read(
	ctx context.Context, v moderation.Viewer, siteSlug string,
) (Moderation, moderation.Ruleset, error) {
	site, err := m.Rulebook.site(ctx, v, siteSlug)
	if err != nil {
		return Moderation{}, moderation.Ruleset{}, err
	}
	active, err := m.Rulebook.store.Ruleset(ctx, site.ActiveRulesetID)
	if err != nil {
		return Moderation{}, moderation.Ruleset{}, err
	}
	settings := rules.ReadSettings(ctx, active.Document())
	return Moderation{StoredSettings: settings, Closed: site.Settings.Closed, Version: active.Version}, active, nil
}

// Change changes settings. Those that are rules become a new version of the ruleset, which is activated at
// once. Concurrent changes are applied one after the other. Errors: *moderation.Invalid, also for a setting
// that is locked; ErrSiteUnknown; ErrBusy; those of Rulebook.Save.
func (m *SiteModeration) Change(
	ctx context.Context, v moderation.Viewer, siteSlug string, c ModerationChange,
) (Moderation, error) {
	if err := c.check(); err != nil {
		return Moderation{}, err
	}
	for range changeTries {
		err := m.changeRules(ctx, v, siteSlug, c)
		if errors.Is(err, moderation.ErrVersion) {
			continue
		}
		if err == nil {
			err = m.changeClosed(ctx, v, siteSlug, c)
		}
		if err != nil {
			return Moderation{}, fmt.Errorf("change moderation settings: %w", err)
		}
		return m.Show(ctx, v, siteSlug)
	}
	return Moderation{}, fmt.Errorf("change moderation settings: %w", moderation.ErrBusy)
}

// changeTries is how often a change is tried while others activate rulesets.
const changeTries = 5

// changeRules saves and activates a version with the changed rules, if any. ErrVersion if another version was
// activated meanwhile.
func (m *SiteModeration) changeRules(
	ctx context.Context, v moderation.Viewer, siteSlug string, c ModerationChange,
) error {
	before, active, err := m.read(ctx, v, siteSlug)
	if err != nil {
		return err
	}
	to, names := c.apply(before)
	if len(names) == 0 {
		return nil
	}
	source, err := rules.WriteSettings(ctx, active.Document(), to, names...)
	var locked *rules.SettingLockedError
	if errors.As(err, &locked) {
		var faults moderation.Invalid
		faults.Add("/"+string(locked.Setting), "locked",
			"The rules of this setting were changed by hand. Change it under Rules.")
		return faults.Err()
	}
	if err != nil {
		return err
	}
	saved, err := m.Rulebook.Save(ctx, v, siteSlug, Draft{Source: string(source), Note: c.note(names)})
	if err != nil {
		return err
	}
	saved.Replaces = active.ID
	return m.Rulebook.activate(ctx, v, saved)
}

// changeClosed closes or opens the site.
func (m *SiteModeration) changeClosed(
	ctx context.Context, v moderation.Viewer, siteSlug string, c ModerationChange,
) error {
	if c.Mode == nil {
		return nil
	}
	closed := *c.Mode == ModeClosed
	site, err := m.Sites.Find(ctx, v, siteSlug)
	if err != nil || site.Settings.Closed == closed {
		return err
	}
	_, err = m.Sites.Change(ctx, v, siteSlug, moderation.SiteChange{
		Settings: func(s moderation.SiteSettings) moderation.SiteSettings {
			s.Closed = closed
			return s
		}})
	return err
}

// apply returns the changed settings, and the names of those that differ from what is stored.
func (c ModerationChange) apply(before Moderation) (to rules.ModerationSettings, names []rules.Setting) {
	to = before.ModerationSettings
	// A setting without rules is written even if its value is the default, except for empty lists.
	missing := func(s rules.Setting) bool { return slices.Contains(before.Missing, s) }
	if c.Mode != nil && *c.Mode != ModeClosed && (*c.Mode != to.Mode || missing(rules.SettingMode)) {
		to.Mode, names = *c.Mode, append(names, rules.SettingMode)
	}
	if c.MaxLinks != nil && (*c.MaxLinks != to.MaxLinks || missing(rules.SettingMaxLinks)) {
		to.MaxLinks, names = *c.MaxLinks, append(names, rules.SettingMaxLinks)
	}
	if c.MaxLength != nil && *c.MaxLength != to.MaxLength {
		to.MaxLength, names = *c.MaxLength, append(names, rules.SettingMaxLength)
	}
	if c.Languages != nil && !slices.Equal(*c.Languages, to.Languages) {
		to.Languages, names = *c.Languages, append(names, rules.SettingLanguages)
	}
	if c.HeldWords != nil && !slices.Equal(*c.HeldWords, to.HeldWords) {
		to.HeldWords, names = *c.HeldWords, append(names, rules.SettingHeldWords)
	}
	if c.RejectedWords != nil && !slices.Equal(*c.RejectedWords, to.RejectedWords) {
		to.RejectedWords, names = *c.RejectedWords, append(names, rules.SettingRejectedWords)
	}
	// The value of a locked setting is unknown, so that only an attempt to change it is refused.
	return to, slices.DeleteFunc(names, func(s rules.Setting) bool {
		return before.IsLocked(s) && before.sameAsDefault(to, s)
	})
}

// sameAsDefault reports whether a locked setting is asked to be what forms show for it.
func (m Moderation) sameAsDefault(to rules.ModerationSettings, s rules.Setting) bool {
	d := rules.DefaultModerationSettings()
	switch s {
	case rules.SettingMode:
		return to.Mode == d.Mode
	case rules.SettingMaxLinks:
		return to.MaxLinks == d.MaxLinks
	case rules.SettingMaxLength:
		return to.MaxLength == 0
	case rules.SettingLanguages:
		return len(to.Languages) == 0
	case rules.SettingHeldWords:
		return len(to.HeldWords) == 0
	}
	return len(to.RejectedWords) == 0
}

// note describes the new version of the ruleset.
func (c ModerationChange) note(names []rules.Setting) string {
	parts := make([]string, len(names))
	for i, name := range names {
		switch name {
		case rules.SettingMode:
			parts[i] = "mode " + string(*c.Mode)
		case rules.SettingMaxLinks:
			parts[i] = count(*c.MaxLinks, "link")
			if *c.MaxLinks == rules.NoLinkLimit {
				parts[i] = "any number of links"
			}
		case rules.SettingMaxLength:
			parts[i] = "any length"
			if *c.MaxLength > 0 {
				parts[i] = "at most " + count(*c.MaxLength, "character")
			}
		case rules.SettingLanguages:
			parts[i] = "all languages"
			if len(*c.Languages) > 0 {
				parts[i] = "languages " + strings.Join(*c.Languages, " ")
			}
		case rules.SettingHeldWords:
			parts[i] = count(len(*c.HeldWords), "held word")
		case rules.SettingRejectedWords:
			parts[i] = count(len(*c.RejectedWords), "rejected word")
		}
	}
	return "From site settings: " + strings.Join(parts, ", ") + "."
}

func count(n int, what string) string {
	if n != 1 {
		what += "s"
	}
	return strconv.Itoa(n) + " " + what
}

// check cleans the words in place and returns all faults.
func (c *ModerationChange) check() error {
	var faults moderation.Invalid
	if c.Mode != nil && *c.Mode != ModeClosed && !c.Mode.Valid() {
		faults.Add("/mode", "unknown", "A mode is at_once, hold_first, hold_all or closed.")
	}
	if c.MaxLinks != nil && (*c.MaxLinks < rules.NoLinkLimit || *c.MaxLinks > MaxLinkSetting) {
		faults.Add("/max_links", "out_of_range", fmt.Sprintf("Must be a number from 0 to %d, or -1 for no limit.", MaxLinkSetting))
	}
	if c.MaxLength != nil && (*c.MaxLength < 0 || *c.MaxLength > moderation.MaxBodyCharacters) {
		faults.Add("/max_length", "out_of_range",
			fmt.Sprintf("Must be a number from 1 to %d, or 0 for no limit.", moderation.MaxBodyCharacters))
	}
	if c.Languages != nil {
		*c.Languages = cleanLanguages(&faults, *c.Languages)
	}
	for pointer, words := range map[string]*[]string{"/held_words": c.HeldWords, "/rejected_words": c.RejectedWords} {
		if words != nil {
			*words = cleanWords(&faults, pointer, *words)
		}
	}
	return faults.Err()
}

// CommentLanguages returns the tags that ModerationChange.Languages may have: the languages that can be told, sorted.
func CommentLanguages() []string { return text.Languages() }

// cleanLanguages returns the tags in the order of CommentLanguages, without duplicates.
func cleanLanguages(faults *moderation.Invalid, tags []string) []string {
	known := CommentLanguages()
	for i, tag := range tags {
		if !slices.Contains(known, tag) {
			faults.Add(fmt.Sprintf("/languages/%d", i), "unknown", "Must be one of "+strings.Join(known, ", ")+".")
		}
	}
	return slices.DeleteFunc(known, func(tag string) bool { return !slices.Contains(tags, tag) })
}

// cleanWords returns the words without surrounding space and duplicates.
func cleanWords(faults *moderation.Invalid, pointer string, words []string) []string {
	if len(words) > MaxSettingWords {
		faults.Add(pointer, "too_many", fmt.Sprintf("At most %d words.", MaxSettingWords))
		return nil
	}
	clean := []string{}
	for i, word := range words {
		word = strings.Join(strings.Fields(word), " ")
		if fault := rules.CheckLooseTerm(word); fault != "" {
			faults.Add(fmt.Sprintf("%s/%d", pointer, i), "malformed", fmt.Sprintf("“%s”: %s.", word, fault))
		} else if !slices.Contains(clean, word) {
			clean = append(clean, word)
		}
	}
	return clean
}
