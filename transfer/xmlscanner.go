package transfer

import (
	"bufio"
	"bytes"
	"encoding/xml"
	"io"
)

// xmlKind is the kind of a token.
type xmlKind int

const (
	xmlOther xmlKind = iota // a comment, processing instruction or directive
	xmlStart                // of an element
	xmlEnd
	xmlText
)

// xmlToken is a token of an XML file.
type xmlToken struct {
	kind       xmlKind
	name       string // of an element, with the prefix that the file uses
	attributes []xml.Attr
	text       []byte // until the next token is read
}

// xmlScanner splits XML into tokens. It reads tags without attributes, text without entities and CDATA sections
// itself, which takes a tenth of the time. All else, and whatever may be wrong, is left to encoding/xml.
type xmlScanner struct {
	from    *bufio.Reader
	d       *xml.Decoder // of what scan leaves
	scanned int64        // bytes that scan took
	holds   bool         // d may hold a byte or the end of an element, so the next token must come from it
	names   map[string]string
}

// scannedBytes bounds the tokens that scan reads.
const scannedBytes = 64 << 10

func newXMLScanner(from io.Reader) *xmlScanner {
	s := &xmlScanner{from: bufio.NewReaderSize(from, scannedBytes), names: map[string]string{}}
	s.d = xml.NewDecoder(s.from) // reads from it byte by byte
	s.d.Strict = false           // accepts attributes without quotes and a bare &, which exports have
	s.d.Entity = xml.HTMLEntity
	s.d.CharsetReader = func(_ string, from io.Reader) (io.Reader, error) { return from, nil } // see decode
	return s
}

// offset is where the next token begins.
func (s *xmlScanner) offset() int64 { return s.scanned + s.d.InputOffset() }

// next returns the next token; its errors are those of xml.Decoder.RawToken.
func (s *xmlScanner) next() (xmlToken, error) {
	if !s.holds {
		if t, ok := s.scan(); ok {
			return t, nil
		}
	}
	raw, err := s.d.RawToken()
	if err != nil {
		return xmlToken{}, err
	}
	s.holds = false
	switch t := raw.(type) {
	case xml.StartElement:
		s.holds = true // its end, if it is empty
		return xmlToken{kind: xmlStart, name: xmlName(t.Name), attributes: t.Attr}, nil
	case xml.EndElement:
		return xmlToken{kind: xmlEnd, name: xmlName(t.Name)}, nil
	case xml.CharData:
		s.holds = true // the < behind it
		return xmlToken{kind: xmlText, text: t}, nil
	}
	return xmlToken{}, nil
}

// scan reads a plain token. It reports false, and reads nothing, if the next token is none or is not complete.
func (s *xmlScanner) scan() (xmlToken, bool) {
	for wanted := max(1, s.from.Buffered()); ; wanted = s.from.Buffered() + 1 {
		if wanted > scannedBytes {
			return xmlToken{}, false
		}
		if _, err := s.from.Peek(wanted); err != nil {
			return xmlToken{}, false // d meets the error again
		}
		window, _ := s.from.Peek(s.from.Buffered())
		t, length, open := s.plain(window)
		if length > 0 {
			_, _ = s.from.Discard(length) // they are buffered
			s.scanned += int64(length)
			return t, true
		}
		if !open {
			return xmlToken{}, false
		}
	}
}

const (
	cdataStart = "<![CDATA["
	cdataEnd   = "]]>"
)

// plain returns the plain token that a text begins with, and its length; 0 if there is none. open reports that the
// token may go on behind the text.
func (s *xmlScanner) plain(window []byte) (t xmlToken, length int, open bool) {
	switch {
	case window[0] != '<':
		end := bytes.IndexByte(window, '<')
		if end < 0 {
			return t, 0, true
		}
		text := window[:end]
		if bytes.IndexByte(text, '&') >= 0 || bytes.IndexByte(text, '\r') >= 0 || bytes.Contains(text, []byte(cdataEnd)) {
			return t, 0, false
		}
		return xmlToken{kind: xmlText, text: text}, end, false
	case len(window) < len(cdataStart):
		return t, 0, true
	case string(window[:len(cdataStart)]) == cdataStart:
		text := window[len(cdataStart):]
		end := bytes.Index(text, []byte(cdataEnd))
		if end < 0 {
			return t, 0, true
		}
		if bytes.IndexByte(text[:end], '\r') >= 0 {
			return t, 0, false
		}
		return xmlToken{kind: xmlText, text: text[:end]}, len(cdataStart) + end + len(cdataEnd), false
	}
	end := bytes.IndexByte(window, '>')
	if end < 0 {
		return t, 0, true
	}
	t.kind = xmlStart
	name, ends := bytes.CutPrefix(window[1:end], []byte("/"))
	if ends {
		t.kind = xmlEnd
	}
	var ok bool
	if t.name, ok = s.nameOf(name); !ok {
		return t, 0, false
	}
	return t, end + 1, false
}

// maxKnownNames bounds the names that a scanner remembers.
const maxKnownNames = 1000

// nameOf returns a name as text if it is plain: letters and digits of ASCII, with at most one prefix.
func (s *xmlScanner) nameOf(name []byte) (string, bool) {
	if known, ok := s.names[string(name)]; ok {
		return known, true
	}
	prefix, local, prefixed := bytes.Cut(name, []byte(":"))
	if !plainName(prefix) || prefixed && !plainName(local) {
		return "", false
	}
	if len(s.names) >= maxKnownNames {
		clear(s.names)
	}
	s.names[string(name)] = string(name)
	return string(name), true
}

func plainName(name []byte) bool {
	for i, c := range name {
		letter := 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || c == '_'
		if !letter && (i == 0 || c != '-' && c != '.' && (c < '0' || c > '9')) {
			return false
		}
	}
	return len(name) > 0
}
