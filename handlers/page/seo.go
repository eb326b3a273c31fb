package page

// Searchable is what the head of a reader's page tells search engines and feed readers.
type Searchable struct {
	Canonical string // the address under which the page is to be known
	Robots    string // empty: as they like
	FeedURL   string
	FeedTitle string
	Posting   *Posting // nil: nothing to tell
}

// Posting is an article with its discussion in the words of schema.org.
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

// LinkedComment is a comment in the words of schema.org.
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

// LinkedAuthor has no address: commenters' links are marked as not followed in the page, and so are not told
// here.
type LinkedAuthor struct {
	Type string `json:"@type"`
	Name string `json:"name"`
}
