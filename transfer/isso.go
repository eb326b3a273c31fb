package transfer

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math"
	"net/url"
	"strings"
	"time"
)

// Isso keeps comments in an SQLite file (isso/db/comments.py). Its importer "generic" reads a list of pages as
// JSON, with the comments of each.

func isIsso(head []byte) bool {
	return isSQLite(head) || bytes.HasPrefix(head, []byte("[")) && bytes.Contains(head, []byte(`"comments"`))
}

func isSQLite(head []byte) bool { return bytes.HasPrefix(head, []byte("SQLite format 3")) }

// IssoRow is a comment in Isso's database, with its thread. Times are seconds since 1970.
type IssoRow struct {
	ID, Parent             int64 // Parent is 0 for a root
	URI, Title             string
	Created, Modified      float64 // Modified is 0 if never
	Mode                   int
	Text                   string
	Author, Email, Website string
	Likes, Dislikes        int
}

// IssoRows reads the comments of Isso's database in the order of their ids; io.EOF after the last.
type IssoRows interface {
	Next() (IssoRow, error)
	Close() error
}

// Modes of comments in Isso's database.
const (
	issoPending = 2
	issoDeleted = 4
)

func openIsso(in *input, o Options) (Reader, error) {
	var head [16]byte
	n, err := io.ReadFull(in.text, head[:])
	if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) && !errors.Is(err, io.EOF) {
		return nil, err
	}
	if isSQLite(head[:n]) {
		return openIssoFile(in, o)
	}
	pages, err := issoPages(in.file)
	if err != nil {
		return nil, err
	}
	again, err := in.file.input()
	if err != nil {
		return nil, err
	}
	if err := in.Close(); err != nil {
		return nil, errors.Join(err, again.Close())
	}
	*in = *again
	return &issoReader{input: in, w: newJSONWalker(in), zone: o.Zone, pages: pages, page: -1}, nil
}

// issoPages reads the pages: their names stand behind their comments.
func issoPages(f *File) (pages []Page, err error) {
	in, err := f.input()
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, in.Close()) }()
	w := newJSONWalker(in)
	if err := w.enter('[', "the file"); err != nil {
		return nil, unexpectedEnd(err, w)
	}
	for {
		kind, _, err := w.next()
		if err != nil {
			return nil, unexpectedEnd(err, w)
		}
		if kind == ']' {
			return pages, nil
		}
		p, err := issoPage(w)
		if err != nil {
			return nil, err
		}
		pages = append(pages, p)
	}
}

func issoPage(w *jsonWalker) (Page, error) {
	var p Page
	if err := w.enter('{', "a page"); err != nil {
		return p, err
	}
	for {
		name, more, err := w.name()
		if err != nil || !more {
			return p, err
		}
		var value loose
		switch name {
		case "id":
			err = w.value(&value)
			p.URL = value.String()
		case "title":
			err = w.value(&value)
			p.Title = issoTitle(value.String())
		default:
			err = w.skip()
		}
		if err != nil {
			return p, unexpectedEnd(err, w)
		}
	}
}

// issoTitle decodes titles that were written as parts of an address.
func issoTitle(s string) string {
	if strings.ContainsRune(s, ' ') || !strings.ContainsAny(s, "+%") {
		return s
	}
	if decoded, err := url.QueryUnescape(s); err == nil {
		return decoded
	}
	return s
}

type issoReader struct {
	*input
	w     *jsonWalker
	zone  *time.Location
	pages []Page
	page  int
	state int // 0: before the list of pages, 1: in it, 2: in a page, 3: in its comments
}

type issoComment struct {
	ID      loose  `json:"id"`
	Parent  loose  `json:"parent"`
	Created loose  `json:"created"`
	Author  string `json:"author"`
	Email   string `json:"email"`
	Website string `json:"website"`
	Text    string `json:"text"`
}

