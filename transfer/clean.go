package transfer

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"unicode/utf8"

	"golang.org/x/net/html/charset"
	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
)

// maxValueBytes bounds what a reader holds at once: one value, or one comment.
const maxValueBytes = 16 << 20

// cleaner makes a stream valid UTF-8 without control characters that no text has. It counts lines, and refuses
// values that are too long to be held.
type cleaner struct {
	from     io.Reader
	raw      []byte // read, not yet cleaned
	out      []byte // cleaned, not yet handed out
	err      error
	written  int64
	lines    []int64 // offsets of line ends that line has not passed yet
	line     int     // of passed
	passed   int64   // the offset that line was asked for last
	begun    int64   // where the present value began
	problems []Problem
	seen     map[string]bool
	controls int64 // control characters that were removed
}

func newCleaner(from io.Reader) *cleaner {
	return &cleaner{from: from, line: 1, seen: map[string]bool{}}
}

// binary reports whether what was read is no text: more than one byte in fifty was a control character. NULs don't
// count, since text in UTF-16 without a byte order mark has many.
func (c *cleaner) binary() bool { return c.controls*50 > c.written+c.controls }

// begin says that everything before an offset was used.
func (c *cleaner) begin(offset int64) { c.begun = offset }

// place returns the line of an offset. Offsets must not decrease.
func (c *cleaner) place(offset int64) Place {
	i := 0
	for i < len(c.lines) && c.lines[i] < offset {
		i++
	}
	c.lines, c.line, c.passed = c.lines[i:], c.line+i, max(offset, c.passed)
	return Place{Line: c.line, Byte: offset}
}

// lineStart returns where a line begins: so many lines below that of the offset that place was asked for last, which
// is the beginning of its line.
func (c *cleaner) lineStart(offset int64, below int) int64 {
	if below == 0 || below > len(c.lines) {
		return offset
	}
	return c.lines[below-1] + 1
}

// take returns the problems found since the last call.
func (c *cleaner) take() []Problem {
	found := c.problems
	c.problems = nil
	return found
}

func (c *cleaner) Read(p []byte) (int, error) {
	for len(c.out) == 0 {
		if c.err != nil && len(c.raw) == 0 {
			return 0, c.err
		}
		if err := c.fill(); err != nil {
			return 0, err
		}
	}
	n := copy(p, c.out)
	c.out = c.out[n:]
	return n, nil
}

const cleanerBytes = 32 << 10

func (c *cleaner) fill() error {
	if c.written-c.begun > maxValueBytes {
		return &Fault{Place{Byte: c.begun}, fmt.Sprintf("a value of more than %d MiB begins here", maxValueBytes>>20)}
	}
	if c.err == nil {
		buffer := make([]byte, cleanerBytes)
		n, err := c.from.Read(buffer)
		c.raw, c.err = append(c.raw, buffer[:n]...), err
	}
	c.clean()
	return nil
}

// clean moves what is complete from raw to out.
func (c *cleaner) clean() {
	end := len(c.raw)
	if c.err == nil { // a character, or a pair of surrogates, may go on in the next read
		end = max(0, end-6)
	}
	out := make([]byte, 0, end+16)
	i := 0
	for i < end {
		b := c.raw[i]
		if b >= 0x20 && b < 0x7f || b == '\t' || b == '\r' {
			out = append(out, b)
			i++
			continue
		}
		if b == '\n' {
			c.lines = append(c.lines, c.written+int64(len(out)))
			out = append(out, b)
			i++
			continue
		}
		var size int
		out, size = c.odd(out, c.raw[i:])
		i += size
	}
	c.written += int64(len(out))
	c.raw, c.out = c.raw[i:], out
}

// odd appends a character that is not printable ASCII, and returns how many bytes it has.
func (c *cleaner) odd(out, s []byte) ([]byte, int) {
	r, size := utf8.DecodeRune(s)
	switch {
	case r == utf8.RuneError && size <= 1:
		if pair, n := surrogates(s); n > 0 {
			c.report(out, "surrogates", "a character is encoded as two surrogates (CESU-8); they were combined")
			return utf8.AppendRune(out, pair), n
		}
		c.report(out, "charset", "some bytes are not valid UTF-8; they were read as Windows-1252")
		return utf8.AppendRune(out, charmap.Windows1252.DecodeByte(s[0])), 1
	case r == 0:
		c.report(out, "nul", "a NUL character was removed")
		return out, 1
	case r < 0x20 || r == 0xfffe || r == 0xffff:
		c.controls++
		c.report(out, "control", "a control character was removed")
		return out, size
	}
	return append(out, s[:size]...), size
}

// report reports a fault of the encoding once for each line.
func (c *cleaner) report(out []byte, code, detail string) {
	if len(c.problems) > 100 {
		return
	}
	key := fmt.Sprint(code, c.line+len(c.lines))
	if c.seen[key] {
		return
	}
	if len(c.seen) > 1000 {
		clear(c.seen)
	}
	c.seen[key] = true
	c.problems = append(c.problems, Problem{
		Place: Place{Line: c.line + len(c.lines), Byte: c.written + int64(len(out))}, Code: code, Detail: detail})
}

// surrogates reads two surrogates of three bytes each.
func surrogates(s []byte) (rune, int) {
	if len(s) < 6 || s[0] != 0xed || s[3] != 0xed || s[1]&0xf0 != 0xa0 || s[4]&0xf0 != 0xb0 {
		return 0, 0
	}
	high := rune(s[1]&0x0f)<<6 | rune(s[2]&0x3f)
	low := rune(s[4]&0x0f)<<6 | rune(s[5]&0x3f)
	return 0x10000 + high<<10 + low, 6
}

// decode returns a stream as UTF-8: by its byte order mark, or by the encoding that an XML declaration names.
func decode(head []byte, from io.Reader) (io.Reader, error) {
	if bytes.HasPrefix(head, []byte("\xef\xbb\xbf")) {
		_, err := io.ReadFull(from, make([]byte, 3))
		return from, err
	}
	var e encoding.Encoding
	name := ""
	switch {
	case bytes.HasPrefix(head, []byte("\xff\xfe")):
		e, name = charset.Lookup("utf-16le")
	case bytes.HasPrefix(head, []byte("\xfe\xff")):
		e, name = charset.Lookup("utf-16be")
	default:
		declared := xmlEncoding(head)
		if declared == "" {
			return from, nil
		}
		if e, name = charset.Lookup(declared); e == nil {
			return nil, &Fault{Place{Line: 1}, fmt.Sprintf("the encoding %q is unknown", declared)}
		}
	}
	if name == "utf-8" {
		return from, nil
	}
	return e.NewDecoder().Reader(from), nil
}

// xmlEncoding returns the encoding of an XML declaration; empty for none.
func xmlEncoding(head []byte) string {
	at := bytes.Index(head, []byte("<?xml"))
	if at < 0 {
		return ""
	}
	declaration, _, _ := bytes.Cut(head[at:], []byte("?>"))
	_, after, found := bytes.Cut(declaration, []byte("encoding="))
	if !found || len(after) < 2 {
		return ""
	}
	value, _, found := bytes.Cut(after[1:], after[:1])
	if !found || len(value) > 40 {
		return ""
	}
	return string(value)
}

// asFault returns an error of reading as a fault at a place, unless it is one.
func asFault(err error, place Place, detail string) error {
	var fault *Fault
	if errors.As(err, &fault) {
		if fault.Place.Line == 0 && fault.Place.Byte <= place.Byte {
			return &Fault{place, fault.Detail}
		}
		return fault
	}
	return &Fault{place, detail}
}
