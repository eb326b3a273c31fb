package console

import (
	"net/url"
	"time"

	"github.com/gin-gonic/gin"

	"rejoinder/handlers/api"
	"rejoinder/handlers/httpio"
	"rejoinder/handlers/locale"
	"rejoinder/handlers/page"
	"rejoinder/handlers/session"
	"rejoinder/moderation"
	"rejoinder/moderation/queue"
)

// Blocks serves the screen of a site's blocks, and the forms that add blocks and notes to a comment.
type Blocks struct {
	*Pages
	Cases *Queue
	API   *api.Blocks
}

// The routes of the screen. BlocksPath redirects to a site's.
const (
	BlocksPath     = RootPath + "/blocks"
	SiteBlocksPath = RootPath + "/sites/:site/blocks"
)

const blocksPageSize = 50

func siteBlocksURL(slug string) string {
	return RootPath + "/sites/" + url.PathEscape(slug) + "/blocks"
}

// blocksView is a page of a site's blocks.
type blocksView struct {
	frame
	Tabs    []navEntry
	Heading string
	List    []blockRow
	Empty   emptyView // shown when there are none
	Form    formView
	Next    string
}

type blockRow struct {
	What    string
	Does    string
	By      string
	At      time.Time
	Expires time.Time // zero: never
	Over    bool
	Note    string
	CaseURL string // empty: the block was not made from a comment
	Remove  string
}

func newBlockRow(words *locale.Language, slug string, b queue.Block, now time.Time) blockRow {
	row := blockRow{What: blockText(words, b), By: b.ModeratorName, At: b.CreatedAt, Expires: b.ExpiresAt, Note: b.Note,
		Over: !b.Active(now), Remove: siteBlocksURL(slug) + "/" + b.ID + "/remove"}
	for _, action := range blockActions {
		if action.Value == string(b.Action) {
			row.Does = words.T(action.Label)
		}
	}
	if b.CommentID != "" {
		row.CaseURL = RootPath + "/comments/" + b.CommentID
	}
	return row
}

// blockText says what a block matches.
func blockText(words *locale.Language, b queue.Block) string {
	switch b.Kind {
	case moderation.BlockEmail:
		if b.Shown == "" {
			return words.T("An email")
		}
		return words.T("An email of “%s”", b.Shown)
	case moderation.BlockPrefix:
		if b.Shown == "" {
			return words.T("A network")
		}
		return words.T("A network of “%s”", b.Shown)
	case moderation.BlockName:
		return words.T("The name “%s”", b.Shown)
	case moderation.BlockDomain:
		return words.T("Emails at %s", b.Shown)
	case moderation.BlockHost:
		return words.T("Links to %s", b.Shown)
	}
	return string(b.Kind)
}

// RedirectToSite redirects to the blocks of the chosen site, or of the first that the moderator works on.
func (h *Blocks) RedirectToSite(c *gin.Context) error {
	slug := c.Query("site")
	if slug == "" {
		sites, err := h.Sites.List(c.Request.Context(), session.ViewerOf(c))
		if err != nil {
			return err
		}
		if len(sites) == 0 {
			return moderation.ErrSiteUnknown
		}
		slug = sites[0].Slug
	}
	httpio.SeeOther(c, siteBlocksURL(slug))
	return nil
}

// Show lists a site's blocks.
func (h *Blocks) Show(c *gin.Context) error { return h.renderBlocks(c, nil) }

func (h *Blocks) renderBlocks(c *gin.Context, refused *refusal) error {
	site, err := h.Sites.Find(c.Request.Context(), session.ViewerOf(c), c.Param("site"))
	if err != nil {
		return err
	}
	list, err := h.Queue.Blocks(c.Request.Context(), session.ViewerOf(c), site.Slug,
		moderation.Paging{Limit: blocksPageSize, Cursor: c.Query("cursor")})
	if err != nil {
		return err
	}
	view := blocksView{Heading: session.Words(c).T("Blocks on %s", site.Name), Empty: emptyBlocks(site.Slug, c.Query("cursor") != "")}
	if view.frame, err = h.newFrame(c, "commenters", view.Heading); err != nil {
		return err
	}
	view.Path, view.Tabs = BlocksPath, commenterTabs("blocks", site.Slug)
	view.selectSite(site.Slug)
	view.Styles = []string{"admin.css"}
	for _, b := range list.Blocks {
		view.List = append(view.List, newBlockRow(session.Words(c), site.Slug, b, h.Queue.Now()))
	}
	fields := append([]fieldView{
		{Name: "what", Label: "Block", Kind: "select", Pointer: "/kind", Choices: blockKinds},
		{Name: "value", Label: "Value", Kind: "text", Required: true,
			Hint: "An email, domain, name, host, or IP address such as 192.0.2.7."},
	}, blockFields()...)
	view.Form = newFormView(formView{ID: blockFormID, Action: siteBlocksURL(site.Slug), Fields: fields, Button: "Block"},
		refused)
	if list.NextCursor != "" {
		view.Next = siteBlocksURL(site.Slug) + "?" + url.Values{"cursor": {list.NextCursor}}.Encode()
	}
	return h.render(c, refused.status(), "blocks", view)
}

// selectSite selects a site in the site chooser, for pages whose path names the site.
func (f *frame) selectSite(slug string) {
	f.Site = slug
	for i := range f.Sites {
		f.Sites[i].Selected = f.Sites[i].Value == slug
	}
}

// emptyBlocks explains why a page shows no blocks.
func emptyBlocks(slug string, further bool) emptyView {
	if further {
		return emptyView{"No more blocks.", []page.Link{{Text: "First page", Href: siteBlocksURL(slug)}}}
	}
	return emptyView{Text: "Nothing is blocked. You can add a block below, or from a comment."}
}

// Add adds a block by its value.
func (h *Blocks) Add(c *gin.Context) error {
	values, err := httpio.FormValues(c)
	if err != nil {
		return err
	}
	block, err := parseBlock(values)
	var added queue.Block
	if err == nil {
		added, err = h.Queue.AddBlock(c.Request.Context(), session.ViewerOf(c), c.Param("site"), block)
	}
	if err != nil {
		return h.refuseBlock(c, values, err, h.renderBlocks)
	}
	return h.redirect(c, siteBlocksURL(c.Param("site")), h.applyBlock(c, values, added))
}

// Remove ends a block.
func (h *Blocks) Remove(c *gin.Context) error {
	if err := h.Queue.RemoveBlock(c.Request.Context(), session.ViewerOf(c), api.BlockRef(c)); err != nil {
		return err
	}
	return h.redirect(c, siteBlocksURL(c.Param("site")), notice{Text: "Block removed."})
}
