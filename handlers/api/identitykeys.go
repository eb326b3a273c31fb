package api

import (
	"net/http"
	"time"

	"github.com/gin-gonic/gin"

	"rejoinder/handlers/httpio"
	"rejoinder/handlers/session"
	"rejoinder/moderation/readers"
)

// IdentityKeys serves the keys with which a publication's server signs who its readers are.
type IdentityKeys struct {
	Readers *readers.Readers
}

// identityKeyResponse is a key without its secret.
type identityKeyResponse struct {
	ID         string       `json:"id"`
	Name       string       `json:"name"`
	Kind       readers.Kind `json:"kind"`
	Algorithms []string     `json:"algorithms"`
	URL        string       `json:"url,omitempty"`
	CreatedAt  time.Time    `json:"created_at"`
	ExpiresAt  time.Time    `json:"expires_at,omitzero"`
	Expired    bool         `json:"expired"`
	Trouble    string       `json:"trouble,omitempty"`
}

func newIdentityKeyResponse(k readers.KeyView) identityKeyResponse {
	algorithms := k.Algorithms
	if algorithms == nil {
		algorithms = []string{}
	}
	return identityKeyResponse{ID: k.ID, Name: k.Name, Kind: k.Kind, Algorithms: algorithms, URL: k.URL,
		CreatedAt: k.CreatedAt.UTC(), ExpiresAt: k.ExpiresAt.UTC(), Expired: k.Expired, Trouble: k.Trouble}
}

// List lists the keys of a site, oldest first.
func (h *IdentityKeys) List(c *gin.Context) error {
	keys, err := h.Readers.ListKeys(c.Request.Context(), session.ViewerOf(c), c.Param("site"))
	if err != nil {
		return err
	}
	httpio.List(c, keys, newIdentityKeyResponse)
	return nil
}

// Add adds a key. The response has the new secret, if it is one; nobody can see it again.
func (h *IdentityKeys) Add(c *gin.Context) error {
	var req struct {
		Name      string       `json:"name"`
		Kind      readers.Kind `json:"kind"`
		Key       string       `json:"key"`
		ExpiresAt time.Time    `json:"expires_at"`
	}
	if err := httpio.BindJSON(c, &req, httpio.MaxBody); err != nil {
		return err
	}
	key, secret, err := h.Readers.AddKey(c.Request.Context(), session.ViewerOf(c), c.Param("site"), readers.NewKey{
		Name: req.Name, Kind: req.Kind, Text: req.Key, ExpiresAt: req.ExpiresAt,
	})
	if err != nil {
		return err
	}
	c.Header("Cache-Control", "private, no-store")
	httpio.JSON(c, http.StatusCreated, struct {
		identityKeyResponse
		Secret string `json:"secret,omitempty"`
	}{newIdentityKeyResponse(key), secret})
	return nil
}

// Remove removes a key: tokens made with it are refused at once.
func (h *IdentityKeys) Remove(c *gin.Context) error {
	id, err := httpio.PathID(c)
	if err != nil {
		return err
	}
	if err := h.Readers.RemoveKey(c.Request.Context(), session.ViewerOf(c), c.Param("site"), id); err != nil {
		return err
	}
	httpio.NoContent(c)
	return nil
}
