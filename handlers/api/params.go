package api

import (
	"time"

	"github.com/gin-gonic/gin"

	"rejoinder/handlers/httpio"
)

// TimeParam returns a query parameter that is a time; zero if it is missing.
func TimeParam(c *gin.Context, name string) (time.Time, error) {
	raw := c.Query(name)
	if raw == "" {
		return time.Time{}, nil
	}
	t, err := time.Parse(time.RFC3339, raw)
	if err != nil || t.Year() < 1 {
		return time.Time{}, httpio.InvalidField("/"+name, "malformed", "Must be a time such as 2026-03-02T09:00:00Z.")
	}
	return t, nil
}

// timeSpan returns the half-open span of the parameters from and to; zero for a missing one.
func timeSpan(c *gin.Context) (from, to time.Time, err error) {
	if from, err = TimeParam(c, "from"); err == nil {
		to, err = TimeParam(c, "to")
	}
	return from, to, err
}

// optionParam returns a query parameter that is one of the words, or missing.
func optionParam(c *gin.Context, name string, words ...string) (string, error) {
	if c.Query(name) == "" {
		return "", nil
	}
	return httpio.ChoiceParam(c, name, words...)
}
