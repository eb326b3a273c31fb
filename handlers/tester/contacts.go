package tester

import (
	"cmp"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/gin-gonic/gin"

	"rejoinder/weburl"
)

// Kind is what a page did.
type Kind uint8

// What pages do, in the order in which the widget does it.
const (
	LoadedScript Kind = iota
	AskedForThread
	SentComment
)

// Contact is the latest request of its kind that pages of an origin sent about a site.
type Contact struct {
	Kind    Kind
	Site    string // slug that the page asked for; empty for the script, which is the same for all sites
	Known   bool   // there is such a site
	Origin  string // as browsers send it; "null" for a page without an origin
	Page    string // URL of the page; empty if unknown
	Allowed bool   // the origin was one of the site's
	At      time.Time
}

// Limits of what is remembered. Anybody can send requests with any origin, so those from the origins of a site
// are kept apart: others cannot displace them.
const (
	contactLife       = time.Hour
	contactsPerBucket = 16
	maxBuckets        = 512
	maxOriginBytes    = 300
	maxPageBytes      = 500
)

// bucket holds the contacts that compete for space. All unknown sites share one.
type bucket struct {
	kind    Kind
	site    string
	allowed bool
}

// Contacts remembers contacts for an hour. It is safe for concurrent use.
type Contacts struct {
	now func() time.Time

	mu      sync.Mutex
	buckets map[bucket][]Contact
}

// NewContacts returns an empty memory.
func NewContacts(now func() time.Time) *Contacts {
	return &Contacts{now: now, buckets: map[bucket][]Contact{}}
}

// Record remembers a request from a page of another origin. It ignores requests without an origin that a
// browser could have sent.
func (l *Contacts) Record(c Contact) {
	if len(c.Origin) > maxOriginBytes || c.Origin != noOrigin && (c.Origin == "" || weburl.Origin(c.Origin) != c.Origin) {
		return
	}
	if len(c.Page) > maxPageBytes || weburl.Origin(c.Page) != c.Origin {
		c.Page = ""
	}
	c.At = l.now()
	in := bucket{c.Kind, c.Site, c.Allowed}
	if !c.Known {
		in.site = ""
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	list, known := l.buckets[in]
	if !known && len(l.buckets) >= maxBuckets {
		l.forget(c.At)
		if len(l.buckets) >= maxBuckets {
			return
		}
	}
	list = slices.DeleteFunc(list, func(old Contact) bool { return old.Origin == c.Origin && old.Site == c.Site })
	if len(list) >= contactsPerBucket {
		list = slices.Delete(list, 0, 1)
	}
	l.buckets[in] = append(list, c)
}

// forget removes buckets whose newest contact is too old.
func (l *Contacts) forget(now time.Time) {
	for in, list := range l.buckets {
		if now.Sub(list[len(list)-1].At) > contactLife {
			delete(l.buckets, in)
		}
	}
}

// of returns what may concern a site, newest first: contacts about it, about unknown sites, and with the
// script.
func (l *Contacts) of(slug string) []Contact {
	now := l.now()
	l.mu.Lock()
	defer l.mu.Unlock()
	var found []Contact
	for in, list := range l.buckets {
		for _, c := range list {
			if now.Sub(c.At) <= contactLife && (in.site == slug || in.site == "") {
				found = append(found, c)
			}
		}
	}
	slices.SortFunc(found, func(a, b Contact) int {
		return cmp.Or(b.At.Compare(a.At), cmp.Compare(b.Kind, a.Kind), cmp.Compare(a.Origin, b.Origin))
	})
	return found
}

// noOrigin is what browsers send for pages without an origin, such as files.
const noOrigin = "null"

// FromRequest returns the contact that a request is, without its outcome; false if it came from a page of this
// server, or not from a page.
func FromRequest(c *gin.Context, isOwn func(origin string) bool) (Contact, bool) {
	origin := c.GetHeader("Origin")
	if origin == "" || isOwn(origin) {
		return Contact{}, false
	}
	contact := Contact{Origin: origin, Site: c.Param("site"), Page: c.Query("article")}
	switch {
	case contact.Site == "":
		contact.Kind = LoadedScript
		contact.Page = c.GetHeader("Referer")
	case c.Request.Method == http.MethodPost:
		contact.Kind, contact.Page = SentComment, ""
	default:
		contact.Kind = AskedForThread
	}
	return contact, true
}
