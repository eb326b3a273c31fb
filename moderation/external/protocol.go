package external

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"rejoinder/moderation/rules"
	"rejoinder/outbound"
)

// protocol speaks with one kind of server.
type protocol interface {
	// check adds what the protocol requires of settings and secret.
	check(c Classifier, secret string, add faultAdder)
	// body returns what is sent to ask about a document. It is the same for equal documents.
	body(c Classifier, secret string, d Document) []byte
	// request returns the request with that body.
	request(c Classifier, secret string, body []byte, at stamp) (*http.Request, error)
	// answer reads the response. ErrAnswer if it is invalid.
	answer(c Classifier, r outbound.Response) (Answer, error)
}

// teachable is a protocol with requests that tell what moderators decided.
type teachable interface {
	// feedback returns the request that says whether a document is spam.
	feedback(c Classifier, secret string, d Document, spam bool) (*http.Request, error)
	// accepted reports whether the server took it.
	accepted(r outbound.Response) bool
}

// checkable is a protocol with a request that checks the secret alone.
type checkable interface {
	verify(c Classifier, secret string) (*http.Request, error)
	verified(r outbound.Response) error
}

// stamp makes a request unique. It is signed with the body.
type stamp struct {
	id string
	at time.Time
}

// faultAdder adds a fault of a field, a code and a sentence.
type faultAdder func(pointer, code, detail string)

var protocols = map[Protocol]protocol{
	Signed: signedProtocol{}, Akismet: akismetProtocol{}, OpenAI: openAIProtocol{}, Perspective: perspectiveProtocol{},
}

// Teaches reports whether a protocol has requests that tell what moderators decided.
func (p Protocol) Teaches() bool {
	_, ok := protocols[p].(teachable)
	return ok
}

// Accepts returns the data that the protocol takes besides the text.
func (p Protocol) Accepts() Sends {
	switch p {
	case Signed:
		return Sends{Name: true, URL: true, Pseudonym: true, AddressPrefix: true}
	case Akismet:
		return Sends{Name: true, URL: true, AddressPrefix: true}
	}
	return Sends{}
}

// newJSONRequest returns a request that sends JSON and wants JSON.
func newJSONRequest(address string, body []byte) (*http.Request, error) {
	r, err := http.NewRequest(http.MethodPost, address, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Accept", "application/json")
	r.Header.Set("User-Agent", userAgent)
	return r, nil
}

func newFormRequest(address string, form url.Values) (*http.Request, error) {
	r, err := http.NewRequest(http.MethodPost, address, strings.NewReader(form.Encode()))
	if err != nil {
		return nil, err
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded; charset=utf-8")
	r.Header.Set("User-Agent", userAgent)
	return r, nil
}

const userAgent = "Rejoinder"

// mustJSON encodes values that always can be.
func mustJSON(v any) []byte {
	encoded, err := json.Marshal(v)
	if err != nil {
		panic("external: " + err.Error())
	}
	return encoded
}

// readJSON reads the body of a successful response.
func readJSON(r outbound.Response, into any) error {
	if !r.OK() {
		return fmt.Errorf("%w: status %d", ErrStatus, r.Status)
	}
	if err := json.Unmarshal(r.Body, into); err != nil {
		return fmt.Errorf("%w: the body is not the expected JSON", ErrAnswer)
	}
	return nil
}

// newAnswer checks a score and a label. A score beyond 0 to 1 is not clipped: its scale is unknown.
func newAnswer(score *float64, label string) (Answer, error) {
	if score == nil {
		return Answer{}, fmt.Errorf("%w: there is no score", ErrAnswer)
	}
	if math.IsNaN(*score) || *score < 0 || *score > 1 {
		return Answer{}, fmt.Errorf("%w: the score is not from 0 to 1", ErrAnswer)
	}
	malformed := !utf8.ValidString(label) || strings.ContainsRune(label, 0)
	if malformed || utf8.RuneCountInString(label) > rules.MaxExternalLabel {
		return Answer{}, fmt.Errorf("%w: a label is UTF-8 text of at most %d characters", ErrAnswer, rules.MaxExternalLabel)
	}
	return Answer{Score: *score, Label: label}, nil
}

// highest returns the highest of several scores with its label. Of equal ones, the first in alphabetical
// order counts.
func highest(scores map[string]float64, only []string) (Answer, error) {
	best, label := -1.0, ""
	for _, name := range sortedKeys(scores) {
		if len(only) > 0 && !slices.Contains(only, name) {
			continue
		}
		if _, err := newAnswer(new(scores[name]), name); err != nil {
			return Answer{}, err
		}
		if scores[name] > best {
			best, label = scores[name], name
		}
	}
	if best < 0 {
		return Answer{}, fmt.Errorf("%w: there is no score of the labels", ErrAnswer)
	}
	return Answer{Score: best, Label: label}, nil
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
