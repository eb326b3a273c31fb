package moderation

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"golang.org/x/text/language"

	"rejoinder/moderation/text"
)

// CannedReply is a message to authors that moderators choose instead of writing it each time.
type CannedReply struct {
	Name string `json:"name"`           // for moderators; unique on the site
	Code string `json:"code,omitempty"` // the reason code it belongs to; empty: any
	// Text is the message by language (BCP 47), with placeholders.
	Text map[string]string `json:"text"`
}

// Limits of canned replies.
const (
	MaxCannedReplies       = 50
	MaxReplyNameCharacters = 80
)

// Placeholder stands in a canned reply for something that differs between comments.
type Placeholder string

// Placeholders of canned replies.
const (
	PlaceName       Placeholder = "{name}"       // the author's name
	PlaceArticle    Placeholder = "{article}"    // the article's title
	PlaceQuote      Placeholder = "{quote}"      // what a rule found in the text
	PlaceGuidelines Placeholder = "{guidelines}" // the address of the site's guidelines
)

// Placeholders returns all placeholders.
func Placeholders() []Placeholder {
	return []Placeholder{PlaceName, PlaceArticle, PlaceQuote, PlaceGuidelines}
}

var placeholderForm = regexp.MustCompile(`\{[a-z_]+\}`)

// TextFor returns the message in a language, else in the site's, else in the first of its languages; also the
// language of the message.
func (r CannedReply) TextFor(lang, siteLocale string) (words, tag string) {
	tags := make([]string, 0, len(r.Text))
	for tag := range r.Text {
		tags = append(tags, tag)
	}
	slices.Sort(tags)
	for _, wanted := range []string{lang, siteLocale, baseLanguage(lang), baseLanguage(siteLocale)} {
		if words := r.Text[wanted]; words != "" {
			return words, wanted
		}
		for _, tag := range tags {
			if wanted != "" && baseLanguage(tag) == wanted {
				return r.Text[tag], tag
			}
		}
	}
	if len(tags) == 0 {
		return "", ""
	}
	return r.Text[tags[0]], tags[0]
}

func baseLanguage(tag string) string {
	base, _, _ := strings.Cut(tag, "-")
	return base
}

// FillPlaceholders replaces placeholders by their values, each once, so that a value that looks like a
// placeholder stays. Those without a value stay, too.
func FillPlaceholders(words string, values map[Placeholder]string) string {
	return placeholderForm.ReplaceAllStringFunc(words, func(found string) string {
		return cmp.Or(values[Placeholder(found)], found)
	})
}

// UnfilledPlaceholders returns the placeholders that a message still contains, each once.
func UnfilledPlaceholders(words string) []string {
	var left []string
	for _, p := range Placeholders() {
		if strings.Contains(words, string(p)) {
			left = append(left, string(p))
		}
	}
	return left
}

// CannedReply returns the site's reply of that name; false if there is none.
func (t SiteSettings) CannedReply(name string) (CannedReply, bool) {
	for _, reply := range t.Replies {
		if reply.Name == name {
			return reply, true
		}
	}
	return CannedReply{}, false
}

func checkReplies(faults *Invalid, t SiteSettings) {
	if len(t.Replies) > MaxCannedReplies {
		faults.Add("/settings/replies", "too_many", fmt.Sprintf("A site has at most %d canned replies.", MaxCannedReplies))
		return
	}
	seen := map[string]bool{}
	for i, r := range t.Replies {
		at := fmt.Sprintf("/settings/replies/%d", i)
		clean, err := text.CleanLine(r.Name)
		switch {
		case err != nil:
			faults.Add(at+"/name", "malformed", sentence(err))
		case clean != r.Name || !text.Visible(r.Name):
			faults.Add(at+"/name", "required", "A canned reply needs a name, without blanks around it.")
		case text.Characters(r.Name) > MaxReplyNameCharacters:
			faults.Add(at+"/name", "too_long", fmt.Sprintf("A name has at most %d characters.", MaxReplyNameCharacters))
		case seen[r.Name]:
			faults.Add(at+"/name", "repeated", "Another canned reply has this name.")
		}
		seen[r.Name] = true
		known := func(reason Reason) bool { return reason.Code == r.Code }
		if r.Code != "" && !slices.ContainsFunc(t.ReasonList(), known) {
			faults.Add(at+"/code", "unknown", "Must be one of the site's reason codes.")
		}
		if len(r.Text) == 0 {
			faults.Add(at+"/text", "required", "Write the message in at least one language.")
		}
		checkReplyText(faults, at+"/text", r.Text)
	}
}

func checkReplyText(faults *Invalid, pointer string, texts map[string]string) {
	for tag, words := range texts {
		if _, wrong := language.Parse(tag); wrong != nil {
			faults.Add(pointer, "malformed", "The names in this object are BCP 47 language tags, such as en or pt-BR.")
			return
		}
		at := pointer + "/" + tag
		var wrong Invalid
		if clean := CleanReason(&wrong, at, words); len(wrong.Fields) == 0 && (clean != words || clean == "") {
			wrong.Add(at, "malformed", "Must be a text without blanks around it.")
		}
		faults.Fields = append(faults.Fields, wrong.Fields...)
		for _, found := range placeholderForm.FindAllString(words, -1) {
			if !slices.Contains(Placeholders(), Placeholder(found)) {
				faults.Add(at, "unknown", "There is no placeholder "+found+". There are {name}, {article}, {quote} and {guidelines}.")
			}
		}
	}
}
