package hoursconsole

import (
	"net/url"
	"strings"

	"rejoinder/handlers/console"
	"rejoinder/moderation"
	"rejoinder/moderation/rules"
	"rejoinder/moderation/schedule"
)

// weekdays are the days to which Monday's hours are copied.
var weekdays = []schedule.Day{"tue", "wed", "thu", "fri"}

var dayNames = map[schedule.Day]string{"mon": "Monday", "tue": "Tuesday", "wed": "Wednesday", "thu": "Thursday",
	"fri": "Friday", "sat": "Saturday", "sun": "Sunday"}

// dayFields are the fields of opening hours, one per day. pointer is where the hours are in requests.
func dayFields(hours schedule.Hours, pointer string) []console.Field {
	var fields []console.Field
	for _, day := range schedule.Days {
		field := console.Field{Name: string(day), Label: dayNames[day], Kind: "spans", Pointer: pointer + "/" + string(day),
			Copies: day == "mon"}
		for _, span := range hours[day] {
			field.Spans = append(field.Spans, console.ClockSpan{From: shown(span.From), To: shown(span.To)})
		}
		fields = append(fields, field)
	}
	fields[len(fields)-1].Hint = "On a day without times, comments are closed. If no day has times, they are always open. " +
		"Hours that end at or before their beginning end on the next day."
	return fields
}

// shown is a time as an input of type time has it, where the end of a day is the beginning of the next.
func shown(clock string) string {
	if clock == "24:00" {
		return "00:00"
	}
	return clock
}

// readDays reads the fields of opening hours. Other faults than a missing time are found when the hours are saved.
func readDays(faults *moderation.Invalid, values url.Values, pointer string) schedule.Hours {
	hours := schedule.Hours{}
	for _, day := range schedule.Days {
		for _, span := range console.ReadSpans(values, string(day)) {
			if span.From == "" || span.To == "" {
				faults.Add(pointer+"/"+string(day), "required", "Enter both times.")
				continue
			}
			hours[day] = append(hours[day], schedule.Span{From: span.From, To: span.To})
		}
	}
	schedule.Schedule{Hours: hours, Outside: rules.ModeClosed}.Check(func(at, code, message string) {
		faults.Add(strings.Replace(pointer, "/hours", at, 1), code, message)
	})
	if len(hours) == 0 {
		return nil
	}
	return hours
}

// copyMonday copies the hours of Monday to the other weekdays.
func copyMonday(values url.Values) {
	spans := console.ReadSpans(values, "mon")
	for _, day := range weekdays {
		console.WriteSpans(values, string(day), spans)
	}
}
