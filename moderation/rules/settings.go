package rules

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// ModerationMode says which comments wait for a moderator before they appear.
type ModerationMode string

// The moderation modes. Whatever the mode, other rules may hold a comment.
const (
	PublishAtOnce ModerationMode = "at_once"
	HoldFirst     ModerationMode = "hold_first" // of commenters without an approved comment
	HoldAll       ModerationMode = "hold_all"
)

// ModeClosed is the mode of a site or an article that takes no comments. It is not one of ModerationModes, since
// no rule sets it.
const ModeClosed ModerationMode = "closed"

// ModerationModes returns all modes, the most open one first.
func ModerationModes() []ModerationMode { return []ModerationMode{PublishAtOnce, HoldFirst, HoldAll} }

// Valid reports whether the mode is one of ModerationModes.
func (m ModerationMode) Valid() bool { return slices.Contains(ModerationModes(), m) }

// NoLinkLimit as MaxLinks lets comments have any number of links.
const NoLinkLimit = -1

// ModerationSettings are the settings of a site that are kept as rules of its document.
type ModerationSettings struct {
	Mode          ModerationMode
	HeldWords     []string
	RejectedWords []string
	MaxLinks      int      // that do not hold a comment; NoLinkLimit: any number
	MaxLength     int      // in characters, of comments that need not wait; 0: any length
	Languages     []string // tags, of comments that need not wait; none: all
}

// DefaultModerationSettings returns the settings of the shipped ruleset.
func DefaultModerationSettings() ModerationSettings {
	return ModerationSettings{Mode: HoldFirst, MaxLinks: defaultMaxLinks}
}

// Setting names one of the ModerationSettings.
type Setting string

// The settings.
const (
	SettingMode          Setting = "mode"
	SettingHeldWords     Setting = "held_words"
	SettingRejectedWords Setting = "rejected_words"
	SettingMaxLinks      Setting = "max_links"
	SettingMaxLength     Setting = "max_length"
	SettingLanguages     Setting = "languages"
)

// Settings returns the names of all settings.
func Settings() []Setting {
	return []Setting{SettingMode, SettingHeldWords, SettingRejectedWords, SettingMaxLinks, SettingMaxLength,
		SettingLanguages}
}

// StoredSettings are the settings that a document keeps.
type StoredSettings struct {
	ModerationSettings
	Locked  []Setting // their rules or lists were changed by hand; their values are the defaults
	Missing []Setting // the document has no rules for them; their values are the defaults
}

// ReadSettings returns the settings that a document keeps. What the document itself does not say, its base
// does.
func ReadSettings(ctx context.Context, d Document) StoredSettings {
	own := readSettings(ctx, d.Source)
	if len(d.Base) == 0 || len(own.Missing) == 0 {
		return own
	}
	base := readSettings(ctx, d.Base)
	merged := StoredSettings{ModerationSettings: own.ModerationSettings, Locked: own.Locked}
	for _, s := range own.Missing {
		merged.take(s, base.ModerationSettings)
		if slices.Contains(base.Locked, s) {
			merged.Locked = append(merged.Locked, s)
		}
		if slices.Contains(base.Missing, s) {
			merged.Missing = append(merged.Missing, s)
		}
	}
	return merged
}

// take copies one setting.
func (s *ModerationSettings) take(name Setting, from ModerationSettings) {
	switch name {
	case SettingMode:
		s.Mode = from.Mode
	case SettingHeldWords:
		s.HeldWords = from.HeldWords
	case SettingRejectedWords:
		s.RejectedWords = from.RejectedWords
	case SettingMaxLinks:
		s.MaxLinks = from.MaxLinks
	case SettingMaxLength:
		s.MaxLength = from.MaxLength
	case SettingLanguages:
		s.Languages = from.Languages
	}
}

// readSettings reads the settings of one document, without its base.
func readSettings(ctx context.Context, source []byte) StoredSettings {
	stored := StoredSettings{ModerationSettings: DefaultModerationSettings()}
	doc := readSettingsDocument(ctx, source)
	if doc == nil {
		stored.Locked = Settings()
		return stored
	}
	for _, block := range settingBlocks {
		value, found := block.read(doc)
		switch {
		case found:
			stored.take(block.setting, value)
		case block.present(doc):
			stored.Locked = append(stored.Locked, block.setting)
		default:
			stored.Missing = append(stored.Missing, block.setting)
		}
	}
	return stored
}

// SettingLockedError says that a setting cannot be changed: its rules were changed by hand, or the document is
// written in a way in which they have no place.
type SettingLockedError struct{ Setting Setting }

// Error implements error.
func (e *SettingLockedError) Error() string {
	return fmt.Sprintf("the rules of the setting %s were changed by hand", e.Setting)
}

// WriteSettings writes the named settings into a document and leaves everything else as it is written,
// comments included. Errors: *SettingLockedError.
func WriteSettings(ctx context.Context, d Document, to ModerationSettings, names ...Setting) ([]byte, error) {
	source, before := d.Source, ReadSettings(ctx, d)
	for _, block := range settingBlocks {
		if !slices.Contains(names, block.setting) {
			continue
		}
		if slices.Contains(before.Locked, block.setting) {
			return nil, &SettingLockedError{block.setting}
		}
		doc := readSettingsDocument(ctx, source)
		if doc == nil {
			return nil, &SettingLockedError{block.setting}
		}
		doc.base = d.Base
		source = block.write(doc, to)
		want := before.ModerationSettings
		want.take(block.setting, to)
		after := ReadSettings(ctx, Document{Source: source, Base: d.Base})
		if slices.Contains(after.Locked, block.setting) || !block.same(after.ModerationSettings, want) {
			return nil, &SettingLockedError{block.setting}
		}
	}
	return source, nil
}

