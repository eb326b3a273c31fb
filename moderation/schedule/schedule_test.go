package schedule

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"rejoinder/moderation/rules"
)

var berlin = Zone("Europe/Berlin")

func berlinTime(day, hour, minute int) time.Time {
	return time.Date(2026, 3, day, hour, minute, 0, 0, berlin) // 2 March 2026 is a Monday; summer time begins on the 29th
}

func hoursOf(t *testing.T, typed string) Hours {
	t.Helper()
	hours, err := ParseHours(typed)
	if err != nil {
		t.Fatal(err)
	}
	return hours
}

func TestHoursAreInTheTimeZoneOfTheSite(t *testing.T) {
	for name, tc := range map[string]struct {
		hours string
		at    time.Time
		open  bool
		next  time.Time
	}{
		"before the first hour":         {"mon-fri 08:00-22:00", berlinTime(2, 7, 59), false, berlinTime(2, 8, 0)},
		"at the first minute":           {"mon-fri 08:00-22:00", berlinTime(2, 8, 0), true, berlinTime(2, 22, 0)},
		"at the closing minute":         {"mon-fri 08:00-22:00", berlinTime(2, 22, 0), false, berlinTime(3, 8, 0)},
		"over the weekend":              {"mon-fri 08:00-22:00", berlinTime(6, 23, 0), false, berlinTime(9, 8, 0)},
		"after midnight":                {"mon 20:00-02:00", berlinTime(3, 1, 59), true, berlinTime(3, 2, 0)},
		"between two spans of a day":    {"mon 08:00-12:00 14:00-18:00", berlinTime(2, 12, 0), false, berlinTime(2, 14, 0)},
		"in the second span of a day":   {"mon 08:00-12:00 14:00-18:00", berlinTime(2, 17, 59), true, berlinTime(2, 18, 0)},
		"until midnight":                {"mon 20:00-24:00", berlinTime(2, 23, 59), true, berlinTime(3, 0, 0)},
		"all day":                       {"mon 00:00-24:00", berlinTime(2, 0, 0), true, berlinTime(3, 0, 0)},
		"on the only day, a week later": {"mon 08:00-09:00", berlinTime(2, 9, 0), false, berlinTime(9, 8, 0)},
		"on the day summer time begins": {"sun 08:00-10:00", time.Date(2026, 3, 29, 6, 0, 0, 0, time.UTC), true,
			time.Date(2026, 3, 29, 8, 0, 0, 0, time.UTC)},
		"overnight into summer time": {"sat 22:00-04:00", time.Date(2026, 3, 29, 1, 30, 0, 0, time.UTC), true,
			time.Date(2026, 3, 29, 2, 0, 0, 0, time.UTC)},
	} {
		t.Run(name, func(t *testing.T) {
			s := Schedule{Hours: hoursOf(t, tc.hours), Outside: rules.ModeClosed}
			if open := s.Mode("", tc.at, berlin) == ""; open != tc.open {
				t.Errorf("open: %t", open)
			}
			if next := s.Next(tc.at, berlin); !next.Equal(tc.next) {
				t.Errorf("next change at %s, want %s", next, tc.next)
			}
		})
	}
}

