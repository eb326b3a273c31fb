package httpio

import (
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"net/url"
	"strings"
	"unicode/utf8"

	"github.com/gin-gonic/gin"
)

// maxFormFields bounds the fields of a form: each costs far more memory and time than its bytes. The
// console's list of selected comments is the longest.
const maxFormFields = 1000

// FormValues reads the body of a form, however the page encodes it. What came before an error is returned
// with it.
func FormValues(c *gin.Context) (url.Values, error) {
	values, err := FormValuesWithin(c, MaxBody)
	if err == nil {
		err = checkValues(values)
	}
	return values, err
}

// FormValuesWithin reads a form of at most that many bytes. It keeps invalid text: the caller shows it again,
// cleaned by printable, or reports the error beside the field.
func FormValuesWithin(c *gin.Context, limit int64) (url.Values, error) {
	values, err := decodeForm(c, limit)
	c.Set(KeyForm, values)
	return values, err
}

func decodeForm(c *gin.Context, limit int64) (url.Values, error) {
	mediaType, params, err := mime.ParseMediaType(c.GetHeader("Content-Type"))
	if err == nil {
		err = plainBody(c, params)
	}
	switch {
	case errors.Is(err, errEncoded), errors.Is(err, errCharset):
		return url.Values{}, err
	case err == nil && mediaType == "application/x-www-form-urlencoded":
		return urlencodedValues(readAll(c, limit))
	case err == nil && mediaType == "multipart/form-data" && params["boundary"] != "":
		body := http.MaxBytesReader(c.Writer, c.Request.Body, limit)
		return multipartValues(multipart.NewReader(body, params["boundary"]))
	}
	return url.Values{}, ErrFormType
}

func urlencodedValues(raw []byte, readErr error) (url.Values, error) {
	first, tooMany := firstFields(string(raw), maxFormFields)
	values, err := url.ParseQuery(first)
	switch {
	case readErr != nil:
		return values, bodyError(readErr)
	case tooMany:
		return values, ErrManyFields
	case err != nil:
		return values, ErrMalformed
	}
	return values, nil
}

// firstFields returns the first n fields of a query, and whether there are more.
func firstFields(query string, n int) (first string, more bool) {
	end := 0
	for field := range strings.SplitSeq(query, "&") {
		if n == 0 {
			return query[:end-1], true
		}
		end += len(field) + len("&")
		n--
	}
	return query, false
}

// multipartValues reads the fields and passes over files. The body is bounded, so nothing goes to a temporary
// file.
func multipartValues(parts *multipart.Reader) (url.Values, error) {
	values := url.Values{}
	for n := 0; ; n++ {
		part, err := parts.NextPart()
		if err == io.EOF { // a wrapped one is a body that was cut off
			return values, nil
		}
		if err != nil {
			return values, bodyError(err)
		}
		if n == maxFormFields {
			return values, ErrManyFields
		}
		if part.FormName() == "" || part.FileName() != "" {
			continue
		}
		raw, err := io.ReadAll(part)
		values.Add(part.FormName(), string(raw))
		if err != nil {
			return values, bodyError(err)
		}
	}
}

// Printable replaces what is not text, so that the rest can be shown again.
func Printable(typed string) string {
	if utf8.ValidString(typed) && !strings.ContainsRune(typed, 0) {
		return typed
	}
	return strings.ReplaceAll(strings.ToValidUTF8(typed, "\uFFFD"), "\x00", "\uFFFD")
}
