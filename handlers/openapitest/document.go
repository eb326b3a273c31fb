package openapitest

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"slices"

	"go.yaml.in/yaml/v3"
)

// document is the part of OpenAPI 3.1 that documents here use, apart from schemas. Other keys are faults.
type document struct {
	OpenAPI    string              `yaml:"openapi"`
	Info       map[string]any      `yaml:"info"`
	Servers    []map[string]string `yaml:"servers"`
	Tags       []map[string]string `yaml:"tags"`
	Security   []requirement       `yaml:"security"`
	Paths      map[string]pathItem `yaml:"paths"`
	Components struct {
		Schemas         map[string]any            `yaml:"schemas"`
		Parameters      map[string]parameterItem  `yaml:"parameters"`
		Headers         map[string]parameterItem  `yaml:"headers"`
		RequestBodies   map[string]bodyItem       `yaml:"requestBodies"`
		Responses       map[string]responseItem   `yaml:"responses"`
		Examples        map[string]any            `yaml:"examples"`
		SecuritySchemes map[string]map[string]any `yaml:"securitySchemes"`
	} `yaml:"components"`
}

type requirement map[string][]string

type pathItem struct {
	Summary     string          `yaml:"summary"`
	Description string          `yaml:"description"`
	Parameters  []parameterItem `yaml:"parameters"`
	Get         *operationItem  `yaml:"get"`
	Head        *operationItem  `yaml:"head"`
	Post        *operationItem  `yaml:"post"`
	Put         *operationItem  `yaml:"put"`
	Patch       *operationItem  `yaml:"patch"`
	Delete      *operationItem  `yaml:"delete"`
	Options     *operationItem  `yaml:"options"`
}

func (p pathItem) operations() []*operationItem {
	return slices.DeleteFunc([]*operationItem{p.Get, p.Head, p.Post, p.Put, p.Patch, p.Delete, p.Options},
		func(o *operationItem) bool { return o == nil })
}

type operationItem struct {
	Tags        []string                `yaml:"tags"`
	Summary     string                  `yaml:"summary"`
	Description string                  `yaml:"description"`
	OperationID string                  `yaml:"operationId"`
	Deprecated  bool                    `yaml:"deprecated"`
	Parameters  []parameterItem         `yaml:"parameters"`
	RequestBody *bodyItem               `yaml:"requestBody"`
	Responses   map[string]responseItem `yaml:"responses"`
	Security    []requirement           `yaml:"security"`
}

// parameterItem is a parameter, or a header, which has neither a name nor a place.
type parameterItem struct {
	Ref         string         `yaml:"$ref"`
	Name        string         `yaml:"name"`
	In          string         `yaml:"in"`
	Description string         `yaml:"description"`
	Required    bool           `yaml:"required"`
	Style       string         `yaml:"style"`
	Explode     *bool          `yaml:"explode"`
	Schema      map[string]any `yaml:"schema"`
	Example     any            `yaml:"example"`
	Examples    map[string]any `yaml:"examples"`
}

type bodyItem struct {
	Ref         string               `yaml:"$ref"`
	Description string               `yaml:"description"`
	Required    bool                 `yaml:"required"`
	Content     map[string]mediaItem `yaml:"content"`
}

type responseItem struct {
	Ref         string                   `yaml:"$ref"`
	Description string                   `yaml:"description"`
	Headers     map[string]parameterItem `yaml:"headers"`
	Content     map[string]mediaItem     `yaml:"content"`
}

type mediaItem struct {
	Schema   map[string]any `yaml:"schema"`
	Example  any            `yaml:"example"`
	Examples map[string]any `yaml:"examples"`
}

// checkShape reports keys of a document that OpenAPI does not have, and what it requires and the document lacks.
func checkShape(raw []byte) error {
	var d document
	decoder := yaml.NewDecoder(bytes.NewReader(raw))
	decoder.KnownFields(true)
	if err := decoder.Decode(&d); err != nil {
		return fmt.Errorf("read OpenAPI document: %w", err)
	}
	errs := []error{checkParameters("components", slices.Collect(maps.Values(d.Components.Parameters)))}
	ids := map[string]bool{}
	for name, item := range d.Paths {
		errs = append(errs, checkParameters(name, item.Parameters))
		for _, o := range item.operations() {
			errs = append(errs, checkParameters(name, o.Parameters), checkResponses(name, o.Responses))
			if len(o.Responses) == 0 {
				errs = append(errs, fmt.Errorf("%s: an operation has no responses", name))
			}
			if o.OperationID != "" && ids[o.OperationID] {
				errs = append(errs, fmt.Errorf("%s: another operation is called %s", name, o.OperationID))
			}
			ids[o.OperationID] = true
		}
	}
	return errors.Join(append(errs, checkResponses("components", d.Components.Responses))...)
}

func checkParameters(where string, all []parameterItem) error {
	for _, p := range all {
		if p.Ref == "" && (p.Name == "" || p.In == "" || p.Schema == nil || p.In == "path" && !p.Required) {
			return fmt.Errorf("%s: the parameter %q lacks its name, its place or its schema, or is not required in a path", where, p.Name)
		}
	}
	return nil
}

func checkResponses(where string, all map[string]responseItem) error {
	for status, r := range all {
		if r.Ref == "" && r.Description == "" {
			return fmt.Errorf("%s: the response %s has no description", where, status)
		}
	}
	return nil
}
