package api

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/gin-gonic/gin"

	"rejoinder/auth"
	"rejoinder/handlers/httpio"
	"rejoinder/handlers/session"
	"rejoinder/moderation"
)

// Moderators serves the accounts of moderators, for admins.
type Moderators struct {
	Auth      *auth.Service
	Sites     *moderation.Sites
	PublicURL httpio.PublicURL
}

// InvitationPath is the console's page for links; the secret follows.
const InvitationPath = "/console/invitation/"

// accountResponse is a moderator as admins see them. It contains no email.
type accountResponse struct {
	ID           string        `json:"id"`
	Name         string        `json:"name"`
	Role         auth.Role     `json:"role"`
	Sites        []string      `json:"sites"` // slugs; empty: all sites
	Status       string        `json:"status"`
	SecondFactor bool          `json:"second_factor"`
	Federated    bool          `json:"federated"` // signs in with an identity provider
	Link         *LinkResponse `json:"link,omitempty"`
	CreatedAt    time.Time     `json:"created_at"`
}

// LinkResponse is a valid link. Secret and URL are known only when it is created.
type LinkResponse struct {
	Kind      auth.LinkKind `json:"kind"`
	ExpiresAt time.Time     `json:"expires_at"`
	Secret    string        `json:"secret,omitempty"`
	URL       string        `json:"url,omitempty"`
}

func newAccountResponse(m auth.Moderator, link *auth.Link, slugs map[string]string) accountResponse {
	a := accountResponse{ID: m.ID, Name: m.Name, Role: m.Role, Sites: []string{}, Status: m.Status(),
		SecondFactor: m.SecondFactor, Federated: m.Federated, CreatedAt: m.CreatedAt.UTC()}
	for _, id := range m.SiteIDs {
		a.Sites = append(a.Sites, slugs[id])
	}
	if link != nil {
		a.Link = &LinkResponse{Kind: link.Kind, ExpiresAt: link.ExpiresAt.UTC()}
	}
	return a
}

// NewLinkResponse returns the response for a new link.
func (h *Moderators) NewLinkResponse(link auth.NewLink) LinkResponse {
	return LinkResponse{Kind: link.Kind, ExpiresAt: link.ExpiresAt.UTC(), Secret: link.Secret,
		URL: string(h.PublicURL) + InvitationPath + link.Secret}
}

// siteSlugs maps the ids of the viewer's sites to slugs.
func (h *Moderators) siteSlugs(ctx context.Context, viewer moderation.Viewer) (map[string]string, error) {
	sites, err := h.Sites.List(ctx, viewer)
	if err != nil {
		return nil, err
	}
	return moderation.Slugs(sites), nil
}

// SiteIDs returns the ids of sites. *moderation.Invalid names the unknown slugs.
func (h *Moderators) SiteIDs(c *gin.Context, slugs []string) ([]string, error) {
	ids, faults := make([]string, 0, len(slugs)), moderation.Invalid{}
	for i, slug := range slugs {
		site, err := h.Sites.Find(c.Request.Context(), session.ViewerOf(c), slug)
		switch {
		case errors.Is(err, moderation.ErrSiteUnknown):
			faults.Add(fmt.Sprintf("/sites/%d", i), "unknown", "There is no site with that name.")
		case err != nil:
			return nil, err
		}
		ids = append(ids, site.ID)
	}
	return ids, faults.Err()
}

// List lists the moderators that the admin may administer.
func (h *Moderators) List(c *gin.Context) error {
	accounts, err := h.Auth.Accounts(c.Request.Context(), session.IdentityOf(c))
	if err != nil {
		return err
	}
	slugs, err := h.siteSlugs(c.Request.Context(), session.ViewerOf(c))
	if err != nil {
		return err
	}
	httpio.List(c, accounts, func(a auth.Account) accountResponse {
		return newAccountResponse(a.Moderator, a.Link, slugs)
	})
	return nil
}

