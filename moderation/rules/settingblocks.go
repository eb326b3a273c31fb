package rules

import (
	"bytes"
	"encoding/json"
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

// wordSetting is a list with the rule about it.
type wordSetting struct {
	id    string // of both
	about string
	rule  string
	of    func(*ModerationSettings) *[]string
}

var heldWords = wordSetting{
	id: "held-words", about: "words that hold a comment",
	of: func(s *ModerationSettings) *[]string { return &s.HeldWords },
	rule: `# From site settings: words that hold a comment.
- id: held-words
  label: held word
  when: listed("held-words")
  then: hold
  score: 1
  reason_code: wording
  reason: "Has words that this site holds: {{matched}}."
  public_reason: A moderator will look at the wording.
`,
}

var rejectedWords = wordSetting{
	id: "rejected-words", about: "words that reject a comment",
	of: func(s *ModerationSettings) *[]string { return &s.RejectedWords },
	rule: `# From site settings: words that reject a comment.
- id: rejected-words
  label: rejected word
  when: listed("rejected-words")
  then: reject
  reason_code: rejected-words
  reason: "Has words that this site rejects: {{matched}}."
  public_reason: The comment has words that this site does not publish.
`,
}

// off is what the rule says in a document whose base has words, and which has none itself.
func (w wordSetting) off() string {
	return "# From site settings: no " + w.about + ".\n- id: " + w.id + "\n  mode: off\n"
}

func (w wordSetting) list(terms []string) string {
	var b strings.Builder
	b.WriteString("# From site settings: " + w.about + ", however they are disguised.\n" + w.id + ":\n  mode: loose\n  terms:\n")
	for _, term := range terms {
		b.WriteString("    - " + quotedTerm(term) + "\n")
	}
	return b.String()
}

// quotedTerm writes a term as a JSON string, which YAML reads as well.
func quotedTerm(term string) string {
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(term); err != nil {
		panic("a string as JSON: " + err.Error())
	}
	return strings.TrimSpace(b.String())
}

// terms returns the terms that the document's list has.
func (w wordSetting) terms(d *settingsDocument) []string {
	var terms []string
	if list := d.list(w.id); list != nil {
		if written := child(list, "terms"); written != nil {
			for _, term := range written.Content {
				terms = append(terms, term.Value)
			}
		}
	}
	return terms
}

// find returns the words, and whether the document keeps them as they would be written.
func (w wordSetting) find(d *settingsDocument) (words []string, found bool) {
	if d.find(d.rules, w.off()) >= 0 && !d.hasList(w.id) {
		return nil, true
	}
	words = w.terms(d)
	return words, len(words) > 0 && d.find(d.lists, w.list(words)) >= 0 && d.find(d.rules, w.rule) >= 0
}

func (w wordSetting) block(name Setting) settingBlock {
	return settingBlock{
		setting: name,
		present: func(d *settingsDocument) bool { return d.hasRule(w.id) || d.hasList(w.id) },
		read: func(d *settingsDocument) (value ModerationSettings, found bool) {
			*w.of(&value), found = w.find(d)
			return value, found
		},
		write:   func(d *settingsDocument, to ModerationSettings) []byte { return w.write(d, *w.of(&to)) },
		neutral: func(d *settingsDocument, found ModerationSettings) []byte { return w.neutral(d, *w.of(&found)) },
		same: func(a, b ModerationSettings) bool {
			return slices.Equal(*w.of(&a), *w.of(&b))
		},
	}
}

func (w wordSetting) write(d *settingsDocument, words []string) []byte {
	text := d.text
	edit := func(change func(d *settingsDocument) string) {
		fresh := readSettingsDocument(d.ctx, []byte(text))
		if fresh != nil {
			text = change(fresh)
		}
	}
	if before, found := w.find(d); found {
		for _, lines := range []string{w.rule, w.off()} {
			edit(func(d *settingsDocument) string { return d.without(d.rules, lines) })
		}
		if len(before) > 0 {
			edit(func(d *settingsDocument) string { return d.without(d.lists, w.list(before)) })
		}
	}
	if len(words) == 0 {
		if base := readSettingsDocument(d.ctx, d.base); base != nil && base.hasRule(w.id) {
			edit(func(d *settingsDocument) string { return d.insert(d.rules, w.off()) })
		}
		return []byte(text)
	}
	edit(func(d *settingsDocument) string { return d.insert(d.lists, w.list(words)) })
	edit(func(d *settingsDocument) string { return d.insert(d.rules, w.rule) })
	return []byte(text)
}

// neutral replaces the words by others that no test has.
func (w wordSetting) neutral(d *settingsDocument, words []string) []byte {
	at := d.find(d.lists, w.list(words))
	if at < 0 {
		return []byte(d.text)
	}
	others := make([]string, len(words))
	for i := range others {
		others[i] = "zqxwvkj" + strconv.Itoa(i)
	}
	return []byte(d.replace(d.lists, at, w.list(words), w.list(others)))
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
