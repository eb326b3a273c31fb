package main

import (
	"context"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/url"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/spf13/cobra"

	"rejoinder/handlers"
	"rejoinder/handlers/page"
	"rejoinder/moderation"
	"rejoinder/moderation/queue"
	"rejoinder/notify"
	"rejoinder/notify/mail"
)

// Settings of sending mail.
const (
	mailTimeout = 30 * time.Second
	mailSenders = 4
	undoTime    = 10 * time.Second
	// mailFolder is the folder in the data folder for the demo's mails.
	mailFolder = "mails"
)

var mailSettings = []setting{
	{"smtp-url", "", "mail server, smtp://USER:PASSWORD@HOST:587 or smtps://…; empty: no mail",
		func(c *Config, v string) (err error) {
			if c.SMTP = v; v != "" {
				_, err = mail.ParseServer(v)
			}
			return err
		}},
	{"mail-from", "", "sender of all mails, comments@example.org or Comments <comments@example.org>",
		func(c *Config, v string) (err error) {
			if v != "" {
				c.MailFrom, err = mail.ParseSender(v)
			}
			return err
		}},
	{"mail-per-minute", "0", "maximum number of mails per minute and server; 0: no limit",
		func(c *Config, v string) (err error) { c.MailPerMinute, err = parseCount(v); return err }},
}

// checkMail requires both settings of mail or none.
func (c *Config) checkMail() error {
	if (c.SMTP == "") != (c.MailFrom.Address == "") {
		return errors.New("smtp-url and mail-from: set both, or neither to send no mail")
	}
	return nil
}

// sendsMail reports whether this process leaves messages in the outbox for a server to send.
func (c *Config) sendsMail() bool { return c.SMTP != "" }

// transport returns what sends mail: the mail server or, for a demo without one, a folder; nil for neither.
func (a *app) transport(publicURL string, withDemo bool) (mail.Transport, error) {
	switch {
	case a.config.SMTP != "":
		return newSMTP(a.config)
	case withDemo:
		return a.mailFiles(publicURL), nil
	}
	return nil, nil
}

func newSMTP(config Config) (*mail.SMTP, error) {
	server, err := mail.ParseServer(config.SMTP)
	if err != nil {
		return nil, err
	}
	return mail.NewSMTP(server, mail.Options{Sender: config.MailFrom, Timeout: mailTimeout, Now: time.Now})
}

// mailFiles is the folder of the demo's mails.
func (a *app) mailFiles(publicURL string) mail.Files {
	host := "localhost"
	if parsed, err := url.Parse(publicURL); err == nil && strings.Contains(parsed.Hostname(), ".") {
		host = parsed.Hostname()
	}
	return mail.Files{Dir: filepath.Join(a.config.DataDir, mailFolder), Sender: mail.Sender{Address: "comments@" + host}}
}

func (a *app) mailLinks(publicURL string) notify.Links {
	return notify.Links{Keys: a.keys, PublicURL: publicURL, Now: time.Now}
}

func (a *app) mailReaders(publicURL string) *notify.Readers {
	return &notify.Readers{Store: a.db.ForNotifications(), Keys: a.keys, Links: a.mailLinks(publicURL),
		Now: time.Now, NewID: newID}
}

// mailWorker wires the worker that sends the messages of the outbox.
func (a *app) mailWorker(publicURL string, transport mail.Transport, metrics *metrics) *notify.Worker {
	store := a.db.ForNotifications()
	return &notify.Worker{
		Store: store,
		Composer: &notify.Composer{
			Store: store, Keys: a.keys, Links: a.mailLinks(publicURL), Now: time.Now,
			Author: &moderation.AuthorService{Store: a.db.ForAuthors(), Keys: a.keys,
				Limiter: a.limiter(moderation.AppealsPerMinute), Now: time.Now, NewID: newID},
			Refusal: page.RefusalWords, DecidedBy: page.DecidedBy,
		},
		Transport: transport, Readers: a.mailReaders(publicURL), Senders: mailSenders, PerMinute: a.config.MailPerMinute,
		Observe: metrics.message, Log: metrics.worker(a.log, "outbox"), Now: time.Now, Random: randomFraction,
	}
}

// mailModerators wires the use cases behind moderators' mails.
func (a *app) mailModerators(publicURL string, decider *queue.Queue) *notify.Moderators {
	return &notify.Moderators{Store: a.db.ForNotifications(), Queue: decider, Links: a.mailLinks(publicURL)}
}

// mailPages wires the dependencies of the pages about mail.
func (a *app) mailPages(publicURL string, decider *queue.Queue, o serverOptions) handlers.Mail {
	pages := handlers.Mail{
		Readers: a.mailReaders(publicURL), Moderators: a.mailModerators(publicURL, decider),
		Outbox: &notify.Outbox{Store: a.db.ForNotifications(), Now: time.Now}, On: o.mail,
	}
	if o.demo && a.config.SMTP == "" {
		files := a.mailFiles(publicURL)
		pages.Files = &files
	}
	return pages
}

// randomFraction returns a number from 0 to 1.
func randomFraction() float64 {
	var b [4]byte
	if _, err := rand.Read(b[:]); err != nil {
		return 0.5
	}
	return float64(binary.BigEndian.Uint32(b[:])) / (1 << 32)
}

