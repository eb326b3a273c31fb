package readers

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"rejoinder/identity"
	"rejoinder/outbound"
)

// FetchLimits are the limits of requests for key sets.
var FetchLimits = outbound.Limits{Timeout: 5 * time.Second, Response: identity.MaxKeysText}

// KeyFetcher requests key sets with an outbound client.
type KeyFetcher struct{ Client *outbound.Client }

// CheckURL implements Fetcher. A key set decides who readers are, so it must come over TLS, except from
// addresses in the networks that the operator permits.
func (f KeyFetcher) CheckURL(address string) error {
	u, err := f.Client.ParseURL(address)
	if err != nil {
		return err
	}
	if u.Scheme != "https" && !f.Client.PermitsHost(u) {
		return errors.New("the URL must begin with https://")
	}
	return nil
}

// Fetch implements Fetcher.
func (f KeyFetcher) Fetch(ctx context.Context, address string) ([]byte, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return nil, err
	}
	request.Header.Set("Accept", "application/jwk-set+json, application/json")
	response, err := f.Client.Do(ctx, request)
	var failed *url.Error
	if errors.As(err, &failed) { // it quotes the URL, which may have a secret and gets into the log
		err = failed.Err
	}
	if err != nil {
		return nil, err
	}
	if !response.OK() {
		return nil, fmt.Errorf("the server responded with status %d", response.Status)
	}
	return response.Body, nil
}
