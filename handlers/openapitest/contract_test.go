package openapitest

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const boats = `
openapi: 3.1.1
info: { title: Boats, version: "1" }
paths:
  /harbours/{harbour}/boats:
    parameters:
      - { name: harbour, in: path, required: true, schema: { type: string, maxLength: 5 } }
    get:
      parameters:
        - { name: limit, in: query, schema: { type: integer, maximum: 50 } }
        - { name: afloat, in: query, schema: { type: boolean } }
        - { name: id, in: query, schema: { type: array, maxItems: 2, items: { type: string } } }
        - { name: flag, in: query, required: true, schema: { enum: [red, blue] } }
        - { name: X-Tide, in: header, schema: { type: integer } }
      security: [{ access: [] }, { key: [read, write] }]
      responses:
        "200":
          headers:
            ETag: { required: true, schema: { type: string, pattern: '^"' } }
          content:
            application/json: { schema: { type: array, items: { $ref: "#/components/schemas/Boat" } } }
            text/html: {}
        "204": { description: none }
        4XX:
          content: { application/problem+json: { schema: { type: object, required: [title] } } }
    post:
      requestBody:
        required: true
        content: { application/json: { schema: { $ref: "#/components/schemas/Boat" } } }
      responses: { default: { description: done } }
  /harbours/all/boats:
    get: { responses: { default: { description: done } } }
components:
  securitySchemes:
    access: { type: http, scheme: bearer }
    key: { type: apiKey, in: cookie, name: session }
  schemas:
    Boat:
      type: object
      additionalProperties: false
      required: [name]
      properties:
        name: { type: string }
        built: { type: string, format: date-time }
        tender: { $ref: "#/components/schemas/Boat" }
    Colour:
      oneOf:
        - { const: red, description: Red., x-status: 404 }
        - { const: blue, description: Blue., x-status: 409 }
`

func contract(t *testing.T, source string) *Contract {
	t.Helper()
	c, err := Parse([]byte(source))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestARequestThatBreaksTheContractIsFound(t *testing.T) {
	c := contract(t, boats)
	for _, tc := range []struct {
		name, method, target, body string
		header                     http.Header
		want                       string // part of the error; empty: none
	}{
		{"a right request", "GET", "/harbours/west/boats?flag=red&limit=50&afloat=true&id=a&id=b", "",
			http.Header{"Authorization": {"Bearer x"}, "X-Tide": {"7"}}, ""},
		{"a credential in a cookie", "GET", "/harbours/west/boats?flag=red", "", http.Header{"Cookie": {"session=x"}}, ""},
		{"a credential in a cookie over TLS", "GET", "/harbours/west/boats?flag=red", "", http.Header{"Cookie": {"__Host-session=x"}}, ""},
		{"no credential", "GET", "/harbours/west/boats?flag=red", "", nil, "credentials"},
		{"an unknown path", "GET", "/harbours", "", nil, "no operation"},
		{"an unknown method", "PUT", "/harbours/west/boats", "", nil, "no operation"},
		{"an empty parameter of the path", "POST", "/harbours//boats", "", nil, "no operation"},
		{"a parameter of the path that is too long", "POST", "/harbours/northern/boats", `{"name":"x"}`, nil, "path parameter harbour"},
		{"a missing parameter", "GET", "/harbours/west/boats", "", http.Header{"Authorization": {"Bearer x"}}, "query parameter flag"},
		{"a value that is not listed", "GET", "/harbours/west/boats?flag=green", "", nil, "query parameter flag"},
		{"an invalid number", "GET", "/harbours/west/boats?flag=red&limit=many", "", nil, "query parameter limit"},
		{"a number that is too large", "GET", "/harbours/west/boats?flag=red&limit=51", "", nil, "query parameter limit"},
		{"an invalid boolean", "GET", "/harbours/west/boats?flag=red&afloat=maybe", "", nil, "query parameter afloat"},
		{"too many values", "GET", "/harbours/west/boats?flag=red&id=a&id=b&id=c", "", nil, "query parameter id"},
		{"a header of another type", "GET", "/harbours/west/boats?flag=red", "", http.Header{"X-Tide": {"high"}}, "header parameter X-Tide"},
		{"the path without a parameter", "GET", "/harbours/all/boats", "", nil, ""},
		{"a right body", "POST", "/harbours/west/boats", `{"name":"Ada","built":"2026-01-05T12:00:00Z","tender":{"name":"Eve"}}`, nil, ""},
		{"a missing body", "POST", "/harbours/west/boats", "", http.Header{"Content-Type": {""}}, "media type"},
		{"a body of another type", "POST", "/harbours/west/boats", "name=Ada", http.Header{"Content-Type": {"text/csv"}}, "text/csv"},
		{"a body that is not JSON", "POST", "/harbours/west/boats", `{"name":`, nil, "parse JSON"},
		{"a missing field", "POST", "/harbours/west/boats", `{}`, nil, "name"},
		{"an unknown field", "POST", "/harbours/west/boats", `{"name":"Ada","sails":2}`, nil, "sails"},
		{"a fault in a nested object", "POST", "/harbours/west/boats", `{"name":"Ada","tender":{}}`, nil, "/tender"},
		{"an invalid time", "POST", "/harbours/west/boats", `{"name":"Ada","built":"yesterday"}`, nil, "date-time"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			r := httptest.NewRequestWithContext(t.Context(), tc.method, tc.target, strings.NewReader(tc.body))
			if tc.method == http.MethodPost {
				r.Header.Set("Content-Type", "application/json; charset=utf-8")
			}
			for name, values := range tc.header {
				r.Header[name] = values
			}
			checkError(t, c.CheckRequest(r), tc.want)
		})
	}
}

