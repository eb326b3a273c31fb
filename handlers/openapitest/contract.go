package openapitest

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/pb33f/libopenapi"
	validator "github.com/pb33f/libopenapi-validator"
	"github.com/pb33f/libopenapi-validator/config"
	problems "github.com/pb33f/libopenapi-validator/errors"
	"github.com/pb33f/libopenapi-validator/schema_validation"
	"github.com/pb33f/libopenapi/datamodel"
	v3 "github.com/pb33f/libopenapi/datamodel/high/v3"
)

// Contract is an OpenAPI document.
type Contract struct {
	model     *v3.Document
	validator validator.Validator
}

// Parse reads an OpenAPI 3.1 document in YAML. Arrays of a schema may contain the schema itself, as replies
// are comments.
func Parse(raw []byte) (*Contract, error) {
	document, err := libopenapi.NewDocumentWithConfiguration(raw,
		&datamodel.DocumentConfiguration{IgnoreArrayCircularReferences: true})
	if err != nil {
		return nil, fmt.Errorf("parse OpenAPI document: %w", err)
	}
	model, err := document.BuildV3Model()
	if err != nil {
		return nil, fmt.Errorf("parse OpenAPI document: %w", err)
	}
	v, errs := validator.NewValidator(document, config.WithFormatAssertions())
	if len(errs) > 0 {
		return nil, fmt.Errorf("parse OpenAPI document: %w", errors.Join(errs...))
	}
	return &Contract{&model.Model, v}, nil
}

// CheckDocument reports errors in the document itself.
func (c *Contract) CheckDocument() error {
	_, faults := c.validator.ValidateDocument()
	return faultsError(faults)
}

// CheckRequest reports where a request violates the contract.
func (c *Contract) CheckRequest(r *http.Request) error {
	_, faults := c.validator.ValidateHttpRequestSync(r)
	return faultsError(faults)
}

// CheckResponse reports where the response to a request violates the contract. Responses of paths that are
// not in the contract pass.
func (c *Contract) CheckResponse(r *http.Request, response *http.Response) error {
	_, faults := c.validator.ValidateHttpResponse(r, response)
	missing := func(f *problems.ValidationError) bool { return f.IsPathMissingError() }
	return faultsError(slices.DeleteFunc(faults, missing))
}

// CheckSchema reports where a JSON document violates the schema of that name.
func (c *Contract) CheckSchema(name string, raw []byte) error {
	schema := c.model.Components.Schemas.GetOrZero(name)
	if schema == nil {
		return fmt.Errorf("there is no schema %s", name)
	}
	_, faults := schema_validation.NewSchemaValidator().ValidateSchemaBytes(schema.Schema(), raw)
	return faultsError(faults)
}

// Operation is one method of one path.
type Operation struct {
	Method string // in upper case
	Path   string // with parameters in braces
	Query  []string
	Scopes []string // of server keys, in the order of the document
}

// Operations returns all operations with the names of their query parameters and the scopes of server keys.
func (c *Contract) Operations() []Operation {
	var all []Operation
	for path, item := range c.model.Paths.PathItems.FromOldest() {
		for method, operation := range item.GetOperations().FromOldest() {
			o := Operation{Method: strings.ToUpper(method), Path: path}
			for _, p := range slices.Concat(item.Parameters, operation.Parameters) {
				if p.In == "query" {
					o.Query = append(o.Query, p.Name)
				}
			}
			for _, requirement := range operation.Security {
				o.Scopes = append(o.Scopes, requirement.Requirements.GetOrZero("key")...)
			}
			all = append(all, o)
		}
	}
	return all
}

// Choices returns the constants of a oneOf schema, each with the value of an extension. It is an error if a
// constant lacks the extension or a description.
func (c *Contract) Choices(schema, extension string) (map[string]string, error) {
	values := map[string]string{}
	var errs []error
	for _, one := range c.model.Components.Schemas.GetOrZero(schema).Schema().OneOf {
		s := one.Schema()
		value, ok := s.Extensions.Get(extension)
		if !ok || s.Description == "" {
			errs = append(errs, fmt.Errorf("%s has no %s or no description", s.Const.Value, extension))
			continue
		}
		values[s.Const.Value] = value.Value
	}
	return values, errors.Join(errs...)
}

func faultsError(faults []*problems.ValidationError) error {
	if len(faults) == 0 {
		return nil
	}
	var b strings.Builder
	for _, f := range faults {
		fmt.Fprintf(&b, "  %s: %s\n", f.Message, f.Reason)
		for _, s := range f.SchemaValidationErrors {
			fmt.Fprintf(&b, "    %s: %s\n", s.FieldPath, s.Reason)
		}
	}
	return errors.New(b.String())
}
