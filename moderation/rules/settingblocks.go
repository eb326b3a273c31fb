package rules

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

const defaultMaxLinks = 2

// settingBlock is the lines in which a document keeps one setting. They are recognised by their exact text,
// comments included, so that no change by hand is overwritten.
type settingBlock struct {
	setting Setting
	// present reports whether the document has a rule or list of the setting, whatever it says.
	present func(d *settingsDocument) bool
	// read returns the setting; false unless the document has exactly the lines that write would write.
	read func(d *settingsDocument) (ModerationSettings, bool)
	// write writes the setting in place of the lines that read found, if any.
	write func(d *settingsDocument, to ModerationSettings) []byte
	// neutral writes the default in place of the lines of a value that read found, with as many lines.
	neutral func(d *settingsDocument, found ModerationSettings) []byte
	same    func(a, b ModerationSettings) bool
}

// settingBlocks are in the order in which they are written.
var settingBlocks = []settingBlock{
	ruleSetting{
		ids:   []string{"first-comment", "every-comment", "at-once"},
		lines: modeLines,
		candidates: func(*settingsDocument) (all []ModerationSettings) {
			for _, mode := range ModerationModes() {
				all = append(all, ModerationSettings{Mode: mode})
			}
			return all
		},
		same: func(a, b ModerationSettings) bool { return a.Mode == b.Mode },
	}.block(SettingMode),
	ruleSetting{
		ids:        []string{"too-many-links"},
		lines:      linkLines,
		candidates: linkCandidates,
		same:       func(a, b ModerationSettings) bool { return a.MaxLinks == b.MaxLinks },
	}.block(SettingMaxLinks),
	maxLength.block(SettingMaxLength),
	languages.block(SettingLanguages),
	heldWords.block(SettingHeldWords),
	rejectedWords.block(SettingRejectedWords),
}

// ruleSetting is a setting whose rules are always there, in the same number of lines for all values.
type ruleSetting struct {
	ids        []string
	lines      func(ModerationSettings) string
	candidates func(d *settingsDocument) []ModerationSettings // values that the document may have
	same       func(a, b ModerationSettings) bool
}

// find returns the value that the document keeps, and where its lines stand; -1 if they do not.
func (r ruleSetting) find(d *settingsDocument) (ModerationSettings, int) {
	for _, value := range r.candidates(d) {
		if at := d.find(d.rules, r.lines(value)); at >= 0 {
			return value, at
		}
	}
	return ModerationSettings{}, -1
}

func (r ruleSetting) write(d *settingsDocument, to ModerationSettings) []byte {
	if before, at := r.find(d); at >= 0 {
		return []byte(d.replace(d.rules, at, r.lines(before), r.lines(to)))
	}
	return []byte(d.insert(d.rules, r.lines(to)))
}

func (r ruleSetting) block(name Setting) settingBlock {
	return settingBlock{
		setting: name,
		present: func(d *settingsDocument) bool { return slices.ContainsFunc(r.ids, d.hasRule) },
		read: func(d *settingsDocument) (ModerationSettings, bool) {
			value, at := r.find(d)
			return value, at >= 0
		},
		write: r.write,
		neutral: func(d *settingsDocument, _ ModerationSettings) []byte {
			return r.write(d, DefaultModerationSettings())
		},
		same: r.same,
	}
}

func modeLines(s ModerationSettings) string {
	applies := func(mode ModerationMode) string {
		if s.Mode == mode {
			return fmt.Sprintf(`(article.mode == "" || article.mode == "%s")`, mode)
		}
		return fmt.Sprintf(`article.mode == "%s"`, mode)
	}
	return `# From site settings: when comments appear. "article.mode" is the mode of an article that has its own. An email
# address alone is no proof of an earlier comment, because anybody can type it; a browser that was remembered is.
- id: first-comment
  label: first comment
  when: author.approved == 0 && ` + applies(HoldFirst) + `
  then: hold
  reason_code: first-comment
  reason: The commenter has no approved comment yet, or cannot be recognised as somebody who has.
  public_reason: First comments are looked at before they appear.

- id: every-comment
  label: every comment
  when: ` + applies(HoldAll) + `
  then: hold
  reason_code: every-comment
  reason: Every comment waits for a moderator here.
  public_reason: Every comment is looked at before it appears.

- id: at-once
  label: at once
  when: ` + applies(PublishAtOnce) + `
  then: approve
  reason: Comments appear at once here, unless another rule says otherwise.
`
}

func linkLines(s ModerationSettings) string {
	limit, mode := s.MaxLinks, Enforce
	if limit == NoLinkLimit {
		limit, mode = defaultMaxLinks, Off
	}
	return `# From site settings: how many links a comment may have before it waits.
- id: too-many-links
  label: many links
  nudge: links
  when: links.count > ` + strconv.Itoa(limit) + `
  mode: ` + string(mode) + `
  then: hold
  score: 1
  reason_code: links
  reason: "Has {{links.count|link|links}}: {{links.hosts}}."
  public_reason: A moderator will look at the links.
`
}

var linkLimit = regexp.MustCompile(`\n *when: links\.count > (\d{1,4})\n`)

// linkCandidates are no limit, and the limits that the document compares with.
func linkCandidates(d *settingsDocument) []ModerationSettings {
	all := []ModerationSettings{{MaxLinks: NoLinkLimit}}
	for _, match := range linkLimit.FindAllStringSubmatch(d.text, -1) {
		if n, err := strconv.Atoi(match[1]); err == nil {
			all = append(all, ModerationSettings{MaxLinks: n})
		}
	}
	return all
}

