package transfer

import (
	"bytes"
	"io"
	"strings"
	"time"
)

// Artalk exports "Artrans": a list of comments with their pages, all values texts or not
// (https://artalk.js.org/en/guide/transfer.html).

func isArtalk(head []byte) bool {
	return bytes.HasPrefix(head, []byte("[")) && bytes.Contains(head, []byte(`"page_key"`))
}

type artalkComment struct {
	ID        loose  `json:"id"`
	Parent    loose  `json:"rid"`
	Content   string `json:"content"`
	Pending   loose  `json:"is_pending"`
	Collapsed loose  `json:"is_collapsed"`
	Created   string `json:"created_at"`
	Up        loose  `json:"vote_up"`
	Down      loose  `json:"vote_down"`
	Nick      string `json:"nick"`
	Email     string `json:"email"`
	Link      string `json:"link"`
	PageKey   string `json:"page_key"`
	PageTitle string `json:"page_title"`
	SiteURLs  string `json:"site_urls"`
}

type artalkReader struct {
	*input
	w    *jsonWalker
	zone *time.Location
	in   bool
}

func openArtalk(in *input, o Options) (Reader, error) {
	return &artalkReader{input: in, w: newJSONWalker(in), zone: o.Zone}, nil
}

// Next returns the next comment.
func (r *artalkReader) Next() (Comment, error) {
	if !r.in {
		if err := r.w.enter('[', "the file"); err != nil {
			return Comment{}, unexpectedEnd(err, r.w)
		}
		r.in = true
	}
	var v artalkComment
	place, more, err := r.w.element(&v)
	if err == nil && !more {
		err = io.EOF
	}
	if err != nil {
		return Comment{}, err
	}
	c := Comment{Place: place, ID: v.ID.String(), Body: v.Content, Up: v.Up.number(), Down: v.Down.number(),
		Author: Author{Name: v.Nick, Email: v.Email, URL: v.Link}, Problems: r.text.take(),
		Page: Page{URL: v.PageKey, Title: v.PageTitle}}
	if v.Parent != "0" {
		c.ParentID = v.Parent.String()
	}
	if site, _, _ := strings.Cut(v.SiteURLs, ","); site != "" && strings.HasPrefix(v.PageKey, "/") {
		c.Page.URL = strings.TrimSuffix(strings.TrimSpace(site), "/") + v.PageKey
	}
	c.setTimes("", v.Created, r.zone)
	if isTrue(v.Pending.String()) {
		c.Status = Pending
	}
	return c, nil
}
