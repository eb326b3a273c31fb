package webhook

import (
	"fmt"
	"strings"
	"time"

	"rejoinder/handlers/locale"
)

// note is the content of a message in a chat room. All of its texts are plain: some were written by readers.
// Each chat escapes them in its own way.
type note struct {
	title string // by us
	site  string
	by    string // the comment's author; empty: about no comment
	about string // the article; may be empty
	quote string // the comment's text, shortened; may be empty
	facts []string
	links []button
	at    time.Time
}

// button is a link. Its label is by us.
type button struct{ label, url string }

var titles = map[EventType]string{
	CommentCreated: "New comment", CommentHeld: "Comment waiting for a decision", CommentApproved: "Comment approved",
	CommentRejected: "Comment rejected", CommentSpam: "Comment marked as spam", CommentEdited: "Comment edited",
	CommentDeleted: "Comment deleted", CommentReported: "Comment reported", AppealCreated: "Appeal against a rejection",
	QueueDepth: "Many comments are waiting", RulesetActivated: "Ruleset activated", WebhookTest: "Test message",
}

// Maximum numbers of characters of what is quoted.
const (
	maxQuote = 1000 // of a text
	maxLine  = 200  // of a name or title
)

// describe describes a payload in words.
func describe(p Payload) note {
	n := note{title: titles[p.Type], site: p.Data.Site.Name, at: p.Timestamp}
	if a := p.Data.Article; a != nil {
		n.about = a.Title
		if n.about == "" {
			n.about = a.Key
		}
	}
	if c := p.Data.Comment; c != nil {
		n.by, n.quote = c.AuthorName, cut(c.Body, maxQuote)
		n.addRules(c.Rules)
		n.links = append(n.links, button{"Open in the console", c.ModerationURL})
		if c.Status == "approved" {
			n.links = append(n.links, button{"Open on the page", c.URL})
		}
	}
	if d := p.Data.Decision; d != nil && d.Reason != "" {
		n.facts = append(n.facts, "Reason: "+cut(d.Reason, maxQuote))
	}
	if r := p.Data.Report; r != nil {
		n.facts = append(n.facts, "Reported as: "+strings.ReplaceAll(string(r.Reason), "_", " "))
		if r.Note != "" {
			n.facts = append(n.facts, "The reader says: "+cut(r.Note, maxQuote))
		}
	}
	if a := p.Data.Appeal; a != nil {
		n.facts = append(n.facts, "The author says: "+cut(a.Body, maxQuote))
	}
	if q := p.Data.Queue; q != nil {
		n.facts = append(n.facts, fmt.Sprintf("%s waiting; the limit is %d.", locale.Plural(q.Pending, "comment"), q.Threshold))
		n.links = append(n.links, button{"Open the queue", q.URL})
	}
	if r := p.Data.Ruleset; r != nil {
		n.facts = append(n.facts, fmt.Sprintf("Version %d. %s", r.Version, cut(r.Note, maxQuote)))
	}
	if w := p.Data.Webhook; w != nil {
		n.facts = append(n.facts, "The webhook “"+w.Name+"” works.")
	}
	return n
}

func (n *note) addRules(rules []RuleData) {
	var names []string
	for _, r := range rules {
		name := r.Label
		if name == "" {
			name = r.ID
		}
		names = append(names, name)
	}
	if len(names) > 0 {
		n.facts = append(n.facts, "Rules: "+cut(strings.Join(names, ", "), maxQuote))
	}
}

// headline is the title with the site.
func (n note) headline() string { return n.title + " · " + n.site }

// byline says who wrote on what; empty about no comment.
func (n note) byline() string {
	switch {
	case n.by == "":
		return cut(n.about, maxLine)
	case n.about == "":
		return cut(n.by, maxLine)
	}
	return cut(n.by, maxLine) + " on " + cut(n.about, maxLine)
}

// cut shortens a text to a number of characters.
func cut(text string, limit int) string {
	characters := []rune(strings.TrimSpace(text))
	if len(characters) <= limit {
		return string(characters)
	}
	return strings.TrimSpace(string(characters[:limit])) + "…"
}
