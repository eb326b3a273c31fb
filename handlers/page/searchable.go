package page

import (
	"encoding/json"
	"fmt"
	"html/template"
)

// Searchable is what a page's head contains for search engines and feed readers.
type Searchable struct {
	Canonical string // canonical URL of the page
	Robots    string // empty: no restriction
	FeedURL   string
	FeedTitle string
	Posting   *Posting // nil: none
}

// Posting is an article with its comments as schema.org structured data.
type Posting struct {
	Context      string          `json:"@context"`
	Type         string          `json:"@type"`
	ID           string          `json:"@id"`
	URL          string          `json:"url"`
	Headline     string          `json:"headline"`
	Language     string          `json:"inLanguage,omitempty"`
	Published    string          `json:"datePublished,omitempty"`
	Author       LinkedAuthor    `json:"author"`
	CommentCount int             `json:"commentCount"`
	Comments     []LinkedComment `json:"comment,omitempty"`
}

// JSON is the posting for a script element. json.Marshal escapes whatever could end the element, so the
// template need not search it.
func (p *Posting) JSON() (template.JS, error) {
	raw, err := json.Marshal(p)
	if err != nil {
		return "", fmt.Errorf("encode posting: %w", err)
	}
	return template.JS(raw), nil
}

// LinkedComment is a comment as schema.org structured data.
type LinkedComment struct {
	Type      string          `json:"@type"`
	ID        string          `json:"@id"`
	URL       string          `json:"url"`
	Published string          `json:"datePublished"`
	Modified  string          `json:"dateModified,omitempty"`
	Author    LinkedAuthor    `json:"author"`
	Text      string          `json:"text"`
	Upvotes   int             `json:"upvoteCount,omitempty"`
	Downvotes int             `json:"downvoteCount,omitempty"`
	Replies   []LinkedComment `json:"comment,omitempty"`
}

// LinkedAuthor is the author of an article or comment. It has no URL, since the links of commenters are
// nofollow.
type LinkedAuthor struct {
	Type string `json:"@type"`
	Name string `json:"name"`
}
