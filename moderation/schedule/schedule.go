package schedule

import (
	"maps"
	"slices"
	"sync"
	"time"
	_ "time/tzdata" // editors choose time zones that the system may not know

	"rejoinder/moderation/rules"
)

// Schedule changes the moderation mode of a site or an article with the time. The zero value changes nothing.
type Schedule struct {
	// Hours are the opening hours; empty: always open.
	Hours Hours `json:"hours,omitempty"`
	// Outside is the mode outside of the hours: rules.ModeClosed or rules.HoldAll.
	Outside rules.ModerationMode `json:"outside,omitempty"`
	// Temporary is a mode with an end; nil: none. It goes before everything else.
	Temporary *Temporary `json:"temporary,omitempty"`
	// ClosesAt is when an article closes; nil: never. Sites have none.
	ClosesAt *time.Time `json:"closes_at,omitempty"`
}

// Temporary is a mode that applies until a time.
type Temporary struct {
	Mode  rules.ModerationMode `json:"mode"` // or rules.ModeClosed
	Until time.Time            `json:"until"`
}

// Empty reports whether the schedule changes nothing, at any time.
func (s Schedule) Empty() bool { return len(s.Hours) == 0 && s.Temporary == nil && s.ClosesAt == nil }

// Equal reports whether two schedules say the same.
func (s Schedule) Equal(t Schedule) bool {
	sameEnd := s.Temporary == nil && t.Temporary == nil || s.Temporary != nil && t.Temporary != nil &&
		s.Temporary.Mode == t.Temporary.Mode && s.Temporary.Until.Equal(t.Temporary.Until)
	sameClosing := s.ClosesAt == nil && t.ClosesAt == nil || s.ClosesAt != nil && t.ClosesAt != nil &&
		s.ClosesAt.Equal(*t.ClosesAt)
	return sameEnd && sameClosing && s.Outside == t.Outside &&
		maps.EqualFunc(s.Hours, t.Hours, slices.Equal[[]Span])
}

// temporaryAt returns the mode that a temporary mode sets at a time; ok is false if none applies.
func (s Schedule) temporaryAt(at time.Time) (mode rules.ModerationMode, ok bool) {
	if s.Temporary == nil || !at.Before(s.Temporary.Until) {
		return "", false
	}
	return s.Temporary.Mode, true
}

// Replaces reports whether the schedule sets a mode of its own at a time, so that wider opening hours do not
// apply.
func (s Schedule) Replaces(at time.Time) bool {
	_, temporary := s.temporaryAt(at)
	return temporary || len(s.Hours) > 0
}

// Mode returns the mode at a time, where mode is the one that applies without a schedule. The temporary mode goes
// first, then a mode that is closed anyway, then the opening hours.
func (s Schedule) Mode(mode rules.ModerationMode, at time.Time, zone *time.Location) rules.ModerationMode {
	if temporary, ok := s.temporaryAt(at); ok {
		return temporary
	}
	if s.ClosesAt != nil && !at.Before(*s.ClosesAt) {
		return rules.ModeClosed
	}
	if mode == rules.ModeClosed || len(s.Hours) == 0 || s.Hours.open(at, zone) {
		return mode
	}
	return Stricter(mode, s.Outside)
}

// Next returns the first time after at when the mode may change; the zero time if it never does.
func (s Schedule) Next(at time.Time, zone *time.Location) time.Time {
	next := s.Hours.next(at, zone)
	if s.Temporary != nil {
		next = Earlier(next, after(s.Temporary.Until, at))
	}
	if s.ClosesAt != nil {
		next = Earlier(next, after(*s.ClosesAt, at))
	}
	return next
}

// after returns t if it is after at, and the zero time otherwise.
func after(t, at time.Time) time.Time {
	if t.After(at) {
		return t
	}
	return time.Time{}
}

// Earlier returns the earlier of two times. The zero time means never.
func Earlier(a, b time.Time) time.Time {
	if a.IsZero() || !b.IsZero() && b.Before(a) {
		return b
	}
	return a
}

// Stricter returns the mode that lets fewer comments through. The empty mode is the most lenient.
func Stricter(a, b rules.ModerationMode) rules.ModerationMode {
	if strictness[b] > strictness[a] {
		return b
	}
	return a
}

var strictness = map[rules.ModerationMode]int{
	rules.PublishAtOnce: 1, rules.HoldFirst: 2, rules.HoldAll: 3, rules.ModeClosed: 4,
}

// zones are the time zones that were looked up, by name: loading one reads a file.
var zones sync.Map

// Zone returns the time zone with an IANA name; UTC for an empty or unknown one.
func Zone(name string) *time.Location {
	if zone, ok := zones.Load(name); ok {
		return zone.(*time.Location)
	}
	zone, err := time.LoadLocation(name)
	if err != nil || name == "Local" {
		return time.UTC // not stored: there is no end of unknown names
	}
	zones.Store(name, zone)
	return zone
}

// UnknownZone is the fault of a name that is not valid.
const UnknownZone = "Must be the name of a time zone, such as Europe/Berlin."

// ValidZone reports whether name is the IANA name of a time zone. The empty name means UTC.
func ValidZone(name string) bool {
	_, err := time.LoadLocation(name)
	return err == nil && name != "Local"
}
