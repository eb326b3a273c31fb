package transfer

import (
	"bytes"
	"io"
	"strings"
	"time"
)

// WordPress exports RSS with elements of its own. Its versions 1.0 to 1.2 hardly differ in comments
// (https://developer.wordpress.org/plugins/ and wp-admin/includes/export.php). Other programs write the same
// format with fewer elements.

func isWXR(head []byte) bool {
	return bytes.Contains(head, []byte("<rss")) &&
		(bytes.Contains(head, []byte("wordpress.org/export")) || bytes.Contains(head, []byte("<wp:")))
}

// wxrReader reads one item at a time: its comments stand within it.
type wxrReader struct {
	*input
	w    *xmlWalker
	zone *time.Location
	page Page
	done bool
	// late are the comments that came before the URL of their item.
	late []Comment
}

func openWXR(in *input, o Options) (Reader, error) {
	return &wxrReader{input: in, w: newXMLWalker(in), zone: o.Zone}, nil
}

// Next walks to the next comment.
func (r *wxrReader) Next() (Comment, error) {
	for {
		if len(r.late) > 0 && r.done {
			c := r.late[0]
			r.late = r.late[1:]
			c.Page = r.page
			return c, nil
		}
		t, place, err := r.w.token()
		if err != nil {
			return Comment{}, err
		}
		switch t.kind {
		case xmlStart:
			c, found, err := r.start(t.name, place)
			if err != nil {
				return Comment{}, err
			}
			if found {
				return c, nil
			}
		case xmlEnd:
			if t.name == "item" {
				r.done = true
			}
		}
	}
}

// start handles the start of an element. found reports that it was a comment, which is complete.
func (r *wxrReader) start(name string, place Place) (c Comment, found bool, err error) {
	if name == "item" {
		r.page, r.done = Page{}, false
		return c, false, nil
	}
	if len(r.w.open) < 2 || r.w.open[len(r.w.open)-2] != "item" {
		return c, false, nil
	}
	switch name {
	case "link":
		err = r.set(&r.page.URL)
	case "title":
		err = r.set(&r.page.Title)
	case "wp:post_id":
		err = r.set(&r.page.ID)
	case "wp:post_date_gmt":
		var date string
		if err = r.set(&date); err == nil {
			r.page.Published, _ = parseTime(date, time.UTC)
		}
	case "wp:comment":
		if c, err = r.comment(place); err != nil {
			return c, false, err
		}
		if r.page.URL == "" && r.page.ID == "" {
			r.late = append(r.late, c)
			return c, false, nil
		}
		c.Page = r.page
		return c, true, nil
	default:
		err = r.w.skip()
	}
	return c, false, err
}

func (r *wxrReader) set(to *string) error {
	text, err := r.w.text()
	*to = strings.TrimSpace(text)
	return err
}

func (r *wxrReader) comment(place Place) (Comment, error) {
	c := Comment{Place: place, Markup: HTMLAndLines}
	var date, gmt, approved, kind, user string
	err := r.w.fields(map[string]*string{
		"wp:comment_id": &c.ID, "wp:comment_parent": &c.ParentID, "wp:comment_author": &c.Author.Name,
		"wp:comment_author_email": &c.Author.Email, "wp:comment_author_url": &c.Author.URL,
		"wp:comment_content": &c.Body, "wp:comment_date": &date, "wp:comment_date_gmt": &gmt,
		"wp:comment_approved": &approved, "wp:comment_type": &kind, "wp:comment_user_id": &user,
	})
	if err != nil {
		return c, err
	}
	c.ID, c.ParentID = strings.TrimSpace(c.ID), strings.TrimSpace(c.ParentID)
	if c.ParentID == "0" {
		c.ParentID = ""
	}
	c.Author.Name, c.Author.Email = unescape(c.Author.Name), strings.TrimSpace(c.Author.Email)
	c.Author.URL, c.Body = strings.TrimSpace(c.Author.URL), strings.TrimSpace(c.Body)
	c.Problems = r.text.take()
	c.setTimes(gmt, date, r.zone)
	c.setWordPressStatus(strings.TrimSpace(approved))
	switch strings.TrimSpace(kind) {
	case "pingback", "trackback":
		c.Kind = Pingback
	case "note": // editors' notes on blocks, since WordPress 6.9
		c.Kind = Internal
	}
	return c, nil
}

// setTimes takes the time in UTC, or the local one.
func (c *Comment) setTimes(gmt, local string, zone *time.Location) {
	var zoned bool
	if c.Created, _ = parseTime(gmt, time.UTC); !c.Created.IsZero() {
		return
	}
	if c.Created, zoned = parseTime(local, zone); !c.Created.IsZero() && !zoned {
		c.problem("date_without_zone", "the time has no zone; it was read as one in "+zone.String())
	}
	if written := strings.TrimSpace(local); c.Created.IsZero() && written != "" && !noTime(written) {
		c.problem("date", "the time "+short(written)+" can't be read")
	}
}

func (c *Comment) setWordPressStatus(approved string) {
	switch approved {
	case "1", "approve", "approved":
		c.Status = Approved
	case "0", "hold", "":
		c.Status = Pending
	case "spam":
		c.Status = Spam
	case "trash", "post-trashed":
		c.Status = Deleted
	default:
		c.Status = Pending
		c.problem("status", "the status "+short(approved)+" is unknown; the comment waits for a moderator")
	}
}

func (c *Comment) problem(code, detail string) {
	c.Problems = append(c.Problems, Problem{Place: c.Place, ID: c.ID, Code: code, Detail: detail})
}

var _ io.Closer = (*wxrReader)(nil)
