package identity

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"unicode/utf8"
)

// maxNesting bounds the depth of JSON in tokens and keys.
const maxNesting = 8

var (
	errDuplicate = errors.New("a name occurs twice in the same object")
	errNoObject  = errors.New("not a JSON object")
)

// object holds the members of a JSON object by their exact names: encoding/json would accept "SUB" for "sub".
type object map[string]json.RawMessage

// parseObject parses a JSON object strictly: UTF-8 only, no name twice at any depth, nothing after its end.
func parseObject(data []byte) (object, error) {
	if !utf8.Valid(data) {
		return nil, errNoObject
	}
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.UseNumber()
	if err := checkValue(decoder, 0); err != nil {
		return nil, err
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return nil, errNoObject
	}
	var o object
	if err := json.Unmarshal(data, &o); err != nil || o == nil {
		return nil, errNoObject
	}
	return o, nil
}

// checkValue reads one value and refuses names that occur twice.
func checkValue(decoder *json.Decoder, depth int) error {
	token, err := decoder.Token()
	if err != nil || depth > maxNesting {
		return errNoObject
	}
	delim, nested := token.(json.Delim)
	if !nested {
		return nil
	}
	names := map[string]bool{}
	for decoder.More() {
		if delim == '{' {
			name, err := decoder.Token()
			if err != nil {
				return errNoObject
			}
			text, _ := name.(string)
			if names[text] {
				return errDuplicate
			}
			names[text] = true
		}
		if err := checkValue(decoder, depth+1); err != nil {
			return err
		}
	}
	if _, err := decoder.Token(); err != nil {
		return errNoObject
	}
	return nil
}

// has reports whether the object has a member, null included.
func (o object) has(name string) bool {
	_, ok := o[name]
	return ok
}

// text returns a string member; empty if it is missing.
func (o object) text(name string) (string, error) {
	raw, ok := o[name]
	if !ok {
		return "", nil
	}
	var s *string
	if err := json.Unmarshal(raw, &s); err != nil || s == nil {
		return "", fmt.Errorf("%s must be a string", name)
	}
	return *s, nil
}

// texts returns a member that is a list of strings; nil if it is missing.
func (o object) texts(name string) ([]string, error) {
	raw, ok := o[name]
	if !ok {
		return nil, nil
	}
	var list []*string
	if err := json.Unmarshal(raw, &list); err != nil || list == nil {
		return nil, fmt.Errorf("%s must be a list of strings", name)
	}
	values := make([]string, len(list))
	for i, s := range list {
		if s == nil {
			return nil, fmt.Errorf("%s must be a list of strings", name)
		}
		values[i] = *s
	}
	return values, nil
}
