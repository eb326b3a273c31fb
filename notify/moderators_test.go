package notify

import (
	"context"
	"strings"
	"testing"
	"time"

	"rejoinder/handlers/locale"
	"rejoinder/moderation"
)

// moderatorStore is a fixture with one moderator and a pending comment.
type moderatorStore struct {
	*memoryStore
	language string
}

func (s *moderatorStore) NotifiedModerator(context.Context, string) (Moderator, error) {
	sealed, err := s.keys.Seal("eve@harbour.example", Moderator{ID: "eve"}.EmailContext())
	choices := DefaultModeratorChoices()
	choices.Urgent = true
	return Moderator{ID: "eve", Name: "Eve", EmailSealed: sealed, Decides: true, Choices: choices, Language: s.language}, err
}

func (s *moderatorStore) CommentText(ctx context.Context, id string) (moderation.Comment, moderation.SubmissionRecord, error) {
	c, record, err := s.memoryStore.CommentText(ctx, id)
	c.Status = moderation.StatusPending
	record.Verdict = []byte(`{"hits": [{"rule": "links", "mode": "enforce", "reason": "Has 3 links: “a.example”."}]}`)
	return c, record, err
}

func (s *moderatorStore) Waiting(ctx context.Context, _ []string, _ int) (Waiting, error) {
	c, _, err := s.CommentText(ctx, mineID)
	return Waiting{Oldest: []moderation.Comment{c}, Total: 3, Reports: 1}, err
}

func (s *moderatorStore) WebhookStatus(context.Context, string) (WebhookStatus, error) {
	return WebhookStatus{Name: "cms", SiteID: "site", Reason: "Twenty deliveries in a row failed."}, nil
}

func TestModeratorsReadMailInTheirLanguage(t *testing.T) {
	l, c := newMemoryStore(t)
	store := &moderatorStore{memoryStore: l}
	c.Store = store
	secret, err := l.keys.Seal("secret", "link:m")
	if err != nil {
		t.Fatal(err)
	}
	for _, tc := range []struct {
		kind            Kind
		payload         Payload
		english, german string // in the text
	}{
		{KindUrgent, Payload{}, "Has 3 links", "Enthält 3 Links: „a.example“."},
		{KindDigest, Payload{}, "The oldest was written 1 hour ago.", "Der älteste wurde vor 1 Stunde geschrieben."},
		{KindLink, Payload{Secret: secret, Until: noon.Add(time.Hour)}, "It works once, until 28 November 2026 at 13:00 UTC.",
			"Er gilt einmal, bis 28. November 2026 um 13:00 Uhr (UTC)."},
		{KindSignIn, Payload{Client: "Firefox on Linux"}, "with Firefox on Linux, on 28 November 2026 at 12:00 UTC.",
			"mit Firefox auf Linux, am 28. November 2026"},
		{KindAccount, Payload{Action: "change_password"}, "The password was changed, on 28", "Das Passwort wurde geändert, am 28."},
		{KindWebhookPaused, Payload{}, "The webhook cms gets no more deliveries", "Der Webhook cms bekommt keine Zustellungen mehr"},
	} {
		for language, want := range map[string]string{"": tc.english, "de": tc.german, "es": tc.english} {
			store.language = language
			composed, err := c.Compose(t.Context(), Message{ID: "m", Channel: ChannelMail, Kind: tc.kind, ModeratorID: "eve",
				CommentID: mineID, Payload: tc.payload, CreatedAt: noon})
			if err != nil {
				t.Fatalf("%s: %v", tc.kind, err)
			}
			if !strings.Contains(composed.Text, want) {
				t.Errorf("%s in %q lacks %q:\n%s", tc.kind, language, want, composed.Text)
			}
		}
	}
}

func TestGermanNamesEveryChangeOfAnAccount(t *testing.T) {
	for _, change := range accountChanges {
		if locale.Find("de", "").Translation(change) == nil {
			t.Errorf("German lacks %q", change)
		}
	}
}
