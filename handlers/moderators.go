package handlers

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/gin-gonic/gin"

	"rejoinder/auth"
	"rejoinder/moderation"
)

// invitationPath is where the console takes a link's secret.
const invitationPath = consolePath + "/invitation/"

// accountAnswer is a moderator as admins see them. Nobody is shown an email.
type accountAnswer struct {
	ID           string      `json:"id"`
	Name         string      `json:"name"`
	Role         auth.Role   `json:"role"`
	Sites        []string    `json:"sites"` // slugs; empty: every site
	Status       string      `json:"status"`
	SecondFactor bool        `json:"second_factor"`
	Link         *linkAnswer `json:"link,omitempty"`
	CreatedAt    time.Time   `json:"created_at"`
}

// linkAnswer is a link that may be used. Its address is known only when it was just made.
type linkAnswer struct {
	Kind      auth.LinkKind `json:"kind"`
	ExpiresAt time.Time     `json:"expires_at"`
	Secret    string        `json:"secret,omitempty"`
	URL       string        `json:"url,omitempty"`
}

func newAccountAnswer(m auth.Moderator, link *auth.Link, slugs map[string]string) accountAnswer {
	a := accountAnswer{ID: m.ID, Name: m.Name, Role: m.Role, Sites: []string{}, Status: m.Status(),
		SecondFactor: m.SecondFactor, CreatedAt: m.CreatedAt.UTC()}
	for _, id := range m.SiteIDs {
		a.Sites = append(a.Sites, slugs[id])
	}
	if link != nil {
		a.Link = &linkAnswer{Kind: link.Kind, ExpiresAt: link.ExpiresAt.UTC()}
	}
	return a
}

func (s *Server) newLinkAnswer(link auth.NewLink) linkAnswer {
	return linkAnswer{Kind: link.Kind, ExpiresAt: link.ExpiresAt.UTC(), Secret: link.Secret,
		URL: s.Config.PublicURL + invitationPath + link.Secret}
}

// siteSlugs names all sites that the viewer works on, by id.
func (s *Server) siteSlugs(ctx context.Context, viewer moderation.Viewer) (map[string]string, error) {
	sites, err := s.Sites.List(ctx, viewer)
	if err != nil {
		return nil, err
	}
	slugs := make(map[string]string, len(sites))
	for _, site := range sites {
		slugs[site.ID] = site.Slug
	}
	return slugs, nil
}

// siteIDs finds the sites that a client names, and says of each that it does not know.
func (s *Server) siteIDs(c *gin.Context, slugs []string) ([]string, error) {
	ids, faults := make([]string, 0, len(slugs)), moderation.Invalid{}
	for i, slug := range slugs {
		site, err := s.Sites.Find(c.Request.Context(), viewerOf(c), slug)
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

// listModerators lists the moderators that the admin may administer.
func (s *Server) listModerators(c *gin.Context) error {
	accounts, err := s.Auth.Accounts(c.Request.Context(), identityOf(c))
	if err != nil {
		return err
	}
	slugs, err := s.siteSlugs(c.Request.Context(), viewerOf(c))
	if err != nil {
		return err
	}
	items := make([]accountAnswer, 0, len(accounts))
	for _, a := range accounts {
		items = append(items, newAccountAnswer(a.Moderator, a.Link, slugs))
	}
	answer(c, http.StatusOK, struct {
		Items []accountAnswer `json:"items"`
	}{items})
	return nil
}

// inviteModerator adds a moderator who sets name and password by a link.
func (s *Server) inviteModerator(c *gin.Context) error {
	var req struct {
		Email string    `json:"email"`
		Name  string    `json:"name"`
		Role  auth.Role `json:"role"`
		Sites []string  `json:"sites"`
	}
	if err := bindJSON(c, &req, maxBody); err != nil {
		return err
	}
	ids, err := s.siteIDs(c, req.Sites)
	if err != nil {
		return err
	}
	m, link, err := s.Auth.Invite(c.Request.Context(), identityOf(c), auth.NewModerator{
		Email: req.Email, Name: req.Name, Role: req.Role, SiteIDs: ids,
	})
	if err != nil {
		return err
	}
	return s.answerAccount(c, http.StatusCreated, m, &link)
}

func (s *Server) answerAccount(c *gin.Context, status int, m auth.Moderator, link *auth.NewLink) error {
	slugs, err := s.siteSlugs(c.Request.Context(), viewerOf(c))
	if err != nil {
		return err
	}
	a := newAccountAnswer(m, nil, slugs)
	if link != nil {
		made := s.newLinkAnswer(*link)
		a.Link = &made
	}
	answer(c, status, a)
	return nil
}

// changeModerator changes what is sent of a moderator and leaves the rest.
func (s *Server) changeModerator(c *gin.Context) error {
	id, err := moderatorID(c)
	if err != nil {
		return err
	}
	var req struct {
		Name     *string    `json:"name"`
		Role     *auth.Role `json:"role"`
		Sites    *[]string  `json:"sites"`
		Disabled *bool      `json:"disabled"`
	}
	if err := bindJSON(c, &req, maxBody); err != nil {
		return err
	}
	change := auth.AccountChange{Name: req.Name, Role: req.Role, Disabled: req.Disabled}
	if req.Sites != nil {
		ids, err := s.siteIDs(c, *req.Sites)
		if err != nil {
			return err
		}
		change.SiteIDs = &ids
	}
	m, err := s.Auth.ChangeAccount(c.Request.Context(), identityOf(c), id, change)
	if err != nil {
		return err
	}
	return s.answerAccount(c, http.StatusOK, m, nil)
}

// makeLink makes a new invitation for a moderator who has not accepted, or a link to reset the password of
// one who has.
func (s *Server) makeLink(c *gin.Context) error {
	id, err := moderatorID(c)
	if err != nil {
		return err
	}
	link, err := s.Auth.Reissue(c.Request.Context(), identityOf(c), id)
	if err != nil {
		return err
	}
	answer(c, http.StatusCreated, s.newLinkAnswer(link))
	return nil
}

// revokeLink makes a moderator's link good for nothing.
func (s *Server) revokeLink(c *gin.Context) error {
	return s.onModerator(c, s.Auth.RevokeLink)
}

// resetSecondFactor turns the second factor of a moderator off who has lost it.
func (s *Server) resetSecondFactor(c *gin.Context) error {
	return s.onModerator(c, s.Auth.ResetSecondFactor)
}

func (s *Server) onModerator(c *gin.Context, do func(ctx context.Context, actor auth.Identity, id string) error) error {
	id, err := moderatorID(c)
	if err != nil {
		return err
	}
	if err := do(c.Request.Context(), identityOf(c), id); err != nil {
		return err
	}
	noContent(c)
	return nil
}

// moderatorID reads which moderator a path names. What can't be an id names nobody.
func moderatorID(c *gin.Context) (string, error) { return commentID(c) }
