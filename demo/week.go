package demo

import (
	"bytes"
	_ "embed"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"strconv"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"rejoinder/moderation"
	"rejoinder/moderation/queue"
)

//go:embed week.yaml
var weekYAML []byte

// week is the script of the demo: who writes, on which articles, and what happens.
type week struct {
	Site     siteScript        `yaml:"site"`
	Articles []article         `yaml:"articles"`
	People   map[string]person `yaml:"people"`
	Steps    []step            `yaml:"steps"`
}

// siteScript is the site's name and the settings that differ from the defaults.
type siteScript struct {
	Name             string                 `yaml:"name"`
	Votes            moderation.VoteSetting `yaml:"votes"`
	HoldAfterReports int                    `yaml:"hold_after_reports"`
}

// article is an article of the demo.
type article struct {
	Key       string `yaml:"key"`
	Title     string `yaml:"title"`
	Path      string `yaml:"path"` // on this server
	Published before `yaml:"published"`
}

// person is a reader.
type person struct {
	Name       string     `yaml:"name"`
	Email      string     `yaml:"email"`
	Address    netip.Addr `yaml:"address"`
	SignedIn   bool       `yaml:"signed_in"`  // by the publication, as its subscriber
	Remembered bool       `yaml:"remembered"` // ticks "save my name, email and website in this browser"
}

// step is something that happens. Exactly one of its fields besides At is set.
type step struct {
	At      before    `yaml:"at"`
	Submit  *submit   `yaml:"submit"`
	Edit    *edit     `yaml:"edit"`
	Vote    *vote     `yaml:"vote"`
	Report  *report   `yaml:"report"`
	Appeal  *appeal   `yaml:"appeal"`
	Approve string    `yaml:"approve"` // a comment
	Decide  *decide   `yaml:"decide"`
	Undo    string    `yaml:"undo"` // the last decision on a comment
	Reply   *reply    `yaml:"reply"`
	Note    *noteText `yaml:"note"`
}

// before is how long before the end of the week something happens, such as "6d4h30m".
type before time.Duration

// UnmarshalText implements encoding.TextUnmarshaler.
func (b *before) UnmarshalText(text []byte) error {
	days, rest, found := strings.Cut(string(text), "d")
	if !found {
		days, rest = "0", days
	}
	n, err := strconv.Atoi(days)
	if err != nil {
		return fmt.Errorf("days: %w", err)
	}
	var d time.Duration
	if rest != "" {
		if d, err = time.ParseDuration(rest); err != nil {
			return err
		}
	}
	*b = before(time.Duration(n)*24*time.Hour + d)
	return nil
}

// submit is a reader's comment.
type submit struct {
	Comment string        `yaml:"comment"` // its name in the script
	By      string        `yaml:"by"`
	On      string        `yaml:"on"`      // key of the article
	ReplyTo string        `yaml:"to"`      // a comment; empty for none
	Typed   time.Duration `yaml:"typed"`   // from opening the form to sending it
	Trapped bool          `yaml:"trapped"` // fills in the field hidden from people
	Text    string        `yaml:"text"`
}

// edit is a writer's edit.
type edit struct {
	Comment string `yaml:"comment"`
	Text    string `yaml:"text"`
}

// vote is the number of readers who vote a comment up.
type vote struct {
	Comment string `yaml:"comment"`
	Up      int    `yaml:"up"`
}

// report is a reader's report.
type report struct {
	Comment string                  `yaml:"comment"`
	By      string                  `yaml:"by"`
	Reason  moderation.ReportReason `yaml:"reason"`
	Note    string                  `yaml:"note"`
}

// appeal is a writer's appeal.
type appeal struct {
	Comment string `yaml:"comment"`
	Text    string `yaml:"text"`
}

// decide is the moderator's decision.
type decide struct {
	Comment string            `yaml:"comment"`
	Action  moderation.Action `yaml:"action"`
	Code    string            `yaml:"code"`
	Reason  string            `yaml:"reason"` // for the writer
	Note    string            `yaml:"note"`   // for moderators
}

// reply is the moderator's public reply.
type reply struct {
	Comment string `yaml:"comment"` // its name in the script
	To      string `yaml:"to"`
	Text    string `yaml:"text"`
}

// noteText is the moderator's note.
type noteText struct {
	Comment string          `yaml:"comment"`
	About   queue.NoteAbout `yaml:"about"`
	Text    string          `yaml:"text"`
}

// readWeek reads the script.
func readWeek() (week, error) {
	var w week
	decoder := yaml.NewDecoder(bytes.NewReader(weekYAML))
	decoder.KnownFields(true)
	if err := decoder.Decode(&w); err != nil && !errors.Is(err, io.EOF) {
		return week{}, fmt.Errorf("read week.yaml: %w", err)
	}
	return w, nil
}
