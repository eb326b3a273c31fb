package schedule

import (
	"fmt"
	"strings"
	"time"
)

// Hours are opening hours by day of the week. A day that is missing is closed.
type Hours map[Day]Span

// Day is a day of the week, by the first three letters of its English name.
type Day string

// Days are the days of the week, Monday first.
var Days = []Day{"mon", "tue", "wed", "thu", "fri", "sat", "sun"}

// Span is the opening hours of one day, from 00:00 to 24:00. If To is not after From, the span ends on the next day.
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

// spanOf returns the span of the day that is some days after that of local.
func (h Hours) spanOf(local time.Time, days int) (from, to time.Time, ok bool) {
	year, month, date := local.Date()
	day := time.Date(year, month, date+days, 12, 0, 0, 0, local.Location())
	span, ok := h[Days[(int(day.Weekday())+6)%7]]
	if !ok {
		return from, to, false
	}
	from, to = span.on(day)
	return from, to, true
}

// open reports whether at is within the hours.
func (h Hours) open(at time.Time, zone *time.Location) bool {
	for _, days := range []int{-1, 0} {
		from, to, ok := h.spanOf(at.In(zone), days)
		if ok && !at.Before(from) && at.Before(to) {
			return true
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
		if from, to, ok := h.spanOf(at.In(zone), days); ok {
			next = Earlier(Earlier(next, after(from, at)), after(to, at))
		}
	}
	return next
}

// String returns the hours as ParseHours reads them: "mon-fri 08:00-22:00, sat 10:00-18:00". Days in a row with the
// same span are joined.
func (h Hours) String() string {
	var parts []string
	for i := 0; i < len(Days); i++ {
		span, ok := h[Days[i]]
		if !ok {
			continue
		}
		last := i
		for last+1 < len(Days) && h[Days[last+1]] == span {
			last++
		}
		days := string(Days[i])
		if last > i {
			days += "-" + string(Days[last])
		}
		parts = append(parts, days+" "+span.From+"-"+span.To)
		i = last
	}
	return strings.Join(parts, ", ")
}

// ParseHours reads opening hours: days, a blank, and two times, separated by commas: "mon-fri 08:00-22:00,
// sat 10:00-18:00". Empty text means no hours.
func ParseHours(typed string) (Hours, error) {
	hours := Hours{}
	for part := range strings.SplitSeq(typed, ",") {
		fields := strings.Fields(strings.ToLower(part))
		if len(fields) == 0 {
			continue
		}
		if len(fields) != 2 {
			return nil, fmt.Errorf("“%s” is not days and times, as mon-fri 08:00-22:00", strings.TrimSpace(part))
		}
		first, last, isRange := strings.Cut(fields[0], "-")
		if !isRange {
			last = first
		}
		from, to, _ := strings.Cut(fields[1], "-")
		begin, end := dayIndex(first), dayIndex(last)
		_, fromOK := minutesOf(from)
		_, toOK := minutesOf(to)
		if begin < 0 || end < begin || !fromOK || !toOK {
			return nil, fmt.Errorf("“%s” is not days and times, as mon-fri 08:00-22:00", strings.TrimSpace(part))
		}
		for _, day := range Days[begin : end+1] {
			hours[day] = Span{From: from, To: to}
		}
	}
	if len(hours) == 0 {
		return nil, nil
	}
	return hours, nil
}

func dayIndex(name string) int {
	for i, day := range Days {
		if string(day) == name {
			return i
		}
	}
	return -1
}
