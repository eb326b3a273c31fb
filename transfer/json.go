package transfer

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// jsonWalker walks through a JSON text without holding more than one value.
type jsonWalker struct {
	in *input
	d  *jsontext.Decoder
}

func newJSONWalker(in *input) *jsonWalker {
	return &jsonWalker{in, jsontext.NewDecoder(in.text, lenient...)}
}

// lenient accepts what exporters write: names twice, and halves of surrogates, which become U+FFFD.
var lenient = []json.Options{jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true)}

func (w *jsonWalker) place() Place { return w.in.text.place(w.d.InputOffset()) }

func (w *jsonWalker) readError(err error) error {
	if errors.Is(err, io.EOF) && w.d.StackDepth() == 0 {
		return io.EOF
	}
	if errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF) {
		return asFault(err, w.place(), "the file ends in the middle of a value: it is incomplete")
	}
	var syntax *jsontext.SyntacticError
	if errors.As(err, &syntax) && syntax.Err != nil {
		return asFault(err, w.place(), "not valid JSON: "+short(syntax.Err.Error()))
	}
	return asFault(err, w.place(), "not valid JSON")
}

// next returns the kind of the next value or end, and where it begins; io.EOF after the last.
func (w *jsonWalker) next() (jsontext.Kind, Place, error) {
	w.in.text.begin(w.d.InputOffset())
	kind := w.d.PeekKind()
	place := w.place()
	if kind == 0 {
		_, err := w.d.ReadToken()
		if err == nil {
			err = io.ErrUnexpectedEOF
		}
		return 0, place, w.readError(err)
	}
	return kind, place, nil
}

// token reads the next token.
func (w *jsonWalker) token() (jsontext.Token, error) {
	t, err := w.d.ReadToken()
	if err != nil {
		err = w.readError(err)
	}
	return t, err
}

// enter reads the beginning of an object or array.
func (w *jsonWalker) enter(wanted jsontext.Kind, what string) error {
	kind, place, err := w.next()
	if err == nil && kind != wanted {
		err = &Fault{place, fmt.Sprintf("%s should be %s", what, kindNames[wanted])}
	}
	if err != nil {
		return err
	}
	_, err = w.token()
	return err
}

var kindNames = map[jsontext.Kind]string{'{': "an object", '[': "a list", '"': "a text", '0': "a number"}

// name reads the next name of an object; false at its end.
func (w *jsonWalker) name() (string, bool, error) {
	kind, _, err := w.next()
	if err != nil {
		return "", false, unexpectedEnd(err, w)
	}
	t, err := w.token()
	if err != nil {
		return "", false, err
	}
	return t.String(), kind == '"', nil
}

func unexpectedEnd(err error, w *jsonWalker) error {
	if errors.Is(err, io.EOF) {
		return &Fault{w.place(), "the file ends in the middle of a value: it is incomplete"}
	}
	return err
}

// element reads the next element of a list into v; false at its end.
func (w *jsonWalker) element(v any) (Place, bool, error) {
	kind, place, err := w.next()
	if err != nil {
		return place, false, unexpectedEnd(err, w)
	}
	if kind == ']' {
		_, err := w.token()
		return place, false, err
	}
	return place, true, w.value(v)
}

// value reads the next value into v.
func (w *jsonWalker) value(v any) error {
	_, place, err := w.next()
	if err != nil {
		return err
	}
	raw, err := w.d.ReadValue()
	if err != nil {
		return w.readError(err)
	}
	if err := json.Unmarshal(raw, v, append(lenient, json.MatchCaseInsensitiveNames(false))...); err != nil {
		return &Fault{place, "a value does not match the format: " + jsonDetail(err)}
	}
	return nil
}

func jsonDetail(err error) string {
	var semantic *json.SemanticError
	if errors.As(err, &semantic) && semantic.JSONPointer != "" {
		return short(string(semantic.JSONPointer)) + " has the wrong type"
	}
	return "it has the wrong type"
}

// skip passes over the next value, a token at a time.
func (w *jsonWalker) skip() error {
	depth := w.d.StackDepth()
	for {
		if _, _, err := w.next(); err != nil {
			return unexpectedEnd(err, w)
		}
		if _, err := w.token(); err != nil {
			return err
		}
		if w.d.StackDepth() == depth {
			return nil
		}
	}
}

// null passes over a null.
func (w *jsonWalker) null() (bool, error) {
	kind, _, err := w.next()
	if err != nil || kind != 'n' {
		return false, err
	}
	_, err = w.token()
	return true, err
}

// loose is a text that exporters may also write as a number, a truth value or null.
type loose string

// UnmarshalJSON implements json.Unmarshaler.
func (l *loose) UnmarshalJSON(raw []byte) error {
	switch {
	case len(raw) > 0 && raw[0] == '"':
		var s string
		if err := json.Unmarshal(raw, &s, lenient...); err != nil {
			return err
		}
		*l = loose(s)
	case bytes.Equal(raw, []byte("null")):
		*l = ""
	default:
		*l = loose(raw)
	}
	return nil
}

func (l loose) String() string { return string(l) }

func (l loose) number() int {
	n, err := strconv.ParseFloat(strings.TrimSpace(string(l)), 64)
	if err != nil || n < -1e9 || n > 1e9 {
		return 0
	}
	return int(n)
}

// setScore sets the votes from their sum, since the export has only that.
func (c *Comment) setScore(score int) {
	c.Up, c.Down = max(0, score), max(0, -score)
}
