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

func TestAClientThatDoesNotKeepUpIsToldToReadAnew(t *testing.T) {
	h := NewHub(10, 10)
	slow, err := h.Join(netip.MustParseAddr("192.0.2.1"), "a")
	if err != nil {
		t.Fatal(err)
	}
	for i := range streamBuffer + 5 {
		h.Tell(moderation.Change{Kind: moderation.ChangeVotes, ArticleID: "a", Version: int64(i)})
	}
	n := 0
	for range slow.events {
		n++
	}
	if n != streamBuffer {
		t.Errorf("it got %d events before the end, want %d", n, streamBuffer)
	}
	h.Leave(slow)
	if len(h.ofArticle) != 0 || len(h.ofAddress) != 0 || h.open != 0 {
		t.Errorf("something of it stays: %v %v %d", h.ofArticle, h.ofAddress, h.open)
	}
}

func TestStreamsOfOneIPv6ClientCountTogether(t *testing.T) {
	h := NewHub(10, 1)
	for address, want := range map[string]error{"2001:db8::1": nil, "2001:db8:0:1::1": nil, "192.0.2.1": nil, "192.0.2.2": nil} {
		if _, err := h.Join(netip.MustParseAddr(address), "a"); !errors.Is(err, want) {
			t.Errorf("%s: %v, want %v", address, err, want)
		}
	}
	for _, address := range []string{"2001:db8::ffff", "192.0.2.2"} {
		if _, err := h.Join(netip.MustParseAddr(address), "a"); !errors.Is(err, ErrAddressStreams) {
			t.Errorf("%s: %v, want a refusal", address, err)
		}
	}
}

func TestOnlyAnUnbrokenRowOfChangesIsRepeated(t *testing.T) {
	h := NewHub(1, 1)
	for _, version := range []int64{4, 5, 7, 6, 9} {
		h.Tell(moderation.Change{Kind: moderation.ChangeEdited, ArticleID: "a", Version: version})
		h.Tell(moderation.Change{Kind: moderation.ChangeEdited, ArticleID: "b", Version: version + 1})
	}
	for _, c := range []struct {
		after, upTo int64
		want        int // -1: read anew
	}{{3, 7, 4}, {5, 7, 2}, {7, 7, 0}, {7, 9, -1}, {2, 7, -1}, {9, 7, -1}, {0, 1 << 40, -1}} {
		found, all := h.since("a", c.after, c.upTo)
		if all != (c.want >= 0) || all && len(found) != c.want {
			t.Errorf("after %d up to %d: %v, %t", c.after, c.upTo, found, all)
		}
		for i, change := range found {
			if all && change.Version != c.after+1+int64(i) {
				t.Errorf("after %d: %v is out of order", c.after, found)
			}
		}
	}
	for i := range ringSize {
		h.Tell(moderation.Change{Kind: moderation.ChangeEdited, ArticleID: "c", Version: int64(i + 1)})
	}
	if _, all := h.since("a", 3, 7); all {
		t.Error("what was pushed out of the ring is repeated")
	}
	if found, all := h.since("c", 0, ringSize); !all || len(found) != ringSize {
		t.Errorf("a whole ring gives %d, %t", len(found), all)
	}
	h.Tell(moderation.Change{Kind: moderation.ChangeResync})
	if _, all := h.since("c", 1, 2); all {
		t.Error("after something was missed, the ring is believed")
	}
}

func TestASilentStreamShowsThatItLives(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &Streams{Hub: NewHub(1, 1)}
		joined, err := s.Hub.Join(netip.MustParseAddr("192.0.2.1"), "a")
		if err != nil {
			t.Fatal(err)
		}
		recorder := httptest.NewRecorder()
		f := feeder{streams: s, stream: joined, version: 6,
			out: &EventWriter{writer: recorder, control: http.NewResponseController(recorder)}}
		ctx, cancel := context.WithCancel(t.Context())
		go f.run(ctx)
		time.Sleep(60 * time.Second) // of the bubble: it passes at once
		s.Hub.Tell(moderation.Change{Kind: moderation.ChangePublished, ArticleID: "a", Version: 6})
		s.Hub.Tell(moderation.Change{Kind: moderation.ChangePublished, ArticleID: "a", Version: 7, CommentID: "c", Count: 3})
		synctest.Wait()
		s.Hub.Tell(moderation.Change{Kind: moderation.ChangeResync})
		synctest.Wait()
		cancel()
		want := ": \n\n: \n\nid: 7\nevent: change\ndata: {\"kind\":\"published\",\"comment_id\":\"c\",\"count\":3}\n\nid: 7\nevent: reload\ndata: {}\n\n"
		if got := strings.ReplaceAll(recorder.Body.String(), "\r", ""); got != want {
			t.Errorf("the stream says %q, want %q", got, want)
		}
	})
}
