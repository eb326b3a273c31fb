package transfer

import (
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strings"
)

// maxXMLDepth bounds how deep elements nest.
const maxXMLDepth = 100

// xmlWalker walks through the elements of an XML file. Names have the prefix that the file uses. It resolves
// no entities but those of XML and HTML, and loads nothing.
type xmlWalker struct {
	in      *input
	scanner *xmlScanner
	open    []string // names of the open elements
}

func newXMLWalker(in *input) *xmlWalker { return &xmlWalker{in: in, scanner: newXMLScanner(in.text)} }

func (w *xmlWalker) place() Place { return w.in.text.place(w.scanner.offset()) }

func (w *xmlWalker) fault(format string, args ...any) error {
	return &Fault{w.place(), fmt.Sprintf(format, args...)}
}

// token returns the next start or end of an element, or text, with the place where it begins.
func (w *xmlWalker) token() (xmlToken, Place, error) {
	for {
		w.in.text.begin(w.scanner.offset())
		place := w.place()
		t, err := w.scanner.next()
		if err != nil {
			return t, place, w.readError(err)
		}
		switch t.kind {
		case xmlStart:
			if len(w.open) >= maxXMLDepth {
				return t, place, w.fault("elements are nested more than %d deep", maxXMLDepth)
			}
			w.open = append(w.open, t.name)
			return t, place, nil
		case xmlEnd:
			if len(w.open) == 0 || w.open[len(w.open)-1] != t.name {
				return t, place, &Fault{place, fmt.Sprintf("</%s> ends an element that is not open", short(t.name))}
			}
			w.open = w.open[:len(w.open)-1]
			return t, place, nil
		case xmlText:
			return t, place, nil
		}
	}
}

func (w *xmlWalker) readError(err error) error {
	var syntax *xml.SyntaxError
	switch {
	case errors.Is(err, io.EOF) && len(w.open) > 0:
		return w.fault("the file ends within <%s>: it is incomplete", short(w.open[len(w.open)-1]))
	case errors.Is(err, io.EOF):
		return io.EOF
	case errors.As(err, &syntax):
		return asFault(err, w.place(), "not well-formed XML: "+short(syntax.Msg))
	}
	return asFault(err, w.place(), err.Error())
}

// text returns the text of the element that has just been opened, without what is nested in it, and closes it.
func (w *xmlWalker) text() (string, error) {
	var b strings.Builder
	depth := len(w.open)
	for {
		t, _, err := w.token()
		if err != nil {
			return "", err
		}
		switch t.kind {
		case xmlText:
			if len(w.open) == depth {
				b.Write(t.text)
			}
			if b.Len() > maxValueBytes {
				return "", w.fault("<%s> has more than %d MiB", short(w.open[depth-1]), maxValueBytes>>20)
			}
		case xmlEnd:
			if len(w.open) < depth {
				return b.String(), nil
			}
		}
	}
}

// children calls f for each child of the element that has just been opened, until it is closed. f must read
// the child to its end, as text and skip do.
func (w *xmlWalker) children(f func(start xmlToken, place Place) error) error {
	depth := len(w.open)
	for {
		t, place, err := w.token()
		if err != nil {
			return err
		}
		switch t.kind {
		case xmlStart:
			if err := f(t, place); err != nil {
				return err
			}
		case xmlEnd:
			if len(w.open) < depth {
				return nil
			}
		}
	}
}

// fields reads the children of an element that interest as texts.
func (w *xmlWalker) fields(wanted map[string]*string) error {
	return w.children(func(start xmlToken, _ Place) error {
		if to := wanted[start.name]; to != nil {
			var err error
			*to, err = w.text()
			return err
		}
		return w.skip()
	})
}

// skip closes the element that has just been opened.
func (w *xmlWalker) skip() error {
	_, err := w.text()
	return err
}

func xmlName(n xml.Name) string {
	if n.Space == "" {
		return n.Local
	}
	return n.Space + ":" + n.Local
}

// localName returns a name without its prefix.
func localName(name string) string { return name[strings.IndexByte(name, ':')+1:] }

func attribute(start xmlToken, name string) string {
	for _, a := range start.attributes {
		if xmlName(a.Name) == name {
			return strings.TrimSpace(a.Value)
		}
	}
	return ""
}

// short shortens what is quoted from a file.
func short(s string) string {
	const most = 80
	if runes := []rune(s); len(runes) > most {
		return string(runes[:most]) + "…"
	}
	return s
}
