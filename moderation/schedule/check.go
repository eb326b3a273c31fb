package schedule

import (
	"fmt"
	"strconv"
	"time"

	"rejoinder/moderation/rules"
)

// Check reports what is wrong. add takes a JSON pointer below the schedule, a code and a sentence. A time that has
// passed is accepted: the schedule may have been stored before.
func (s Schedule) Check(add func(pointer, code, message string)) {
	for day, spans := range s.Hours {
		if dayIndex(string(day)) < 0 {
			add("/hours", "unknown", "Days are mon, tue, wed, thu, fri, sat and sun.")
			continue
		}
		checkDay(spans, func(pointer, code, message string) { add("/hours/"+string(day)+pointer, code, message) })
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

// checkDay reports what is wrong with the spans of a day.
func checkDay(spans []Span, add func(pointer, code, message string)) {
	if len(spans) == 0 || len(spans) > MaxSpans {
		add("", "out_of_range", fmt.Sprintf("A day has 1 to %d spans; leave it out if comments are closed.", MaxSpans))
		return
	}
	for i, span := range spans {
		_, fromOK := minutesOf(span.From)
		_, toOK := minutesOf(span.To)
		if !fromOK || !toOK {
			add("/"+strconv.Itoa(i), "malformed", "Times are from 00:00 to 24:00.")
			return
		}
	}
	if i := overlapping(spans); i >= 0 {
		add("/"+strconv.Itoa(i), "overlapping", "The spans of a day must not overlap.")
	}
}

// validTime excludes times that cannot be stored.
func validTime(t time.Time) bool { return t.Year() >= 1970 && t.Year() < 9000 }
