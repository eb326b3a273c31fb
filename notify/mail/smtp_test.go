package mail

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"io"
	"math/big"
	"net"
	netmail "net/mail"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"
)

// server is a real SMTP server with the faults of a test.
type server struct {
	mu       sync.Mutex
	accepted [][]byte
	refuse   func(step string) error // nil or an error of the step: "auth", "from", "rcpt", "data"
}

func (s *server) fault(step string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.refuse == nil {
		return nil
	}
	return s.refuse(step)
}

func (s *server) mails() [][]byte {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.accepted
}

func (s *server) NewSession(*smtp.Conn) (smtp.Session, error) { return &session{server: s}, nil }

type session struct {
	server   *server
	signedIn bool
}

func (s *session) AuthMechanisms() []string { return []string{sasl.Plain} }

func (s *session) Auth(string) (sasl.Server, error) {
	return sasl.NewPlainServer(func(_, user, password string) error {
		if user != "user" || password != "pass/word" {
			return smtp.ErrAuthFailed
		}
		s.signedIn = true
		return nil
	}), nil
}

func (s *session) Mail(string, *smtp.MailOptions) error { return s.server.fault("from") }
func (s *session) Rcpt(string, *smtp.RcptOptions) error { return s.server.fault("rcpt") }
func (s *session) Reset()                               {}
func (s *session) Logout() error                        { return nil }

func (s *session) Data(r io.Reader) error {
	raw, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	if err := s.server.fault("data"); err != nil {
		return err
	}
	s.server.mu.Lock()
	defer s.server.mu.Unlock()
	s.server.accepted = append(s.server.accepted, raw)
	return nil
}

// certificate returns a certificate for this machine, and the configuration that trusts it.
func certificate(t *testing.T) (tls.Certificate, *tls.Config) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	ok(t, err)
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "test"}, NotAfter: time.Now().Add(time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, DNSNames: []string{"localhost"}, IsCA: true,
		BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	ok(t, err)
	parsed, err := x509.ParseCertificate(der)
	ok(t, err)
	pool := x509.NewCertPool()
	pool.AddCert(parsed)
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, &tls.Config{RootCAs: pool,
		MinVersion: tls.VersionTLS12}
}

