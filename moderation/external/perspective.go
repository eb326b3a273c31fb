package external

import (
	"fmt"
	"net/http"
	"net/url"

	"rejoinder/outbound"
)

// perspectiveProtocol asks a server of the Perspective API's comments:analyze. Google closes its own on 31
// December 2026; others speak the same form. The score is the highest of the attributes, and the label is
// that attribute.
type perspectiveProtocol struct{}

// defaultAttribute is asked for if no label is chosen.
const defaultAttribute = "TOXICITY"

type perspectiveRequest struct {
	Comment    perspectiveText     `json:"comment"`
	Attributes map[string]struct{} `json:"requestedAttributes"`
	DoNotStore bool                `json:"doNotStore"`
}

type perspectiveText struct {
	Text string `json:"text"`
	Type string `json:"type"`
}

type perspectiveAnswer struct {
	Scores map[string]struct {
		Summary struct {
			Value *float64 `json:"value"`
		} `json:"summaryScore"`
	} `json:"attributeScores"`
}

func (perspectiveProtocol) check(_ Classifier, _ string, _ faultAdder) {} // servers of one's own may need no key

func attributesOf(c Classifier) []string {
	if len(c.Labels) == 0 {
		return []string{defaultAttribute}
	}
	return c.Labels
}

func (perspectiveProtocol) body(c Classifier, _ string, d Document) []byte {
	r := perspectiveRequest{Comment: perspectiveText{d.Text, "PLAIN_TEXT"}, Attributes: map[string]struct{}{}, DoNotStore: true}
	for _, attribute := range attributesOf(c) {
		r.Attributes[attribute] = struct{}{}
	}
	return mustJSON(r)
}

func (perspectiveProtocol) request(c Classifier, secret string, body []byte, _ stamp) (*http.Request, error) {
	address, err := url.Parse(c.URL)
	if err != nil {
		return nil, err
	}
	if secret != "" {
		query := address.Query()
		query.Set("key", secret)
		address.RawQuery = query.Encode()
	}
	return newJSONRequest(address.String(), body)
}

func (perspectiveProtocol) answer(c Classifier, r outbound.Response) (Answer, error) {
	var said perspectiveAnswer
	if err := readJSON(r, &said); err != nil {
		return Answer{}, err
	}
	scores := map[string]float64{}
	for _, attribute := range attributesOf(c) {
		value := said.Scores[attribute].Summary.Value
		if value == nil {
			return Answer{}, fmt.Errorf("%w: there is no score of %s", ErrAnswer, attribute)
		}
		scores[attribute] = *value
	}
	return highest(scores, nil)
}