// WithDefaultSettings returns the document with the settings of the shipped ruleset in as many lines as
// before, for running its tests: changing a setting must not fail a test.
func WithDefaultSettings(ctx context.Context, source []byte) []byte {
	for _, block := range settingBlocks {
		doc := readSettingsDocument(ctx, source)
		if doc == nil {
			return source
		}
		if value, found := block.read(doc); found {
			source = block.neutral(doc, value)
		}
	}
	return source
}

// settingsDocument is a document with the places in which settings keep their rules and lists.
type settingsDocument struct {
	ctx   context.Context // of the reading
	text  string
	root  *yaml.Node
	base  []byte // the document that it extends, if any; set for writing
	rules section
	lists section
}

// section is the value of "rules" or "lists".
type section struct {
	key    string
	node   *yaml.Node // nil: the document has none
	indent int        // of its items
}

// readSettingsDocument returns nil if the document cannot be read, or if its rules or lists are written in
// braces or brackets, in which no lines can be inserted.
func readSettingsDocument(ctx context.Context, source []byte) *settingsDocument {
	_, root := readDocument(ctx, source)
	if root == nil {
		return nil
	}
	doc := &settingsDocument{ctx: ctx, text: string(source), root: root}
	for _, s := range []struct {
		to   *section
		key  string
		kind yaml.Kind
	}{{&doc.rules, "rules", yaml.SequenceNode}, {&doc.lists, "lists", yaml.MappingNode}} {
		*s.to = section{key: s.key, indent: 2}
		node := child(root, s.key)
		if node == nil || isNull(node) {
			continue
		}
		if node.Kind != s.kind || node.Style&yaml.FlowStyle != 0 || len(node.Content) == 0 {
			return nil
		}
		s.to.node, s.to.indent = node, node.Column-1
	}
	return doc
}

// hasRule and hasList report whether the document itself has a rule or list of that name.
func (d *settingsDocument) hasRule(id string) bool {
	return d.rules.node != nil && slices.ContainsFunc(d.rules.node.Content,
		func(rule *yaml.Node) bool { return idOf(rule) == id })
}

func (d *settingsDocument) hasList(id string) bool { return d.list(id) != nil }

func (d *settingsDocument) list(id string) *yaml.Node {
	if d.lists.node == nil {
		return nil
	}
	return child(d.lists.node, id)
}

// find returns where the lines stand in the document, indented as the section's items; -1 if they do not, or
// if more lines follow that belong to their last item.
func (d *settingsDocument) find(s section, lines string) int {
	block := indented(lines, s.indent)
	for from := 0; ; {
		at := strings.Index(d.text[from:], block)
		if at < 0 {
			return -1
		}
		at += from
		if (at == 0 || d.text[at-1] == '\n') && !continues(d.text[at+len(block):], s.indent) {
			return at
		}
		from = at + 1
	}
}

// continues reports whether a text begins with lines that belong to an item above it.
func continues(rest string, indent int) bool {
	for line := range strings.Lines(rest) {
		trimmed := strings.TrimLeft(line, " ")
		if text := strings.TrimSpace(trimmed); text == "" || text[0] == '#' {
			continue
		}
		return len(line)-len(trimmed) > indent
	}
	return false
}

func indented(lines string, indent int) string {
	var b strings.Builder
	for line := range strings.Lines(lines) {
		if strings.TrimSpace(line) != "" {
			b.WriteString(strings.Repeat(" ", indent))
		}
		b.WriteString(line)
	}
	return b.String()
}

// replace returns the document's text with lines in the place of others that were found at that place.
func (d *settingsDocument) replace(s section, at int, before, after string) string {
	return d.text[:at] + indented(after, s.indent) + d.text[at+len(indented(before, s.indent)):]
}

// insert returns the document's text with lines at the end of a section, which is added if there is none.
func (d *settingsDocument) insert(s section, lines string) string {
	text := d.text
	if !strings.HasSuffix(text, "\n") {
		text += "\n"
	}
	block := indented(lines, s.indent)
	if s.node == nil && child(d.root, s.key) == nil {
		return text + "\n" + s.key + ":\n" + block
	}
	at := d.endOf(text, s.key)
	return text[:at] + "\n" + block + text[at:]
}

// endOf returns where the section of a top-level key ends: before the comments and blank lines that precede
// the next key.
func (d *settingsDocument) endOf(text, key string) int {
	lines := strings.SplitAfter(text, "\n")
	own, next := 0, len(lines)
	for k := range pairs(d.root) {
		if k.Value == key {
			own = k.Line
		}
	}
	for k := range pairs(d.root) {
		if k.Line > own {
			next = min(next, k.Line-1)
		}
	}
	for next > own {
		line := lines[next-1]
		if strings.TrimSpace(line) != "" && line[0] != '#' {
			break
		}
		next--
	}
	return len(strings.Join(lines[:next], ""))
}
