package handlers_test

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"os"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/gin-gonic/gin"
	"github.com/google/go-cmp/cmp"
	"github.com/pb33f/libopenapi"
	validator "github.com/pb33f/libopenapi-validator"
	"github.com/pb33f/libopenapi-validator/config"
	problems "github.com/pb33f/libopenapi-validator/errors"
	"github.com/pb33f/libopenapi/datamodel"
	v3 "github.com/pb33f/libopenapi/datamodel/high/v3"

	"rejoinder/handlers"
)

type contract struct {
	model     *v3.Document
	validator validator.Validator
}

// theContract is openapi.yaml, read once for all tests.
var theContract = sync.OnceValues(func() (contract, error) {
	raw, err := os.ReadFile("openapi.yaml")
	if err != nil {
		return contract{}, err
	}
	// Comments hold replies, which are comments.
	document, err := libopenapi.NewDocumentWithConfiguration(raw, &datamodel.DocumentConfiguration{IgnoreArrayCircularReferences: true})
	if err != nil {
		return contract{}, err
	}
	model, err := document.BuildV3Model()
	if err != nil {
		return contract{}, err
	}
	v, errs := validator.NewValidator(document, config.WithFormatAssertions())
	if len(errs) > 0 {
		return contract{}, fmt.Errorf("%v", errs)
	}
	return contract{&model.Model, v}, nil
})

// checkContract holds a request, unless it is meant to be wrong, and its answer against the contract.
func checkContract(t testing.TB, c call, r reply) {
	t.Helper()
	if r.status == http.StatusMethodNotAllowed || c.method == http.MethodOptions || c.method == http.MethodHead {
		return
	}
	v := must(theContract())(t).validator
	if !c.wrong {
		if _, faults := v.ValidateHttpRequestSync(c.request(t)); len(faults) > 0 {
			t.Errorf("%s: the request breaks the contract:\n%s", r.what, contractFaults(faults))
		}
	}
	answer := &http.Response{StatusCode: r.status, Header: r.header, Body: io.NopCloser(bytes.NewReader(r.body))}
	if _, faults := v.ValidateHttpResponse(c.request(t), answer); len(faults) > 0 && !onlyMissingPath(faults) {
		t.Errorf("%s: the answer %d breaks the contract:\n%s\n%.2000s", r.what, r.status, contractFaults(faults), r.body)
	}
}

// onlyMissingPath: addresses that do not exist are not in the contract, and answer with a problem all the same.
func onlyMissingPath(faults []*problems.ValidationError) bool {
	return !slices.ContainsFunc(faults, func(f *problems.ValidationError) bool { return !f.IsPathMissingError() })
}

func contractFaults(faults []*problems.ValidationError) string {
	var b strings.Builder
	for _, f := range faults {
		fmt.Fprintf(&b, "  %s: %s\n", f.Message, f.Reason)
		for _, s := range f.SchemaValidationErrors {
			fmt.Fprintf(&b, "    %s: %s\n", s.FieldPath, s.Reason)
		}
	}
	return b.String()
}

var ginParam = regexp.MustCompile(`:(\w+)`)

func TestEveryRouteIsInTheContractAndNoOther(t *testing.T) {
	h := newHouse(t)
	engine, ok := h.handler.(interface{ Routes() gin.RoutesInfo })
	if !ok {
		t.Fatalf("the handler is a %T", h.handler)
	}
	routed := map[string]bool{}
	for _, r := range engine.Routes() {
		routed[r.Method+" "+ginParam.ReplaceAllString(r.Path, "{$1}")] = true
	}
	documented := map[string]bool{}
	for path, item := range must(theContract())(t).model.Paths.PathItems.FromOldest() {
		for method := range item.GetOperations().FromOldest() {
			documented[strings.ToUpper(method)+" "+path] = true
		}
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

func TestTheContractIsSoundAndServed(t *testing.T) {
	if ok, faults := must(theContract())(t).validator.ValidateDocument(); !ok {
		t.Errorf("openapi.yaml is not OpenAPI 3.1:\n%s", contractFaults(faults))
	}
	r := newHouse(t).get("/openapi.yaml").want(http.StatusOK, nil)
	if diff := cmp.Diff(string(must(os.ReadFile("openapi.yaml"))(t)), string(r.body)); diff != "" {
		t.Errorf("what is served is not the file: %s", diff)
	}
}

func TestEveryProblemIsDocumentedAndNoOther(t *testing.T) {
	schema := must(theContract())(t).model.Components.Schemas.GetOrZero("ProblemType").Schema()
	documented := map[string]string{}
	for _, one := range schema.OneOf {
		s := one.Schema()
		status, ok := s.Extensions.Get("x-status")
		if !ok || s.Description == "" {
			t.Errorf("%s has no status or no description", s.Const.Value)
			continue
		}
		documented[s.Const.Value] = status.Value
	}
	if diff := cmp.Diff(handlers.ProblemTypes(), documented); diff != "" {
		t.Errorf("problem types with their statuses (-problem.go +openapi.yaml):\n%s", diff)
	}
}

func TestTheContractCheckFindsWhatBreaksTheContract(t *testing.T) {
	v := must(theContract())(t).validator
	if ok, _ := v.ValidateHttpRequestSync(call{method: http.MethodPost, path: paperComments, body: submission("x")}.request(t)); !ok {
		t.Error("a right request breaks it")
	}
	for name, c := range map[string]call{
		"a field too many":  {method: http.MethodPost, path: paperComments, body: submission("x", fields{"status": "approved"})},
		"a field too few":   {method: http.MethodPost, path: paperComments, body: submission("x", fields{"author_email": nil})},
		"an unknown order":  {method: http.MethodGet, path: paperThread + "&sort=loudest"},
		"no article at all": {method: http.MethodGet, path: "/api/v1/sites/paper/thread"},
	} {
		if ok, _ := v.ValidateHttpRequestSync(c.request(t)); ok {
			t.Errorf("a request with %s keeps it", name)
		}
	}
	for body, want := range map[string]bool{`{"status":"ok"}`: true, `{"status":"ok","host":"db7"}`: false, `{"status":"down"}`: false, `{}`: false} {
		answer := &http.Response{StatusCode: http.StatusOK, Header: http.Header{"Content-Type": {"application/json; charset=utf-8"}},
			Body: io.NopCloser(strings.NewReader(body))}
		if ok, _ := v.ValidateHttpResponse(call{method: http.MethodGet, path: "/healthz"}.request(t), answer); ok != want {
			t.Errorf("an answer of %s keeps it: %t", body, ok)
		}
	}
}
