package moderation

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"time"

	"golang.org/x/text/language"

	"rejoinder/moderation/text"
)

// Reason is a reason code of a site's decisions, with its texts for the author.
type Reason struct {
	Code string `json:"code"`
	// Text is the text for the author by language (BCP 47). It may be empty for default codes, which have
	// built-in texts.
	Text map[string]string `json:"text,omitempty"`
}

// Limits of reasons.
const (
	MaxReasons              = 50
	MaxReasonTextCharacters = 300
)

var reasonCodeForm = regexp.MustCompile(`^[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?$`)

// DefaultReasonCodes returns the reason codes of sites without their own. They follow the grounds that
// European platforms must state in their statements of reasons.
func DefaultReasonCodes() []string {
	return []string{
		"offensive",
		"abusive",
		"spam",
		"advertising",
		"illegal",
		"harassment",
		"misinformation",
		"hate",
		"off-topic",
		"other",
	}
}

// ReasonList returns the site's reasons in the order shown to moderators.
func (t SiteSettings) ReasonList() []Reason {
	if len(t.Reasons) > 0 {
		return t.Reasons
	}
	codes := DefaultReasonCodes()
	list := make([]Reason, len(codes))
	for i, code := range codes {
		list[i].Code = code
	}
	return list
}

func checkReasons(faults *Invalid, list []Reason) {
	if len(list) > MaxReasons {
		faults.Add("/settings/reasons", "too_many", fmt.Sprintf("A site has at most %d reasons.", MaxReasons))
		return
	}
	seen := map[string]bool{}
	for i, r := range list {
		at := fmt.Sprintf("/settings/reasons/%d", i)
		switch {
		case !reasonCodeForm.MatchString(r.Code):
			faults.Add(at+"/code", "malformed", "A code has 1 to 40 lower-case letters, digits and inner hyphens.")
		case seen[r.Code]:
			faults.Add(at+"/code", "repeated", "This code is in the list already.")
		case len(r.Text) == 0 && !slices.Contains(DefaultReasonCodes(), r.Code):
			faults.Add(at+"/text", "required", "Add a text for the author in at least one language.")
		}
		seen[r.Code] = true
		checkReasonText(faults, at+"/text", r.Text)
	}
}

func checkReasonText(faults *Invalid, pointer string, texts map[string]string) {
	for tag, words := range texts {
		clean, err := text.CleanLine(words)
		if _, wrong := language.Parse(tag); wrong != nil {
			faults.Add(pointer, "malformed", "The names in this object are BCP 47 language tags, such as en or pt-BR.")
			return
		}
		at := pointer + "/" + tag
		switch {
		case err != nil:
			faults.Add(at, "malformed", sentence(err))
		case clean != words || !text.Visible(words):
			faults.Add(at, "malformed", "This is one line of text, without blanks around it.")
		case text.Characters(words) > MaxReasonTextCharacters:
			faults.Add(at, "too_long", fmt.Sprintf("This has at most %d characters.", MaxReasonTextCharacters))
		}
	}
}

// Statement is the statement of reasons for the author of a rejected or deleted comment.
type Statement struct {
	Code      string            // empty if none
	Words     string            // the moderator's own words or the rule's public reason; empty if none
	Texts     map[string]string // the site's texts for the code, by language; empty means the built-in texts
	Locale    string            // of the site
	Automated bool              // no moderator was involved in the decision
	DecidedAt time.Time
}

// withStatement adds the statement of reasons from the decisions in effect. Spam has none, and so neither
// have pending comments: otherwise authors could tell the two apart.
func (o *AuthorView) withStatement(ctx context.Context, store AuthorStore, site Site, log []Decision) error {
	if len(log) == 0 {
		return nil
	}
	d := log[len(log)-1]
	if d.To != o.Status || d.Actor == ActorCommenter {
		return nil
	}
	if d.Actor == ActorRuleset && d.Reason == "" {
		d.ReasonCode = "" // the rule has no reason for the author
	}
	s := Statement{
		Code:      d.ReasonCode,
		Words:     d.Reason,
		Locale:    site.Locale,
		Automated: d.Actor == ActorRuleset,
		DecidedAt: d.CreatedAt,
	}
	for _, reason := range site.Settings.ReasonList() {
		if reason.Code == d.ReasonCode {
			s.Texts = reason.Text
		}
	}
	o.Statement = &s
	if !o.MayAppeal || d.ModeratorID == "" {
		return nil
	}
	var err error
	o.SecondReader, err = store.OtherModerators(ctx, site.ID, d.ModeratorID)
	return err
}
