package transfer

import (
	"fmt"
	"html"
	"regexp"
	"strings"
	"sync"

	"github.com/JohannesKaufmann/html-to-markdown/v2/converter"
	"github.com/JohannesKaufmann/html-to-markdown/v2/plugin/base"
	"github.com/JohannesKaufmann/html-to-markdown/v2/plugin/commonmark"
	"github.com/JohannesKaufmann/html-to-markdown/v2/plugin/strikethrough"
)

// maxConvertedBytes bounds the HTML that is converted: more is no comment.
const maxConvertedBytes = 512 << 10

// converters convert HTML. Each is used by one goroutine at a time.
var converters = sync.Pool{New: func() any {
	return converter.NewConverter(converter.WithPlugins(base.NewBasePlugin(),
		commonmark.NewCommonmarkPlugin(commonmark.WithHeadingStyle(commonmark.HeadingStyleATX)),
		strikethrough.NewStrikethroughPlugin()))
}}

// Source returns the Markdown of the comment's body.
func (c Comment) Source() (string, error) {
	body := c.Body
	switch c.Markup {
	case Markdown:
		return body, nil
	case Plain:
		body = html.EscapeString(body)
	}
	if plain(body) {
		return body, nil
	}
	if len(body) > maxConvertedBytes {
		return "", fmt.Errorf("it has %d bytes", len(body))
	}
	if c.Markup != HTML {
		body = breakLines(body)
	}
	conv := converters.Get().(*converter.Converter)
	defer converters.Put(conv)
	return conv.ConvertString(body)
}

// plain reports whether a text means the same as HTML and as Markdown.
func plain(s string) bool {
	if strings.ContainsAny(s, "<>&\\`*_~[]|#=+") {
		return false
	}
	for line := range strings.SplitSeq(s, "\n") {
		trimmed := strings.TrimLeft(line, " \t")
		if len(line)-len(trimmed) > 0 || strings.HasPrefix(trimmed, "-") || startsNumbered(trimmed) {
			return false
		}
	}
	return true
}

// startsNumbered reports whether a line may begin a numbered list.
func startsNumbered(line string) bool {
	digits := strings.TrimLeft(line, "0123456789")
	return len(digits) < len(line) && (strings.HasPrefix(digits, ".") || strings.HasPrefix(digits, ")"))
}

var (
	preformatted = regexp.MustCompile(`(?is)<pre\b.*?(?:</pre>|$)`)
	blankLines   = regexp.MustCompile(`\n[ \t]*\n\s*`)
	blockTag     = regexp.MustCompile(`(?i)</?(?:p|div|ul|ol|li|blockquote|pre|h[1-6]|table|tr|td|th|thead|tbody|hr|br)\b[^<>]*>\s*$`)
	blockStart   = regexp.MustCompile(`(?i)^\s*</?(?:p|div|ul|ol|li|blockquote|pre|h[1-6]|table|tr|td|th|thead|tbody|hr)\b`)
)

// breakLines makes line breaks elements, as WordPress does when it shows a comment, except in preformatted text.
func breakLines(s string) string {
	s = strings.ReplaceAll(strings.ReplaceAll(s, "\r\n", "\n"), "\r", "\n")
	if !strings.Contains(s, "\n") {
		return s
	}
	var b strings.Builder
	at := 0
	for _, pre := range preformatted.FindAllStringIndex(s, -1) {
		b.WriteString(breakProse(s[at:pre[0]]))
		b.WriteString(s[pre[0]:pre[1]])
		at = pre[1]
	}
	b.WriteString(breakProse(s[at:]))
	return b.String()
}

func breakProse(s string) string {
	paragraphs := blankLines.Split(s, -1)
	for i, p := range paragraphs {
		lines := strings.Split(p, "\n")
		var b strings.Builder
		for j, line := range lines {
			b.WriteString(line)
			if j == len(lines)-1 {
				break
			}
			if blockTag.MatchString(line) || blockStart.MatchString(lines[j+1]) {
				b.WriteString("\n")
			} else {
				b.WriteString("<br>\n")
			}
		}
		paragraphs[i] = b.String()
	}
	return strings.Join(paragraphs, "<br><br>\n")
}
