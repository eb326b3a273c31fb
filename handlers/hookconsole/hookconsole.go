package hookconsole

import (
	"fmt"
	"time"

	"github.com/gin-gonic/gin"

	"rejoinder/handlers/console"
	"rejoinder/handlers/httpio"
	"rejoinder/moderation"
	"rejoinder/notify/webhook"
)

// Paths of the pages. That of a webhook is followed by its ID.
const (
	ListPath     = console.SitesPath + "/:site/webhooks"
	WebhookPath  = ListPath + "/:id"
	DeliveryPath = WebhookPath + "/deliveries/:delivery"
)

// Paths of the API.
const (
	APIListPath     = "/api/v1/sites/:site/webhooks"
	APIWebhookPath  = APIListPath + "/:id"
	APIDeliveryPath = APIWebhookPath + "/deliveries/:delivery"
)

// Pages serves the pages of the console about webhooks, and their API.
type Pages struct {
	*console.Pages
	Hooks *webhook.Hooks
	Now   func() time.Time
}

// ref returns the webhook that the path names. moderation.ErrNotFound for anything that is not an ID.
func ref(c *gin.Context) (webhook.Ref, error) {
	id, err := httpio.PathID(c)
	if err != nil {
		return webhook.Ref{}, fmt.Errorf("webhook: %w", err)
	}
	return webhook.Ref{Site: c.Param("site"), ID: id}, nil
}

// deliveryRef returns the delivery that the path names, with its webhook.
func deliveryRef(c *gin.Context) (of webhook.Ref, id string, err error) {
	if of, err = ref(c); err != nil {
		return of, "", err
	}
	if id = c.Param("delivery"); !moderation.ValidID(id) {
		return of, "", fmt.Errorf("delivery: %w", moderation.ErrNotFound)
	}
	return of, id, nil
}

func listURL(site string) string { return console.SitesPath + "/" + site + "/webhooks" }

func webhookURL(of webhook.Ref) string { return listURL(of.Site) + "/" + of.ID }
