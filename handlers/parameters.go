package handlers

import (
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"

	"github.com/gin-gonic/gin"
	"go.yaml.in/yaml/v3"

	"rejoinder/handlers/httpio"
	"rejoinder/handlers/route"
	"rejoinder/moderation"
	"rejoinder/moderation/text"
)

// apiPrefix is the prefix of routes whose query is checked. URLs of pages are shared, and others append
// parameters of their own.
const apiPrefix = "/api/v1/"

// queryParameters are the parameters of an operation: whether each may be repeated.
type queryParameters map[string]bool

// operationParameters holds openapi.yaml's query parameters of each operation, by method and gin's path.
var operationParameters = sync.OnceValue(func() map[string]queryParameters {
	operations, err := readOperations(contract)
	if err != nil {
		panic("openapi.yaml is built in and tested: " + err.Error())
	}
	return operations
})

// apiParameter is a parameter in openapi.yaml, or a reference to one.
type apiParameter struct {
	Ref    string `yaml:"$ref"`
	Name   string `yaml:"name"`
	In     string `yaml:"in"`
	Schema struct {
		Type yaml.Node `yaml:"type"`
	} `yaml:"schema"`
}

func readOperations(source []byte) (map[string]queryParameters, error) {
	var spec struct {
		Paths      map[string]map[string]yaml.Node `yaml:"paths"`
		Components struct {
			Parameters map[string]apiParameter `yaml:"parameters"`
		} `yaml:"components"`
	}
	if err := yaml.Unmarshal(source, &spec); err != nil {
		return nil, fmt.Errorf("read openapi.yaml: %w", err)
	}
	operations := map[string]queryParameters{}
	for path, item := range spec.Paths {
		var shared []apiParameter
		common := item["parameters"]
		if err := common.Decode(&shared); err != nil {
			return nil, fmt.Errorf("read openapi.yaml, %s: %w", path, err)
		}
		for method, node := range item {
			var operation struct {
				Parameters []apiParameter `yaml:"parameters"`
			}
			if method == "parameters" || node.Kind != yaml.MappingNode {
				continue
			}
			if err := node.Decode(&operation); err != nil {
				return nil, fmt.Errorf("read openapi.yaml, %s %s: %w", method, path, err)
			}
			query := queryParameters{}
			for _, p := range slices.Concat(shared, operation.Parameters) {
				if name, isReference := strings.CutPrefix(p.Ref, "#/components/parameters/"); isReference {
					p = spec.Components.Parameters[name]
				}
				if p.In == "query" {
					query[p.Name] = p.Schema.Type.Value == "array"
				}
			}
			operations[strings.ToUpper(method)+" "+ginPath(path)] = query
		}
	}
	return operations, nil
}

// ginPath converts a path of openapi.yaml to gin's syntax.
func ginPath(path string) string {
	return strings.NewReplacer("{", ":", "}", "").Replace(path)
}

// checkQuery rejects unknown parameters of an API operation and repeated single-valued ones: silently
// ignoring a parameter would change what the request means.
func checkQuery(r route.Route) func(*gin.Context) error {
	known := operationParameters()[r.Method+" "+r.Path]
	return func(c *gin.Context) error {
		if c.Request.URL.RawQuery == "" {
			return nil
		}
		return known.check(c.Request.URL.Query())
	}
}

func (known queryParameters) check(query url.Values) error {
	var faults moderation.Invalid
	for _, name := range slices.Sorted(maps.Keys(query)) {
		many, isKnown := known[name]
		switch {
		case !isKnown:
			faults.Add("/"+httpio.PointerEscapes.Replace(httpio.Printable(name)), "unknown_parameter", known.unknown(name))
		case !many && len(query[name]) > 1:
			faults.Add(
				"/"+name,
				"repeated",
				fmt.Sprintf("The parameter %q takes one value and is there %d times.", name, len(query[name])),
			)
		}
	}
	return faults.Err()
}

// unknown suggests what else could have been meant.
func (known queryParameters) unknown(name string) string {
	said := "Unknown parameter " + shortQuote(name) + "."
	names := slices.Sorted(maps.Keys(known))
	nearest := text.Nearest(name, names)
	switch {
	case nearest != "":
		return said + fmt.Sprintf(" Did you mean %q?", nearest)
	case len(names) == 0:
		return said + " This address takes none."
	}
	return said + " This address takes " + strings.Join(names, ", ") + "."
}

// shortQuote quotes what a client sent, shortened to fit in a sentence.
func shortQuote(s string) string {
	const most = 40
	if runes := []rune(httpio.Printable(s)); len(runes) > most {
		return fmt.Sprintf("%q", string(runes[:most])+"…")
	}
	return fmt.Sprintf("%q", httpio.Printable(s))
}

// strictQuery reports whether a route's query is checked.
func strictQuery(r route.Route) bool {
	return strings.HasPrefix(r.Path, apiPrefix) && r.Method != http.MethodOptions
}
