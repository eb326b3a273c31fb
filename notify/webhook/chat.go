package webhook

import (
	"html"
	"strings"
	"time"
)

// object is a JSON object.
type object map[string]any

// chatBody returns the message for a chat room.
func chatBody(hook Webhook, n note) object {
	switch hook.Type {
	case Slack:
		return slackBody(n)
	case Discord:
		return discordBody(n)
	case Mattermost:
		return mattermostBody(n)
	case Telegram:
		return telegramBody(n, hook.Chat)
	case Standard:
	}
	return nil
}

// noMention keeps a text from calling people: an invisible character follows each @.
func noMention(text string) string { return strings.ReplaceAll(text, "@", "@\u2060") }

// Maximum numbers of characters in Slack's blocks, which count escaped characters as they are written.
const (
	slackHeader  = 150
	slackSection = 3000
)

// slackText escapes Slack's control characters, with which mentions begin, too. In plain_text objects nothing
// else has a meaning.
func slackText(text string, limit int) object {
	escaped := slackEscape(text)
	for n := len([]rune(text)); len([]rune(escaped)) > limit; n = n * 3 / 4 {
		escaped = slackEscape(cut(text, n))
	}
	return object{"type": "plain_text", "emoji": false, "text": escaped}
}

var slackEscaper = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;")

func slackEscape(text string) string { return slackEscaper.Replace(noMention(text)) }

func slackBody(n note) object {
	blocks := []object{{"type": "header", "text": slackText(n.headline(), slackHeader)}}
	for _, text := range []string{n.byline(), n.quote, strings.Join(n.facts, "\n")} {
		if text != "" {
			blocks = append(blocks, object{"type": "section", "text": slackText(text, slackSection)})
		}
	}
	var buttons []object
	for _, b := range n.links {
		buttons = append(buttons, object{"type": "button", "text": object{"type": "plain_text", "text": b.label}, "url": b.url})
	}
	if len(buttons) > 0 {
		blocks = append(blocks, object{"type": "actions", "elements": buttons})
	}
	return object{"text": slackEscape(n.headline()), "mrkdwn": false, "unfurl_links": false, "unfurl_media": false,
		"blocks": blocks}
}

// The punctuation marks that can be escaped, of those that have a meaning.
const (
	discordMarks    = "\\`*_{}[]()<>#+-.!|~:"
	mattermostMarks = "\\`*_{}[]()>#+-.!|~"
)

// markdown escapes texts for a dialect of Markdown.
type markdown string

func (marks markdown) escape(text string) string {
	var b strings.Builder
	for _, r := range noMention(text) {
		if strings.ContainsRune(string(marks), r) {
			b.WriteByte('\\')
		}
		b.WriteRune(r)
	}
	return b.String()
}

// parts returns what a note says besides its title. Each line of the comment is quoted.
func (marks markdown) parts(n note) []string {
	var parts []string
	if by := n.byline(); by != "" {
		parts = append(parts, marks.escape(by))
	}
	if n.quote != "" {
		parts = append(parts, "> "+strings.ReplaceAll(marks.escape(n.quote), "\n", "\n> "))
	}
	if len(n.facts) > 0 {
		parts = append(parts, marks.escape(strings.Join(n.facts, "\n")))
	}
	return parts
}

func discordBody(n note) object {
	marks := markdown(discordMarks)
	embed := object{"title": marks.escape(cut(n.headline(), 120)), "timestamp": n.at.UTC().Format(time.RFC3339),
		"description": cut(strings.Join(marks.parts(n), "\n\n"), 4000)}
	var buttons []object
	for _, b := range n.links {
		if len(b.url) <= 500 { // more is refused
			buttons = append(buttons, object{"type": 2, "style": 5, "label": b.label, "url": b.url})
		}
	}
	if len(n.links) > 0 {
		embed["url"] = n.links[0].url
	}
	body := object{"embeds": []object{embed}, "allowed_mentions": object{"parse": []string{}}}
	if len(buttons) > 0 {
		body["components"] = []object{{"type": 1, "components": buttons}}
	}
	return body
}

func mattermostBody(n note) object {
	marks := markdown(mattermostMarks)
	parts := append([]string{"**" + marks.escape(n.headline()) + "**"}, marks.parts(n)...)
	for i, part := range parts {
		// It cannot be escaped, and begins a link as in Slack: <https://example.org|text>.
		parts[i] = strings.ReplaceAll(part, "<", "‹")
	}
	var links []string
	for _, b := range n.links {
		links = append(links, "["+b.label+"](<"+strings.NewReplacer("<", "%3C", ">", "%3E").Replace(b.url)+">)")
	}
	if len(links) > 0 {
		parts = append(parts, strings.Join(links, " · "))
	}
	return object{"text": strings.Join(parts, "\n\n")}
}

func telegramBody(n note, chat string) object {
	escape := func(text string) string { return html.EscapeString(noMention(text)) }
	parts := []string{"<b>" + escape(n.headline()) + "</b>"}
	if by := n.byline(); by != "" {
		parts = append(parts, escape(by))
	}
	if n.quote != "" {
		parts = append(parts, "<blockquote>"+escape(n.quote)+"</blockquote>")
	}
	if len(n.facts) > 0 {
		parts = append(parts, escape(cut(strings.Join(n.facts, "\n"), maxQuote)))
	}
	body := object{"chat_id": chat, "text": strings.Join(parts, "\n\n"), "parse_mode": "HTML",
		"link_preview_options": object{"is_disabled": true}}
	var row []object
	for _, b := range n.links {
		row = append(row, object{"text": b.label, "url": b.url})
	}
	if len(row) > 0 {
		body["reply_markup"] = object{"inline_keyboard": [][]object{row}}
	}
	return body
}