// Invite adds a moderator, and returns the link with which they accept.
func (h *Moderators) Invite(c *gin.Context) error {
	var req struct {
		Email string    `json:"email"`
		Name  string    `json:"name"`
		Role  auth.Role `json:"role"`
		Sites []string  `json:"sites"`
	}
	if err := httpio.BindJSON(c, &req, httpio.MaxBody); err != nil {
		return err
	}
	ids, err := h.SiteIDs(c, req.Sites)
	if err != nil {
		return err
	}
	m, link, err := h.Auth.Invite(c.Request.Context(), session.IdentityOf(c), auth.NewModerator{
		Email: req.Email, Name: req.Name, Role: req.Role, SiteIDs: ids,
	})
	if err != nil {
		return err
	}
	return h.respondAccount(c, http.StatusCreated, m, &link)
}

func (h *Moderators) respondAccount(c *gin.Context, status int, m auth.Moderator, link *auth.NewLink) error {
	slugs, err := h.siteSlugs(c.Request.Context(), session.ViewerOf(c))
	if err != nil {
		return err
	}
	account := newAccountResponse(m, nil, slugs)
	if link != nil {
		newLink := h.NewLinkResponse(*link)
		account.Link = &newLink
	}
	httpio.JSON(c, status, account)
	return nil
}

// Change changes the fields of a moderator that the request contains.
func (h *Moderators) Change(c *gin.Context) error {
	id, err := httpio.PathID(c)
	if err != nil {
		return err
	}
	var req struct {
		Email    *string    `json:"email"`
		Name     *string    `json:"name"`
		Role     *auth.Role `json:"role"`
		Sites    *[]string  `json:"sites"`
		Disabled *bool      `json:"disabled"`
	}
	if err := httpio.BindJSON(c, &req, httpio.MaxBody); err != nil {
		return err
	}
	change := auth.AccountChange{Email: req.Email, Name: req.Name, Role: req.Role, Disabled: req.Disabled}
	if req.Sites != nil {
		ids, err := h.SiteIDs(c, *req.Sites)
		if err != nil {
			return err
		}
		change.SiteIDs = &ids
	}
	m, err := h.Auth.ChangeAccount(c.Request.Context(), session.IdentityOf(c), id, change)
	if err != nil {
		return err
	}
	return h.respondAccount(c, http.StatusOK, m, nil)
}

// MakeLink creates a new invitation for a moderator who has not accepted yet, or a password reset link.
func (h *Moderators) MakeLink(c *gin.Context) error {
	id, err := httpio.PathID(c)
	if err != nil {
		return err
	}
	link, err := h.Auth.ReissueLink(c.Request.Context(), session.IdentityOf(c), id)
	if err != nil {
		return err
	}
	httpio.JSON(c, http.StatusCreated, h.NewLinkResponse(link))
	return nil
}

// RevokeLink revokes a moderator's invitation or password reset.
func (h *Moderators) RevokeLink(c *gin.Context) error {
	return h.apply(c, h.Auth.RevokeLink)
}

// ResetSecondFactor turns off the second factor of a moderator who has lost it.
func (h *Moderators) ResetSecondFactor(c *gin.Context) error {
	return h.apply(c, h.Auth.SecondFactors.Reset)
}

// UnlinkIdentity removes the link of a moderator's account to an identity provider.
func (h *Moderators) UnlinkIdentity(c *gin.Context) error {
	return h.apply(c, h.Auth.Federation.UnlinkModerator)
}

// apply calls do for the moderator of the path.
func (h *Moderators) apply(c *gin.Context, do func(ctx context.Context, actor auth.Identity, id string) error) error {
	id, err := httpio.PathID(c)
	if err != nil {
		return err
	}
	if err := do(c.Request.Context(), session.IdentityOf(c), id); err != nil {
		return err
	}
	httpio.NoContent(c)
	return nil
}
