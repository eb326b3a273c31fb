package page

import (
	"fmt"
	"html/template"
	"strings"

	"rejoinder/moderation/rules"
	"rejoinder/moderation/text"
)

// MarkedComment is a comment as readers see it, with the matches of rules marked, for moderators.
type MarkedComment struct {
	HTML   template.HTML // only from moderation/text; empty if the source cannot be rendered
	Shown  []Segment     // the text without markup
	Source []Segment     // the Markdown as it was written
	Unseen []UnseenView  // matches in text that readers do not see
	More   int           // number of others
}

// UnseenView is a match that readers do not see.
type UnseenView struct {
	Label string
	Text  string
}

// maxUnseen and maxUnseenCharacters bound what is listed of the matches that readers do not see.
const (
	maxUnseen           = 10
	maxUnseenCharacters = 300
)

// MarkComment marks the matches of rules in a comment's Markdown.
func MarkComment(markdown string, hits []rules.Hit) MarkedComment {
	reading, spans := text.Read(markdown), spansIn("body", hits)
	c := MarkedComment{Source: segments(markdown, spans)}
	marked, err := reading.Mark(spans)
	if err != nil { // such a text is shown as it was written
		c.Shown = c.Source
		return c
	}
	c.HTML, c.Shown = template.HTML(marked.HTML), segments(reading.Shown, marked.Shown)
	for _, u := range marked.Unseen[:min(len(marked.Unseen), maxUnseen)] {
		c.Unseen = append(c.Unseen, newUnseenView(u))
	}
	c.More = len(marked.Unseen) - len(c.Unseen)
	return c
}

func newUnseenView(u text.Unseen) UnseenView {
	switch u.Kind {
	case text.UnseenAddress:
		return UnseenView{"Link to", shortened(u.Text)}
	case text.UnseenCharacters:
		return UnseenView{"Characters that show nothing", shortened(codePoints(u.Text))}
	}
	return UnseenView{"Markup", shortened(u.Text)}
}

// codePoints names characters: "U+200B U+00AD".
func codePoints(s string) string {
	var names []string
	for _, r := range s {
		names = append(names, fmt.Sprintf("%U", r))
	}
	return strings.Join(names, " ")
}

func shortened(s string) string {
	if runes := []rune(s); len(runes) > maxUnseenCharacters {
		return string(runes[:maxUnseenCharacters]) + "…"
	}
	return s
}

// MatchedTerm returns the first text that a rule matched in a comment, as readers see it; empty if it matched
// nothing there.
func MatchedTerm(markdown string, hit rules.Hit) string {
	spans := spansIn("body", []rules.Hit{hit})
	if len(spans) == 0 {
		return ""
	}
	for _, s := range MarkComment(markdown, []rules.Hit{hit}).Shown {
		if s.Marked {
			return strings.TrimSpace(s.Text)
		}
	}
	return ""
}

// Excerpt returns the beginning of the shown text, up to a number of characters. If its first mark is further
// down, the excerpt begins in the line of that mark.
func (c MarkedComment) Excerpt(characters int) []Segment {
	return cut(fromFirstMark(c.Shown, characters), characters)
}

// Row returns the beginning of the shown text for a row of a list, which has room for few characters: if its
// first mark is not among the visible ones, it begins shortly before that mark. It is at most characters long.
func (c MarkedComment) Row(visible, characters int) []Segment {
	return cut(fromFirstMark(c.Shown, visible), characters)
}

// cut shortens a text to a number of characters.
func cut(all []Segment, characters int) []Segment {
	var excerpt []Segment
	left := characters
	for _, s := range all {
		runes := []rune(s.Text)
		if len(runes) <= left {
			excerpt = append(excerpt, s)
			left -= len(runes)
			continue
		}
		s.Text = string(runes[:left])
		if !s.Marked {
			s.Text = strings.TrimRight(s.Text, " \n\t")
		}
		if s.Text != "" {
			excerpt = append(excerpt, s)
		}
		return append(excerpt, Segment{Text: "…"})
	}
	return excerpt
}

// fromFirstMark shortens the text before the first mark if the mark would not fit into the first characters.
func fromFirstMark(all []Segment, characters int) []Segment {
	if len(all) < 2 || all[0].Marked {
		return all
	}
	start := text.Characters(all[0].Text)
	if start < characters/2 || start+text.Characters(all[1].Text) <= characters {
		return all
	}
	before := lastWords(all[0].Text[strings.LastIndexByte(all[0].Text, '\n')+1:], characters/2)
	return append([]Segment{{Text: "… " + before}}, all[1:]...)
}

// lastWords returns the end of a line, up to a number of characters, without a part of a word at its beginning.
func lastWords(line string, characters int) string {
	runes := []rune(line)
	if len(runes) <= characters {
		return line
	}
	end := string(runes[len(runes)-characters:])
	if space := strings.IndexByte(end, ' '); space >= 0 && runes[len(runes)-characters-1] != ' ' {
		end = end[space:]
	}
	return strings.TrimLeft(end, " ")
}
