package external

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"strconv"
	"strings"

	"rejoinder/outbound"
)

// signedProtocol is our own: JSON as docs/classifier-hooks.schema.json describes it, with the headers of
// Standard Webhooks.
type signedProtocol struct{}

// signedRequest is the body of a request.
type signedRequest struct {
	Version    int           `json:"version"` // 1
	Classifier string        `json:"classifier"`
	Site       string        `json:"site"`
	Language   string        `json:"language"`
	Text       string        `json:"text"`
	Edit       bool          `json:"edit"`
	Author     *signedAuthor `json:"author,omitempty"`
}

// signedAuthor has the fields that are switched on.
type signedAuthor struct {
	Name          string `json:"name,omitempty"`
	URL           string `json:"url,omitempty"`
	Pseudonym     string `json:"pseudonym,omitempty"`
	AddressPrefix string `json:"address_prefix,omitempty"`
}

// signedAnswer is the body of a response.
type signedAnswer struct {
	Score *float64 `json:"score"`
	Label string   `json:"label"`
}

// SecretPrefix begins the secrets of signatures. The rest is base64.
const SecretPrefix = "whsec_"

// signingKey returns the key of a secret; false if the secret is not valid.
func signingKey(secret string) ([]byte, bool) {
	encoded, ok := strings.CutPrefix(secret, SecretPrefix)
	key, err := base64.StdEncoding.DecodeString(encoded)
	return key, ok && err == nil && len(key) >= 24 && len(key) <= 64
}

func (signedProtocol) check(_ Classifier, secret string, add faultAdder) {
	if _, ok := signingKey(secret); !ok {
		add("/secret", "malformed", `A signing secret is "whsec_" and 24 to 64 bytes in base64.`)
	}
}

func (signedProtocol) body(c Classifier, _ string, d Document) []byte {
	r := signedRequest{Version: 1, Classifier: c.Name, Site: d.SiteSlug, Language: d.Language, Text: d.Text, Edit: d.Edit}
	if author := (signedAuthor{d.AuthorName, d.AuthorURL, d.Pseudonym, d.Address}); author != (signedAuthor{}) {
		r.Author = &author
	}
	return mustJSON(r)
}

func (signedProtocol) request(c Classifier, secret string, body []byte, at stamp) (*http.Request, error) {
	r, err := newJSONRequest(c.URL, body)
	if err != nil {
		return nil, err
	}
	id, seconds := "msg_"+at.id, strconv.FormatInt(at.at.Unix(), 10)
	r.Header.Set("webhook-id", id)
	r.Header.Set("webhook-timestamp", seconds)
	r.Header.Set("webhook-signature", "v1,"+sign(secret, id+"."+seconds+"."+string(body)))
	return r, nil
}

// sign returns the HMAC-SHA256 of a content in base64.
func sign(secret, content string) string {
	key, _ := signingKey(secret)
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(content))
	return base64.StdEncoding.EncodeToString(mac.Sum(nil))
}

func (signedProtocol) answer(_ Classifier, r outbound.Response) (Answer, error) {
	var said signedAnswer
	if err := readJSON(r, &said); err != nil {
		return Answer{}, err
	}
	return newAnswer(said.Score, said.Label)
}
