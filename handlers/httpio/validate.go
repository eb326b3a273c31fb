package httpio

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

// The following checks run on every request before a handler sees it, so that storage never gets values it
// cannot hold: text must be UTF-8 without NUL, and whole numbers must fit 32 bits. Paths and queries pass
// through readableAddress, JSON bodies through bindJSON, and forms through formValues.

// maxNumber is the largest number in a request: the limit of the columns for counts and versions.
const maxNumber = math.MaxInt32

// PointerEscapes escapes a name for a JSON pointer (RFC 6901).
var PointerEscapes = strings.NewReplacer("~", "~0", "/", "~1")

// checkJSON rejects well-formed JSON with values that no field accepts: NUL in texts, and numbers beyond 32
// bits.
func checkJSON(raw []byte) error {
	var faults moderation.Invalid
	mayHoldNUL := bytes.Contains(raw, []byte(`\u0000`)) // JSON has no other way to write it
	decoder := jsontext.NewDecoder(bytes.NewReader(raw))
	for {
		token, err := decoder.ReadToken()
		if err != nil {
			return faults.Err() // end of input: malformed JSON was rejected before
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

// checkValues rejects form or query fields that are not valid text.
func checkValues(values url.Values) error {
	for name, list := range values {
		for _, value := range list {
			if err := cmp.Or(text.Check(name), text.Check(value)); err != nil {
				return OneFault("/"+PointerEscapes.Replace(Printable(name)), "malformed", err.Error())
			}
		}
	}
	return nil
}

// NumberFromOne returns a number that a request may leave out, 0 if it does. Anything below 1 is out of
// range: it must not pass for a number left out.
func NumberFromOne(pointer string, n *int) (int, error) {
	switch {
	case n == nil:
		return 0, nil
	case *n < 1:
		return 0, OneFault(pointer, "out_of_range", "Must be a whole number from 1 on.")
	}
	return *n, nil
}

// WholeNumber parses a 32-bit integer; false for anything else.
func WholeNumber(raw string) (int, bool) {
	n, err := strconv.ParseInt(strings.TrimSpace(raw), 10, 32)
	return int(n), err == nil
}