func mailCommand(std stdio) *cobra.Command {
	var to string
	test := &cobra.Command{
		Use:   "test --to ADDRESS",
		Short: "Send a test mail through the configured mail server, and explain failures",
		Args:  noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			config, err := loadConfig(cmd.Flags(), std)
			if err != nil {
				return err
			}
			return testMail(cmd.Context(), std.out, config, to)
		},
	}
	test.Flags().StringVar(&to, "to", "", "address of the recipient")
	addFlags(test.Flags())
	return group("mail", "Test mail delivery", test)
}

// testMail sends a mail.
func testMail(ctx context.Context, out io.Writer, config Config, to string) error {
	if to == "" {
		return usageError{errors.New("--to ADDRESS is required")}
	}
	if config.SMTP == "" {
		return usageError{errors.New("no mail server is configured: set smtp-url and mail-from (see docs/notifications.md)")}
	}
	recipient, err := mail.ParseSender(to)
	if err != nil {
		return usageError{fmt.Errorf("--to: %w", err)}
	}
	sender, err := newSMTP(config)
	if err != nil {
		return err
	}
	defer sender.Close()
	text := "This mail was sent by \"rejoinder mail test\". Notifications can be sent.\n"
	err = sender.Deliver(ctx, mail.Mail{
		ID: newID(), To: recipient.Address, Subject: "Test mail from Rejoinder", Text: text,
		HTML: "<p>" + text + "</p>", Date: time.Now(),
	})
	var failure *mail.Failure
	if errors.As(err, &failure) {
		return explainFailure(failure)
	}
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(out, "The mail server accepted a mail to %s. If it does not arrive within a few minutes, check the server’s log\n"+
		"and at the SPF, DKIM and DMARC records of the domain of %s.\n", recipient.Address, config.MailFrom.Address)
	return err
}

// remedies say what to do about failures.
var remedies = []struct{ reason, remedy string }{
	{"cannot be resolved", "Check the host name in smtp-url, and this machine's name server."},
	{"cannot be reached", "Check host and port in smtp-url, and whether a firewall blocks outgoing connections to it. Many " +
		"hosting companies block port 25; use 587 or 465."},
	{"did not answer in time", "Check the port: smtps:// is for 465, smtp:// for 587."},
	{"certificate", "Use the host name that the certificate is for, or have the server get a valid one."},
	{"STARTTLS", "Use smtps:// if the server encrypts from the start. Only for a server in a trusted network: add ?tls=off."},
	{"user name or password", "Check both. Characters such as @ and / in them must be percent-encoded, as %40 and %2F."},
	{"the sender", "The server does not let this account send from the address in mail-from."},
	{"the recipient", "The address does not exist, or the server does not relay mail without signing in."},
}

// explainFailure says what failed, what the server said, and what to do.
func explainFailure(failure *mail.Failure) error {
	text := failure.Reason
	if cause := failure.Cause(); cause != nil {
		text += "\n  Details: " + strconv.Quote(cause.Error())
	}
	for _, r := range remedies {
		if strings.Contains(failure.Reason, r.reason) {
			text += "\n  " + r.remedy
			break
		}
	}
	return errors.New(text)
}

// message records that a message of the outbox is done.
func (m *metrics) message(kind notify.Kind, state notify.State, age time.Duration) {
	m.messages.WithLabelValues(string(kind), string(state)).Inc()
	if state == notify.StateSent {
		m.delivery.Observe(max(0, age.Seconds()))
	}
}

// outboxNow is the state of the outbox at a time.
type outboxNow struct {
	notify.OutboxCounts
	now time.Time
}

// cachedCounts caches the last result of a query.
type cachedCounts[T any] struct {
	what string
	read func(context.Context) (T, error)
	now  func() time.Time
	log  *slog.Logger

	mu     sync.Mutex
	last   T
	readAt time.Time
}

func newOutboxCollector(from metricSources) prometheus.Collector {
	counts := &cachedCounts[notify.OutboxCounts]{what: "outbox", read: from.outbox, now: from.now, log: from.log}
	return newStatsCollector([]statMetric[outboxNow]{
		{prometheus.GaugeValue, "rejoinder_outbox_waiting", "Mails waiting in the outbox.",
			func(s outboxNow) float64 { return float64(s.Waiting) }},
		{prometheus.GaugeValue, "rejoinder_outbox_failed", "Mails of the outbox that failed and were not sent again.",
			func(s outboxNow) float64 { return float64(s.Failed) }},
		{prometheus.GaugeValue, "rejoinder_outbox_events", "Events that have not been turned into messages yet.",
			func(s outboxNow) float64 { return float64(s.Events) }},
		{prometheus.GaugeValue, "rejoinder_outbox_oldest_due_seconds",
			"How long the oldest waiting mail has been due; 0 if none is.",
			func(s outboxNow) float64 {
				if s.OldestDue.IsZero() {
					return 0
				}
				return max(0, s.now.Sub(s.OldestDue).Seconds())
			}},
	}, func(tell func(outboxNow, ...string)) {
		if last, now, ok := counts.get(); ok {
			tell(outboxNow{last, now})
		}
	})
}

// get returns the counts, and the time; false if they cannot be read.
func (c *cachedCounts[T]) get() (T, time.Time, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	now := c.now()
	if c.readAt.IsZero() || now.Sub(c.readAt) >= queueReadEvery {
		ctx, cancel := context.WithTimeout(context.Background(), queueReadTime)
		defer cancel()
		last, err := c.read(ctx)
		if err != nil {
			c.log.WarnContext(ctx, "count for metrics", "what", c.what, "err", err)
			return last, now, false
		}
		c.last, c.readAt = last, now
	}
	return c.last, now, true
}
