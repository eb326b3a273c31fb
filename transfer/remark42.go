package transfer

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"
)

// Remark42 backs up JSON values one after another: a header, then a comment each
// (https://remark42.com/docs/backup/backup/, app/migrator/native.go).

func isRemark42(head []byte) bool {
	return bytes.HasPrefix(head, []byte("{")) && (bytes.Contains(head, []byte(`"locator"`)) ||
		bytes.Contains(head, []byte(`"version"`)) && bytes.Contains(head, []byte(`"users"`)) && bytes.Contains(head, []byte(`"posts"`)))
}

type remark42Reader struct {
	*input
	w    *jsonWalker
	zone *time.Location
	// unknown is the version of the present header, if it is unknown, to be reported once.
	unknown string
}

type remark42Comment struct {
	Version loose  `json:"version"` // only a header has one
	ID      string `json:"id"`
	Parent  string `json:"pid"`
	Text    string `json:"text"` // HTML
	Orig    string `json:"orig"` // Markdown
	User    struct {
		ID   string `json:"id"`
		Name string `json:"name"`
	} `json:"user"`
	Locator struct {
		URL string `json:"url"`
	} `json:"locator"`
	Title    string          `json:"title"`
	Score    loose           `json:"score"`
	Votes    map[string]bool `json:"votes"`
	Time     string          `json:"time"`
	Deleted  bool            `json:"delete"`
	Imported bool            `json:"imported"`
	Edit     *struct {
		Time string `json:"time"`
	} `json:"edit"`
}

func openRemark42(in *input, o Options) (Reader, error) {
	return &remark42Reader{input: in, w: newJSONWalker(in), zone: o.Zone}, nil
}

// Next returns the next comment.
func (r *remark42Reader) Next() (Comment, error) {
	for {
		_, place, err := r.w.next()
		if err != nil {
			return Comment{}, err
		}
		var v remark42Comment
		if err := r.w.value(&v); err != nil {
			if errors.Is(err, io.EOF) {
				err = io.ErrUnexpectedEOF
			}
			return Comment{}, err
		}
		if v.ID == "" && v.Version != "" {
			if r.unknown = ""; v.Version != "1" {
				r.unknown = v.Version.String()
			}
			continue
		}
		return r.comment(v, place), nil
	}
}

func (r *remark42Reader) comment(v remark42Comment, place Place) Comment {
	c := Comment{Place: place, ID: v.ID, ParentID: v.Parent, Body: v.Text, Markup: HTML,
		Author: Author{ID: v.User.ID, Name: unescape(v.User.Name)},
		Page:   Page{URL: v.Locator.URL, Title: unescape(v.Title)}, Problems: r.text.take()}
	if v.Orig != "" && !v.Imported {
		c.Body, c.Markup = v.Orig, Markdown
	}
	if r.unknown != "" {
		c.problem("version", fmt.Sprintf("the preceding header has the unknown version %s; it was read as version 1", short(r.unknown)))
		r.unknown = ""
	}
	for _, up := range v.Votes {
		if up {
			c.Up++
		} else {
			c.Down++
		}
	}
	if len(v.Votes) == 0 {
		c.setScore(v.Score.number())
	}
	if v.Deleted || strings.TrimSpace(c.Body) == "" && v.User.Name == "deleted" {
		c.Status = Deleted
	}
	c.setTimes("", v.Time, r.zone)
	if v.Edit != nil {
		c.Edited, _ = parseTime(v.Edit.Time, r.zone)
	}
	return c
}
