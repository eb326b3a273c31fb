package schedule

import (
	"time"

	"rejoinder/moderation/rules"
)

// Check reports what is wrong. add takes a JSON pointer below the schedule, a code and a sentence. A time that has
// passed is accepted: the schedule may have been stored before.
func (s Schedule) Check(add func(pointer, code, message string)) {
	for day, span := range s.Hours {
		_, fromOK := minutesOf(span.From)
		_, toOK := minutesOf(span.To)
		switch {
		case dayIndex(string(day)) < 0:
			add("/hours", "unknown", "Days are mon, tue, wed, thu, fri, sat and sun.")
		case !fromOK || !toOK:
			add("/hours/"+string(day), "malformed", "Times are from 00:00 to 24:00.")
		}
	}
	if len(s.Hours) > 0 && s.Outside != rules.ModeClosed && s.Outside != rules.HoldAll {
		add("/outside", "unknown", "Outside of the opening hours, comments are closed or hold_all.")
	}
	if t := s.Temporary; t != nil {
		if t.Mode != rules.ModeClosed && !t.Mode.Valid() {
			add("/temporary/mode", "unknown", "A mode is at_once, hold_first, hold_all or closed.")
		}
		if !validTime(t.Until) {
			add("/temporary/until", "out_of_range", "Must be a time when the mode ends.")
		}
	}
	if s.ClosesAt != nil && !validTime(*s.ClosesAt) {
		add("/closes_at", "out_of_range", "Must be a time.")
	}
}

// validTime excludes times that cannot be stored.
func validTime(t time.Time) bool { return t.Year() >= 1970 && t.Year() < 9000 }
