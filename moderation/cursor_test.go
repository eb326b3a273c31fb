package moderation

import (
	"encoding/base64"
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestACursorLeadsBackToItsPlaceInItsList(t *testing.T) {
	key := ThreadKey{CreatedAt: time.Date(2026, 3, 1, 12, 0, 0, 5000, time.UTC), ID: "019b0000-0000-7000-8000-000000000001"}
	made := EncodeCursor("thread/a/oldest", key)
	var read ThreadKey
	if err := DecodeCursor(made, "thread/a/oldest", &read); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(key, read); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	if err := DecodeCursor(made, "thread/b/oldest", &read); !errors.Is(err, ErrCursor) {
		t.Errorf("in another list: %v", err)
	}
}

func TestForgedCursorsAreRefused(t *testing.T) {
	for name, raw := range map[string]string{
		"nothing":                  ``,
		"null":                     `null`,
		"no key":                   `{"l":"list"}`,
		"an invalid id":            `{"l":"list","k":{"t":"2026-03-01T12:00:00Z","i":"a"}}`,
		"NUL in the id":            `{"l":"list","k":{"t":"2026-03-01T12:00:00Z","i":"\u0000"}}`,
		"a year after 9998 in UTC": `{"l":"list","k":{"t":"9999-12-31T23:59:59-23:00","i":"019b0000-0000-7000-8000-000000000001"}}`,
		"a year before 1 in UTC":   `{"l":"list","k":{"t":"0000-01-01T00:00:00+23:00","i":"019b0000-0000-7000-8000-000000000001"}}`,
		"no JSON":                  `{"l":`,
	} {
		var key ThreadKey
		if err := DecodeCursor(base64.RawURLEncoding.EncodeToString([]byte(raw)), "list", &key); !errors.Is(err, ErrCursor) {
			t.Errorf("%s: %v", name, err)
		}
	}
	var key ThreadKey
	if err := DecodeCursor("not base64!", "list", &key); !errors.Is(err, ErrCursor) {
		t.Errorf("not base64: %v", err)
	}
}
