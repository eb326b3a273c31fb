package imports

import (
	"fmt"
	"strings"

	"rejoinder/moderation"
	"rejoinder/weburl"
)

// KeyBy says what identifies the article of a comment.
type KeyBy string

// Ways to identify articles.
const (
	KeyByURL KeyBy = "url" // the page's URL in canonical form
	KeyByID  KeyBy = "id"  // the id in the CMS, or Disqus's identifier
)

// Rewrite replaces the beginning of URLs, for pages that moved.
type Rewrite struct{ Old, New string }

// Request asks for an import.
type Request struct {
	SiteSlug string
	Format   string
	Source   string // names whose ids the file has; empty: the format
	FileName string
	// DryRun writes nothing.
	DryRun bool
	// Judge lets the active ruleset decide on comments that are not spam or deleted.
	Judge bool
	// Hold makes all approved comments wait for a moderator.
	Hold bool
	// Learn lets the site's classifier learn which imported comments were approved and which were spam.
	Learn bool
	// Pingbacks also imports pingbacks and trackbacks.
	Pingbacks bool
	// Internal also imports editors' internal notes, as pending comments.
	Internal bool
	KeyBy    KeyBy
	// Base is the origin of pages whose path alone is in the file; empty: the site's first origin.
	Base     string
	Rewrites []Rewrite
	// Keys maps a page's URL or id to an article key; it takes precedence over all other settings.
	Keys map[string]string
}

// prepare fills in defaults and checks the request.
func (r *Request) prepare(site moderation.Site) error {
	var faults moderation.Invalid
	if r.Source == "" {
		r.Source = r.Format
	}
	if len(r.Source) > 100 {
		faults.Add("/source", "too_long", "The name of a source has at most 100 bytes.")
	}
	switch r.KeyBy {
	case "":
		r.KeyBy = KeyByURL
	case KeyByURL, KeyByID:
	default:
		faults.Add("/key", "unknown", "Must be url or id.")
	}
	if r.Base == "" && len(site.Origins) > 0 {
		r.Base = site.Origins[0]
	}
	if r.Base != "" {
		if weburl.Origin(r.Base) == "" {
			faults.Add("/base", "malformed", "Must be an origin such as https://gazette.example.")
		}
		r.Base = strings.TrimSuffix(r.Base, "/")
	}
	for _, rewrite := range r.Rewrites {
		if rewrite.Old == "" {
			faults.Add("/rewrite", "malformed", "Must be OLD=NEW, the beginnings of URLs.")
		}
	}
	return faults.Err()
}

// url returns where a page is now; empty if the file does not say.
func (r *Request) url(address string) string {
	address = strings.TrimSpace(address)
	if strings.HasPrefix(address, "//") {
		address = "https:" + address
	}
	if strings.HasPrefix(address, "/") && r.Base != "" {
		address = r.Base + address
	}
	for _, rewrite := range r.Rewrites {
		if rest, found := strings.CutPrefix(address, rewrite.Old); found {
			address = rewrite.New + rest
			break
		}
	}
	return address
}

// key returns the key of a page's article. Without one, what says why.
func (r *Request) key(address, id, original string) (key, what string) {
	for _, named := range []string{original, address, id} {
		if key := r.Keys[named]; named != "" && key != "" {
			return weburl.Key(key), ""
		}
	}
	if r.KeyBy == KeyByID {
		if id == "" {
			return "", "the file has no id for its page; --key url takes the URL"
		}
		return id, ""
	}
	if address == "" {
		return "", "the file does not say which page it belongs to"
	}
	if strings.Contains(address, "://") && weburl.Origin(address) == "" {
		return "", fmt.Sprintf("%q is not the URL of a web page", shorten(address))
	}
	key = weburl.Key(address)
	if len(key) > moderation.MaxKeyBytes {
		return "", fmt.Sprintf("the URL of its page has more than %d bytes", moderation.MaxKeyBytes)
	}
	return key, ""
}