func ok(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// mode is how a test's server encrypts.
type mode int

const (
	plain mode = iota
	startTLS
	implicitTLS
)

// serve starts the server and returns a client for it.
func serve(t *testing.T, s *server, how mode, url string) *SMTP {
	t.Helper()
	cert, trusting := certificate(t)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	ok(t, err)
	backend := smtp.NewServer(s)
	backend.Domain, backend.AllowInsecureAuth = "localhost", how == plain
	backend.ErrorLog = silentLog{}
	if how != plain {
		backend.TLSConfig = &tls.Config{Certificates: []tls.Certificate{cert}, MinVersion: tls.VersionTLS12}
	}
	if how == implicitTLS {
		listener = tls.NewListener(listener, backend.TLSConfig)
	}
	go backend.Serve(listener)
	t.Cleanup(func() { backend.Close() })
	return client(t, strings.ReplaceAll(url, "HOST", listener.Addr().String()), trusting)
}

type silentLog struct{}

func (silentLog) Printf(string, ...any) {}
func (silentLog) Println(...any)        {}

func client(t *testing.T, url string, trusting *tls.Config) *SMTP {
	t.Helper()
	parsed, err := ParseServer(url)
	ok(t, err)
	c, err := NewSMTP(parsed, Options{
		Sender: Sender{"Gazette", "comments@gazette.example"}, Timeout: 2 * time.Second, Now: time.Now, TLS: trusting,
	})
	ok(t, err)
	t.Cleanup(c.Close)
	return c
}

func newMail(id string) Mail {
	return Mail{ID: id, To: "reader@example.org", FromName: "The Gazette", Subject: "Grüße", Text: "Hällo\n",
		HTML: "<p>Hällo</p>", Unsubscribe: "https://c.example/mail/stop/x", Thread: "root", Date: time.Unix(1e9, 0)}
}

func TestAMailArrivesHoweverTheServerEncrypts(t *testing.T) {
	for name, c := range map[string]struct {
		how mode
		url string
	}{
		"without encryption on this machine": {plain, "smtp://HOST"},
		"STARTTLS and a password":            {startTLS, "smtp://user:pass%2Fword@HOST"},
		"TLS from the start":                 {implicitTLS, "smtps://user:pass%2Fword@HOST"},
	} {
		t.Run(name, func(t *testing.T) {
			s := &server{}
			sender := serve(t, s, c.how, c.url)
			ok(t, sender.Deliver(t.Context(), newMail("one")))
			ok(t, sender.Deliver(t.Context(), newMail("two"))) // on the same connection
			if len(s.mails()) != 2 {
				t.Fatalf("%d mails arrived", len(s.mails()))
			}
			got, err := netmail.ReadMessage(bytes.NewReader(s.mails()[0]))
			ok(t, err)
			for header, want := range map[string]string{
				"Message-Id": "<one@gazette.example>", "In-Reply-To": "<root@gazette.example>", "Auto-Submitted": "auto-generated",
				"List-Unsubscribe":      "<https://c.example/mail/stop/x>",
				"List-Unsubscribe-Post": "List-Unsubscribe=One-Click", "From": `"The Gazette" <comments@gazette.example>`,
				"To": "<reader@example.org>",
			} {
				if got.Header.Get(header) != want {
					t.Errorf("%s: %q, want %q", header, got.Header.Get(header), want)
				}
			}
		})
	}
}

func refusal(code int, a, b, c int) error {
	return &smtp.SMTPError{Code: code, EnhancedCode: smtp.EnhancedCode{a, b, c}, Message: "reader@example.org: no"}
}

func TestAFailureSaysWhetherToTryAgain(t *testing.T) {
	for name, c := range map[string]struct {
		step string
		err  error
		want Failure
	}{
		"greylisting":                 {"rcpt", refusal(451, 4, 7, 1), Failure{}},
		"an unknown mailbox":          {"rcpt", refusal(550, 5, 1, 1), Failure{Permanent: true, BadAddress: true}},
		"refused for policy":          {"rcpt", refusal(550, 5, 7, 1), Failure{Permanent: true}},
		"the sender is not allowed":   {"from", refusal(553, 5, 7, 1), Failure{Permanent: true}},
		"the content is refused":      {"data", refusal(554, 5, 6, 0), Failure{Permanent: true}},
		"the server is full":          {"data", refusal(452, 4, 3, 1), Failure{}},
		"the sender may try it later": {"from", refusal(421, 4, 3, 2), Failure{}},
	} {
		t.Run(name, func(t *testing.T) {
			s := &server{refuse: func(step string) error {
				if step == c.step {
					return c.err
				}
				return nil
			}}
			sender := serve(t, s, plain, "smtp://HOST")
			err := sender.Deliver(t.Context(), newMail("one"))
			var failure *Failure
			if !errors.As(err, &failure) || failure.Permanent != c.want.Permanent || failure.BadAddress != c.want.BadAddress {
				t.Fatalf("%+v", err)
			}
			if strings.Contains(failure.Error(), "example.org") {
				t.Errorf("the failure quotes an address: %s", failure)
			}
			s.mu.Lock()
			s.refuse = nil
			s.mu.Unlock()
			ok(t, sender.Deliver(t.Context(), newMail("one")))
			if len(s.mails()) != 1 {
				t.Errorf("%d mails arrived", len(s.mails()))
			}
		})
	}
}

func TestFaultsOfTheServerAreNamed(t *testing.T) {
	silent, err := net.Listen("tcp", "127.0.0.1:0")
	ok(t, err)
	defer silent.Close()
	gone, err := net.Listen("tcp", "127.0.0.1:0")
	ok(t, err)
	gone.Close()
	for name, c := range map[string]struct {
		sender *SMTP
		want   string
	}{
		"a wrong password":            {serve(t, &server{}, startTLS, "smtp://user:wrong@HOST"), "user name or password"},
		"a server that never answers": {client(t, "smtp://"+silent.Addr().String(), nil), "in time"},
		"nobody listens":              {client(t, "smtp://"+gone.Addr().String(), nil), "cannot be reached"},
		"a certificate that is not ok": {client(t, strings.Replace("smtps://ADDR", "ADDR", tlsAddr(t), 1), nil),
			"certificate"},
	} {
		t.Run(name, func(t *testing.T) {
			err := c.sender.Deliver(t.Context(), newMail("one"))
			var failure *Failure
			if !errors.As(err, &failure) || failure.Permanent || !failure.Server || !strings.Contains(failure.Reason, c.want) {
				t.Errorf("%+v", err)
			}
		})
	}
}

// tlsAddr is the address of a server with an untrusted certificate.
func tlsAddr(t *testing.T) string {
	t.Helper()
	cert, _ := certificate(t)
	listener, err := tls.Listen("tcp", "127.0.0.1:0", &tls.Config{Certificates: []tls.Certificate{cert},
		MinVersion: tls.VersionTLS12})
	ok(t, err)
	backend := smtp.NewServer(&server{})
	backend.ErrorLog = silentLog{}
	go backend.Serve(listener)
	t.Cleanup(func() { backend.Close() })
	return listener.Addr().String()
}

func TestAConnectionThatIsCutInTheMiddleIsTriedAgain(t *testing.T) {
	s := &server{}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	ok(t, err)
	cutting := &cutter{Listener: listener, left: 400}
	backend := smtp.NewServer(s)
	backend.Domain, backend.ErrorLog = "localhost", silentLog{}
	go backend.Serve(cutting)
	defer backend.Close()
	sender := client(t, "smtp://"+listener.Addr().String(), nil)
	var failure *Failure
	if err := sender.Deliver(t.Context(), newMail("one")); !errors.As(err, &failure) || failure.Permanent {
		t.Fatalf("%+v", err)
	}
	ok(t, sender.Deliver(t.Context(), newMail("one")))
	if len(s.mails()) != 1 {
		t.Errorf("%d mails arrived", len(s.mails()))
	}
}

// cutter cuts its first connection after so many bytes from the client.
type cutter struct {
	net.Listener
	left int
	used bool
}

func (c *cutter) Accept() (net.Conn, error) {
	conn, err := c.Listener.Accept()
	if err != nil || c.used {
		return conn, err
	}
	c.used = true
	return &cutConn{conn, c.left}, nil
}

type cutConn struct {
	net.Conn
	left int
}

func (c *cutConn) Read(b []byte) (int, error) {
	n, err := c.Conn.Read(b)
	if c.left -= n; c.left < 0 {
		c.Conn.Close()
		return 0, io.ErrUnexpectedEOF
	}
	return n, err
}

func TestAnIdleConnectionThatTheServerClosedIsReplaced(t *testing.T) {
	s := &server{}
	sender := serve(t, s, plain, "smtp://HOST")
	ok(t, sender.Deliver(t.Context(), newMail("one")))
	kept := <-sender.idle
	kept.client.Close()
	sender.idle <- kept
	ok(t, sender.Deliver(t.Context(), newMail("two")))
	if len(s.mails()) != 2 {
		t.Errorf("%d mails arrived", len(s.mails()))
	}
}

func TestURLsOfServers(t *testing.T) {
	for url, valid := range map[string]bool{
		"smtp://user:pass@mail.example.org:587": true, "smtps://mail.example.org": true, "smtp://127.0.0.1:25": true,
		"smtp://mail.internal:25?tls=off": true, "smtps://mail.example.org?tls=off": false, "http://mail.example.org": false,
		"mail.example.org:25": false, "smtp://": false, "smtp://h:0": false, "smtp://h/path": false, "smtp://h?x=y": false,
	} {
		if _, err := ParseServer(url); (err == nil) != valid {
			t.Errorf("%s: %v", url, err)
		} else if err != nil && strings.Contains(err.Error(), "mail.example.org") {
			t.Errorf("the error quotes the URL: %v", err)
		}
	}
}
