package ruleform

import (
	"math"
	"strconv"
	"strings"
)

// Shown returns a number as forms show it: shares in percent.
func (s *Subject) Shown(number string) string {
	if s.shape == share {
		return Percent(number)
	}
	return number
}

// Number parses a number in the form that Shown returns, with a point or a comma. What NumberFault refuses is
// returned as typed.
func (s *Subject) Number(typed string) string {
	number := strings.Replace(strings.TrimSpace(typed), ",", ".", 1)
	if s.shape == share {
		number = Share(strings.TrimSpace(strings.TrimSuffix(number, "%")))
	}
	if number == "" {
		return "0"
	}
	if s.NumberFault(number) != "" {
		return typed
	}
	value, _ := strconv.ParseFloat(number, 64)
	return strconv.FormatFloat(value, 'f', -1, 64)
}

// Reasons why a number is not valid.
const (
	BadNumber = "Enter a number."
	badCount  = "Enter a whole number, 0 or more."
	badShare  = "Enter a number from 0 to 100."
)

// NumberFault says why the fact can't be compared with a number; empty if it can.
func (s *Subject) NumberFault(number string) string {
	value, err := strconv.ParseFloat(number, 64)
	switch {
	case s.shape == share:
		if err != nil || !(value >= 0 && value <= 1) {
			return badShare
		}
	case s.whole || s.shape == texts || s.shape == asked:
		if err != nil || value != math.Trunc(value) || value < 0 || value > maxNumber {
			return badCount
		}
	case err != nil || math.IsNaN(value) || math.Abs(value) > maxNumber:
		return BadNumber
	}
	return ""
}

// maxNumber bounds the numbers of forms.
const maxNumber = 1e9

// NumberFault says why a number of the condition is not valid; empty if all are.
func (c Condition) NumberFault() string {
	for _, item := range c.Items {
		if fault := item.NumberFault(); fault != "" {
			return fault
		}
	}
	s := FindSubject(c.Fact)
	if s == nil {
		return ""
	}
	for i, kind := range s.Values(c.Op) {
		if kind == ValueNumber && i < len(c.Values) {
			if fault := s.NumberFault(c.Values[i]); fault != "" {
				return fault
			}
		}
	}
	return ""
}
