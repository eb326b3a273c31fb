package handlers

import (
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/gin-gonic/gin"
)

func TestTheRoutesWithLimitsOfTheirOwnExist(t *testing.T) {
	there := map[string]bool{}
	for _, r := range (&Server{}).routes() {
		there[r.path] = true
	}
	for _, list := range []map[string]bool{neverShed, streaming, takesLong} {
		for path := range list {
			if !there[path] {
				t.Errorf("there is no route %s", path)
			}
		}
	}
}

func TestOnlyWhatMayHoldARulesetMayBeLarge(t *testing.T) {
	s := &Server{Config: Config{Limits: Limits{Body: 20_000}}}
	for path, want := range map[string]int64{
		"/api/v1/sites/:site/comments": 20_000, "/sites/:site/comments": 20_000,
		"/api/v1/sites/:site/rulesets/check": maxRulesetBody, "/console/sign-in": maxRulesetBody,
	} {
		if got := s.bodyLimit(path); got != want {
			t.Errorf("%s takes %d bytes, want %d", path, got, want)
		}
	}
}

func TestAHandlerThatTakesItsTimeIsNotHurried(t *testing.T) {
	s := &Server{Config: Config{Limits: Limits{Handler: 5 * time.Millisecond}}}
	for takes, want := range map[bool]int{true: http.StatusOK, false: http.StatusGatewayTimeout} {
		engine := gin.New()
		engine.GET("/", s.hurry, func(c *gin.Context) {
			if takes {
				takeTime(c)
			}
			select {
			case <-c.Request.Context().Done():
				c.Status(http.StatusGatewayTimeout)
			case <-time.After(100 * time.Millisecond):
				c.Status(http.StatusOK)
			}
		})
		recorder := httptest.NewRecorder()
		engine.ServeHTTP(recorder, httptest.NewRequest(http.MethodGet, "/", nil))
		if recorder.Code != want {
			t.Errorf("takes its time: %t, status %d", takes, recorder.Code)
		}
	}
}
