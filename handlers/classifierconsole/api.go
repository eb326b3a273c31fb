package classifierconsole

import (
	"net/http"
	"slices"
	"time"

	"github.com/gin-gonic/gin"

	"rejoinder/handlers/console"
	"rejoinder/handlers/httpio"
	"rejoinder/handlers/session"
	"rejoinder/moderation"
	"rejoinder/moderation/external"
)

// Pages serves the screens about outside classifiers, and their API.
type Pages struct {
	*console.Pages
	Admin *external.Admin
}

// classifierBody is the body of a request.
type classifierBody struct {
	Name string `json:"name"`
	external.Settings
	Sites   []string `json:"sites"`
	Secret  string   `json:"secret"`
	Version int      `json:"version"` // of the settings that the client saw; 0: the present ones
}

func (b classifierBody) request() external.Request {
	return external.Request{Name: b.Name, Settings: b.Settings, Sites: b.Sites, Secret: b.Secret}
}

// dayResponse counts calls.
type dayResponse struct {
	Sent      int      `json:"sent"`
	Answered  int      `json:"answered"`
	Late      int      `json:"late"`
	Failed    int      `json:"failed"`
	Skipped   int      `json:"skipped"`
	Cached    int      `json:"cached"`
	MeanMS    float64  `json:"mean_ms"`
	MaxMS     float64  `json:"max_ms"`
	Agreed    int      `json:"agreed"`
	Disagreed int      `json:"disagreed"`
	Agreement *float64 `json:"agreement"`
}

func newDayResponse(d external.Day) dayResponse {
	r := dayResponse{Sent: d.Sent, Answered: d.Answered, Late: d.Late, Failed: d.Failed, Skipped: d.Skipped,
		Cached: d.Cached, MeanMS: milliseconds(d.MeanTime()), MaxMS: milliseconds(d.Longest),
		Agreed: d.Agreed, Disagreed: d.Disagreed}
	if share, known := d.Agreement(); known {
		r.Agreement = &share
	}
	return r
}

