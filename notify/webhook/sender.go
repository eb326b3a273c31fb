package webhook

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strconv"
	"strings"
	"time"

	"rejoinder/notify"
	"rejoinder/outbound"
)

// Limits of a request to a webhook.
const (
	RequestTimeout = 10 * time.Second
	MaxResponse    = 64 << 10

	keptRequest  = 32 << 10 // of a request's body that the log keeps
	keptResponse = 8 << 10
	maxRetryWait = 12 * time.Hour
)

// Sender composes, signs and sends a delivery. All fields are required.
type Sender struct {
	Composer *Composer
	Client   *outbound.Client
	Keys     Keys
	Now      func() time.Time
	NewID    func() string
}

// Outcome is the result of a request.
type Outcome struct {
	Attempt    Attempt
	OK         bool
	Gone       bool          // the server wants no more requests
	RetryAfter time.Duration // as the server asks; 0: it does not
}

// Send sends one request. Errors: *notify.ObsoleteError if the delivery is no longer true, and failures on
// our side. A failure of the server is an outcome.
func (s *Sender) Send(ctx context.Context, hook Webhook, m notify.Message) (Outcome, error) {
	payload, err := s.Composer.Compose(ctx, hook, m)
	if err != nil {
		return Outcome{}, err
	}
	url, err := s.Keys.Open(hook.URLSealed, urlContext(hook.ID))
	if err != nil {
		return Outcome{}, fmt.Errorf("open URL of webhook %s: %w", hook.ID, err)
	}
	body, err := encode(hook, payload)
	if err != nil {
		return Outcome{}, err
	}
	request, err := http.NewRequest(http.MethodPost, target(hook, url), bytes.NewReader(body)) //nolint:noctx // Do sets it
	if err != nil {
		return Outcome{}, fmt.Errorf("make request: the URL of webhook %s is malformed", hook.ID)
	}
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("User-Agent", "Rejoinder")
	if hook.Type == Standard {
		if err := s.sign(request.Header, hook, signed{m.ID, s.Now(), body}); err != nil {
			return Outcome{}, err
		}
	}
	return s.exchange(ctx, hook, m, exchange{request, body})
}

// encode returns the body of a request.
func encode(hook Webhook, p Payload) ([]byte, error) {
	var message any = p
	if hook.Type != Standard {
		message = chatBody(hook, describe(p))
	}
	body, err := json.Marshal(message)
	if err != nil {
		return nil, fmt.Errorf("write payload: %w", err)
	}
	return body, nil
}

// target is the URL of a request. Discord ignores buttons unless the query asks for them.
func target(hook Webhook, url string) string {
	if hook.Type != Discord || strings.Contains(url, "with_components=") {
		return url
	}
	if strings.Contains(url, "?") {
		return url + "&with_components=true"
	}
	return url + "?with_components=true"
}

// sign adds the headers of the specification: a signature for each secret that is valid.
func (s *Sender) sign(header http.Header, hook Webhook, what signed) error {
	sealed := [][]byte{hook.SecretSealed}
	if len(hook.OldSecretSealed) > 0 && what.at.Before(hook.OldSecretUntil) {
		sealed = append(sealed, hook.OldSecretSealed)
	}
	secrets := make([]string, len(sealed))
	for i, one := range sealed {
		var err error
		if secrets[i], err = s.Keys.Open(one, secretContext(hook.ID)); err != nil {
			return fmt.Errorf("open secret of webhook %s: %w", hook.ID, err)
		}
	}
	signature, err := what.signature(secrets)
	header.Set(headerID, what.id)
	header.Set(headerTimestamp, what.timestamp())
	header.Set(headerSignature, signature)
	return err
}

// exchange is a request that is sent.
type exchange struct {
	request *http.Request
	body    []byte
}

// exchange sends a request and returns its outcome.
func (s *Sender) exchange(ctx context.Context, hook Webhook, m notify.Message, x exchange) (Outcome, error) {
	began := s.Now()
	response, err := s.Client.Do(ctx, x.request)
	if ctx.Err() != nil {
		return Outcome{}, ctx.Err() // we were stopped: the server is not to blame
	}
	o := Outcome{OK: err == nil && response.OK(), Gone: response.Status == http.StatusGone}
	o.Attempt = Attempt{ID: s.NewID(), MessageID: m.ID, WebhookID: hook.ID, SiteID: hook.SiteID, CommentID: m.CommentID,
		At: began, Took: s.Now().Sub(began), Status: response.Status}
	if !o.OK {
		o.Attempt.Error = reason(response, err)
		o.RetryAfter = retryAfter(response)
	}
	o.Attempt.Sealed, err = s.seal(o.Attempt.ID, Exchange{
		RequestHeader: headers(x.request.Header, "Content-Type", headerID, headerTimestamp, headerSignature),
		RequestBody:   shorten(x.body, keptRequest),
		ResponseHeader: headers(response.Header, "Content-Type", "Content-Length", "Date", "Location", "Retry-After",
			"Server"),
		ResponseBody: shorten(response.Body, keptResponse),
	})
	return o, err
}

func (s *Sender) seal(attemptID string, e Exchange) ([]byte, error) {
	plain, err := json.Marshal(e)
	if err != nil {
		return nil, fmt.Errorf("write exchange: %w", err)
	}
	return s.Keys.Seal(string(plain), exchangeContext(attemptID))
}

// headers returns those headers that are set.
func headers(from http.Header, names ...string) []Header {
	list := []Header{}
	for _, name := range names {
		if value := from.Get(name); value != "" {
			list = append(list, Header{name, shorten([]byte(value), 500)})
		}
	}
	return list
}

func shorten(text []byte, limit int) string {
	cut := len(text) > limit
	clean := strings.ToValidUTF8(string(text[:min(len(text), limit)]), "\uFFFD")
	if cut {
		clean += "…"
	}
	return clean
}

// reason says why a request failed, for admins. It contains no URL, which may be a secret.
func reason(response outbound.Response, err error) string {
	var refused *outbound.AddressError
	var unknown *net.DNSError
	var slow interface{ Timeout() bool }
	switch {
	case errors.As(err, &refused):
		return refused.Error() + ", and outbound-networks does not permit it"
	case errors.Is(err, outbound.ErrTooLarge):
		return fmt.Sprintf("the response is larger than %d KB", MaxResponse>>10)
	case errors.As(err, &unknown):
		return "the host name could not be resolved"
	case errors.As(err, &slow) && slow.Timeout():
		return fmt.Sprintf("the server did not respond within %s", RequestTimeout)
	case err != nil && response.Status != 0:
		return "the connection was lost before the end of the response"
	case err != nil:
		return "the request failed: " + cause(err)
	case response.Status >= 300 && response.Status < 400:
		return fmt.Sprintf("the server redirected (%d); redirects are not followed", response.Status)
	}
	return fmt.Sprintf("the server responded with %d %s", response.Status, http.StatusText(response.Status))
}

// cause returns the innermost error, which unlike the others does not repeat the URL.
func cause(err error) string {
	for {
		inner := errors.Unwrap(err)
		if inner == nil {
			return err.Error()
		}
		err = inner
	}
}

// retryAfter is how long the server asks to wait, at most maxRetryWait.
func retryAfter(response outbound.Response) time.Duration {
	if response.Status != http.StatusTooManyRequests && response.Status != http.StatusServiceUnavailable {
		return 0
	}
	seconds, err := strconv.Atoi(response.Header.Get("Retry-After"))
	if err != nil || seconds < 0 {
		return 0
	}
	return min(time.Duration(min(seconds, int(maxRetryWait/time.Second)))*time.Second, maxRetryWait)
}
