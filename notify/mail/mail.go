package mail

import (
	"context"
	"fmt"
	netmail "net/mail"
	"strings"
	"time"
	"unicode"

	gomail "github.com/wneessen/go-mail"
)

// Mail is a mail to one recipient.
type Mail struct {
	// ID is the local part of the Message-ID. It stays the same however often the mail is sent.
	ID string
	To string // the recipient's address
	// FromName is shown beside the sender's address; may be empty.
	FromName string
	ReplyTo  string // address for replies; empty: the sender's
	Subject  string
	Text     string // plain text
	HTML     string
	// Unsubscribe is the URL for List-Unsubscribe, whose one-click POST (RFC 8058) works without a login. Empty for
	// mails that nobody can unsubscribe from.
	Unsubscribe string
	// Thread is the local part of the Message-ID to which mail programs attach this mail; empty: none.
	Thread string
	Date   time.Time
}

// Transport delivers mails.
type Transport interface {
	// Deliver returns nil once the mail was accepted. Otherwise, a *Failure says whether to try again.
	Deliver(ctx context.Context, m Mail) error
}

// Sender is the address of all mails.
type Sender struct {
	Name    string // shown unless a mail has its own; may be empty
	Address string
}

// ParseSender parses "Name <address>" or an address.
func ParseSender(text string) (Sender, error) {
	parsed, err := netmail.ParseAddress(text)
	if err != nil || !strings.Contains(parsed.Address, "@") {
		return Sender{}, fmt.Errorf("%q is not an address such as comments@example.org or Comments <comments@example.org>", text)
	}
	return Sender{Name: parsed.Name, Address: parsed.Address}, nil
}

// domain is the part of the sender's address behind the @. Message-IDs end with it.
func (s Sender) domain() string { return s.Address[strings.LastIndexByte(s.Address, '@')+1:] }

// message builds the mail. Every header comes from a field without line breaks, so no text can add a header.
func (s Sender) message(m Mail) (*gomail.Msg, error) {
	msg := gomail.NewMsg(gomail.WithNoDefaultUserAgent())
	from := netmail.Address{Name: s.Name, Address: s.Address}
	if name := oneLine(m.FromName); name != "" {
		from.Name = name
	}
	msg.FromMailAddress(&from)
	if err := msg.EnvelopeFrom(s.Address); err != nil {
		return nil, fmt.Errorf("sender: %w", err)
	}
	to, err := netmail.ParseAddress(m.To)
	if err != nil {
		return nil, &Failure{Permanent: true, BadAddress: true, Reason: "the address is not valid in a mail"}
	}
	msg.SetAddrHeaderFromMailAddress(gomail.HeaderTo, &netmail.Address{Address: to.Address})
	if m.ReplyTo != "" {
		reply, err := netmail.ParseAddress(m.ReplyTo)
		if err != nil {
			return nil, &Failure{Permanent: true, Reason: "the site's address for replies is not valid"}
		}
		msg.ReplyToMailAddress(reply)
	}
	msg.Subject(oneLine(m.Subject))
	msg.SetDateWithValue(m.Date)
	msg.SetMessageIDWithValue(m.ID + "@" + s.domain())
	msg.SetGenHeader("Auto-Submitted", "auto-generated")
	if m.Thread != "" {
		thread := "<" + m.Thread + "@" + s.domain() + ">"
		msg.SetGenHeader(gomail.HeaderInReplyTo, thread)
		msg.SetGenHeader(gomail.HeaderReferences, thread)
	}
	if m.Unsubscribe != "" {
		msg.SetGenHeaderPreformatted(gomail.HeaderListUnsubscribe, "<"+m.Unsubscribe+">")
		msg.SetGenHeader(gomail.HeaderListUnsubscribePost, "List-Unsubscribe=One-Click")
	}
	msg.SetBodyString(gomail.TypeTextPlain, m.Text)
	msg.AddAlternativeString(gomail.TypeTextHTML, m.HTML)
	return msg, nil
}

// maxHeader is the maximum length of a subject or a name, in characters.
const maxHeader = 200

// oneLine replaces control and format characters, which include line breaks, by spaces, and shortens the text.
func oneLine(text string) string {
	text = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || unicode.Is(unicode.Cf, r) && r != '\u200d' && r != '\u200c' || r == '\u2028' ||
			r == '\u2029' {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(text, "\ufffd"))
	text = strings.Join(strings.Fields(text), " ")
	if characters := []rune(text); len(characters) > maxHeader {
		text = string(characters[:maxHeader-1]) + "…"
	}
	return text
}
