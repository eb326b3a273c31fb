package rules

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"regexp"
	"sort"
	"strings"

	"go.yaml.in/yaml/v3"
)

// decode returns the root of the single document; nil if there is none. It turns the parser's panics into
// errors.
func decode(source io.Reader) (root *yaml.Node, err error) {
	defer func() {
		if broken := recover(); broken != nil {
			root, err = nil, fmt.Errorf("yaml: %v", broken)
		}
	}()
	decoder := yaml.NewDecoder(source)
	var first, second yaml.Node
	if err := decoder.Decode(&first); errors.Is(err, io.EOF) {
		return nil, nil
	} else if err != nil {
		return nil, err
	}
	if err := decoder.Decode(&second); err == nil {
		return nil, errors.New("yaml: a second document begins here; a ruleset is one document")
	} else if !errors.Is(err, io.EOF) {
		return nil, err
	}
	return first.Content[0], nil
}

// sourceBytes feeds a document to the parser until ctx ends. The parser reads a few hundred bytes at a time.
type sourceBytes struct {
	ctx context.Context
	*bytes.Reader
}

func newSourceBytes(ctx context.Context, source []byte) *sourceBytes {
	return &sourceBytes{ctx, bytes.NewReader(source)}
}

// Read implements io.Reader.
func (s *sourceBytes) Read(p []byte) (int, error) {
	if err := s.ctx.Err(); err != nil {
		return 0, err
	}
	return s.Reader.Read(p)
}

// read returns how many bytes the parser has read so far.
func (s *sourceBytes) read() int { return int(s.Size()) - s.Len() }

var yamlLine = regexp.MustCompile(`^yaml: (line \d+: )?`)

func yamlWords(err error) string {
	return "this is not valid YAML: " + yamlLine.ReplaceAllString(err.Error(), "")
}

// placingBytes bounds the bytes parsed to locate a parser error.
const placingBytes = 4 * MaxDocumentBytes

// yamlPlace returns the first line up to which the source produces the given error. The parser itself often
// names the line where the surrounding list or mapping starts. The error lies within what the parser has
// read, usually near the end, so the search starts there. In a long document with an error far from there,
// the returned line may be too late.
func (d *document) yamlPlace(source []byte, read int, err error) place {
	words := yamlWords(err)
	ends := make([]int, len(d.lines))
	at := 0
	for i, line := range d.lines {
		at += len(line)
		ends[i] = at
	}
	parsed := 0
	wrong := func(line int) bool {
		parsed += ends[line]
		_, err := decode(newSourceBytes(d.ctx, source[:ends[line]]))
		return err != nil && yamlWords(err) == words
	}
	right, first := -1, sort.SearchInts(ends, read) // binary search between the two
	for step := 1; first-step > right && parsed < placingBytes; step *= 2 {
		if !wrong(first - step) {
			right = first - step
			break
		}
		first -= step
	}
	for right+1 < first && parsed < placingBytes {
		if middle := right + (first-right)/2; wrong(middle) {
			first = middle
		} else {
			right = middle
		}
	}
	indent := len(d.lines[first]) - len(strings.TrimLeft(d.lines[first], " \t"))
	return place{line: first + 1, column: indent + 1}
}
