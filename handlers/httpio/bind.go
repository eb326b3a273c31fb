package httpio

import (
	"errors"
	"fmt"
	"mime"
	"net/http"
	"reflect"
	"strings"
	"time"

	"github.com/gin-gonic/gin"
	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// Maximum sizes of request bodies in bytes. A comment of 10,000 characters takes up to 120,000 bytes if the
// client escapes each of them; a ruleset may have 1 MiB of text.
const (
	MaxBody        = 256 << 10
	MaxRulesetBody = 3 << 20
)

// malformedError says where a request is malformed.
type malformedError struct{ fault FieldFault }

func (e *malformedError) Error() string { return "malformed at " + e.fault.Pointer }

// BindJSON decodes the request's JSON body into target. It rejects what encoding/json silently accepts:
// invalid UTF-8, lone surrogates, duplicate names and unknown names. null means the same as an omitted field.
func BindJSON(c *gin.Context, target any, limit int64) error {
	mediaType, params, err := mime.ParseMediaType(c.GetHeader("Content-Type"))
	if err != nil || mediaType != "application/json" {
		return errMediaType
	}
	if err := checkEncoding(c, params); err != nil {
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
		return malformedAt(string(syntactic.JSONPointer), syntaxDetail(syntactic))
	case errors.As(err, &semantic) && errors.Is(err, json.ErrUnknownName):
		return InvalidField(string(semantic.JSONPointer), "unknown_field", "Unknown field.")
	case errors.As(err, &semantic):
		return InvalidField(string(semantic.JSONPointer), "wrong_type", typeDetail(semantic))
	}
	return fmt.Errorf("%w: %w", ErrMalformed, err)
}

// checkEncoding rejects a body that is compressed, or in a charset other than UTF-8.
func checkEncoding(c *gin.Context, params map[string]string) error {
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
	return &malformedError{FieldFault{Pointer: pointer, Code: "malformed", Detail: detail}}
}

func syntaxDetail(e *jsontext.SyntacticError) string {
	if errors.Is(e, jsontext.ErrDuplicateName) {
		return "This field occurs twice."
	}
	return fmt.Sprintf("Not well-formed JSON in UTF-8, near byte %d.", e.ByteOffset)
}

var timeType = reflect.TypeFor[time.Time]()

// typeDetail says which type a field must have.
func typeDetail(e *json.SemanticError) string {
	switch {
	case e.GoType == nil:
	case e.GoType == timeType:
		return "Must be a time such as 2026-03-02T09:00:00Z."
	case e.GoType.Kind() == reflect.String:
		return "Must be a string."
	case e.GoType.Kind() == reflect.Bool:
		return "Must be true or false."
	case e.GoType.Kind() == reflect.Int:
		return "Must be a whole number."
	case e.GoType.Kind() == reflect.Slice:
		return "Must be an array."
	case e.GoType.Kind() == reflect.Struct:
		return "Must be an object."
	}
	return fmt.Sprintf("Must not be a JSON %s.", e.JSONKind)
}

// bodyError returns the error for a body that could not be read.
func bodyError(err error) error {
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &tooLarge):
		return ErrTooLarge
	case errors.Is(err, ErrReadTimeout):
		return err
	}
	return fmt.Errorf("%w: %w", ErrMalformed, err)
}