// Next returns the next comment.
func (r *issoReader) Next() (Comment, error) {
	for {
		c, found, err := r.step()
		if found || err != nil {
			return c, err
		}
	}
}

func (r *issoReader) step() (Comment, bool, error) {
	switch r.state {
	case 0:
		r.state = 1
		return Comment{}, false, r.w.enter('[', "the file")
	case 1:
		kind, _, err := r.w.next()
		if err != nil || kind == ']' {
			return Comment{}, false, errors.Join(err, io.EOF)
		}
		r.state, r.page = 2, r.page+1
		return Comment{}, false, r.w.enter('{', "a page")
	case 2:
		name, more, err := r.w.name()
		switch {
		case err != nil:
		case !more:
			r.state = 1
		case name == "comments":
			r.state, err = 3, r.w.enter('[', "the comments of a page")
		default:
			err = r.w.skip()
		}
		return Comment{}, false, err
	}
	var v issoComment
	place, more, err := r.w.element(&v)
	if err != nil {
		return Comment{}, false, err
	}
	if !more {
		r.state = 2
		return Comment{}, false, nil
	}
	return r.comment(v, place), true, nil
}

// comment makes ids that are unique in the file: each page counts its own.
func (r *issoReader) comment(v issoComment, place Place) Comment {
	var page Page
	if r.page < len(r.pages) {
		page = r.pages[r.page]
	}
	c := Comment{Place: place, Page: page, Body: v.Text, Problems: r.text.take(),
		Author: Author{Name: v.Author, Email: v.Email, URL: v.Website}}
	if v.ID != "" {
		c.ID = page.URL + "#" + v.ID.String()
	}
	if v.Parent != "" {
		c.ParentID = page.URL + "#" + v.Parent.String()
	}
	if seconds := v.Created.number(); seconds != 0 {
		c.Created = time.Unix(int64(seconds), 0).UTC()
	} else {
		c.setTimes("", v.Created.String(), r.zone)
	}
	return c
}

// issoFileReader reads Isso's database.
type issoFileReader struct {
	*input
	rows IssoRows
	row  int
}

func openIssoFile(in *input, o Options) (Reader, error) {
	if o.OpenIsso == nil {
		return nil, fmt.Errorf("%w: database files are read on the command line only", ErrFormat)
	}
	path := in.file.Path
	rows, err := o.OpenIsso(path)
	if err != nil {
		return nil, &Fault{Detail: err.Error()}
	}
	return &issoFileReader{input: in, rows: rows}, nil
}

// Close closes the database.
func (r *issoFileReader) Close() error { return errors.Join(r.rows.Close(), r.input.Close()) }

// Next returns the next comment.
func (r *issoFileReader) Next() (Comment, error) {
	v, err := r.rows.Next()
	if errors.Is(err, io.EOF) {
		return Comment{}, io.EOF
	}
	r.row++
	if err != nil {
		return Comment{}, &Fault{Place{Row: r.row}, err.Error()}
	}
	c := Comment{Place: Place{Row: r.row}, ID: fmt.Sprint(v.ID), Body: v.Text, Up: v.Likes, Down: v.Dislikes,
		Page:    Page{URL: v.URI, Title: v.Title},
		Author:  Author{Name: v.Author, Email: v.Email, URL: v.Website},
		Created: unixTime(v.Created), Edited: unixTime(v.Modified)}
	if v.Parent != 0 {
		c.ParentID = fmt.Sprint(v.Parent)
	}
	switch {
	case v.Mode&issoDeleted != 0:
		c.Status = Deleted
	case v.Mode&issoPending != 0:
		c.Status = Pending
	}
	return c, nil
}

// unixTime converts seconds since 1970; the zero time for 0.
func unixTime(seconds float64) time.Time {
	if seconds <= 0 || seconds > 1e11 || math.IsNaN(seconds) {
		return time.Time{}
	}
	return time.UnixMicro(int64(seconds * 1e6)).UTC()
}
