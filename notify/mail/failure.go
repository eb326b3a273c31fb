package mail

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"strings"

	gomail "github.com/wneessen/go-mail"
)

// Failure says why a mail was not accepted. Its text contains no address and nothing that a server said about
// one, so it may be stored and logged.
type Failure struct {
	// Permanent failures are not worth another try.
	Permanent bool
	// BadAddress reports that there is no such mailbox: nothing more should be sent to it.
	BadAddress bool
	// Server reports that the server as a whole takes no mail at the moment.
	Server bool
	Reason string
	cause  error // may quote an address
}

// Error implements error.
func (f *Failure) Error() string { return f.Reason }

// Cause is the error behind the failure, for an operator who tests the settings. It may quote an address; nil for
// none.
func (f *Failure) Cause() error { return f.cause }

// steps name what go-mail was doing.
var steps = map[gomail.SendErrReason]string{
	gomail.ErrSMTPMailFrom: "the sender", gomail.ErrSMTPRcptTo: "the recipient", gomail.ErrSMTPData: "the mail",
	gomail.ErrSMTPDataClose: "the mail", gomail.ErrWriteContent: "the mail",
}

// sendFailure describes an error of sending a mail on an open connection.
func sendFailure(err error) *Failure {
	var sent *gomail.SendError
	if !errors.As(err, &sent) {
		return connectFailure(err)
	}
	code, step := sent.ErrorCode(), steps[sent.Reason]
	if code == 0 || step == "" {
		return &Failure{Reason: "the connection to the mail server broke", cause: err}
	}
	f := &Failure{Reason: fmt.Sprintf("the mail server refused %s (%d)", step, code), cause: err}
	if enhanced := sent.EnhancedStatusCode(); enhanced != "" {
		f.Reason = fmt.Sprintf("the mail server refused %s (%d, %s)", step, code, enhanced)
	}
	f.Permanent = code >= 500
	f.BadAddress = f.Permanent && sent.Reason == gomail.ErrSMTPRcptTo && aboutMailbox(code, sent.EnhancedStatusCode())
	return f
}

// aboutMailbox reports whether a refusal says that the mailbox does not exist or takes no mail, and not that this
// server may not send (5.7.x).
func aboutMailbox(code int, enhanced string) bool {
	if enhanced != "" {
		return strings.HasPrefix(enhanced, "5.1.") || strings.HasPrefix(enhanced, "5.2.")
	}
	return code == 550 || code == 551 || code == 553
}

// connectFailure describes an error of connecting, encrypting or signing in. All of these are tried again: they
// are faults of the settings or the server, not of the mail.
func connectFailure(err error) *Failure {
	f := &Failure{Server: true, Reason: "the mail server cannot be reached", cause: err}
	var timeout net.Error
	var lookup *net.DNSError
	var authority x509.UnknownAuthorityError
	var hostname x509.HostnameError
	var verification *tls.CertificateVerificationError
	switch {
	case errors.As(err, &lookup):
		f.Reason = "the mail server's name cannot be resolved"
	case errors.As(err, &authority), errors.As(err, &hostname), errors.As(err, &verification):
		f.Reason = "the mail server's certificate is not valid"
	case errors.Is(err, context.DeadlineExceeded), errors.As(err, &timeout) && timeout.Timeout():
		f.Reason = "the mail server did not answer in time"
	case strings.Contains(err.Error(), "STARTTLS"):
		f.Reason = "the mail server does not offer STARTTLS"
	case strings.HasPrefix(err.Error(), "SMTP AUTH failed"), strings.Contains(err.Error(), "535"):
		f.Reason = "the mail server refused user name or password"
	}
	return f
}
