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

// maxFormFields bounds the fields of a form, since each takes far more memory and time than its bytes. The
// longest form is the console's list of selected comments.
const maxFormFields = 1000

// FormValues reads a form in either encoding. With an error it returns the fields before the error.
func FormValues(c *gin.Context) (url.Values, error) {
	values, err := FormValuesWithin(c, MaxBody)
	if err == nil {
		err = checkValues(values)
	}
	return values, err
}

// FormValuesWithin reads a form of at most limit bytes. It does not reject invalid text: the caller displays
// it with Printable, or reports the error at the field.
func FormValuesWithin(c *gin.Context, limit int64) (url.Values, error) {
	values, err := decodeForm(c, limit)
	c.Set(keyForm, values)
	return values, err
}

func decodeForm(c *gin.Context, limit int64) (url.Values, error) {
	mediaType, params, err := mime.ParseMediaType(c.GetHeader("Content-Type"))
	if err == nil {
		err = checkEncoding(c, params)
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
		return values, ErrTooManyFields
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

// multipartValues reads the fields and skips files, without temporary files.
func multipartValues(parts *multipart.Reader) (url.Values, error) {
	values := url.Values{}
	for n := 0; ; n++ {
		part, err := parts.NextPart()
		if err == io.EOF { // a wrapped io.EOF means that the body is truncated
			return values, nil
		}
		if err != nil {
			return values, bodyError(err)
		}
		if n == maxFormFields {
			return values, ErrTooManyFields
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

// Printable replaces invalid UTF-8 and NUL, so that the text can be displayed.
func Printable(typed string) string {
	if utf8.ValidString(typed) && !strings.ContainsRune(typed, 0) {
		return typed
	}
	return strings.ReplaceAll(strings.ToValidUTF8(typed, "\uFFFD"), "\x00", "\uFFFD")
}
