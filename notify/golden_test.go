package notify

import (
	"context"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"rejoinder/handlers/locale"
	"rejoinder/moderation"
	"rejoinder/notify/mail"
	"rejoinder/privacy"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// memoryStore is the storage of a few comments.
type memoryStore struct {
	ComposerStore
	keys      *privacy.Keyring
	site      moderation.Site
	language  string
	confirmed time.Time
}

var noon = time.Date(2026, time.November, 28, 12, 0, 0, 0, time.UTC)

const (
	readerID = "01957000-0000-7000-8000-000000000001"
	mineID   = "01957000-0000-7000-8000-000000000002"
	replyID  = "01957000-0000-7000-8000-000000000003"
)

func (l *memoryStore) Commenter(context.Context, string) (moderation.Commenter, error) {
	sealed, err := l.keys.Seal("mika@harbour.example", readerID)
	return moderation.Commenter{ID: readerID, SiteID: "site", EmailSealed: sealed, ConfirmedAt: l.confirmed}, err
}

func (l *memoryStore) Site(context.Context, string) (moderation.Site, error) { return l.site, nil }

func (l *memoryStore) ArticleByID(context.Context, string) (moderation.Article, error) {
	return moderation.Article{ID: "article", Key: "ferry", Registered: true, URL: "https://harbour.example/ferry?a=1&b=2",
		Title: "Sunday <i>ferry</i> to stop"}, nil
}

func (l *memoryStore) CommentText(_ context.Context, id string) (moderation.Comment, moderation.SubmissionRecord, error) {
	c := moderation.Comment{ID: id, SiteID: "site", ArticleID: "article", CommenterID: readerID, RootID: mineID,
		Version: 2,
		Status:  moderation.StatusApproved, AuthorName: "Mika R.", CreatedAt: noon.Add(-time.Hour)}
	body := "My mother takes the **08:10** to dialysis.\n\nShe’d be glad to say so."
	if id == replyID {
		c.ParentID, c.CommenterID, c.AuthorName = mineID, "other", "Priya <script>N.</script>"
		body = "Leave those out & it’s 71.\nSee column four."
	}
	return c, moderation.SubmissionRecord{Body: body}, nil
}

func (l *memoryStore) Decisions(context.Context, string) ([]moderation.Decision, error) {
	return []moderation.Decision{{ID: "decision", To: moderation.StatusApproved}}, nil
}

func (l *memoryStore) ReaderChoices(context.Context, string) (ReaderChoices, error) {
	return ReaderChoices{Replies: AtOnce, Outcomes: true}, nil
}

func (l *memoryStore) AddressStopped(context.Context, [][]byte) (StopReason, error) { return "", nil }

func (l *memoryStore) Subscribers(context.Context, moderation.Comment) ([]Subscriber, error) {
	return []Subscriber{{CommenterID: readerID, CommentID: mineID, ArticleID: "article"}}, nil
}

func (l *memoryStore) Language(context.Context, string, string) (string, error) {
	return l.language, nil
}

func (l *memoryStore) RepliesFor(context.Context, RepliesQuery) ([]moderation.Comment, error) {
	c, _, err := l.CommentText(context.Background(), replyID)
	return []moderation.Comment{c}, err
}

func newMemoryStore(t *testing.T) (*memoryStore, *Composer) {
	t.Helper()
	keys, err := privacy.Open(t.TempDir(), time.Now)
	if err != nil {
		t.Fatal(err)
	}
	l := &memoryStore{keys: keys, site: moderation.Site{ID: "site", Slug: "harbour", Name: "The Harbour Gazette",
		Locale: "en"}, confirmed: noon}
	return l, &Composer{Store: l, Keys: keys, Now: func() time.Time { return noon },
		Links: Links{Keys: keys, PublicURL: "https://comments.example", Now: func() time.Time { return noon }}}
}

var readerKinds = []Kind{KindConfirm, KindPublished, KindReply, KindReplies, KindManage}

func compose(t *testing.T, c *Composer, kind Kind) mail.Mail {
	t.Helper()
	m := Message{ID: "01957000-0000-7000-8000-00000000000f", Channel: ChannelMail, Kind: kind, CommenterID: readerID,
		CommentID: mineID, Payload: Payload{DecisionID: "decision"}, CreatedAt: noon}
	if kind == KindReply {
		m.CommentID = replyID
	}
	composed, err := c.Compose(t.Context(), m)
	if err != nil {
		t.Fatalf("%s: %v", kind, err)
	}
	return composed
}

func TestMailsMatchTheGoldenFiles(t *testing.T) {
	l, c := newMemoryStore(t)
	checked := 0
	for _, words := range locale.Languages() {
		l.language = words.Tag
		for _, kind := range readerKinds {
			if l.confirmed = noon; kind == KindConfirm {
				l.confirmed = time.Time{}
			}
			composed := compose(t, c, kind)
			got := "Subject: " + composed.Subject + "\n\n" + unsigned(composed.Text)
			path := filepath.Join("testdata", string(kind)+"-"+words.Tag+".txt")
			if *update {
				if err := os.WriteFile(path, []byte(got), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), got); diff != "" {
				t.Errorf("%s (-want +got):\n%s", path, diff)
			}
			checked++
		}
	}
	if checked != 9*len(readerKinds) {
		t.Errorf("%d mails were checked", checked)
	}
}

// unsigned removes the parts that depend on the keys.
func unsigned(text string) string {
	lines := strings.Split(text, "\n")
	for i, line := range lines {
		if !strings.HasPrefix(line, "https://comments.example/") {
			continue
		}
		if at := strings.LastIndex(line, "."); strings.Contains(line, "/mail/") && at > 0 {
			line = line[:at] + ".SIGNATURE"
		}
		if before, after, ok := strings.Cut(line, "receipt="); ok {
			line = before + "receipt=RECEIPT" + after[43:]
		}
		lines[i] = line
	}
	return strings.Join(lines, "\n")
}

func TestTypedTextStaysTextInEveryMail(t *testing.T) {
	l, c := newMemoryStore(t)
	l.site.Name = `Gazette <b onclick="x">"bold"</b>` + boldStart
	for _, kind := range readerKinds {
		if l.confirmed = noon; kind == KindConfirm {
			l.confirmed = time.Time{}
		}
		composed := compose(t, c, kind)
		for _, forbidden := range []string{"<script>N", "<i>ferry", "<b onclick", "<img", "src=", "http://"} {
			if strings.Contains(composed.HTML, forbidden) {
				t.Errorf("%s has %s", kind, forbidden)
			}
		}
		if kind != KindManage && !strings.HasPrefix(composed.Unsubscribe, "https://comments.example/mail/stop/") {
			t.Errorf("%s: unsubscribe %q", kind, composed.Unsubscribe)
		}
	}
}

func TestNoLinkPassesAsAnother(t *testing.T) {
	_, c := newMemoryStore(t)
	links := c.Links
	stop := strings.TrimPrefix(links.stopURL(ScopeSite, readerID, ""), links.PublicURL+StopPath)
	if _, err := links.openStop(stop); err != nil {
		t.Error(err)
	}
	for name, err := range map[string]error{
		"a stop as a confirmation": lastErr(links.openConfirm(stop)),
		"a stop as a decision":     errOf(links.openDecide(stop)),
		"another scope":            errOf(links.openStop(strings.Replace(stop, "site", "all", 1))),
		"nothing":                  errOf(links.openStop("")),
		"a dot":                    errOf(links.openStop(".")),
	} {
		if err == nil {
			t.Errorf("%s is accepted", name)
		}
	}
}

func errOf[T any](_ T, err error) error           { return err }
func lastErr[A, B any](_ A, _ B, err error) error { return err }
