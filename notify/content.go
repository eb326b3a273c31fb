package notify

import (
	"bytes"
	"embed"
	"fmt"
	"html/template"
	"strings"
	texttemplate "text/template"
)

// content is the content of a mail. Both templates show all of it, the HTML and the plain text.
type content struct {
	Lang, Dir string
	Subject   string
	Preview   string // shown by mail programs beside the subject
	Masthead  string // the site's name
	Heading   string
	Parts     []part
	Why       string // why the recipient gets this mail
	Links     []link
}

// part is one part of a mail: one of its fields is set.
type part struct {
	Paragraph []span
	Fine      bool // of a paragraph: in small print
	Quote     *quote
	Reason    string // of a decision
	Button    *link
	Link      *link
	Case      *waitingCase
}

// span is a part of a paragraph.
type span struct {
	Text string
	Bold bool
}

type link struct{ Text, URL string }

// quote is a text that somebody wrote: paragraphs of lines.
type quote struct {
	By         string
	Paragraphs [][]string
	Muted      bool
}

// waitingCase is a comment that waits for a moderator.
type waitingCase struct {
	Name, Age, On string
	Paragraphs    [][]string
	Reasons       []string
	Verbs         []verb
}

// verb is a link to a decision.
type verb struct {
	link
	Class string
	Color template.CSS
	Label string // for screen readers
}

// Marks around bold text. They are private-use characters, which are removed from all other texts.
const (
	boldStart = "\ue000"
	boldEnd   = "\ue001"
)

var withoutMarks = strings.NewReplacer(boldStart, "", boldEnd, "")

// bold marks a text that is filled into another one.
func bold(text string) string { return boldStart + withoutMarks.Replace(text) + boldEnd }

// paragraph returns a paragraph of a text with marks.
func paragraph(text string) part {
	var spans []span
	for text != "" {
		before, rest, found := strings.Cut(text, boldStart)
		if before != "" {
			spans = append(spans, span{Text: before})
		}
		if !found {
			break
		}
		inner, after, _ := strings.Cut(rest, boldEnd)
		spans, text = append(spans, span{Text: inner, Bold: true}), after
	}
	return part{Paragraph: spans}
}

func fine(text string) part {
	p := paragraph(text)
	p.Fine = true
	return p
}

// Maximum numbers of characters that mails quote.
const (
	fullLength  = 4_000 // of the comment that the mail is about
	shortLength = 160   // of the recipient's own
)

// split returns a text as paragraphs of lines, shortened.
func split(text string, length int) [][]string {
	text = withoutMarks.Replace(strings.TrimSpace(text))
	if characters := []rune(text); len(characters) > length {
		text = strings.TrimSpace(string(characters[:length])) + "…"
	}
	var paragraphs [][]string
	for _, p := range strings.Split(text, "\n\n") {
		if p = strings.Trim(p, "\n"); p != "" {
			paragraphs = append(paragraphs, strings.Split(p, "\n"))
		}
	}
	return paragraphs
}

//go:embed templates/mail.html templates/mail.txt
var templateFiles embed.FS

var (
	htmlTemplate = template.Must(template.ParseFS(templateFiles, "templates/mail.html"))
	textTemplate = texttemplate.Must(texttemplate.ParseFS(templateFiles, "templates/mail.txt"))
)

// render returns the mail as plain text and as HTML.
func (c content) render() (text, html string, err error) {
	var b bytes.Buffer
	if err := textTemplate.ExecuteTemplate(&b, "mail.txt", c); err != nil {
		return "", "", fmt.Errorf("render plain text: %w", err)
	}
	text = strings.TrimSpace(b.String()) + "\n"
	b.Reset()
	if err := htmlTemplate.ExecuteTemplate(&b, "mail.html", c); err != nil {
		return "", "", fmt.Errorf("render HTML: %w", err)
	}
	return text, b.String(), nil
}