func TestAResponseThatBreaksTheContractIsFound(t *testing.T) {
	c := contract(t, boats)
	const asJSON, asProblem = "application/json", "application/problem+json"
	for _, tc := range []struct {
		name, media, body, tag string
		status                 int
		want                   string
	}{
		{"a right response", asJSON, `[{"name":"Ada"}]`, `"1"`, 200, ""},
		{"a page", "text/html; charset=utf-8", "<p>Ada", `"1"`, 200, ""},
		{"a problem", asProblem, `{"title":"Gone"}`, "", 410, ""},
		{"no content", "", "", "", 204, ""},
		{"a status that is not documented", asJSON, `[]`, "", 500, "500"},
		{"a media type that is not documented", "text/csv", "Ada", `"1"`, 200, "text/csv"},
		{"no media type", "", "", `"1"`, 200, "media type"},
		{"a missing header", asJSON, `[]`, "", 200, "header ETag"},
		{"a header with another value", asJSON, `[]`, "1", 200, "header ETag"},
		{"another body", asJSON, `[{"name":7}]`, `"1"`, 200, "/0/name"},
		{"an empty body", asJSON, ``, `"1"`, 200, "parse JSON"},
		{"a problem that lacks a field", asProblem, `{}`, "", 404, "title"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/harbours/west/boats", nil)
			header := http.Header{}
			if tc.media != "" {
				header.Set("Content-Type", tc.media)
			}
			if tc.tag != "" {
				header.Set("ETag", tc.tag)
			}
			checkError(t, c.CheckResponse(r, &http.Response{StatusCode: tc.status, Header: header,
				Body: io.NopCloser(strings.NewReader(tc.body))}), tc.want)
		})
	}
}

func TestFaultsOfTheDocumentAreFound(t *testing.T) {
	checkError(t, contract(t, strings.ReplaceAll(boats, "{ description: ", "{ summary: ")).CheckDocument(), "summary")
	described := strings.NewReplacer("headers:\n            ETag", "description: some\n          headers:\n            ETag",
		"content: { application/problem+json", "description: none\n          content: { application/problem+json").Replace(boats)
	checkError(t, contract(t, described).CheckDocument(), "")
	checkError(t, contract(t, strings.Replace(described, "required: [title]", "required: title", 1)).CheckDocument(), "4XX")
	checkError(t, contract(t, strings.Replace(described, "required: [name]", "required: name", 1)).CheckDocument(), "Boat")
	checkError(t, contract(t, strings.Replace(described, `tender: { $ref: "#/components/schemas/Boat" }`,
		`tender: { $ref: "#/components/schemas/Ship" }`, 1)).CheckDocument(), "Ship")
	checkError(t, contract(t, strings.Replace(described, "in: query, required: true", "required: true", 1)).CheckDocument(), `parameter "flag"`)
	checkError(t, contract(t, strings.Replace(described, "description: some", "description: ''", 1)).CheckDocument(), "response 200")
	if _, err := Parse([]byte("openapi: 3.1.1")); err == nil {
		t.Error("a document without paths is read")
	}
}

func TestNamedSchemasAndChoicesAreRead(t *testing.T) {
	c := contract(t, boats)
	checkError(t, c.CheckSchema("Boat", []byte(`{"name":"Ada"}`)), "")
	checkError(t, c.CheckSchema("Boat", []byte(`{"name":7}`)), "/name")
	checkError(t, c.CheckSchema("Ship", []byte(`{}`)), "no schema")
	choices, err := c.Choices("Colour", "x-status")
	if diff := cmp.Diff(map[string]string{"red": "404", "blue": "409"}, choices); diff != "" || err != nil {
		t.Error(diff, err)
	}
	_, err = c.Choices("Colour", "x-other")
	checkError(t, err, "x-other")
	want := []Operation{
		{Method: "GET", Path: "/harbours/all/boats"},
		{Method: "GET", Path: "/harbours/{harbour}/boats", Query: []string{"limit", "afloat", "id", "flag"}, Scopes: []string{"read", "write"}},
		{Method: "POST", Path: "/harbours/{harbour}/boats"},
	}
	if diff := cmp.Diff(want, c.Operations()); diff != "" {
		t.Error(diff)
	}
}

// checkError requires an error that contains a text, or none.
func checkError(t *testing.T, err error, want string) {
	t.Helper()
	if want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
		t.Errorf("the error is %v, want %q", err, want)
	}
}
