package moderation

import (
	"time"

	"rejoinder/moderation/text"
)

// Subscription is an author's wish to be told what becomes of a comment, and of replies to it. Nothing is sent
// before their address is confirmed. Package notify sends it.
type Subscription struct {
	ID       string
	Language string // of the mails; empty: the site's
	At       time.Time
}

// OffersMail reports whether readers of the site are offered mail.
func (in *Intake) OffersMail(site Site) bool { return in.Mail && !site.Settings.MailOff }

// CheckEmail returns *Invalid about the field "email" unless it is one.
func CheckEmail(email string) error {
	var faults Invalid
	switch {
	case email == "":
		faults.Add("/email", "required", "An email is required.")
	case text.CheckEmail(email) != nil:
		faults.Add("/email", "malformed", "Must be an email such as name@example.org.")
	}
	return faults.Err()
}

// SuggestEmail returns the address that was probably meant if the domain of an email looks mistyped; else empty.
func SuggestEmail(email string) string { return text.SuggestEmail(email) }

// emailSuggestion is SuggestEmail for the author. It is empty if the publication has verified their address, or
// if a program filled in the form.
func (s Submission) emailSuggestion() string {
	if s.reader != nil || s.Form.Honeypot != "" {
		return ""
	}
	return SuggestEmail(s.AuthorEmail)
}

// askAboutEmail returns *MistypedEmailError if the author can be asked about their address, and should be.
func (s Submission) askAboutEmail() error {
	if suggestion := s.emailSuggestion(); suggestion != "" && s.MayAskEmail {
		return &MistypedEmailError{suggestion}
	}
	return nil
}

func (in *Intake) subscription(c Comment, s Submission) *Subscription {
	return &Subscription{ID: in.NewID(), Language: s.Language, At: c.CreatedAt}
}

// noMail returns the error for a submission that requests mail from a site that sends none.
func noMail() error {
	var faults Invalid
	faults.Add("/notify", "unavailable", "This site does not send notifications. Leave this out, or set it to false.")
	return faults.Err()
}
