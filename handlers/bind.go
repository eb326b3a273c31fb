package handlers

import (
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"strconv"

	"github.com/gin-gonic/gin"
	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"rejoinder/moderation"
)

// How many bytes a request may have. A comment of 10,000 characters takes up to 120,000 bytes when a client escapes
// every one of them; rulesets may hold 1 MiB of text.
const (
	maxBody        = 256 << 10
	maxRulesetBody = 3 << 20
)

// The sizes of pages.
const (
	defaultLimit = 50
	maxLimit     = 200
)

// bindJSON reads the request's JSON body into target. It refuses what encoding/json would repair in silence: invalid
// UTF-8, lone surrogates, names that come twice, and names that mean nothing here.
func bindJSON(c *gin.Context, target any, limit int64) error {
	mediaType, _, err := mime.ParseMediaType(c.GetHeader("Content-Type"))
	if err != nil || mediaType != "application/json" {
		return errMediaType
	}
	raw, err := io.ReadAll(http.MaxBytesReader(c.Writer, c.Request.Body, limit))
	if err != nil {
		return bodyError(err)
	}
	err = json.Unmarshal(raw, target, json.RejectUnknownMembers(true))
	if err == nil {
		return nil
	}
	var semantic *json.SemanticError
	var syntactic *jsontext.SyntacticError
	var faults moderation.Invalid
	switch {
	case errors.As(err, &semantic) && errors.Is(err, json.ErrUnknownName):
		faults.Add(string(semantic.JSONPointer), "unknown_field", "This field is not known here.")
	case errors.As(err, &semantic):
		faults.Add(string(semantic.JSONPointer), "wrong_type", wrongType(semantic))
	case errors.As(err, &syntactic):
		faults.Add(string(syntactic.JSONPointer), "malformed",
			fmt.Sprintf("This is not well-formed JSON in UTF-8, near byte %d.", syntactic.ByteOffset))
	default:
		return fmt.Errorf("%w: %w", errMalformed, err)
	}
	return &faults
}

func wrongType(e *json.SemanticError) string {
	return fmt.Sprintf("A JSON %s does not fit here.", e.JSONKind)
}

func bodyError(err error) error {
	var tooLarge *http.MaxBytesError
	if errors.As(err, &tooLarge) {
		return errTooLarge
	}
	return fmt.Errorf("%w: %w", errMalformed, err)
}

// limitParam reads the page size: 1 to maxLimit, or the default.
func limitParam(c *gin.Context) (int, error) {
	raw := c.Query("limit")
	if raw == "" {
		return defaultLimit, nil
	}
	limit, err := strconv.Atoi(raw)
	if err != nil || limit < 1 || limit > maxLimit {
		var faults moderation.Invalid
		faults.Add("/limit", "out_of_range", fmt.Sprintf("A limit is a number from 1 to %d.", maxLimit))
		return 0, &faults
	}
	return limit, nil
}

// choiceParam reads a query parameter that must be one of a few words; the first is the default.
func choiceParam(c *gin.Context, name string, words ...string) (string, error) {
	raw := c.DefaultQuery(name, words[0])
	for _, word := range words {
		if raw == word {
			return word, nil
		}
	}
	var faults moderation.Invalid
	faults.Add("/"+name, "unknown", fmt.Sprintf("This is one of %q.", words))
	return "", &faults
}
