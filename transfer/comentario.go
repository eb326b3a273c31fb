package transfer

import (
	"bytes"
	"fmt"
	"strings"
)

// Comentario exports one object with pages, comments and writers in version 3; version 1 is Commento's
// (https://docs.comentario.app/en/configuration/import/).

func isComentario(head []byte) bool {
	return bytes.HasPrefix(head, []byte("{")) && bytes.Contains(head, []byte(`"version"`)) &&
		!bytes.Contains(head, []byte(`"users"`)) &&
		(!bytes.Contains(head, []byte(`"commentHex"`)) || bytes.Contains(head, []byte(`"host"`)))
}

type comentarioComment struct {
	ID       string `json:"id"`
	Parent   string `json:"parentId"`
	Page     string `json:"pageId"`
	URL      string `json:"url"`
	Markdown string `json:"markdown"`
	HTML     string `json:"html"`
	Score    loose  `json:"score"`
	Approved bool   `json:"isApproved"`
	Pending  bool   `json:"isPending"`
	Deleted  bool   `json:"isDeleted"`
	User     string `json:"userCreated"`
	Name     string `json:"authorName"`
	Created  string `json:"createdTime"`
	Edited   string `json:"editedTime"`
}

func openComentario(in *input, o Options) (Reader, error) {
	r := &commentoReader{input: in, writers: map[string]Author{}, zone: o.Zone}
	pages := map[string]Page{}
	version, err := r.prepare(func(w *jsonWalker) (bool, error) {
		var c struct {
			commentoCommenter
			UserID  string `json:"id"`
			Website string `json:"websiteUrl"`
		}
		_, more, err := w.element(&c)
		if more && err == nil {
			id := c.UserID + c.ID
			r.writers[id] = Author{ID: id, Name: c.Name, Email: c.Email, URL: c.Website + c.Link}
		}
		return more, err
	}, func(w *jsonWalker) (bool, error) {
		var p struct {
			ID    string `json:"id"`
			Path  string `json:"path"`
			Title string `json:"title"`
		}
		_, more, err := w.element(&p)
		if more && err == nil {
			pages[p.ID] = Page{URL: p.Path, Title: p.Title}
		}
		return more, err
	})
	switch {
	case err != nil:
		return nil, err
	case version == "1":
		return openCommento(in, o)
	case version != "3":
		return nil, &Fault{Place{Line: 1}, fmt.Sprintf("version %s of Comentario's format is unknown; 1 and 3 are known",
			short(version))}
	}
	w := newJSONWalker(in)
	r.next = streamList(w, "comments", func() (Comment, bool, error) {
		var v comentarioComment
		place, more, err := w.element(&v)
		if !more || err != nil {
			return Comment{}, false, err
		}
		return r.comentario(v, place, pages), true, nil
	})
	return r, nil
}

func (r *commentoReader) comentario(v comentarioComment, place Place, pages map[string]Page) Comment {
	c := Comment{Place: place, ID: v.ID, ParentID: v.Parent, Page: pages[v.Page], Author: r.writers[v.User],
		Body: v.Markdown, Problems: r.text.take()}
	if c.Author.Name == "" {
		c.Author.Name = v.Name
	}
	if c.Body == "" {
		c.Body, c.Markup = v.HTML, HTML
	}
	if page, _, found := strings.Cut(v.URL, "#"); found && strings.Contains(page, "://") {
		c.Page.URL = page
	}
	c.setScore(v.Score.number())
	c.setTimes("", v.Created, r.zone)
	c.Edited, _ = parseTime(v.Edited, r.zone)
	switch {
	case v.Deleted:
		c.Status = Deleted
	case v.Pending:
		c.Status = Pending
	case !v.Approved:
		c.Status = Rejected
	}
	return c
}
