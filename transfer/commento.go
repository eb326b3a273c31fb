package transfer

import (
	"bytes"
	"fmt"
	"io"
	"strings"
	"time"
)

// Commento and Commento++ export one object with comments and, behind these, their writers. Version 1 of
// Comentario is the same with other names for the page.

func isCommento(head []byte) bool {
	return bytes.HasPrefix(head, []byte("{")) &&
		(bytes.Contains(head, []byte(`"commentHex"`)) || bytes.Contains(head, []byte(`"commenterHex"`)))
}

type commentoComment struct {
	ID        string `json:"commentHex"`
	Parent    string `json:"parentHex"`
	Commenter string `json:"commenterHex"`
	Domain    string `json:"domain"`
	Host      string `json:"host"`
	URL       string `json:"url"`
	Path      string `json:"path"`
	Markdown  string `json:"markdown"`
	HTML      string `json:"html"`
	Score     loose  `json:"score"`
	State     string `json:"state"`
	Created   string `json:"creationDate"`
	Deleted   bool   `json:"deleted"`
}

type commentoCommenter struct {
	ID    string `json:"commenterHex"`
	Email string `json:"email"`
	Name  string `json:"name"`
	Link  string `json:"link"`
}

// commentoReader reads the file twice: the writers stand behind the comments.
type commentoReader struct {
	*input
	next    func() (Comment, error)
	writers map[string]Author
	zone    *time.Location
}

func openCommento(in *input, o Options) (Reader, error) {
	r := &commentoReader{input: in, writers: map[string]Author{}, zone: o.Zone}
	version, err := r.prepare(func(w *jsonWalker) (bool, error) {
		var c commentoCommenter
		_, more, err := w.element(&c)
		if more && err == nil {
			r.writers[c.ID] = Author{ID: c.ID, Name: c.Name, Email: c.Email, URL: c.Link}
		}
		return more, err
	}, nil)
	if err != nil {
		return nil, err
	}
	if version != "1" && version != "" {
		return nil, &Fault{Place{Line: 1}, fmt.Sprintf("version %s of this format is unknown", short(version))}
	}
	w := newJSONWalker(in)
	r.next = streamList(w, "comments", func() (Comment, bool, error) {
		var v commentoComment
		place, more, err := w.element(&v)
		if !more || err != nil {
			return Comment{}, false, err
		}
		return r.comment(v, place), true, nil
	})
	return r, nil
}

// prepare reads the file once, for its version and the lists that comments refer to.
func (r *commentoReader) prepare(commenter, page func(w *jsonWalker) (bool, error)) (version string, err error) {
	first, err := r.file.input()
	if err != nil {
		return "", err
	}
	defer func() {
		if closed := first.Close(); err == nil {
			err = closed
		}
	}()
	w := newJSONWalker(first)
	lists := map[string]func(w *jsonWalker) (bool, error){"commenters": commenter, "pages": page}
	if err := w.enter('{', "the file"); err != nil {
		return "", unexpectedEnd(err, w)
	}
	for {
		name, more, err := w.name()
		if err != nil || !more {
			return version, err
		}
		switch read := lists[name]; {
		case name == "version":
			var v loose
			err = w.value(&v)
			version = v.String()
		case read != nil:
			err = w.eachOf(name, read)
		default:
			err = w.skip()
		}
		if err != nil {
			return "", unexpectedEnd(err, w)
		}
	}
}

// eachOf calls read until it has read the list.
func (w *jsonWalker) eachOf(name string, read func(w *jsonWalker) (bool, error)) error {
	if null, err := w.null(); null || err != nil {
		return err
	}
	if err := w.enter('[', "/"+name); err != nil {
		return err
	}
	for {
		if more, err := read(w); !more || err != nil {
			return err
		}
	}
}

// streamList returns a function that reads the list under a name of the outermost object, one comment a call.
func streamList(w *jsonWalker, list string, read func() (Comment, bool, error)) func() (Comment, error) {
	entered, within := false, false
	return func() (Comment, error) {
		for {
			if within {
				c, more, err := read()
				if err != nil || more {
					return c, err
				}
				within = false
			}
			if !entered {
				if err := w.enter('{', "the file"); err != nil {
					return Comment{}, unexpectedEnd(err, w)
				}
				entered = true
			}
			name, more, err := w.name()
			if err == nil && !more {
				err = io.EOF
			}
			if err != nil {
				return Comment{}, err
			}
			if name != list {
				err = w.skip()
			} else if null, nullErr := w.null(); nullErr != nil || null {
				err = nullErr
			} else {
				within, err = true, w.enter('[', "/"+name)
			}
			if err != nil {
				return Comment{}, err
			}
		}
	}
}

// Next returns the next comment.
func (r *commentoReader) Next() (Comment, error) { return r.next() }

func (r *commentoReader) comment(v commentoComment, place Place) Comment {
	c := Comment{Place: place, ID: v.ID, Author: r.writers[v.Commenter], Body: v.Markdown, Problems: r.text.take()}
	if v.Parent != "root" {
		c.ParentID = v.Parent
	}
	if c.Body == "" {
		c.Body, c.Markup = v.HTML, HTML
	}
	host, path := v.Domain+v.Host, v.URL+v.Path
	if c.Page.URL = path; host != "" && !strings.Contains(path, "://") {
		c.Page.URL = "https://" + host + "/" + strings.TrimPrefix(path, "/")
	}
	c.setScore(v.Score.number())
	c.setTimes("", v.Created, r.zone)
	switch {
	case v.Deleted:
		c.Status = Deleted
	case v.State == "approved" || v.State == "":
	default:
		c.Status = Pending // unapproved, flagged
	}
	return c
}
