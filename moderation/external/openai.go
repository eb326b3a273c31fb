package external

import (
	"fmt"
	"net/http"

	"rejoinder/outbound"
)

// openAIProtocol asks a server of OpenAI's moderations, such as https://api.openai.com/v1/moderations. The
// score is the highest of the categories that count, and the label is that category.
type openAIProtocol struct{}

type openAIRequest struct {
	Model string `json:"model,omitempty"`
	Input string `json:"input"`
}

type openAIAnswer struct {
	Results []struct {
		Scores map[string]float64 `json:"category_scores"`
	} `json:"results"`
}

func (openAIProtocol) check(_ Classifier, _ string, _ faultAdder) {} // servers of one's own may need no key

func (openAIProtocol) body(c Classifier, _ string, d Document) []byte {
	return mustJSON(openAIRequest{c.Model, d.Text})
}

func (openAIProtocol) request(c Classifier, secret string, body []byte, _ stamp) (*http.Request, error) {
	r, err := newJSONRequest(c.URL, body)
	if err == nil && secret != "" {
		r.Header.Set("Authorization", "Bearer "+secret)
	}
	return r, err
}

func (openAIProtocol) answer(c Classifier, r outbound.Response) (Answer, error) {
	var said openAIAnswer
	if err := readJSON(r, &said); err != nil {
		return Answer{}, err
	}
	if len(said.Results) != 1 {
		return Answer{}, fmt.Errorf("%w: %d results for one text", ErrAnswer, len(said.Results))
	}
	return highest(said.Results[0].Scores, c.Labels)
}
