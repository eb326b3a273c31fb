package transfer

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"
)

// Reader returns the comments of a file, one after another.
type Reader interface {
	// Next returns the next comment; io.EOF after the last, *Fault if nothing more can be read.
	Next() (Comment, error)
	// Close releases the file.
	Close() error
}

// Options are the choices in reading.
type Options struct {
	Format string // empty: recognize it
	// Zone is that of times without one.
	Zone *time.Location
	// Columns maps fields of a comment to columns of a CSV file, by name or as # and a number from 1; see CSVFields. A
	// field mapped to the empty name has no column. All others have the column that is named as they usually are.
	Columns map[string]string
	// OpenIsso reads the database file of Isso.
	OpenIsso func(path string) (IssoRows, error)
}

// format is one that can be read.
type format struct {
	name, title string
	// fits reports whether a file that begins like this has the format.
	fits func(head []byte) bool
	open func(in *input, o Options) (Reader, error)
}

// formats are tried in this order.
var formats = []format{
	{"isso", "Isso", isIsso, openIsso},
	{"wxr", "WordPress (WXR)", isWXR, openWXR},
	{"disqus", "Disqus", isDisqus, openDisqus},
	{"remark42", "Remark42", isRemark42, openRemark42},
	{"comentario", "Comentario", isComentario, openComentario},
	{"commento", "Commento", isCommento, openCommento},
	{"artalk", "Artalk", isArtalk, openArtalk},
	{"csv", "CSV", isCSV, openCSV},
}

// Formats lists the names of the formats that can be read, besides the native one.
func Formats() []string {
	var names []string
	for _, f := range formats {
		names = append(names, f.name)
	}
	slices.Sort(names)
	return names
}

// Title returns the name of a format for people.
func Title(name string) string {
	for _, f := range formats {
		if f.name == name {
			return f.title
		}
	}
	return name
}

// ErrFormat means that the format is unknown, or not the one that was named.
var ErrFormat = errors.New("format not recognized")

// Open returns a reader of a file, and the name of its format. ErrFormat, *Fault.
func Open(f *File, o Options) (Reader, string, error) {
	head, err := f.head()
	if err != nil {
		return nil, "", err
	}
	if o.Zone == nil {
		o.Zone = time.UTC
	}
	for _, format := range formats {
		if o.Format != "" && o.Format != format.name || o.Format == "" && !format.fits(head) {
			continue
		}
		if !format.fits(head) {
			return nil, "", notThat(format, head)
		}
		in, err := f.input()
		if err != nil {
			return nil, "", err
		}
		r, err := format.open(in, o)
		if err != nil {
			return nil, "", errors.Join(err, in.Close())
		}
		return r, format.name, nil
	}
	if o.Format != "" {
		return nil, "", fmt.Errorf("%w: %q is none of %s", ErrFormat, o.Format, strings.Join(Formats(), ", "))
	}
	if len(head) == 0 {
		return nil, "", fmt.Errorf("%w: it is empty", ErrFormat)
	}
	return nil, "", fmt.Errorf("%w: name it, one of %s", ErrFormat, strings.Join(Formats(), ", "))
}

func notThat(named format, head []byte) error {
	for _, f := range formats {
		if f.fits(head) {
			return fmt.Errorf("%w: not an export of %s; it looks like one of %s", ErrFormat, named.title, f.title)
		}
	}
	return fmt.Errorf("%w: not an export of %s", ErrFormat, named.title)
}

// head returns the first bytes of the content, in UTF-8. ErrFormat if they are neither text nor a database.
func (f *File) head() ([]byte, error) {
	in, err := f.input()
	if err != nil {
		return nil, err
	}
	head := make([]byte, sniffedBytes)
	n, err := io.ReadFull(in.text, head)
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		return nil, errors.Join(err, in.Close())
	}
	if in.text.binary() && !isSQLite(head[:n]) {
		return nil, errors.Join(fmt.Errorf("%w: this is not a text file", ErrFormat), in.Close())
	}
	return bytes.TrimSpace(head[:n]), in.Close()
}

// input is the content of a file while it is read.
type input struct {
	file *File
	text *cleaner
	raw  io.Closer
}

func (in *input) Close() error { return in.raw.Close() }

// Progress returns how much of the file was read.
func (in *input) Progress() (done, total int64) { return in.file.Progress() }

func (f *File) input() (*input, error) {
	raw, err := f.open()
	if err != nil {
		return nil, err
	}
	buffered := bufio.NewReaderSize(raw, 64<<10)
	head, err := buffered.Peek(sniffedBytes)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, errors.Join(err, raw.Close())
	}
	text, err := decode(head, buffered)
	if err != nil {
		return nil, errors.Join(err, raw.Close())
	}
	return &input{file: f, text: newCleaner(text), raw: raw}, nil
}
