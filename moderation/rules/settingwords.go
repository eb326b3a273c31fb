package rules

import (
	"bytes"
	"encoding/json"
	"slices"
	"strconv"
	"strings"
)

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
func (w wordSetting) off() string { return offLines(w.id, w.about) }

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
	if before, found := w.find(d); found {
		d = d.withoutRule(w.rule).withoutRule(w.off())
		if len(before) > 0 {
			d = d.withoutList(w.list(before))
		}
	}
	if len(words) > 0 {
		return []byte(d.withList(w.list(words)).withRule(w.rule).text)
	}
	return []byte(d.switchedOff(w.id, w.about).text)
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
