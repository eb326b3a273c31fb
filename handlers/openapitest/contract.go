package openapitest

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"
	"sync"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"go.yaml.in/yaml/v3"
)

// Contract is an OpenAPI document.
type Contract struct {
	raw   []byte // in YAML
	root  object
	paths []*path

	mu       sync.Mutex // of the compiler
	compiler *jsonschema.Compiler
}

// object is an object of the document.
type object = map[string]any

// documentURL is what the compiler calls the document.
const documentURL = "contract:///openapi.json"

// Parse reads an OpenAPI 3.1 document in YAML.
func Parse(raw []byte) (*Contract, error) {
	var node any
	if err := yaml.Unmarshal(raw, &node); err != nil {
		return nil, fmt.Errorf("parse OpenAPI document: %w", err)
	}
	encoded, err := json.Marshal(node)
	if err != nil {
		return nil, fmt.Errorf("parse OpenAPI document: %w", err)
	}
	document, err := jsonschema.UnmarshalJSON(bytes.NewReader(encoded))
	if err != nil {
		return nil, fmt.Errorf("parse OpenAPI document: %w", err)
	}
	root, ok := document.(object)
	if !ok {
		return nil, errors.New("parse OpenAPI document: it is no object")
	}
	c := &Contract{raw: raw, root: root, compiler: jsonschema.NewCompiler()}
	c.compiler.AssertFormat()
	if err := c.compiler.AddResource(documentURL, document); err != nil {
		return nil, fmt.Errorf("parse OpenAPI document: %w", err)
	}
	return c, c.addPaths()
}

// CheckDocument reports errors in the document itself and in its schemas.
func (c *Contract) CheckDocument() error {
	errs := []error{checkShape(c.raw)}
	for name := range c.object("/components/schemas") {
		if _, err := c.schema("/components/schemas/" + escape(name)); err != nil {
			errs = append(errs, err)
		}
	}
	for _, p := range c.paths {
		for _, o := range p.operations {
			errs = append(errs, c.compileAll(o.pointer, c.object(o.pointer)))
		}
	}
	return errors.Join(errs...)
}

// compileAll compiles all schemas of an object of the document.
func (c *Contract) compileAll(pointer string, all object) error {
	var errs []error
	for _, key := range slices.Sorted(maps.Keys(all)) {
		below := pointer + "/" + escape(key)
		if key == "schema" {
			_, err := c.schema(below)
			errs = append(errs, err)
			continue
		}
		switch value := all[key].(type) {
		case object:
			errs = append(errs, c.compileAll(below, value))
		case []any:
			for i, item := range value {
				if item, ok := item.(object); ok {
					errs = append(errs, c.compileAll(fmt.Sprintf("%s/%d", below, i), item))
				}
			}
		}
	}
	return errors.Join(errs...)
}

// CheckSchema reports where a JSON document violates the schema of that name.
func (c *Contract) CheckSchema(name string, raw []byte) error {
	if _, ok := c.object("/components/schemas")[name]; !ok {
		return fmt.Errorf("there is no schema %s", name)
	}
	return c.checkJSON("/components/schemas/"+escape(name), raw)
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
	for _, p := range c.paths {
		for _, method := range slices.Sorted(maps.Keys(p.operations)) {
			o := p.operations[method]
			found := Operation{Method: method, Path: p.template}
			for _, parameter := range o.parameters {
				if parameter.in == "query" {
					found.Query = append(found.Query, parameter.name)
				}
			}
			for _, requirement := range o.security {
				for _, scope := range array(requirement["key"]) {
					found.Scopes = append(found.Scopes, fmt.Sprint(scope))
				}
			}
			all = append(all, found)
		}
	}
	return all
}

// Choices returns the constants of a oneOf schema, each with the value of an extension. It is an error if a
// constant lacks the extension or a description.
func (c *Contract) Choices(schema, extension string) (map[string]string, error) {
	values := map[string]string{}
	var errs []error
	for _, one := range array(c.object("/components/schemas/" + escape(schema))["oneOf"]) {
		s, _ := one.(object)
		value, ok := s[extension]
		if description, _ := s["description"].(string); !ok || description == "" {
			errs = append(errs, fmt.Errorf("%v has no %s or no description", s["const"], extension))
			continue
		}
		values[fmt.Sprint(s["const"])] = fmt.Sprint(value)
	}
	return values, errors.Join(errs...)
}

// schema compiles the schema at a JSON pointer.
func (c *Contract) schema(pointer string) (*jsonschema.Schema, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	compiled, err := c.compiler.Compile(documentURL + "#" + (&url.URL{Path: pointer}).EscapedPath())
	if err != nil {
		return nil, fmt.Errorf("compile schema %s: %w", pointer, err)
	}
	return compiled, nil
}

// checkJSON reports where a JSON document violates the schema at a JSON pointer.
func (c *Contract) checkJSON(pointer string, raw []byte) error {
	value, err := jsonschema.UnmarshalJSON(bytes.NewReader(raw))
	if err != nil {
		return fmt.Errorf("parse JSON: %w", err)
	}
	return c.checkValue(pointer, value)
}

func (c *Contract) checkValue(pointer string, value any) error {
	schema, err := c.schema(pointer)
	if err != nil {
		return err
	}
	return schema.Validate(value)
}

// object returns the object at a JSON pointer, following references; nil if there is none.
func (c *Contract) object(pointer string) object {
	found, _ := c.resolve(pointer)
	return found
}

// resolve is object, and returns the pointer behind all references as well.
func (c *Contract) resolve(pointer string) (object, string) {
	at := any(c.root)
	for key := range strings.SplitSeq(strings.TrimPrefix(pointer, "/"), "/") {
		switch value := at.(type) {
		case object:
			at = value[unescape.Replace(key)]
		case []any:
			at = item(value, key)
		}
	}
	found, _ := at.(object)
	if reference, ok := found["$ref"].(string); ok {
		return c.resolve(strings.TrimPrefix(reference, "#"))
	}
	return found, pointer
}

func item(items []any, key string) any {
	for i, value := range items {
		if fmt.Sprint(i) == key {
			return value
		}
	}
	return nil
}

func array(value any) []any {
	items, _ := value.([]any)
	return items
}

var (
	escaping = strings.NewReplacer("~", "~0", "/", "~1")
	unescape = strings.NewReplacer("~1", "/", "~0", "~")
)

// escape writes a key as a part of a JSON pointer.
func escape(key string) string { return escaping.Replace(key) }
