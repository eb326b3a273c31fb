package db_test

import (
	"fmt"
	"io"
	"log/slog"
	"net"
	"runtime"
	"sync/atomic"
	"testing"
	"time"

	"github.com/emersion/go-smtp"

	"rejoinder/auth"
	"rejoinder/db"
	"rejoinder/db/dbtest"
	"rejoinder/notify"
	"rejoinder/notify/mail"
	"rejoinder/privacy"
)

// mailCounter is an SMTP server that counts mails.
type mailCounter struct{ mails atomic.Int64 }

func (c *mailCounter) NewSession(*smtp.Conn) (smtp.Session, error) { return c, nil }
func (c *mailCounter) Mail(string, *smtp.MailOptions) error        { return nil }
func (c *mailCounter) Rcpt(string, *smtp.RcptOptions) error        { return nil }
func (c *mailCounter) Reset()                                      {}
func (c *mailCounter) Logout() error                               { return nil }

func (c *mailCounter) Data(r io.Reader) error {
	_, err := io.Copy(io.Discard, r)
	c.mails.Add(1)
	return err
}

// BenchmarkOutbox sends queued mails to a fast server, on both engines.
func BenchmarkOutbox(b *testing.B) {
	b.Run("sqlite", func(b *testing.B) { benchmarkOutbox(b, dbtest.Migrated(b, dbtest.SQLiteURL(b))) })
	b.Run("postgres", func(b *testing.B) { benchmarkOutbox(b, dbtest.Migrated(b, dbtest.PostgresURL(b))) })
}

func benchmarkOutbox(b *testing.B, d *db.DB) {
	build, store := dbtest.Build(b, d), d.ForNotifications()
	keys, err := privacy.Open(b.TempDir(), time.Now)
	checkBench(b, err)
	moderator := auth.Moderator{ID: build.NewID(), EmailIndex: dbtest.Index("mo"), Name: "Mo", Role: auth.RoleAdmin,
		PasswordHash: "none", CreatedAt: build.Now()}
	moderator.EmailSealed, err = keys.Seal("mo@example.org", moderator.EmailContext())
	checkBench(b, err)
	checkBench(b, d.Moderators.CreateModerator(b.Context(), moderator))
	now := time.Now()
	for i := range b.N {
		checkBench(b, d.Outbox.Enqueue(b.Context(), notify.Message{ID: build.NewID(), Channel: notify.ChannelMail,
			Kind: notify.KindSignIn, ModeratorID: moderator.ID, Payload: notify.Payload{Client: fmt.Sprintf("Browser %d", i)},
			State: notify.StateWaiting, DueAt: now, CreatedAt: now}))
	}
	server, sender := startMailCounter(b)
	links := notify.Links{Keys: keys, PublicURL: "https://comments.example", Now: time.Now}
	worker := &notify.Worker{
		Store:     store,
		Composer:  &notify.Composer{Store: store, Keys: keys, Links: links, Now: time.Now},
		Transport: sender, Senders: 4, Log: slog.New(slog.DiscardHandler), Now: time.Now,
		Random: func() float64 { return 0.5 },
	}
	b.ResetTimer()
	for more := true; more; {
		more, err = worker.Send(b.Context())
		checkBench(b, err)
	}
	b.StopTimer()
	if n := server.mails.Load(); n != int64(b.N) {
		b.Fatalf("%d of %d mails", n, b.N)
	}
	var memory runtime.MemStats
	runtime.ReadMemStats(&memory)
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "mails/s")
	b.ReportMetric(float64(memory.HeapInuse)/(1<<20), "MiB-heap")
}

func startMailCounter(b *testing.B) (*mailCounter, *mail.SMTP) {
	b.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	checkBench(b, err)
	c := &mailCounter{}
	server := smtp.NewServer(c)
	server.Domain = "localhost"
	go server.Serve(listener) //nolint:errcheck // it ends with the benchmark
	b.Cleanup(func() { server.Close() })
	parsed, err := mail.ParseServer("smtp://" + listener.Addr().String())
	checkBench(b, err)
	sender, err := mail.NewSMTP(parsed, mail.Options{Sender: mail.Sender{Address: "comments@example.org"},
		Timeout: 10 * time.Second, Now: time.Now})
	checkBench(b, err)
	b.Cleanup(sender.Close)
	return c, sender
}

func checkBench(b *testing.B, err error) {
	b.Helper()
	if err != nil {
		b.Fatal(err)
	}
}
