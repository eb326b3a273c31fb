package console

import (
	"strings"

	"golang.org/x/text/language"
	"golang.org/x/text/language/display"

	"rejoinder/handlers/locale"
	"rejoinder/handlers/page"
	"rejoinder/moderation"
	"rejoinder/moderation/queue"
)

// reasonMenu offers the reasons for rejecting a comment and the site's canned replies, and shows what the
// comment's author will read.
type reasonMenu struct {
	Open    bool // something was typed earlier
	Reasons []menuReason
	Replies []menuReply
	Reads   authorMessage
}

// menuReason is a button that rejects for one reason.
type menuReason struct {
	Code  string
	Label string
	Words string // the author's text without a message
	Key   string // empty: it has none
}

// menuReply is a canned reply, filled in for the comment.
type menuReply struct {
	Name     string
	Label    string // with the name of its reason
	Code     string
	Text     string
	Selected bool
}

// authorMessage is what the author of a rejected comment reads before and after the message.
type authorMessage struct {
	Language string // its name in the moderator's language
	Tag      string // BCP 47
	Dir      string
	Said     string
	Decided  string
}

// reasonLabels are short names of the default reasons.
var reasonLabels = map[string]string{
	"offensive": "Offensive", "abusive": "Attacks other people", "spam": "Spam", "advertising": "Advertising",
	"illegal": "Against the law", "harassment": "Harassment", "misinformation": "False claim", "hate": "Hateful",
	"off-topic": "Off topic", "other": "Other",
}

// reasonLabel is a short name for a reason code.
func reasonLabel(words *locale.Language, code string) string {
	if label := reasonLabels[code]; label != "" {
		return words.T(label)
	}
	return capitalised(strings.NewReplacer("-", " ", "_", " ").Replace(code))
}

// reasonKeys are the keys of the first reasons.
const reasonKeys = "1234567890"

func newReasonMenu(words *locale.Language, site moderation.Site, item queue.Item) reasonMenu {
	authors := locale.Match(item.Comment.Language, "", site.Locale)
	menu := reasonMenu{Reads: newAuthorMessage(words, authors)}
	for i, reason := range site.Settings.ReasonList() {
		each := menuReason{Code: reason.Code, Label: reasonLabel(words, reason.Code),
			Words: page.ReasonWords(authors, site.Locale, reason)}
		if i < len(reasonKeys) {
			each.Key = string(reasonKeys[i])
		}
		menu.Reasons = append(menu.Reasons, each)
	}
	for _, reply := range queue.FilledReplies(site, item) {
		label := reply.Name
		if reply.Code != "" {
			label += " (" + lowered(words, reasonLabel(words, reply.Code)) + ")"
		}
		menu.Replies = append(menu.Replies,
			menuReply{Name: reply.Name, Label: label, Code: reply.Code, Text: reply.Text})
	}
	return menu
}

// lowered is a label within a sentence. German nouns keep their capital.
func lowered(words *locale.Language, label string) string {
	if words.Tag == "de" {
		return label
	}
	return strings.ToLower(label)
}

// newAuthorMessage returns the sentences of the author's page around the message, for a moderator who reads words.
func newAuthorMessage(words, authors *locale.Language) authorMessage {
	return authorMessage{
		Language: languageName(words, authors.Tag), Tag: authors.Tag, Dir: authors.Dir,
		Said: authors.Text("own." + string(moderation.StatusRejected)), Decided: authors.Text("status.person"),
	}
}

// languageName is the name of a language; the tag itself if it has none.
func languageName(words *locale.Language, tag string) string {
	parsed, err := language.Parse(tag)
	if err != nil {
		return tag
	}
	names := display.Languages(language.Make(words.Tag))
	if names == nil {
		names = display.English.Languages()
	}
	if name := names.Name(parsed); name != "" {
		return name
	}
	return tag
}
