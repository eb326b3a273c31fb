package page

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
