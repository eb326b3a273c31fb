package transfer

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/klauspost/compress/zstd"
)

// NativeWriter writes lines.
type NativeWriter struct {
	buffer  *bufio.Writer
	pack    io.WriteCloser // nil without packing
	encoder *json.Encoder
}

// NewNativeWriter writes to a stream, packed as the ending of its name says: .gz, .zst or none.
func NewNativeWriter(to io.Writer, name string) (*NativeWriter, error) {
	w := &NativeWriter{}
	switch {
	case strings.HasSuffix(name, ".gz"):
		w.pack = gzip.NewWriter(to)
	case strings.HasSuffix(name, ".zst"):
		pack, err := zstd.NewWriter(to, zstd.WithEncoderConcurrency(1))
		if err != nil {
			return nil, err
		}
		w.pack = pack
	}
	if w.pack != nil {
		to = w.pack
	}
	w.buffer = bufio.NewWriterSize(to, 256<<10)
	w.encoder = json.NewEncoder(w.buffer)
	w.encoder.SetEscapeHTML(false)
	return w, nil
}

// Write writes a line.
func (w *NativeWriter) Write(line any) error { return w.encoder.Encode(line) }

// Close writes what is buffered. It does not close the stream.
func (w *NativeWriter) Close() error {
	err := w.buffer.Flush()
	if w.pack != nil {
		err = errors.Join(err, w.pack.Close())
	}
	return err
}

// NativeReader reads lines.
type NativeReader struct {
	in     *input
	lines  *bufio.Reader
	line   int
	offset int64
	Header Header
}

// IsNative reports whether a file begins like one in the native format.
func (f *File) IsNative() (bool, error) {
	head, err := f.head()
	if err != nil {
		return false, err
	}
	return bytes.HasPrefix(head, []byte(`{"type":"header"`)), nil
}

// OpenNative reads the header of a file in the native format. Errors: ErrFormat, *Fault.
func OpenNative(f *File) (*NativeReader, error) {
	in, err := f.input()
	if err != nil {
		return nil, err
	}
	r := &NativeReader{in: in, lines: bufio.NewReaderSize(in.text, 64<<10)}
	if err := r.readHeader(); err != nil {
		return nil, errors.Join(err, in.Close())
	}
	return r, nil
}

func (r *NativeReader) readHeader() error {
	raw, place, err := r.next()
	if err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	if err != nil || json.Unmarshal(raw, &r.Header) != nil || r.Header.Type != TypeHeader || r.Header.Format != "rejoinder" {
		return fmt.Errorf("%w: the first line is not the header of a Rejoinder export", ErrFormat)
	}
	if r.Header.Version != NativeVersion {
		return &Fault{place, fmt.Sprintf("version %d of the format is unknown to this program, which knows %d",
			r.Header.Version, NativeVersion)}
	}
	if r.Header.Emails != EmailsSealed && r.Header.Emails != EmailsPlain {
		return &Fault{place, "the header does not say how emails are stored"}
	}
	return nil
}

// Close releases the file.
func (r *NativeReader) Close() error { return r.in.Close() }

// next returns the next line that is not empty.
func (r *NativeReader) next() ([]byte, Place, error) {
	for {
		r.in.text.begin(r.offset)
		place := Place{Line: r.line + 1, Byte: r.offset}
		raw, err := r.lines.ReadBytes('\n')
		r.line, r.offset = r.line+1, r.offset+int64(len(raw))
		r.in.text.place(r.offset)
		if err != nil && !errors.Is(err, io.EOF) {
			return nil, place, asFault(err, place, err.Error())
		}
		if trimmed := bytes.TrimSpace(raw); len(trimmed) > 0 {
			return trimmed, place, nil
		}
		if err != nil {
			return nil, place, io.EOF
		}
	}
}

// Line is a line of a known type.
type Line struct {
	Place Place
	Value any // *Site, *Moderator, *Ruleset, *Article, *Commenter, *SignedReader, *NativeComment or *Block
}

// Next returns the next line; io.EOF after the last, *Fault if it can't be read.
func (r *NativeReader) Next() (Line, error) {
	raw, place, err := r.next()
	if err != nil {
		return Line{}, err
	}
	kind, err := lineType(raw)
	if err != nil {
		return Line{}, nativeFault(place, err)
	}
	value := newValue(kind)
	if value == nil {
		return Line{}, &Fault{place, fmt.Sprintf("the type %q is unknown", short(kind))}
	}
	decoder := json.NewDecoder(bytes.NewReader(raw))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(value); err != nil {
		return Line{}, nativeFault(place, err)
	}
	return Line{place, value}, nil
}

// lineType returns the type of a line. Exports write it first; then the line need not be decoded twice.
func lineType(raw []byte) (string, error) {
	if rest, ok := bytes.CutPrefix(raw, []byte(`{"type":"`)); ok {
		if kind, _, ok := bytes.Cut(rest, []byte(`"`)); ok && newValue(string(kind)) != nil {
			return string(kind), nil
		}
	}
	var kind struct {
		Type string `json:"type"`
	}
	err := json.Unmarshal(raw, &kind)
	return kind.Type, err
}

// newValue returns what a line of a type is decoded into; nil if the type is unknown.
func newValue(kind string) any {
	switch kind {
	case TypeSite:
		return &Site{}
	case TypeModerator:
		return &Moderator{}
	case TypeRuleset:
		return &Ruleset{}
	case TypeArticle:
		return &Article{}
	case TypeCommenter:
		return &Commenter{}
	case TypeReader:
		return &SignedReader{}
	case TypeComment:
		return &NativeComment{}
	case TypeBlock:
		return &Block{}
	}
	return nil
}

func nativeFault(place Place, err error) error {
	var wrong *json.UnmarshalTypeError
	var syntax *json.SyntaxError
	switch {
	case errors.As(err, &wrong):
		return &Fault{place, fmt.Sprintf("%q has the wrong type", wrong.Field)}
	case errors.As(err, &syntax), errors.Is(err, io.ErrUnexpectedEOF):
		return &Fault{place, "this line is not a complete JSON object"}
	}
	return &Fault{place, "this line does not match the format: " + short(err.Error())}
}