// optionalRule is a setting kept as one rule, which a document has only if the setting has a value.
type optionalRule struct {
	id, about string
	rule      func(ModerationSettings, Mode) string
	value     *regexp.Regexp // finds the condition of a rule with a value
	parse     func(match []string) (ModerationSettings, error)
	isSet     func(ModerationSettings) bool
	same      func(a, b ModerationSettings) bool
}

var maxLength = optionalRule{
	id: "too-long", about: "limit of length",
	rule: func(s ModerationSettings, mode Mode) string {
		limit := strconv.Itoa(s.MaxLength)
		return `# From site settings: how long a comment may be before it waits.
- id: too-long
  label: long
  nudge: length
  when: text.length > ` + limit + `
  mode: ` + string(mode) + `
  then: hold
  reason_code: length
  reason: "Is {{text.length|character|characters}} long."
  public_reason: A moderator will look at this one, because it is long.
`
	},
	value: regexp.MustCompile(`\n *when: text\.length > (\d{1,6})\n`),
	parse: func(match []string) (s ModerationSettings, err error) {
		s.MaxLength, err = strconv.Atoi(match[1])
		return s, err
	},
	isSet: func(s ModerationSettings) bool { return s.MaxLength > 0 },
	same:  func(a, b ModerationSettings) bool { return a.MaxLength == b.MaxLength },
}

var languages = optionalRule{
	id: "other-language", about: "choice of languages",
	rule: func(s ModerationSettings, mode Mode) string {
		return `# From site settings: the languages of comments that need not wait.
- id: other-language
  label: other language
  when: text.language != "" && !(text.language in ["` + strings.Join(s.Languages, `", "`) + `"])
  mode: ` + string(mode) + `
  then: hold
  reason_code: language
  reason: Is in none of the languages of this site.
  public_reason: A moderator will look at this one, because of its language.
`
	},
	value: regexp.MustCompile(`\n *when: text\.language != "" && !\(text\.language in \["([a-z]+(?:", "[a-z]+)*)"\]\)\n`),
	parse: func(match []string) (s ModerationSettings, err error) {
		s.Languages = strings.Split(match[1], `", "`)
		return s, nil
	},
	isSet: func(s ModerationSettings) bool { return len(s.Languages) > 0 },
	same:  func(a, b ModerationSettings) bool { return slices.Equal(a.Languages, b.Languages) },
}

// find returns the value, and whether the document keeps it as it would be written.
func (r optionalRule) find(d *settingsDocument) (ModerationSettings, bool) {
	for _, match := range r.value.FindAllStringSubmatch(d.text, -1) {
		if value, err := r.parse(match); err == nil && d.find(d.rules, r.rule(value, Enforce)) >= 0 {
			return value, true
		}
	}
	return ModerationSettings{}, d.find(d.rules, offLines(r.id, r.about)) >= 0
}

func (r optionalRule) write(d *settingsDocument, to ModerationSettings) []byte {
	if before, found := r.find(d); found {
		d = d.withoutRule(r.rule(before, Enforce)).withoutRule(offLines(r.id, r.about))
	}
	if r.isSet(to) {
		return []byte(d.withRule(r.rule(to, Enforce)).text)
	}
	return []byte(d.switchedOff(r.id, r.about).text)
}

func (r optionalRule) block(name Setting) settingBlock {
	return settingBlock{
		setting: name,
		present: func(d *settingsDocument) bool { return d.hasRule(r.id) },
		read:    r.find,
		write:   r.write,
		neutral: func(d *settingsDocument, found ModerationSettings) []byte {
			at := d.find(d.rules, r.rule(found, Enforce))
			if at < 0 {
				return []byte(d.text)
			}
			return []byte(d.replace(d.rules, at, r.rule(found, Enforce), r.rule(found, Off)))
		},
		same: r.same,
	}
}

// without removes lines with the blank line before them, if they are there.
func (d *settingsDocument) without(s section, lines string) string {
	at := d.find(s, lines)
	if at < 0 {
		return d.text
	}
	end := at + len(indented(lines, s.indent))
	if at > 1 && d.text[at-2:at] == "\n\n" {
		at--
	}
	return d.text[:at] + d.text[end:]
}

func (d *settingsDocument) withoutRule(lines string) *settingsDocument {
	return d.reread(d.without(d.rules, lines))
}

func (d *settingsDocument) withoutList(lines string) *settingsDocument {
	return d.reread(d.without(d.lists, lines))
}

func (d *settingsDocument) withRule(lines string) *settingsDocument {
	return d.reread(d.insert(d.rules, lines))
}

func (d *settingsDocument) withList(lines string) *settingsDocument {
	return d.reread(d.insert(d.lists, lines))
}

// switchedOff switches a rule off that the base has.
func (d *settingsDocument) switchedOff(id, about string) *settingsDocument {
	if base := readSettingsDocument(d.ctx, d.base); base != nil && base.hasRule(id) {
		return d.withRule(offLines(id, about))
	}
	return d
}

// offLines are a setting's rule in a document whose base has the setting, and which has none itself.
func offLines(id, about string) string {
	return "# From site settings: no " + about + ".\n- id: " + id + "\n  mode: off\n"
}

// reread returns the document with another text; the same document if that cannot be read.
func (d *settingsDocument) reread(text string) *settingsDocument {
	fresh := readSettingsDocument(d.ctx, []byte(text))
	if fresh == nil {
		return d
	}
	fresh.base = d.base
	return fresh
}

// IsSettingRule reports whether a rule of that id belongs to a site setting.
func IsSettingRule(id string) bool {
	return slices.Contains([]string{"first-comment", "every-comment", "at-once", "too-many-links", maxLength.id, languages.id,
		heldWords.id, rejectedWords.id}, id)
}
