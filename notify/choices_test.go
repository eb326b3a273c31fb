package notify

import (
	"testing"
	"time"
)

func TestADigestIsDueAtTheModeratorsTime(t *testing.T) {
	friday := time.Date(2026, time.March, 27, 17, 30, 0, 0, time.UTC) // the weekend after has the change to summer time
	for name, c := range map[string]struct {
		choices ModeratorChoices
		want    time.Time
	}{
		"daily": {ModeratorChoices{Digest: Daily, DigestHour: 8, Weekends: true, TimeZone: "Europe/Berlin"},
			time.Date(2026, time.March, 28, 7, 0, 0, 0, time.UTC)},
		"daily, not on weekends, in summer time": {ModeratorChoices{Digest: Daily, DigestHour: 8, TimeZone: "Europe/Berlin"},
			time.Date(2026, time.March, 30, 6, 0, 0, 0, time.UTC)},
		"hourly": {ModeratorChoices{Digest: Hourly, Weekends: true, TimeZone: "UTC"},
			time.Date(2026, time.March, 27, 18, 0, 0, 0, time.UTC)},
		"hourly in quiet hours": {ModeratorChoices{Digest: Hourly, Weekends: true, TimeZone: "UTC", QuietFrom: 17,
			QuietUntil: 6},
			time.Date(2026, time.March, 28, 6, 0, 0, 0, time.UTC)},
		"hourly in a zone with half hours": {ModeratorChoices{Digest: Hourly, Weekends: true, TimeZone: "Asia/Kolkata"},
			time.Date(2026, time.March, 27, 18, 30, 0, 0, time.UTC)},
	} {
		t.Run(name, func(t *testing.T) {
			if got, ok := c.choices.nextDigest(friday); !ok || !got.Equal(c.want) {
				t.Errorf("%v, want %v", got, c.want)
			}
		})
	}
	if _, ok := (ModeratorChoices{Digest: Never, TimeZone: "UTC"}).nextDigest(friday); ok {
		t.Error("never is due")
	}
}

func TestUrgentComments(t *testing.T) {
	c := ModeratorChoices{Urgent: true, UrgentRisk: 2, UrgentRules: []string{"threat"}}
	for name, test := range map[string]struct {
		risk float64
		hit  []string
		want bool
	}{
		"a high risk":        {2.5, nil, true},
		"the risk itself":    {2, nil, false},
		"a chosen rule":      {0, []string{"links", "threat"}, true},
		"another rule":       {0, []string{"links"}, false},
		"nothing in its way": {0, nil, false},
	} {
		if got := c.urgent(test.risk, test.hit); got != test.want {
			t.Errorf("%s: %v", name, got)
		}
	}
	c.Urgent = false
	if c.urgent(9, []string{"threat"}) {
		t.Error("a moderator who wants no urgent mail gets it")
	}
}

func TestChoicesAreChecked(t *testing.T) {
	if err := DefaultModeratorChoices().Check(); err != nil {
		t.Error(err)
	}
	for name, change := range map[string]func(*ModeratorChoices){
		"an invalid hour":            func(c *ModeratorChoices) { c.DigestHour = 24 },
		"a digest at once":           func(c *ModeratorChoices) { c.Digest = AtOnce },
		"urgent without a criterion": func(c *ModeratorChoices) { c.Urgent = true },
	} {
		c := DefaultModeratorChoices()
		change(&c)
		if c.Check() == nil {
			t.Errorf("%s is accepted", name)
		}
	}
}