func milliseconds(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

type healthResponse struct {
	Today       dayResponse `json:"today"`
	Week        dayResponse `json:"week"`
	Judging     int         `json:"judging"`
	Waiting     int         `json:"waiting"`
	FailedCalls int         `json:"failed_calls"`
	RetryAt     *time.Time  `json:"retry_at"`
	Reason      string      `json:"reason"`
	Fault       string      `json:"fault"`
}

// classifierResponse is a classifier for programs, without its secret.
type classifierResponse struct {
	ID   string `json:"id"`
	Name string `json:"name"`
	external.Settings
	Sites     []string       `json:"sites"`
	HasSecret bool           `json:"has_secret"`
	Version   int            `json:"version"`
	CreatedAt time.Time      `json:"created_at"`
	UpdatedAt time.Time      `json:"updated_at"`
	Health    healthResponse `json:"health"`
}

func newClassifierResponse(h external.Health, sites []moderation.Site) classifierResponse {
	r := classifierResponse{ID: h.ID, Name: h.Name, Settings: h.Settings, Sites: slugs(h.Classifier, sites),
		HasSecret: len(h.SecretSealed) > 0 || h.SecretInFile, Version: h.Version, CreatedAt: h.CreatedAt.UTC(),
		UpdatedAt: h.UpdatedAt.UTC(), Health: healthResponse{Today: newDayResponse(h.Today), Week: newDayResponse(h.Week),
			Judging: h.Judging, Waiting: h.Waiting, FailedCalls: h.CallCounts.Failed, Reason: h.Reason, Fault: h.Fault}}
	if !h.RetryAt.IsZero() {
		at := h.RetryAt.UTC()
		r.Health.RetryAt = &at
	}
	return r
}

// slugs returns the sites of a classifier that the viewer may see.
func slugs(c external.Classifier, visible []moderation.Site) []string {
	list := []string{}
	for _, site := range visible {
		if slices.Contains(c.SiteIDs, site.ID) {
			list = append(list, site.Slug)
		}
	}
	return list
}

// List returns the classifiers that the admin's sites use, by name.
func (h *Pages) List(c *gin.Context) error {
	list, sites, err := h.list(c)
	if err != nil {
		return err
	}
	httpio.List(c, list, func(h external.Health) classifierResponse { return newClassifierResponse(h, sites) })
	return nil
}

func (h *Pages) list(c *gin.Context) ([]external.Health, []moderation.Site, error) {
	ctx, viewer := c.Request.Context(), session.ViewerOf(c)
	list, err := h.Admin.List(ctx, viewer)
	if err != nil {
		return nil, nil, err
	}
	sites, err := h.Sites.List(ctx, viewer)
	return list, sites, err
}

// find returns the classifier of the path.
func (h *Pages) find(c *gin.Context) (external.Health, []moderation.Site, error) {
	id, err := httpio.PathID(c)
	if err != nil {
		return external.Health{}, nil, err
	}
	found, err := h.Admin.Find(c.Request.Context(), session.ViewerOf(c), id)
	if err != nil {
		return found, nil, err
	}
	sites, err := h.Sites.List(c.Request.Context(), session.ViewerOf(c))
	return found, sites, err
}

func (h *Pages) respond(c *gin.Context, status int, id, secret string) error {
	found, err := h.Admin.Find(c.Request.Context(), session.ViewerOf(c), id)
	if err != nil {
		return err
	}
	sites, err := h.Sites.List(c.Request.Context(), session.ViewerOf(c))
	if err != nil {
		return err
	}
	httpio.JSON(c, status, struct {
		classifierResponse
		Secret string `json:"secret,omitempty"`
	}{newClassifierResponse(found, sites), secret})
	return nil
}

// Add adds a classifier. The response has the secret if the server made one.
func (h *Pages) Add(c *gin.Context) error {
	body := classifierBody{Settings: external.DefaultSettings()}
	if err := httpio.BindJSON(c, &body, httpio.MaxBody); err != nil {
		return err
	}
	added, secret, err := h.Admin.Add(c.Request.Context(), session.ViewerOf(c), body.request())
	if err != nil {
		return err
	}
	c.Header("Location", "/api/v1/classifiers/"+added.ID)
	return h.respond(c, http.StatusCreated, added.ID, secret)
}

// Get returns a classifier.
func (h *Pages) Get(c *gin.Context) error {
	found, sites, err := h.find(c)
	if err != nil {
		return err
	}
	httpio.JSON(c, http.StatusOK, newClassifierResponse(found, sites))
	return nil
}

// Patch changes the fields that the request contains.
func (h *Pages) Patch(c *gin.Context) error {
	found, sites, err := h.find(c)
	if err != nil {
		return err
	}
	body := classifierBody{Name: found.Name, Settings: found.Settings, Sites: slugs(found.Classifier, sites)}
	if err := httpio.BindJSON(c, &body, httpio.MaxBody); err != nil {
		return err
	}
	version := body.Version
	if version == 0 {
		version = found.Version
	}
	_, err = h.Admin.Change(c.Request.Context(), session.ViewerOf(c), found.ID, version,
		func(r *external.Request) { *r = body.request() })
	if err != nil {
		return err
	}
	return h.respond(c, http.StatusOK, found.ID, "")
}

// Delete removes a classifier.
func (h *Pages) Delete(c *gin.Context) error {
	id, err := httpio.PathID(c)
	if err != nil {
		return err
	}
	if err := h.Admin.Remove(c.Request.Context(), session.ViewerOf(c), id); err != nil {
		return err
	}
	httpio.NoContent(c)
	return nil
}

// Try asks a classifier about a text.
func (h *Pages) Try(c *gin.Context) error {
	var body struct {
		Text string `json:"text"`
	}
	if err := httpio.BindJSON(c, &body, httpio.MaxBody); err != nil {
		return err
	}
	id, err := httpio.PathID(c)
	if err != nil {
		return err
	}
	trial, err := h.Admin.Try(c.Request.Context(), session.ViewerOf(c), id, body.Text)
	if err != nil {
		return err
	}
	httpio.JSON(c, http.StatusOK, struct {
		Available bool    `json:"available"`
		Score     float64 `json:"score"`
		Label     string  `json:"label"`
		TookMS    float64 `json:"took_ms"`
		Reason    string  `json:"reason"`
	}{trial.Reason == "", trial.Score, trial.Label, milliseconds(trial.Took), trial.Reason})
	return nil
}

// Repeat retries the calls that have finally failed.
func (h *Pages) Repeat(c *gin.Context) error {
	id, err := httpio.PathID(c)
	if err != nil {
		return err
	}
	if err := h.Admin.Repeat(c.Request.Context(), session.ViewerOf(c), id); err != nil {
		return err
	}
	httpio.NoContent(c)
	return nil
}
