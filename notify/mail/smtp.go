package mail

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net/netip"
	"net/url"
	"strconv"
	"time"

	gomail "github.com/wneessen/go-mail"
	"github.com/wneessen/go-mail/smtp"
)

// Server is an SMTP server, parsed from a URL.
type Server struct {
	host           string
	port           int
	user, password string
	implicitTLS    bool
	policy         gomail.TLSPolicy
}

// errServerURL never quotes the URL, which contains a password.
var errServerURL = errors.New("a mail server is smtp://USER:PASSWORD@HOST:587 (with STARTTLS), smtps://USER:PASSWORD@HOST:465 " +
	"or, without encryption, smtp://HOST:25?tls=off")

// ParseServer parses smtp://user:password@host:port or smtps://…. smtp requires STARTTLS, unless the host is this
// machine or the URL ends with "?tls=off".
func ParseServer(text string) (Server, error) {
	parsed, err := url.Parse(text)
	if err != nil || parsed.Hostname() == "" || parsed.Scheme != "smtp" && parsed.Scheme != "smtps" ||
		parsed.Path != "" && parsed.Path != "/" || parsed.Fragment != "" {
		return Server{}, errServerURL
	}
	s := Server{host: parsed.Hostname(), port: 587, user: parsed.User.Username(), policy: gomail.TLSMandatory}
	s.password, _ = parsed.User.Password()
	if s.implicitTLS = parsed.Scheme == "smtps"; s.implicitTLS {
		s.port = 465
	}
	if port := parsed.Port(); port != "" {
		if s.port, err = strconv.Atoi(port); err != nil || s.port < 1 || s.port > 65535 {
			return Server{}, errServerURL
		}
	}
	address, err := netip.ParseAddr(s.host)
	local := s.host == "localhost" || err == nil && address.IsLoopback()
	switch tlsMode := parsed.Query().Get("tls"); {
	case parsed.RawQuery != "" && (tlsMode != "off" || s.implicitTLS || len(parsed.Query()) > 1):
		return Server{}, errServerURL
	case tlsMode == "off":
		s.policy = gomail.NoTLS
	case local:
		s.policy = gomail.TLSOpportunistic
	}
	return s, nil
}

// SMTP sends mails to a server. It keeps connections open between mails. It is safe for concurrent use.
type SMTP struct {
	client  *gomail.Client
	sender  Sender
	now     func() time.Time
	idle    chan connection
	timeout time.Duration
}

// connection is an open connection to the server.
type connection struct {
	client *smtp.Client
	since  time.Time // when it was last used
}

const (
	idleConnections = 4
	// idleLife is how long an unused connection is kept. Servers close theirs after a minute or more.
	idleLife = 20 * time.Second
)

// Options are the choices of NewSMTP.
type Options struct {
	Sender  Sender
	Timeout time.Duration // for connecting, and for each mail
	Now     func() time.Time
	TLS     *tls.Config // nil: the system's
}

// NewSMTP returns a transport to the server. It does not connect.
func NewSMTP(server Server, o Options) (*SMTP, error) {
	options := []gomail.Option{
		gomail.WithPort(server.port), gomail.WithTimeout(o.Timeout), gomail.WithTLSPolicy(server.policy),
		gomail.WithHELO(o.Sender.domain()), gomail.WithoutNoop(),
	}
	if server.implicitTLS {
		options = append(options, gomail.WithSSL())
	}
	if o.TLS != nil {
		config := o.TLS.Clone()
		config.ServerName = server.host
		options = append(options, gomail.WithTLSConfig(config))
	}
	if server.user != "" {
		options = append(options, gomail.WithSMTPAuth(gomail.SMTPAuthAutoDiscover), gomail.WithUsername(server.user),
			gomail.WithPassword(server.password))
	}
	client, err := gomail.NewClient(server.host, options...)
	if err != nil {
		return nil, fmt.Errorf("mail server: %w", err)
	}
	return &SMTP{client: client, sender: o.Sender, now: o.Now, idle: make(chan connection, idleConnections),
		timeout: o.Timeout}, nil
}

// Deliver implements Transport.
func (s *SMTP) Deliver(ctx context.Context, m Mail) error {
	msg, err := s.sender.message(m)
	if err != nil {
		return err
	}
	conn, reused, err := s.connect(ctx)
	if err != nil {
		return connectFailure(err)
	}
	err = s.client.SendWithSMTPClient(conn, msg)
	if err != nil && reused && brokenBeforeMail(err) {
		// The server closed the idle connection. Nothing of the mail has reached it.
		conn.Close()
		if conn, err = s.client.DialToSMTPClientWithContext(ctx); err != nil {
			return connectFailure(err)
		}
		err = s.client.SendWithSMTPClient(conn, msg)
	}
	if err == nil || msg.IsDelivered() { // an error after the acceptance is one of the connection
		s.release(conn, err)
		return nil
	}
	failure := sendFailure(err)
	if failure.Permanent {
		s.release(conn, nil) // the server answered, so the connection works
	} else {
		conn.Close()
	}
	return failure
}

// brokenBeforeMail reports that the server did not respond to the first command of a mail.
func brokenBeforeMail(err error) bool {
	var sent *gomail.SendError
	return errors.As(err, &sent) && sent.ErrorCode() == 0 &&
		(sent.Reason == gomail.ErrSMTPMailFrom || sent.Reason == gomail.ErrConnCheck)
}

// connect returns an idle connection, or a new one.
func (s *SMTP) connect(ctx context.Context) (conn *smtp.Client, reused bool, err error) {
	for {
		select {
		case idle := <-s.idle:
			if s.now().Sub(idle.since) < idleLife {
				return idle.client, true, nil
			}
			idle.client.Close()
		default:
			conn, err = s.client.DialToSMTPClientWithContext(ctx)
			return conn, false, err
		}
	}
}

// release keeps a connection for the next mail, unless it is broken or there are enough.
func (s *SMTP) release(conn *smtp.Client, broken error) {
	if broken == nil {
		select {
		case s.idle <- connection{conn, s.now()}:
			return
		default:
		}
	}
	conn.Close()
}

// Close closes all idle connections.
func (s *SMTP) Close() {
	for {
		select {
		case idle := <-s.idle:
			idle.client.Close()
		default:
			return
		}
	}
}
