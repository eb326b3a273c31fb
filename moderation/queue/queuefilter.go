package queue

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"rejoinder/moderation"
	"rejoinder/moderation/rules"
	"rejoinder/weburl"
)

// Filter restricts a query. Empty fields do not restrict; comments must match all others.
type Filter struct {
	ArticleKey  string // requires a site
	Rule        string // a rule that hit the current text; pending comments only
	Host        string // a host linked in the text or by the author; pending comments only
	Language    string // two letters, as detected
	CommenterID string
	Cluster     string // id shared by identical and nearly identical texts
	Search      string // words in the text, name or article title, see ParseSearch
	Reported    bool   // with open reports
	Free        bool   // not claimed by another moderator
	Appealed    bool   // with an open appeal
	From        time.Time
	To          time.Time // exclusive; From and To apply to the comment's creation time
}

// MaxFilterBytes is the maximum length of each text field of a filter.
const MaxFilterBytes = 512

// check normalizes a query and returns *Invalid with its faults.
func (q *Query) check() error {
	var faults moderation.Invalid
	q.ArticleKey = weburl.Key(q.ArticleKey)
	for _, f := range []struct{ pointer, value string }{
		{"/article", q.ArticleKey}, {"/rule", q.Rule}, {"/host", q.Host}, {"/language", q.Language},
		{"/commenter", q.CommenterID}, {"/cluster", q.Cluster}, {"/q", q.Search},
	} {
		if len(f.value) > MaxFilterBytes || strings.ContainsRune(f.value, 0) || !utf8.ValidString(f.value) {
			faults.Add(f.pointer, "malformed", fmt.Sprintf("Must be valid UTF-8 without NUL, at most %d bytes.", MaxFilterBytes))
		}
	}
	if q.ArticleKey != "" && q.SiteSlug == "" {
		faults.Add("/site", "required", "An article is known by its site and its key: name the site too.")
	}
	for _, f := range []struct{ pointer, value string }{{"/rule", q.Rule}, {"/host", q.Host}} {
		if f.value != "" && q.Status != moderation.StatusPending {
			faults.Add(f.pointer, "pending_only", "Only pending comments are listed by this.")
		}
	}
	if q.Status == AnyStatus && !q.Reported {
		faults.Add("/status", "reported_only", "Only reported comments are listed whatever their status.")
	}
	if q.Sort == SortReports && !q.Reported {
		faults.Add("/sort", "reported_only", "Only reported comments have this order.")
	}
	if !q.From.IsZero() && !q.To.IsZero() && !q.From.Before(q.To) {
		faults.Add("/to", "out_of_range", "Must be after the start.")
	}
	q.Host = strings.ToLower(q.Host)
	return faults.Err()
}

// Select is a Query for storage, with permissions and cursor resolved.
type Select struct {
	SiteIDs   []string          // nil: all sites
	ArticleID string            // empty: all articles
	AuthorID  string            // only articles that name this account as an author; empty: all articles
	Status    moderation.Status // or AnyStatus
	Sort      Sort
	Filter
	UnclaimedAt time.Time // only comments unclaimed at this time; zero: all
	HolderID    string    // whose own claims UnclaimedAt ignores; empty: nobody's
	Limit       int
	After       *Key // nil: from the start
}

// Filtered reports whether the selection has a filter.
func (q Select) Filtered() bool { return q.Filter != Filter{} || q.AuthorID != "" }

// FilterCount returns the number of conditions besides status and sites.
func (q Select) FilterCount() int {
	n := 0
	for _, by := range []bool{
		q.ArticleID != "", q.AuthorID != "", q.Rule != "", q.Host != "", q.Language != "", q.CommenterID != "", q.Cluster != "", q.Search != "",
		q.Reported, q.Appealed, !q.From.IsZero(), !q.To.IsZero(), !q.UnclaimedAt.IsZero(),
	} {
		if by {
			n++
		}
	}
	return n
}

// Key is the keyset position of a comment in a sorted queue.
type Key struct {
	CreatedAt time.Time `json:"t"`
	Risk      float64   `json:"s"`
	Reports   int       `json:"r,omitempty"` // open
	ID        string    `json:"i"`
}

func keyOf(c moderation.Comment) Key {
	return Key{CreatedAt: c.CreatedAt, Risk: c.Risk, Reports: c.OpenReports, ID: c.ID}
}

// list returns the name of the query in its cursors.
func (q Query) list() string {
	name := "queue/" + string(q.Status) + "/" + string(q.Sort) + "/" + q.SiteSlug
	if q.Filter == (Filter{}) {
		return name
	}
	f := url.Values{}
	for key, value := range map[string]string{
		"article": q.ArticleKey, "rule": q.Rule, "host": q.Host, "language": q.Language, "commenter": q.CommenterID, "cluster": q.Cluster,
		"q": q.Search,
	} {
		f.Set(key, value)
	}
	for key, on := range map[string]bool{"reported": q.Reported, "appealed": q.Appealed, "free": q.Free} {
		if on {
			f.Set(key, "")
		}
	}
	for key, at := range map[string]time.Time{"from": q.From, "to": q.To} {
		if !at.IsZero() {
			f.Set(key, at.UTC().Format(time.RFC3339Nano))
		}
	}
	return name + "?" + f.Encode()
}

