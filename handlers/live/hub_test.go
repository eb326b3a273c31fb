package live

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"rejoinder/moderation"
)

func TestAClientThatDoesNotKeepUpIsDropped(t *testing.T) {
	h := NewHub(10, 10)
	slow, err := h.Subscribe(netip.MustParseAddr("192.0.2.1"), "a")
	if err != nil {
		t.Fatal(err)
	}
	for i := range eventBuffer + 5 {
		h.Publish(moderation.Change{Kind: moderation.ChangeVotes, ArticleID: "a", Version: int64(i)})
	}
	n := 0
	for range slow.events {
		n++
	}
	if n != eventBuffer {
		t.Errorf("it got %d events before it was dropped, want %d", n, eventBuffer)
	}
	h.Unsubscribe(slow)
	if len(h.byArticle) != 0 || len(h.byClient) != 0 || h.count != 0 {
		t.Errorf("something is left: %v %v %d", h.byArticle, h.byClient, h.count)
	}
}

func TestStreamsOfOneIPv6ClientCountTogether(t *testing.T) {
	h := NewHub(10, 1)
	for _, address := range []string{"2001:db8::1", "2001:db8:0:1::1", "192.0.2.1", "192.0.2.2"} {
		if _, err := h.Subscribe(netip.MustParseAddr(address), "a"); err != nil {
			t.Errorf("%s: %v", address, err)
		}
	}
	var limited *moderation.RateLimitError
	for _, address := range []string{"2001:db8::ffff", "192.0.2.2"} {
		if _, err := h.Subscribe(netip.MustParseAddr(address), "a"); !errors.As(err, &limited) {
			t.Errorf("%s: %v, want a refusal", address, err)
		}
	}
}

func TestOnlyACompleteSequenceOfChangesIsReplayed(t *testing.T) {
	h := NewHub(1, 1)
	for _, version := range []int64{4, 5, 7, 6, 9} {
		h.Publish(moderation.Change{Kind: moderation.ChangeEdited, ArticleID: "a", Version: version})
		h.Publish(moderation.Change{Kind: moderation.ChangeEdited, ArticleID: "b", Version: version + 1})
	}
	for _, c := range []struct {
		after, upTo int64
		want        int // -1: incomplete
	}{{3, 7, 4}, {5, 7, 2}, {7, 7, 0}, {7, 9, -1}, {2, 7, -1}, {9, 7, -1}, {0, 1 << 40, -1}} {
		found, all := h.changesBetween("a", c.after, c.upTo)
		if all != (c.want >= 0) || all && len(found) != c.want {
			t.Errorf("after %d up to %d: %v, %t", c.after, c.upTo, found, all)
		}
		for i, change := range found {
			if all && change.Version != c.after+1+int64(i) {
				t.Errorf("after %d: %v is out of order", c.after, found)
			}
		}
	}
	for i := range historySize {
		h.Publish(moderation.Change{Kind: moderation.ChangeEdited, ArticleID: "c", Version: int64(i + 1)})
	}
	if _, all := h.changesBetween("a", 3, 7); all {
		t.Error("overwritten entries of the history are repeated")
	}
	if found, all := h.changesBetween("c", 0, historySize); !all || len(found) != historySize {
		t.Errorf("a whole history gives %d, %t", len(found), all)
	}
	h.Publish(moderation.Change{Kind: moderation.ChangeResync})
	if _, all := h.changesBetween("c", 1, 2); all {
		t.Error("after something was missed, the history is used")
	}
}

func TestASilentStreamGetsHeartbeats(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &Streams{Hub: NewHub(1, 1)}
		subscription, err := s.Hub.Subscribe(netip.MustParseAddr("192.0.2.1"), "a")
		if err != nil {
			t.Fatal(err)
		}
		recorder := httptest.NewRecorder()
		f := feed{streams: s, subscription: subscription, initial: 6,
			out: &EventWriter{writer: recorder, control: http.NewResponseController(recorder)}}
		ctx, cancel := context.WithCancel(t.Context())
		go f.run(ctx)
		time.Sleep(60 * time.Second) // of the bubble: it passes at once
		s.Hub.Publish(moderation.Change{Kind: moderation.ChangePublished, ArticleID: "a", Version: 6})
		s.Hub.Publish(moderation.Change{Kind: moderation.ChangePublished, ArticleID: "a", Version: 7, CommentID: "c", Count: 3})
		synctest.Wait()
		s.Hub.Publish(moderation.Change{Kind: moderation.ChangeResync})
		synctest.Wait()
		cancel()
		want := ": \n\n: \n\nid: 7\nevent: change\ndata: {\"kind\":\"published\",\"comment_id\":\"c\",\"count\":3}\n\nid: 7\nevent: reload\ndata: {}\n\n"
		if got := strings.ReplaceAll(recorder.Body.String(), "\r", ""); got != want {
			t.Errorf("the stream says %q, want %q", got, want)
		}
	})
}
