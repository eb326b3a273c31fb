package handlers

import (
	"bytes"
	"cmp"
	"fmt"
	"math"
	"net/url"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"rejoinder/moderation"
	"rejoinder/moderation/text"
)

// What follows is checked of every request before a handler sees it, so that storage gets nothing that it cannot keep: text
// is UTF-8 without NUL, and whole numbers have 32 bits. Paths and queries pass readableAddress, JSON bodies bindJSON, and
// forms formValues.

// maxNumber is the largest number that a request may hold: what a column for counts and versions takes.
const maxNumber = math.MaxInt32

// pointerEscapes escapes a name for a JSON pointer (RFC 6901).
var pointerEscapes = strings.NewReplacer("~", "~0", "/", "~1")

// checkJSON looks for what well-formed JSON may hold and no field takes: NUL in texts, and numbers beyond 32 bits.
func checkJSON(raw []byte) error {
	var faults moderation.Invalid
	mayHoldNUL := bytes.Contains(raw, []byte(`\u0000`)) // JSON has no other way to write it
	decoder := jsontext.NewDecoder(bytes.NewReader(raw))
	for {
		token, err := decoder.ReadToken()
		if err != nil {
			return faults.Err() // it is the end: what is malformed was refused before
		}
		switch kind := token.Kind(); {
		case kind == '"' && mayHoldNUL && strings.ContainsRune(token.String(), 0):
			faults.Add(string(decoder.StackPointer()), "malformed", text.ErrNUL.Error())
		case kind == '0' && math.Abs(token.Float()) > maxNumber:
			faults.Add(string(decoder.StackPointer()), "out_of_range",
				fmt.Sprintf("Must be between -%d and %d.", maxNumber, maxNumber))
		}
	}
}

// checkValues refuses fields of a form or a query that are no text.
func checkValues(values url.Values) error {
	for name, list := range values {
		for _, value := range list {
			if err := cmp.Or(text.Check(name), text.Check(value)); err != nil {
				return oneFault("/"+pointerEscapes.Replace(printable(name)), "malformed", err.Error())
			}
		}
	}
	return nil
}

// wholeNumber reads a whole number of 32 bits; false for all else.
func wholeNumber(raw string) (int, bool) {
	n, err := strconv.ParseInt(strings.TrimSpace(raw), 10, 32)
	return int(n), err == nil
}
