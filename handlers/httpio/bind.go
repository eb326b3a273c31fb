package httpio

import (
	"errors"
	"fmt"
	"mime"
	"net/http"
	"net/url"
	"reflect"
	"regexp"
	"strings"
	"time"

	"github.com/gin-gonic/gin"
	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"rejoinder/moderation"
	"rejoinder/moderation/text"
)

// How many bytes a request may have. A comment of 10,000 characters takes up to 120,000 bytes when a client
// escapes every one of them; rulesets may hold 1 MiB of text.
const (
	MaxBody        = 256 << 10
	MaxRulesetBody = 3 << 20
)

// The sizes of pages.
const (
	defaultLimit = 50
	maxLimit     = 200
)

// malformed is a request that could not be read, with the place where it breaks.
type malformed struct{ fault FieldFault }

func (e *malformed) Error() string { return "malformed at " + e.fault.Pointer }

// BindJSON reads the request's JSON body into target. It refuses what encoding/json would repair in silence:
// invalid UTF-8, lone surrogates, names that come twice, and names that mean nothing here. null is the same
// as leaving out.
func BindJSON(c *gin.Context, target any, limit int64) error {
	mediaType, params, err := mime.ParseMediaType(c.GetHeader("Content-Type"))
	if err != nil || mediaType != "application/json" {
		return errMediaType
	}
	if err := plainBody(c, params); err != nil {
		return err
	}
	raw, err := readAll(c, limit)
	if err != nil {
		return bodyError(err)
	}
	err = json.Unmarshal(raw, target, json.RejectUnknownMembers(true))
	if err == nil {
		return checkJSON(raw)
	}
	var semantic *json.SemanticError
	var syntactic *jsontext.SyntacticError
	switch {
	case errors.As(err, &syntactic):
		return malformedAt(string(syntactic.JSONPointer), brokenWhere(syntactic))
	case errors.As(err, &semantic) && errors.Is(err, json.ErrUnknownName):
		return OneFault(string(semantic.JSONPointer), "unknown_field", "This field is not known here.")
	case errors.As(err, &semantic):
		return OneFault(string(semantic.JSONPointer), "wrong_type", wrongType(semantic))
	}
	return fmt.Errorf("%w: %w", ErrMalformed, err)
}

// plainBody refuses a body that is compressed, or in another charset than UTF-8: it would be read as what it
// is not.
func plainBody(c *gin.Context, params map[string]string) error {
	for _, field := range c.Request.Header.Values("Content-Encoding") {
		for coding := range strings.SplitSeq(field, ",") {
			if coding = strings.TrimSpace(coding); coding != "" && !strings.EqualFold(coding, "identity") {
				c.Header("Accept-Encoding", "identity") // RFC 9110, section 15.5.16
				return errEncoded
			}
		}
	}
	if charset, named := params["charset"]; named && !strings.EqualFold(charset, "utf-8") {
		return errCharset
	}
	return nil
}

func malformedAt(pointer, detail string) error {
	return &malformed{FieldFault{Pointer: pointer, Code: "malformed", Detail: detail}}
}

func brokenWhere(e *jsontext.SyntacticError) string {
	if errors.Is(e, jsontext.ErrDuplicateName) {
		return "This field is there twice."
	}
	return fmt.Sprintf("This is not well-formed JSON in UTF-8, near byte %d.", e.ByteOffset)
}

var timeType = reflect.TypeFor[time.Time]()

// wrongType says what belongs in a field, going by the Go type that could not hold what came.
func wrongType(e *json.SemanticError) string {
	switch {
	case e.GoType == nil:
	case e.GoType == timeType:
		return "This is a time as in 2026-03-02T09:00:00Z."
	case e.GoType.Kind() == reflect.String:
		return "This is a text."
	case e.GoType.Kind() == reflect.Bool:
		return "This is true or false."
	case e.GoType.Kind() == reflect.Int:
		return "This is a whole number."
	case e.GoType.Kind() == reflect.Slice:
		return "This is a list."
	case e.GoType.Kind() == reflect.Struct:
		return "This is an object."
	}
	return fmt.Sprintf("A JSON %s does not fit here.", e.JSONKind)
}

func bodyError(err error) error {
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &tooLarge):
		return ErrTooLarge
	case errors.Is(err, ErrTooSlow):
		return err
	}
	return fmt.Errorf("%w: %w", ErrMalformed, err)
}

// ReadableAddress refuses addresses that hold something other than text. Gin would drop a broken query in
// silence, and a database would not take the rest.
func ReadableAddress(c *gin.Context) error {
	for _, param := range c.Params {
		if !isText(param.Value) {
			return ErrNoRoute
		}
	}
	if plainQuery(c.Request.URL.RawQuery) {
		return nil
	}
	values, err := url.ParseQuery(c.Request.URL.RawQuery)
	if err != nil {
		return malformedAt("", "The query of this address is not well-formed.")
	}
	return checkValues(values)
}

// plainQuery reports whether a query is well-formed and stands for printable ASCII alone, as nearly all do.
// False says nothing: then it is to be parsed.
func plainQuery(raw string) bool {
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

// idForm is how every id is written: a UUID in lower case.
var idForm = regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$`)

// CommentID reads which comment a path names. What can't be an id names nothing.
func CommentID(c *gin.Context) (string, error) {
	id := c.Param("id")
	if !idForm.MatchString(id) {
		return "", moderation.ErrNotFound
	}
	return id, nil
}

// LimitParam reads the page size: 1 to maxLimit, or the default.
func LimitParam(c *gin.Context) (int, error) { return LimitWithin(c, defaultLimit, maxLimit) }

func LimitWithin(c *gin.Context, standard, most int) (int, error) {
	raw := c.Query("limit")
	if raw == "" {
		return standard, nil
	}
	limit, ok := WholeNumber(raw)
	if !ok || limit < 1 || limit > most {
		return 0, OneFault("/limit", "out_of_range", fmt.Sprintf("A limit is a number from 1 to %d.", most))
	}
	return limit, nil
}

// ChoiceParam reads a query parameter that must be one of a few words; the first is the default.
func ChoiceParam(c *gin.Context, name string, words ...string) (string, error) {
	raw := c.DefaultQuery(name, words[0])
	for _, word := range words {
		if raw == word {
			return word, nil
		}
	}
	return "", OneFault("/"+name, "unknown", fmt.Sprintf("This is one of %q.", words))
}
