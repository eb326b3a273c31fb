package page

import (
	"bytes"
	"fmt"
	"html/template"
	"strings"
	"sync"
)

// Writer writes HTML in code, for parts that a page has so often that a template takes too long. It escapes
// as html/template does.
type Writer struct{ buf bytes.Buffer }

// writers are reused, since growing a buffer to the size of a page takes several times its memory.
var writers = sync.Pool{New: func() any { return new(Writer) }}

// HTML returns what was written.
func (w *Writer) HTML() template.HTML { return template.HTML(w.buf.String()) }

// Markup writes HTML as it is.
func (w *Writer) Markup(html template.HTML) { w.buf.WriteString(string(html)) }

// escapes are those of html/template in elements and in quoted attributes.
var escapes = [256]string{
	0: "\uFFFD", '"': "&#34;", '&': "&amp;", '\'': "&#39;", '+': "&#43;", '<': "&lt;", '>': "&gt;",
}

// Text writes text into an element or a quoted attribute.
func (w *Writer) Text(text string) {
	written := 0
	for i := range len(text) {
		if escaped := escapes[text[i]]; escaped != "" {
			w.buf.WriteString(text[written:i])
			w.buf.WriteString(escaped)
			written = i + 1
		}
	}
	w.buf.WriteString(text[written:])
}

// Attribute writes an attribute, with a blank before it.
func (w *Writer) Attribute(name template.HTML, value string) {
	w.Markup(" ")
	w.Markup(name)
	w.Markup(`="`)
	w.Text(value)
	w.Markup(`"`)
}

// URL writes an attribute that contains a URL, with a blank before it. Unless the URL is relative or has the
// scheme http, https or mailto, it is replaced, as in html/template.
func (w *Writer) URL(name template.HTML, url string) {
	if !isSafeURL(url) {
		url = "#ZgotmplZ"
	}
	w.Attribute(name, normalizeURL(url))
}

func isSafeURL(url string) bool {
	scheme, _, found := strings.Cut(url, ":")
	if !found || strings.Contains(scheme, "/") {
		return true
	}
	return strings.EqualFold(scheme, "https") || strings.EqualFold(scheme, "http") || strings.EqualFold(scheme, "mailto")
}

// normalizeURL encodes the bytes that a URL must not contain in an attribute. It keeps encoded ones.
func normalizeURL(url string) string {
	var b []byte
	written := 0
	for i := range len(url) {
		if urlByte[url[i]] || url[i] == '%' && i+2 < len(url) && isHex(url[i+1]) && isHex(url[i+2]) {
			continue
		}
		b = append(b, url[written:i]...)
		b = fmt.Appendf(b, "%%%02x", url[i])
		written = i + 1
	}
	if written == 0 {
		return url
	}
	return string(append(b, url[written:]...))
}

// urlByte are the reserved and unreserved characters of URLs (RFC 3986), without quotes and parentheses.
var urlByte = byteSet("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~!#$&*+,/:;=?@[]")

func byteSet(bytes string) (set [256]bool) {
	for _, b := range []byte(bytes) {
		set[b] = true
	}
	return set
}

func isHex(b byte) bool {
	return '0' <= b && b <= '9' || 'a' <= b && b <= 'f' || 'A' <= b && b <= 'F'
}
