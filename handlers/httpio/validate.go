package httpio

import (
	"bytes"
	"cmp"
	"fmt"
	"math"
	"net/url"
	"strings"

	"github.com/gin-gonic/gin"
	"github.com/go-json-experiment/json/jsontext"

	"rejoinder/moderation"
	"rejoinder/moderation/text"
)

// The following checks run on every request before a handler sees it, so that storage never gets values it
// cannot hold: text must be UTF-8 without NUL, and whole numbers must fit 32 bits. Paths and queries pass
// through CheckURL, JSON bodies through BindJSON, and forms through FormValues.

// maxNumber is the largest number in a request: the limit of the columns for counts and versions.
const maxNumber = math.MaxInt32

// CheckURL rejects URLs whose path or query is not valid text. Gin silently drops a malformed query.
func CheckURL(c *gin.Context) error {
	for _, param := range c.Params {
		if !isText(param.Value) {
			return ErrNoRoute
		}
	}
	if isPlainQuery(c.Request.URL.RawQuery) {
		return nil
	}
	values, err := url.ParseQuery(c.Request.URL.RawQuery)
	if err != nil {
		return malformedAt("", "The query of this URL is malformed.")
	}
	return checkValues(values)
}

// isPlainQuery reports whether a query is well-formed and decodes to printable ASCII, as almost all do. It
// may return false for others that are valid.
func isPlainQuery(raw string) bool {
	for i := 0; i < len(raw); i++ {
		b := raw[i]
		if b == '%' {
			if i+2 >= len(raw) || raw[i+1] < '2' || raw[i+1] > '7' || !isHex(raw[i+2]) {
				return false
			}
			i += 2
			continue
		}
		if b < ' ' || b > '~' || b == ';' {
			return false
		}
	}
	return true
}

func isHex(b byte) bool {
	return '0' <= b && b <= '9' || 'a' <= b|0x20 && b|0x20 <= 'f'
}

func isText(s string) bool { return text.Check(s) == nil }

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
				return InvalidField("/"+EscapePointer(Printable(name)), "malformed", err.Error())
			}
		}
	}
	return nil
}

// EscapePointer escapes a name for a JSON pointer (RFC 6901).
func EscapePointer(name string) string { return pointerEscaper.Replace(name) }

var pointerEscaper = strings.NewReplacer("~", "~0", "/", "~1")