// selection resolves sites, article and cursor of a viewer's query. Errors: *Invalid, ErrSiteUnknown,
// ErrNotFound, ErrCursor.
func (q *Queue) selection(ctx context.Context, v moderation.Viewer, query Query) (Select, error) {
	if err := query.check(); err != nil {
		return Select{}, err
	}
	if v.AuthorOnly && (!shownToAuthors(query.Status) || query.Reported || query.Appealed || query.Rule != "") {
		return Select{}, fmt.Errorf("list comments by fields for moderators: %w", moderation.ErrForbidden)
	}
	sel := Select{Status: query.Status, Sort: query.Sort, Filter: query.Filter, AuthorID: v.AuthorID(), Limit: query.Limit}
	if query.Free {
		sel.UnclaimedAt, sel.HolderID = q.Now().UTC(), v.ModeratorID
	}
	var err error
	if sel.SiteIDs, err = q.sites(ctx, v, query.SiteSlug); err != nil {
		return sel, err
	}
	if query.ArticleKey != "" {
		article, err := q.Store.Article(ctx, sel.SiteIDs[0], query.ArticleKey)
		if err != nil {
			return sel, err
		}
		sel.ArticleID = article.ID
	}
	if query.Cursor != "" {
		sel.After = new(Key)
		if err := moderation.DecodeCursor(query.Cursor, query.list(), sel.After); err != nil {
			return sel, err
		}
	}
	return sel, nil
}

// PendingKeys are the distinct rules and hosts that pending comments are indexed by.
type PendingKeys struct {
	Rules []string // that hit the text, in any mode
	Hosts []string // linked in the text or by the author
}

// maxPendingKeys is the maximum length of each list.
const maxPendingKeys = 50

// PendingKeysOf returns the keys of a submission.
func PendingKeysOf(r moderation.SubmissionRecord) PendingKeys {
	var keys PendingKeys
	var verdict rules.Verdict
	if json.Unmarshal(r.Verdict, &verdict) == nil { // staff replies have no verdict
		for _, hit := range verdict.Hits {
			keys.Rules = append(keys.Rules, hit.Rule)
		}
	}
	keys.Hosts = r.Reading().Hosts()
	if own, err := url.Parse(r.AuthorURL); err == nil {
		keys.Hosts = append(keys.Hosts, strings.ToLower(own.Hostname()))
	}
	keys.Rules, keys.Hosts = distinct(keys.Rules), distinct(keys.Hosts)
	return keys
}

func distinct(values []string) []string {
	slices.Sort(values)
	values = slices.DeleteFunc(slices.Compact(values), func(s string) bool { return s == "" || len(s) > MaxFilterBytes })
	return values[:min(len(values), maxPendingKeys)]
}

// Valid implements moderation.CursorKey.
func (k Key) Valid() bool { return moderation.ValidID(k.ID) && moderation.ValidTime(k.CreatedAt) }

// Limits of FilterValues.
const (
	MaxFilterValues = 100
	filterSites     = 5
)

// FilterValues are values that a filter can have, sorted.
type FilterValues struct {
	Rules     []string // that hit pending comments
	Languages []string
}

// FilterValues returns the values that comments with a status have on the first of these sites that the viewer may
// see. For AnyStatus, these are the languages of waiting and public comments.
func (q *Queue) FilterValues(ctx context.Context, v moderation.Viewer, sites []moderation.Site,
	status moderation.Status) (FilterValues, error) {
	var all FilterValues
	if v.AuthorOnly {
		return all, nil
	}
	statuses := []moderation.Status{status}
	if status == AnyStatus {
		statuses = []moderation.Status{moderation.StatusPending, moderation.StatusApproved}
	}
	for _, site := range sites[:min(len(sites), filterSites)] {
		if !v.MaySee(site.ID) {
			continue
		}
		for _, of := range statuses {
			values, err := q.Store.FilterValues(ctx, site.ID, of)
			if err != nil {
				return FilterValues{}, fmt.Errorf("read values of filters: %w", err)
			}
			all.Rules, all.Languages = append(all.Rules, values.Rules...), append(all.Languages, values.Languages...)
		}
	}
	if status == AnyStatus {
		all.Rules = nil // rules filter waiting comments only
	}
	slices.Sort(all.Rules)
	slices.Sort(all.Languages)
	all.Rules, all.Languages = slices.Compact(all.Rules), slices.Compact(all.Languages)
	return all, nil
}
