package transfer

import (
	"bytes"
	"strings"
	"time"
)

// Disqus exports threads, then the posts below them (https://docs.disqus.com/developers/export/). Ids are
// attributes; the element id of a thread is the identifier that the page gave it.

func isDisqus(head []byte) bool {
	return bytes.Contains(head, []byte("<disqus")) && bytes.Contains(head, []byte("disqus.com"))
}

// disqusReader keeps the pages of all threads: posts name them.
type disqusReader struct {
	*input
	w     *xmlWalker
	zone  *time.Location
	pages map[string]Page
}

func openDisqus(in *input, o Options) (Reader, error) {
	return &disqusReader{input: in, w: newXMLWalker(in), zone: o.Zone, pages: map[string]Page{}}, nil
}

// Next walks to the next post.
func (r *disqusReader) Next() (Comment, error) {
	for {
		t, place, err := r.w.token()
		if err != nil {
			return Comment{}, err
		}
		if t.kind != xmlStart || len(r.w.open) != 2 {
			continue
		}
		switch localName(t.name) {
		case "thread":
			err = r.thread(t)
		case "post":
			return r.post(t, place)
		default:
			err = r.w.skip()
		}
		if err != nil {
			return Comment{}, err
		}
	}
}

func (r *disqusReader) thread(start xmlToken) error {
	var p Page
	var created string
	err := r.w.fields(map[string]*string{"id": &p.ID, "link": &p.URL, "title": &p.Title, "createdAt": &created})
	if err != nil {
		return err
	}
	p.ID, p.URL, p.Title = strings.TrimSpace(p.ID), strings.TrimSpace(p.URL), unescape(p.Title)
	p.Published, _ = parseTime(created, r.zone)
	if p.ID != "" || p.URL != "" {
		r.pages[attribute(start, "dsq:id")] = p
	}
	return nil
}

func (r *disqusReader) post(start xmlToken, place Place) (Comment, error) {
	c := Comment{Place: place, ID: attribute(start, "dsq:id"), Markup: HTML}
	var created, deleted, spam, approved, anonymous, username, thread string
	texts := map[string]*string{
		"message": &c.Body, "createdAt": &created, "isDeleted": &deleted, "isSpam": &spam, "isApproved": &approved,
	}
	err := r.w.children(func(start xmlToken, _ Place) error {
		switch name := localName(start.name); {
		case name == "thread":
			thread = attribute(start, "dsq:id")
		case name == "parent":
			c.ParentID = attribute(start, "dsq:id")
		case name == "author":
			return r.w.fields(map[string]*string{"name": &c.Author.Name, "email": &c.Author.Email,
				"isAnonymous": &anonymous, "username": &username, "link": &c.Author.URL})
		case texts[name] != nil:
			var err error
			*texts[name], err = r.w.text()
			return err
		}
		return r.w.skip()
	})
	if err != nil {
		return c, err
	}
	c.Body, c.Author.Name, c.Author.Email = strings.TrimSpace(c.Body), unescape(c.Author.Name), strings.TrimSpace(c.Author.Email)
	if strings.TrimSpace(anonymous) != "true" {
		c.Author.ID = strings.TrimSpace(username)
	}
	c.Problems = r.text.take()
	if c.Page = r.pages[thread]; c.Page == (Page{}) {
		c.problem("thread", "its thread "+short(thread)+" is not in the file")
	}
	c.setTimes("", created, r.zone)
	switch {
	case isTrue(deleted):
		c.Status = Deleted
	case isTrue(spam):
		c.Status = Spam
	case strings.TrimSpace(approved) == "false":
		c.Status = Pending
	}
	return c, nil
}

func isTrue(s string) bool { s = strings.TrimSpace(s); return s == "true" || s == "1" }
