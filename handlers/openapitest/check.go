package openapitest

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"strconv"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// CheckRequest reports where a request violates the contract.
func (c *Contract) CheckRequest(r *http.Request) error {
	o, inPath := c.find(r)
	if o == nil {
		return fmt.Errorf("there is no operation %s %s", r.Method, r.URL.Path)
	}
	errs := []error{c.checkSecurity(o, r), c.checkRequestBody(o, r)}
	for _, p := range o.parameters {
		if err := c.checkParameter(p, p.values(r, inPath)); err != nil {
			errs = append(errs, fmt.Errorf("%s parameter %s: %w", p.in, p.name, err))
		}
	}
	return errors.Join(errs...)
}

// CheckResponse reports where the response to a request violates the contract. Responses of paths that are
// not in the contract pass.
func (c *Contract) CheckResponse(r *http.Request, response *http.Response) error {
	o, _ := c.find(r)
	if o == nil {
		return nil
	}
	definition, pointer := c.response(o, response.StatusCode)
	if definition == nil {
		return fmt.Errorf("%s documents no status %d", o.pointer, response.StatusCode)
	}
	errs := []error{c.checkHeaders(pointer, response.Header)}
	if _, hasContent := definition["content"]; hasContent {
		errs = append(errs, c.checkContent(pointer, response.Header, response.Body))
	}
	return errors.Join(errs...)
}

// values returns the values of a parameter in a request, in order.
func (p parameter) values(r *http.Request, inPath map[string]string) []string {
	switch p.in {
	case "path":
		return []string{inPath[p.name]}
	case "query":
		return r.URL.Query()[p.name]
	case "header":
		return r.Header.Values(p.name)
	case "cookie":
		var values []string
		for _, cookie := range r.CookiesNamed(p.name) {
			values = append(values, cookie.Value)
		}
		return values
	}
	return nil
}

func (c *Contract) checkParameter(p parameter, values []string) error {
	if len(values) == 0 {
		if p.required {
			return errors.New("it is missing")
		}
		return nil
	}
	pointer := p.pointer + "/schema"
	schema := c.object(pointer)
	if schema["type"] != "array" {
		for _, value := range values {
			if err := c.checkValue(pointer, typed(schema, value)); err != nil {
				return err
			}
		}
		return nil
	}
	items := make([]any, len(values))
	for i, value := range values {
		items[i] = typed(c.object(pointer+"/items"), value)
	}
	return c.checkValue(pointer, items)
}

// typed reads a value as the type that a schema asks for. A value of another type stays a string, which the
// schema rejects.
func typed(schema object, value string) any {
	switch schema["type"] {
	case "integer", "number", "boolean":
		if parsed, err := jsonschema.UnmarshalJSON(strings.NewReader(value)); err == nil {
			return parsed
		}
	}
	return value
}

// checkSecurity requires the credentials of one of the alternatives. Whether they are valid is not checked.
func (c *Contract) checkSecurity(o *operation, r *http.Request) error {
	for _, requirement := range o.security {
		present := true
		for name := range requirement {
			present = present && c.hasCredential(name, r)
		}
		if present {
			return nil
		}
	}
	if len(o.security) == 0 {
		return nil
	}
	return errors.New("it has none of the credentials that the operation needs")
}

func (c *Contract) hasCredential(name string, r *http.Request) bool {
	scheme := c.object("/components/securitySchemes/" + escape(name))
	if scheme["type"] == "http" {
		return r.Header.Get("Authorization") != ""
	}
	field, _ := scheme["name"].(string)
	if scheme["in"] == "cookie" {
		// Over TLS, cookies have a prefix.
		return len(r.CookiesNamed(field))+len(r.CookiesNamed("__Host-"+field)) > 0
	}
	return r.Header.Get(field) != ""
}

func (c *Contract) checkRequestBody(o *operation, r *http.Request) error {
	definition, pointer := c.resolve(o.pointer + "/requestBody")
	if definition == nil || r.Header.Get("Content-Type") == "" && definition["required"] != true {
		return nil
	}
	return c.checkContent(pointer, r.Header, r.Body)
}

// response returns the definition of the response with a status, and where it is.
func (c *Contract) response(o *operation, status int) (object, string) {
	code := strconv.Itoa(status)
	for _, key := range []string{code, code[:1] + "XX", "default"} {
		if _, has := c.object(o.pointer + "/responses")[key]; has {
			return c.resolve(o.pointer + "/responses/" + key)
		}
	}
	return nil, ""
}

func (c *Contract) checkHeaders(pointer string, header http.Header) error {
	var errs []error
	for name := range c.object(pointer + "/headers") {
		definition, at := c.resolve(pointer + "/headers/" + escape(name))
		p := parameter{pointer: at, required: definition["required"] == true}
		if err := c.checkParameter(p, header.Values(name)); err != nil {
			errs = append(errs, fmt.Errorf("header %s: %w", name, err))
		}
	}
	return errors.Join(errs...)
}

// checkContent requires a documented media type, and JSON to keep its schema. pointer is where the definition
// of the request's body or the response is.
func (c *Contract) checkContent(pointer string, header http.Header, body io.Reader) error {
	media, _, err := mime.ParseMediaType(header.Get("Content-Type"))
	if err != nil {
		return fmt.Errorf("media type %q: %w", header.Get("Content-Type"), err)
	}
	definition, documented := c.object(pointer + "/content")[media].(object)
	if !documented {
		return fmt.Errorf("media type %s is not documented", media)
	}
	isJSON := media == "application/json" || strings.HasSuffix(media, "+json")
	if _, hasSchema := definition["schema"]; !hasSchema || !isJSON {
		return nil
	}
	var raw bytes.Buffer
	if _, err := raw.ReadFrom(body); err != nil {
		return fmt.Errorf("read body: %w", err)
	}
	return c.checkJSON(pointer+"/content/"+escape(media)+"/schema", raw.Bytes())
}
