package handlers_test

import (
	"bytes"
	"io"
	"net/http"
	"os"
	"regexp"
	"strings"
	"sync"
	"testing"

	"github.com/gin-gonic/gin"
	"github.com/google/go-cmp/cmp"

	"rejoinder/handlers/httpio"
	"rejoinder/handlers/openapitest"
)

// theContract is openapi.yaml, read once for all tests.
var theContract = sync.OnceValues(func() (*openapitest.Contract, error) {
	raw, err := os.ReadFile("openapi.yaml")
	if err != nil {
		return nil, err
	}
	return openapitest.Parse(raw)
})

// checkContract checks a response against the contract, and the request unless it is meant to be invalid.
func checkContract(t testing.TB, c call, r reply) {
	t.Helper()
	if r.status == http.StatusMethodNotAllowed || c.method == http.MethodOptions || c.method == http.MethodHead {
		return
	}
	contract := must(theContract())(t)
	if !c.wrong {
		if err := contract.CheckRequest(c.request(t)); err != nil {
			t.Errorf("%s: the request breaks the contract:\n%v", r.what, err)
		}
	}
	answer := &http.Response{StatusCode: r.status, Header: r.header, Body: io.NopCloser(bytes.NewReader(r.body))}
	if err := contract.CheckResponse(c.request(t), answer); err != nil {
		t.Errorf("%s: the answer %d breaks the contract:\n%v\n%.2000s", r.what, r.status, err, r.body)
	}
}

var ginParam = regexp.MustCompile(`:(\w+)`)

func TestEveryRouteIsInTheContractAndNoOther(t *testing.T) {
	h := newTestServer(t)
	engine, ok := h.handler.(interface{ Routes() gin.RoutesInfo })
	if !ok {
		t.Fatalf("the handler is a %T", h.handler)
	}
	routed := map[string]bool{}
	for _, r := range engine.Routes() {
		routed[r.Method+" "+ginParam.ReplaceAllString(r.Path, "{$1}")] = true
	}
	documented := map[string]bool{}
	for _, o := range must(theContract())(t).Operations() {
		documented[o.Method+" "+o.Path] = true
	}
	for route := range routed {
		method, path, _ := strings.Cut(route, " ")
		switch method {
		case http.MethodHead: // goes with every GET
			if !routed["GET "+path] {
				t.Errorf("%s is answered, but GET is not", route)
			}
		case http.MethodOptions: // goes with every path for other origins
			if !strings.HasPrefix(path, "/api/v1/") && !strings.HasPrefix(path, "/sites/") && !strings.HasPrefix(path, "/comments/") {
				t.Errorf("%s is answered", route)
			}
		default:
			if !documented[route] {
				t.Errorf("%s is answered, but not in openapi.yaml", route)
			}
		}
	}
	for route := range documented {
		if !routed[route] {
			t.Errorf("%s is in openapi.yaml, but not answered", route)
		}
	}
	if len(documented) < 30 {
		t.Errorf("only %d operations were compared", len(documented))
	}
}

func TestTheContractIsValidAndServed(t *testing.T) {
	if err := must(theContract())(t).CheckDocument(); err != nil {
		t.Errorf("openapi.yaml is not OpenAPI 3.1:\n%v", err)
	}
	r := newTestServer(t).get("/openapi.yaml").want(http.StatusOK, nil)
	if diff := cmp.Diff(string(must(os.ReadFile("openapi.yaml"))(t)), string(r.body)); diff != "" {
		t.Errorf("the served document is not the file: %s", diff)
	}
}

func TestEveryProblemIsDocumentedAndNoOther(t *testing.T) {
	documented, err := must(theContract())(t).Choices("ProblemType", "x-status")
	if err != nil {
		t.Error(err)
	}
	if diff := cmp.Diff(httpio.ProblemTypes(), documented); diff != "" {
		t.Errorf("problem types with their statuses (-problem.go +openapi.yaml):\n%s", diff)
	}
}

func TestTheContractCheckFindsViolations(t *testing.T) {
	contract := must(theContract())(t)
	right := call{method: http.MethodPost, path: paperComments, body: submission("x")}
	if err := contract.CheckRequest(right.request(t)); err != nil {
		t.Errorf("a right request breaks it:\n%v", err)
	}
	for name, c := range map[string]call{
		"a field too many":  {method: http.MethodPost, path: paperComments, body: submission("x", fields{"status": "approved"})},
		"a field too few":   {method: http.MethodPost, path: paperComments, body: submission("x", fields{"body": nil})},
		"an unknown order":  {method: http.MethodGet, path: paperThread + "&sort=loudest"},
		"no article at all": {method: http.MethodGet, path: "/api/v1/sites/paper/thread"},
	} {
		if contract.CheckRequest(c.request(t)) == nil {
			t.Errorf("a request with %s keeps it", name)
		}
	}
	for body, want := range map[string]bool{`{"status":"ok"}`: true, `{"status":"ok","host":"db7"}`: false, `{"status":"down"}`: false, `{}`: false} {
		answer := &http.Response{StatusCode: http.StatusOK, Header: http.Header{"Content-Type": {"application/json; charset=utf-8"}},
			Body: io.NopCloser(strings.NewReader(body))}
		err := contract.CheckResponse(call{method: http.MethodGet, path: "/healthz"}.request(t), answer)
		if ok := err == nil; ok != want {
			t.Errorf("an answer of %s keeps it: %t", body, ok)
		}
	}
}
