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
	in   *input
	d    *xml.Decoder
	open []string // names of the open elements
}

func newXMLWalker(in *input) *xmlWalker {
	d := xml.NewDecoder(in.text)
	d.Strict = false // accepts attributes without quotes and a bare &, which exports have
	d.Entity = xml.HTMLEntity
	d.CharsetReader = func(_ string, from io.Reader) (io.Reader, error) { return from, nil } // see decode
	return &xmlWalker{in: in, d: d}
}

func (w *xmlWalker) place() Place { return w.in.text.place(w.d.InputOffset()) }

func (w *xmlWalker) fault(format string, args ...any) error {
	return &Fault{w.place(), fmt.Sprintf(format, args...)}
}

// token returns the next start or end of an element, or text, with the place where it begins.
func (w *xmlWalker) token() (xml.Token, Place, error) {
	for {
		w.in.text.begin(w.d.InputOffset())
		place := w.place()
		t, err := w.d.RawToken()
		if err != nil {
			return nil, place, w.readError(err)
		}
		switch t := t.(type) {
		case xml.StartElement:
			if len(w.open) >= maxXMLDepth {
				return nil, place, w.fault("elements are nested more than %d deep", maxXMLDepth)
			}
			w.open = append(w.open, xmlName(t.Name))
			return t, place, nil
		case xml.EndElement:
			if len(w.open) == 0 || w.open[len(w.open)-1] != xmlName(t.Name) {
				return nil, place, &Fault{place, fmt.Sprintf("</%s> ends an element that is not open", short(xmlName(t.Name)))}
			}
			w.open = w.open[:len(w.open)-1]
			return t, place, nil
		case xml.CharData:
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
		switch t := t.(type) {
		case xml.CharData:
			if len(w.open) == depth {
				b.Write(t)
			}
			if b.Len() > maxValueBytes {
				return "", w.fault("<%s> has more than %d MiB", short(w.open[depth-1]), maxValueBytes>>20)
			}
		case xml.EndElement:
			if len(w.open) < depth {
				return b.String(), nil
			}
		}
	}
}

// children calls f for each child of the element that has just been opened, until it is closed. f must read
// the child to its end, as text and skip do.
func (w *xmlWalker) children(f func(start xml.StartElement, place Place) error) error {
	depth := len(w.open)
	for {
		t, place, err := w.token()
		if err != nil {
			return err
		}
		switch t := t.(type) {
		case xml.StartElement:
			if err := f(t, place); err != nil {
				return err
			}
		case xml.EndElement:
			if len(w.open) < depth {
				return nil
			}
		}
	}
}

// fields reads the children of an element that interest as texts.
func (w *xmlWalker) fields(wanted map[string]*string) error {
	return w.children(func(start xml.StartElement, _ Place) error {
		if to := wanted[xmlName(start.Name)]; to != nil {
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

func attribute(start xml.StartElement, name string) string {
	for _, a := range start.Attr {
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