func TestTheModeFollowsTheSchedule(t *testing.T) {
	end := berlinTime(2, 12, 0)
	for name, tc := range map[string]struct {
		schedule Schedule
		mode     rules.ModerationMode
		at       time.Time
		want     rules.ModerationMode
	}{
		"an empty schedule changes nothing": {Schedule{}, rules.HoldFirst, end, rules.HoldFirst},
		"a temporary mode opens a closed article": {
			Schedule{Temporary: &Temporary{rules.PublishAtOnce, end}}, rules.ModeClosed, end.Add(-1), rules.PublishAtOnce},
		"a temporary mode ends": {Schedule{Temporary: &Temporary{rules.HoldAll, end}}, rules.HoldFirst, end, rules.HoldFirst},
		"outside of the hours all wait": {
			Schedule{Hours: hoursOf(t, "mon 13:00-14:00"), Outside: rules.HoldAll}, rules.PublishAtOnce, end, rules.HoldAll},
		"within the hours the mode is the usual one": {
			Schedule{Hours: hoursOf(t, "mon 11:00-14:00"), Outside: rules.HoldAll}, rules.PublishAtOnce, end, rules.PublishAtOnce},
		"hours open nothing that is closed": {
			Schedule{Hours: hoursOf(t, "mon 13:00-14:00"), Outside: rules.HoldAll}, rules.ModeClosed, end, rules.ModeClosed},
		"an article closes at its time":  {Schedule{ClosesAt: &end}, "", end, rules.ModeClosed},
		"an article is open before that": {Schedule{ClosesAt: &end}, "", end.Add(-1), ""},
		"a temporary mode outlasts that, too": {
			Schedule{ClosesAt: &end, Temporary: &Temporary{rules.HoldAll, end.Add(2)}}, "", end, rules.HoldAll},
	} {
		t.Run(name, func(t *testing.T) {
			if got := tc.schedule.Mode(tc.mode, tc.at, berlin); got != tc.want {
				t.Errorf("%q, want %q", got, tc.want)
			}
		})
	}
}

func TestHoursRoundTrip(t *testing.T) {
	for typed, want := range map[string]string{
		"":                                     "",
		"Mon-Fri 08:00-22:00,sat 10:00-18:00":  "mon-fri 08:00-22:00, sat 10:00-18:00",
		"mon 08:00-22:00, tue 08:00-22:00":     "mon-tue 08:00-22:00",
		"mon-wed 08:00-12:00  14:00-18:00":     "mon-wed 08:00-12:00 14:00-18:00",
		"mon-sun 00:00-24:00, wed 20:00-02:00": "mon-tue 00:00-24:00, wed 20:00-02:00, thu-sun 00:00-24:00",
	} {
		if got := hoursOf(t, typed).String(); got != want {
			t.Errorf("%q: %q, want %q", typed, got, want)
		}
	}
	for _, typed := range []string{"always", "mon", "mon 8-22", "fri-mon 08:00-22:00", "mon 08:00-24:01", "mon 08:60-09:00", "mon 08:00-09:00 10", "day 08:00-09:00"} {
		if hours, err := ParseHours(typed); err == nil {
			t.Errorf("%q was read as %s", typed, hours)
		}
	}
}

func TestAScheduleIsChecked(t *testing.T) {
	var got []string
	s := Schedule{Hours: Hours{"day": {{"08:00", "09:00"}}, "mon": {{"08:00", "09:00"}, {"8", "9"}}, "tue": {},
		"wed": {{"08:00", "12:00"}, {"11:59", "14:00"}}, "thu": {{"22:00", "02:00"}, {"08:00", "12:00"}}, "fri": {{"20:00", "02:00"}, {"23:00", "23:30"}}}, Temporary: &Temporary{Mode: "open"}, ClosesAt: new(time.Time)}
	s.Check(func(pointer, code, message string) { got = append(got, pointer+" "+code) })
	want := map[string]bool{"/hours unknown": true, "/hours/mon/1 malformed": true, "/hours/tue out_of_range": true,
		"/hours/wed/1 overlapping": true, "/hours/fri/1 overlapping": true, "/outside unknown": true,
		"/temporary/mode unknown": true, "/temporary/until out_of_range": true, "/closes_at out_of_range": true}
	found := map[string]bool{}
	for _, each := range got {
		found[each] = true
	}
	if diff := cmp.Diff(want, found); diff != "" {
		t.Error(diff)
	}
}

func TestEveryTimeZoneOfTheMenuIsValid(t *testing.T) {
	zones := Zones()
	if len(zones) < 400 {
		t.Fatalf("%d zones", len(zones))
	}
	for _, name := range zones {
		if !ValidZone(name) {
			t.Errorf("%q is no time zone", name)
		}
	}
}
