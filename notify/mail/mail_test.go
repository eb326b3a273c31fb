package mail

import (
	"bytes"
	"context"
	"fmt"
	netmail "net/mail"
	"strings"
	"testing"
)

func FuzzNoTextAddsAHeader(f *testing.F) {
	for _, text := range []string{"a\r\nBcc: x@example.org", "a\nX: y", "\u2028X: y", "=?utf-8?q?a=0D=0AX:_y?=",
		"a\x00b", strings.Repeat("ä", 500)} {
		f.Add(text, text)
	}
	f.Fuzz(func(t *testing.T, name, subject string) {
		m := newMail("one")
		m.FromName, m.Subject = name, subject
		msg, err := Sender{"Gazette", "comments@gazette.example"}.message(m)
		ok(t, err)
		var b bytes.Buffer
		_, err = msg.WriteTo(&b)
		ok(t, err)
		got, err := netmail.ReadMessage(&b)
		ok(t, err)
		for header := range got.Header {
			if !known[header] {
				t.Errorf("header %q", header)
			}
		}
		if to, err := got.Header.AddressList("To"); err != nil || len(to) != 1 || to[0].Address != "reader@example.org" {
			t.Errorf("to %v: %v", to, err)
		}
		if from, err := got.Header.AddressList("From"); err != nil || len(from) != 1 ||
			from[0].Address != "comments@gazette.example" {
			t.Errorf("from %v: %v", from, err)
		}
	})
}

var known = map[string]bool{"Date": true, "Mime-Version": true, "Message-Id": true, "Subject": true,
	"From": true, "To": true,
	"Content-Type": true, "List-Unsubscribe": true, "List-Unsubscribe-Post": true, "In-Reply-To": true, "References": true,
	"Auto-Submitted": true}

func TestAMailInTheFolderCanBeRead(t *testing.T) {
	files := Files{Dir: t.TempDir() + "/mails", Sender: Sender{"", "comments@localhost"}}
	ok(t, files.Deliver(context.Background(), newMail("0001")))
	html, err := files.Read("0001")
	ok(t, err)
	if !strings.Contains(string(html), "Hällo") {
		t.Errorf("%s", html)
	}
	for _, id := range []string{"0002", "../0001", fmt.Sprintf("%c", 0)} {
		if _, err := files.Read(id); err == nil {
			t.Errorf("%q was read", id)
		}
	}
}
