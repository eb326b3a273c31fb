package pagecache

import (
	"bytes"
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/gin-gonic/gin"
)

// overwritten is a rendering whose memory is reused as soon as it is released.
func overwritten(body string, spare int, released *int) Rendering {
	memory := append(make([]byte, 0, len(body)+spare), body...)
	return Rendering{Body: memory, Release: func() {
		*released++
		copy(memory, bytes.Repeat([]byte("another page "), len(memory)))
	}}
}

func TestACachedPageKeepsNothingOfReleasedMemory(t *testing.T) {
	p, released, body := testCache(1<<20), 0, strings.Repeat("a comment ", 10)
	render := func(context.Context) (Rendering, error) { return overwritten(body, 0, &released), nil }
	page, err := p.get(t.Context(), Key{Article: "known"}, anyClient, render)
	if err != nil || released != 1 {
		t.Fatalf("released %d times: %v", released, err)
	}
	if got := string(page.bodies[EncodingIdentity]); got != body || page.tag[0] != bodyTag([]byte(body)) {
		t.Errorf("the page is %q with the tag %s", got, page.tag[0])
	}
}

func TestMemoryOfAnUncachedPageIsReleasedOnceItIsSent(t *testing.T) {
	body := strings.Repeat("a comment ", 10)
	for name, spare := range map[string]int{
		"a body that fills its memory": 0,
		"a body in much more memory":   10 * len(body),
	} {
		t.Run(name, func(t *testing.T) {
			rs, released := &Responder{RenderLimiter: NewRenderLimiter(0, 0), Now: time.Now}, 0
			recorder := httptest.NewRecorder()
			c, _ := gin.CreateTestContext(recorder)
			c.Request = httptest.NewRequest(http.MethodGet, "/", nil)
			err := rs.ServeUncached(c, func(context.Context) (Rendering, error) {
				return overwritten(body, spare, &released), nil
			})
			if err != nil || released != 1 {
				t.Fatalf("released %d times: %v", released, err)
			}
			if got := recorder.Body.String(); got != body {
				t.Errorf("sent %q", got)
			}
		})
	}
}

func TestASlowClientHoldsAtMostTwiceTheMemoryOfItsPage(t *testing.T) {
	released := 0
	small := overwritten("a page", 100, &released).compact()
	const rounding = 8 // of small allocations
	if got := cap(small.Body); got > 2*len(small.Body)+rounding || released != 1 {
		t.Errorf("a body of %d bytes takes %d, released %d times", len(small.Body), got, released)
	}
}
