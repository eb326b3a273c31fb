package schedule

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// Hours are opening hours by day of the week: one or more spans, MaxSpans at most. A day that is missing is closed.
type Hours map[Day][]Span

// MaxSpans is the maximum number of spans of a day.
const MaxSpans = 4

// Day is a day of the week, by the first three letters of its English name.
type Day string

// Days are the days of the week, Monday first.
var Days = []Day{"mon", "tue", "wed", "thu", "fri", "sat", "sun"}

// Span is a part of a day in which comments are open, from 00:00 to 24:00. If To is not after From, the span ends
// on the next day.
type Span struct {
	From string `json:"from"` // HH:MM
	To   string `json:"to"`   // likewise, exclusive
}

// minutesOf returns the minutes since midnight; ok is false if clock is not HH:MM from 00:00 to 24:00.
func minutesOf(clock string) (minutes int, ok bool) {
	if len(clock) != 5 || clock[2] != ':' {
		return 0, false
	}
	for i, r := range clock {
		if i != 2 && (r < '0' || r > '9') {
			return 0, false
		}
	}
	hours, rest := int(clock[0]-'0')*10+int(clock[1]-'0'), int(clock[3]-'0')*10+int(clock[4]-'0')
	return hours*60 + rest, rest < 60 && hours*60+rest <= 24*60
}

// on returns when the span of a day begins and ends. Clock times follow the zone's summer time.
func (s Span) on(day time.Time) (from, to time.Time) {
	begin, _ := minutesOf(s.From)
	end, _ := minutesOf(s.To)
	if end <= begin {
		end += 24 * 60
	}
	year, month, date := day.Date()
	at := func(minutes int) time.Time {
		return time.Date(year, month, date+minutes/(24*60), 0, minutes%(24*60), 0, 0, day.Location())
	}
	return at(begin), at(end)
}

// period is a span on a certain day.
type period struct{ from, to time.Time }

// periods returns the spans of the day that is some days after that of local.
func (h Hours) periods(local time.Time, days int) []period {
	year, month, date := local.Date()
	day := time.Date(year, month, date+days, 12, 0, 0, 0, local.Location())
	var list []period
	for _, span := range h[Days[(int(day.Weekday())+6)%7]] {
		from, to := span.on(day)
		list = append(list, period{from, to})
	}
	return list
}

// open reports whether at is within the hours.
func (h Hours) open(at time.Time, zone *time.Location) bool {
	for _, days := range []int{-1, 0} {
		for _, p := range h.periods(at.In(zone), days) {
			if !at.Before(p.from) && at.Before(p.to) {
				return true
			}
		}
	}
	return false
}

// next returns the first begin or end of a span after at; the zero time if there are no hours.
func (h Hours) next(at time.Time, zone *time.Location) time.Time {
	var next time.Time
	if len(h) == 0 {
		return next
	}
	for days := -1; days <= len(Days); days++ {
		for _, p := range h.periods(at.In(zone), days) {
			next = Earlier(Earlier(next, after(p.from, at)), after(p.to, at))
		}
	}
	return next
}

// String returns the hours as ParseHours reads them: "mon-fri 08:00-12:00 14:00-18:00, sat 10:00-18:00". Days in
// a row with the same spans are joined.
func (h Hours) String() string {
	var parts []string
	for i := 0; i < len(Days); i++ {
		spans := h[Days[i]]
		if len(spans) == 0 {
			continue
		}
		last := i
		for last+1 < len(Days) && slices.Equal(h[Days[last+1]], spans) {
			last++
		}
		days := string(Days[i])
		if last > i {
			days += "-" + string(Days[last])
		}
		for _, span := range spans {
			days += " " + span.From + "-" + span.To
		}
		parts = append(parts, days)
		i = last
	}
	return strings.Join(parts, ", ")
}

// ParseHours reads opening hours: days and one or more spans, separated by commas: "mon-fri 08:00-12:00 14:00-18:00,
// sat 10:00-18:00". Empty text means no hours.
func ParseHours(typed string) (Hours, error) {
	hours := Hours{}
	for part := range strings.SplitSeq(typed, ",") {
		fields := strings.Fields(strings.ToLower(part))
		if len(fields) == 0 {
			continue
		}
		first, last, isRange := strings.Cut(fields[0], "-")
		if !isRange {
			last = first
		}
		begin, end := dayIndex(first), dayIndex(last)
		spans, ok := parseSpans(fields[1:])
		if begin < 0 || end < begin || !ok {
			return nil, fmt.Errorf("“%s” is not days and times, as mon-fri 08:00-22:00", strings.TrimSpace(part))
		}
		for _, day := range Days[begin : end+1] {
			hours[day] = slices.Clone(spans)
		}
	}
	if len(hours) == 0 {
		return nil, nil
	}
	return hours, nil
}

// parseSpans reads at least one span, as "08:00-12:00".
func parseSpans(typed []string) (spans []Span, ok bool) {
	for _, one := range typed {
		from, to, _ := strings.Cut(one, "-")
		_, fromOK := minutesOf(from)
		_, toOK := minutesOf(to)
		if !fromOK || !toOK {
			return nil, false
		}
		spans = append(spans, Span{From: from, To: to})
	}
	return spans, len(spans) > 0
}

// overlapping returns the index of a span that begins before another one of the day ends; -1 if there is none.
func overlapping(spans []Span) int {
	for i, one := range spans {
		begin, _ := minutesOf(one.From)
		for j, other := range spans {
			from, _ := minutesOf(other.From)
			to, _ := minutesOf(other.To)
			if to <= from {
				to += 24 * 60
			}
			if i != j && from <= begin && begin < to {
				return max(i, j)
			}
		}
	}
	return -1
}

func dayIndex(name string) int {
	for i, day := range Days {
		if string(day) == name {
			return i
		}
	}
	return -1
}
