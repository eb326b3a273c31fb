package page

import "rejoinder/handlers/locale"

// MailForm asks for an email address, to send a mail to it.
type MailForm struct {
	Action string
	Hidden []HiddenField
	Note   string
	Button string
	Email  string
	Fault  string
	// Asked is the email about which the reader is asked whether Suggestion was meant; empty: none.
	Asked      string
	Suggestion string
	Question   string
	Sent       string // the result; empty: the form is shown
	Data       string // URL of the page that sends a link to one's comments; empty: no link to it
}

// FollowPath returns the path to which the form that follows an article is sent.
func FollowPath(site string) string { return "/sites/" + site + "/follow" }

// DataPath returns the path of the page that sends readers a link to their comments.
func DataPath(site string) string { return "/sites/" + site + "/data" }

// NewFollowForm returns the form that follows an article.
func NewFollowForm(at ThreadURL, words *locale.Language) *MailForm {
	return &MailForm{
		Action: FollowPath(at.Site), Note: words.Text("follow.note"), Button: words.Text("follow.submit"),
		Hidden: []HiddenField{Hidden("article", at.Article), Hidden("lang", words.Tag)}, Data: at.DataLink(words.Tag),
	}
}

// DataLink returns the URL of the page that sends a reader a link to their comments.
func (u ThreadURL) DataLink(lang string) string { return DataPath(u.Site) + "?lang=" + lang }
