package external

import (
	"math"
	"net/http"
	"testing"

	"rejoinder/outbound"
)

// FuzzAnswers checks that a server's response is either refused or a score from 0 to 1, in every protocol.
func FuzzAnswers(f *testing.F) {
	for _, body := range []string{
		`{"score": 0.5, "label": "x"}`, `{"score": 1e309}`, `{"score": -0}`, "true", "false", "\x00", `{"results":[{"category_scores":{"a":0.5}}]}`,
		`{"attributeScores":{"TOXICITY":{"summaryScore":{"value":0.5}}}}`, `{"attributeScores":{"TOXICITY":null}}`, "[]", "null",
	} {
		f.Add(200, []byte(body))
	}
	f.Fuzz(func(t *testing.T, status int, body []byte) {
		for name, p := range protocols {
			answer, err := p.answer(Classifier{Settings: Settings{Protocol: name}}, outbound.Response{Status: status, Header: http.Header{}, Body: body})
			if err != nil {
				continue
			}
			if math.IsNaN(answer.Score) || answer.Score < 0 || answer.Score > 1 || status < 200 || status > 299 {
				t.Errorf("%s: %+v from status %d and %q", name, answer, status, body)
			}
		}
	})
}
