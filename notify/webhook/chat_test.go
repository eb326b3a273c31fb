package webhook

import (
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// hostile is a comment whose texts try to inject markup.
func hostile() Payload {
	at := time.Date(2026, 3, 2, 9, 30, 0, 0, time.UTC)
	return Payload{Type: CommentHeld, Timestamp: at, Data: Data{
		Site:    SiteData{"gazette", "The <b>Gazette</b>"},
		Article: &ArticleData{Key: "quay", Title: "The quay & its *lamps* <!channel>"},
		Comment: &CommentData{ID: "01957000-0000-7000-8000-000000000001", Status: "pending", Version: 1, Revision: 1,
			AuthorName: "@everyone <@U123> [x](https://evil.example)", CreatedAt: at,
			Body: "<!everyone> @here @channel <@&123> **bold** _it_ ~~no~~ `code` ||spoiler||\n> quote\n# title\n" +
				"[click](https://evil.example) <script>alert(1)</script> <https://evil.example|Approve> @all & done",
			Rules:         []RuleData{{ID: "links", Label: "many *links*"}, {ID: "first-comment"}},
			URL:           "https://gazette.example/quay#comment-1",
			ModerationURL: "https://comments.example/console/comments/01957000-0000-7000-8000-000000000001"},
	}}
}

func TestChatsGetTextsWithoutMarkupOrMentions(t *testing.T) {
	for _, kind := range []Type{Slack, Discord, Mattermost, Telegram} {
		hook := Webhook{Type: kind, Chat: "-100"}
		body, err := encode(hook, hostile())
		if err != nil {
			t.Fatal(err)
		}
		for _, mention := range []string{"@everyone", "@here", "@channel", "@all", "<!everyone>", "<!channel>", "<@U123>",
			"<@&123>", "<https://evil.example|"} {
			if strings.Contains(unescaped(t, body), mention) {
				t.Errorf("%s: the message contains %q: %s", kind, mention, body)
			}
		}
		if !strings.Contains(unescaped(t, body), hostile().Data.Comment.ModerationURL) {
			t.Errorf("%s: no link to the console: %s", kind, body)
		}
		var value any
		if err := json.Unmarshal(body, &value); err != nil {
			t.Fatal(err)
		}
		golden(t, string(kind), value)
	}
}

// unescaped returns JSON with its strings unescaped.
func unescaped(t *testing.T, body []byte) string {
	t.Helper()
	return strings.NewReplacer(`\u003c`, "<", `\u003e`, ">", `\u0026`, "&").Replace(string(body))
}

func golden(t *testing.T, name string, value any) {
	t.Helper()
	path := filepath.Join("testdata", name+".json")
	var b strings.Builder
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(value); err != nil {
		t.Fatal(err)
	}
	if *update {
		if err := os.WriteFile(path, []byte(b.String()), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), b.String()); diff != "" {
		t.Errorf("%s (-want +got); look at it, then run this with -update:\n%s", path, diff)
	}
}

func TestMessagesStayWithinTheLimitsOfChats(t *testing.T) {
	p := hostile()
	p.Data.Comment.Body = strings.Repeat("<&>*", 5000)
	p.Data.Comment.AuthorName = strings.Repeat("<", 5000)
	p.Data.Site.Name = strings.Repeat("&", 200)
	p.Data.Appeal = &AppealData{Body: strings.Repeat(">", 10_000)}
	n := describe(p)
	for _, block := range slackBody(n)["blocks"].([]object) {
		text, limit := block["text"], slackSection
		if block["type"] == "header" {
			limit = slackHeader
		}
		if text != nil && len([]rune(text.(object)["text"].(string))) > limit {
			t.Errorf("Slack: %s of %d characters", block["type"], len([]rune(text.(object)["text"].(string))))
		}
	}
	embed := discordBody(n)["embeds"].([]object)[0]
	if title, text := []rune(embed["title"].(string)), []rune(embed["description"].(string)); len(title) > 256 || len(text) > 4096 {
		t.Errorf("Discord: title of %d, text of %d characters", len(title), len(text))
	}
	if text := []rune(mattermostBody(n)["text"].(string)); len(text) > 16_383 {
		t.Errorf("Mattermost: %d characters", len(text))
	}
	if text := telegramBody(n, "1")["text"].(string); strings.Count(text, "&") > 4096 { // entities count as one character
		t.Errorf("Telegram: %d characters", strings.Count(text, "&"))
	}
}

func TestDiscordIsAskedForButtons(t *testing.T) {
	for url, want := range map[string]string{
		"https://discord.com/api/webhooks/1/t":             "https://discord.com/api/webhooks/1/t?with_components=true",
		"https://discord.com/api/webhooks/1/t?thread_id=5": "https://discord.com/api/webhooks/1/t?thread_id=5&with_components=true",
	} {
		if got := target(Webhook{Type: Discord}, url); got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
}

// FuzzTextsStayTexts searches for texts that inject markup into a message.
func FuzzTextsStayTexts(f *testing.F) {
	p := hostile()
	f.Add(p.Data.Comment.Body)
	f.Add(p.Data.Comment.AuthorName)
	f.Add("<b>&lt;/b>\\@@everyone\n\n```")
	f.Fuzz(func(t *testing.T, text string) {
		text = strings.ToValidUTF8(text, "?")
		p := hostile()
		p.Data.Comment.Body, p.Data.Comment.AuthorName, p.Data.Article.Title = text, text, text
		n := describe(p)
		for _, block := range slackBody(n)["blocks"].([]object) {
			if o, ok := block["text"].(object); ok && strings.ContainsAny(o["text"].(string), "<>") {
				t.Errorf("Slack: %q", o["text"])
			}
		}
		plain := regexp.MustCompile(`</?b>|</?blockquote>`).ReplaceAllString(telegramBody(n, "1")["text"].(string), "")
		if strings.ContainsAny(plain, "<>") {
			t.Errorf("Telegram: %q", plain)
		}
		embed := discordBody(n)["embeds"].([]object)[0]["description"].(string)
		if regexp.MustCompile(`(?:^|[^\\])(?:\\\\)*[*_~|` + "`" + `\[\]()<#]`).MatchString(embed) {
			t.Errorf("Discord: %q", embed)
		}
		if strings.Contains(mattermostBody(n)["text"].(string), "@everyone") || strings.Contains(embed, "@everyone") {
			t.Errorf("a mention: %q", embed)
		}
	})
}
