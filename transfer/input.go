package transfer

import (
	"archive/zip"
	"bufio"
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"sync/atomic"

	"github.com/klauspost/compress/zstd"
)

// Limits of packed files. A file that grows more than maxRatio times when it is unpacked is refused once it
// has more than freeBytes: text packs about ten times smaller.
const (
	maxRatio     = 400
	freeBytes    = 64 << 20
	zstdMemory   = 32 << 20
	sniffedBytes = 4096
)

// File is a file that can be read several times. Close removes what was copied.
type File struct {
	Path string // of the file on disk
	Name string // as the user knows it, without folder; may be empty
	temp bool
	size int64
	read atomic.Pointer[counter] // of the file on disk, in the pass that reads at present
}

// counter counts the bytes that went through a reader. Progress is asked for while it reads.
type counter struct {
	file *File
	from io.Reader
	n    atomic.Int64
}

func (c *counter) Read(p []byte) (int, error) {
	n, err := c.from.Read(p)
	c.add(int64(n))
	return n, err
}

func (c *counter) add(n int64) {
	c.n.Add(n)
	c.file.read.Store(c)
}

// OpenFile returns the file at a path.
func OpenFile(name string) (*File, error) {
	info, err := os.Stat(name)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("%s is not a regular file", name)
	}
	return &File{Path: name, Name: path.Base(name), size: info.Size()}, nil
}

// Spool copies a stream to a temporary file in dir, since some formats are read twice.
func Spool(from io.Reader, dir, name string) (*File, error) {
	file, err := os.CreateTemp(dir, "import-*")
	if err != nil {
		return nil, fmt.Errorf("copy the input: %w", err)
	}
	n, err := io.Copy(file, from)
	if err := errors.Join(err, file.Close()); err != nil {
		return nil, errors.Join(fmt.Errorf("copy the input: %w", err), os.Remove(file.Name()))
	}
	return &File{Path: file.Name(), Name: path.Base(name), temp: true, size: n}, nil
}

// Close removes a temporary copy.
func (f *File) Close() error {
	if !f.temp {
		return nil
	}
	return os.Remove(f.Path)
}

// Progress returns how many bytes of the file have been read in the present pass, and how many there are.
func (f *File) Progress() (done, total int64) {
	if read := f.read.Load(); read != nil {
		return read.n.Load(), f.size
	}
	return 0, f.size
}

// open returns the content, unpacked. The packing is recognized by its first bytes.
func (f *File) open() (io.ReadCloser, error) {
	file, err := os.Open(f.Path)
	if err != nil {
		return nil, err
	}
	count := &counter{file: f, from: file}
	packed := bufio.NewReaderSize(count, 64<<10)
	content, done, err := unpack(file, packed, count)
	if err != nil {
		return nil, errors.Join(err, file.Close())
	}
	return &unpacked{content: content, packed: count, done: func() error {
		done()
		return file.Close()
	}}, nil
}

func nothing() {}

// unpack returns the content and a function that releases the unpacker. That returns no error: it would be the one
// of the last Read again.
func unpack(file *os.File, packed *bufio.Reader, count *counter) (io.Reader, func(), error) {
	head, err := packed.Peek(4)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, nothing, err
	}
	switch {
	case bytes.HasPrefix(head, []byte{0x1f, 0x8b}):
		r, err := gzip.NewReader(packed)
		if err != nil {
			return nil, nothing, &Fault{Detail: "not a complete gzip file: " + err.Error()}
		}
		return r, nothing, nil
	case bytes.HasPrefix(head, []byte{0x28, 0xb5, 0x2f, 0xfd}):
		r, err := zstd.NewReader(packed, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxMemory(zstdMemory),
			zstd.WithDecoderMaxWindow(zstdMemory))
		if err != nil {
			return nil, nothing, &Fault{Detail: "this zstd file can't be read: " + err.Error()}
		}
		return r, r.Close, nil
	case bytes.HasPrefix(head, []byte("PK\x03\x04")):
		return unzip(file, count)
	}
	return packed, nothing, nil
}

// unzip returns the only file of an archive that is no directory or metadata of macOS.
func unzip(file *os.File, count *counter) (io.Reader, func(), error) {
	archive, err := zip.NewReader(io.NewSectionReader(file, 0, count.file.size), count.file.size)
	if err != nil {
		return nil, nothing, &Fault{Detail: "not a complete zip file: " + err.Error()}
	}
	var found *zip.File
	for _, entry := range archive.File {
		if entry.FileInfo().IsDir() || path.Dir(entry.Name) == "__MACOSX" || path.Base(entry.Name)[0] == '.' {
			continue
		}
		if found != nil {
			return nil, nothing, &Fault{Detail: fmt.Sprintf("the zip file contains several files, among them %q and %q: "+
				"unpack it and import one of them", found.Name, entry.Name)}
		}
		found = entry
	}
	if found == nil {
		return nil, nothing, &Fault{Detail: "the zip file contains no file"}
	}
	content, err := found.Open()
	if err != nil {
		return nil, nothing, &Fault{Detail: "the zip file can't be read: " + err.Error()}
	}
	count.n.Store(0)
	return &countedPart{content, count, found}, func() { _ = content.Close() }, nil
}

// countedPart counts the packed bytes of an archive's file as it is unpacked, in proportion.
type countedPart struct {
	from  io.Reader
	read  *counter
	entry *zip.File
}

func (c *countedPart) Read(p []byte) (int, error) {
	n, err := c.from.Read(p)
	if size := c.entry.UncompressedSize64; size > 0 {
		c.read.add(int64(float64(n) * float64(c.entry.CompressedSize64) / float64(size)))
	}
	return n, err
}

// unpacked is the content of a file, with the limit of how much it may grow.
type unpacked struct {
	content io.Reader
	packed  *counter
	n       int64
	done    func() error
}

func (u *unpacked) Close() error { return u.done() }

func (u *unpacked) Read(p []byte) (int, error) {
	n, err := u.content.Read(p)
	u.n += int64(n)
	if u.n > freeBytes && u.n/maxRatio > u.packed.n.Load() {
		return 0, &Fault{Place{Byte: u.n}, fmt.Sprintf("the file grows more than %d times when it is unpacked: "+
			"no export of comments does", maxRatio)}
	}
	var fault *Fault
	if err != nil && !errors.Is(err, io.EOF) && !errors.As(err, &fault) {
		err = &Fault{Place{Byte: u.n}, "the packed file is damaged or incomplete: " + err.Error()}
	}
	return n, err
}
