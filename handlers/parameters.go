package handlers

import (
	"bytes"
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

// apiPrefix is the prefix of routes whose query is checked. Pages allow any parameters, because other
// services append theirs to shared links.
const apiPrefix = "/api/v1/"

// queryParameters are the query parameters of an operation.
type queryParameters map[string]queryParameter

// queryParameter says which values a parameter takes.
type queryParameter struct {
	repeated bool // it may be repeated
	bounded  bool // it is a number from min to max
	min, max int
}

// operationParameters returns the parameters of every operation in openapi.yaml, by method and path in gin's
// syntax. The first request with a query waits for it, so that no start does.
var operationParameters = sync.OnceValue(func() map[string]queryParameters {
	operations, err := readOperations(parameterLines(contract))
	if err != nil {
		panic("embedded openapi.yaml: " + err.Error())
	}
	return operations
})

// apiParameter is a parameter in openapi.yaml, or a reference to one.
type apiParameter struct {
	Ref    string `yaml:"$ref"`
	Name   string `yaml:"name"`
	In     string `yaml:"in"`
	Schema struct {
		Type    yaml.Node `yaml:"type"`
		Minimum *int      `yaml:"minimum"`
		Maximum *int      `yaml:"maximum"`
	} `yaml:"schema"`
}

func (p apiParameter) query() queryParameter {
	q := queryParameter{repeated: p.Schema.Type.Value == "array"}
	if low, high := p.Schema.Minimum, p.Schema.Maximum; p.Schema.Type.Value == "integer" && low != nil && high != nil {
		q.bounded, q.min, q.max = true, *low, *high
	}
	return q
}

// readOperations parses the operations of an OpenAPI document.
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
			if method == "parameters" {
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
					query[p.Name] = p.query()
				}
			}
			operations[strings.ToUpper(method)+" "+ginPath(path)] = query
		}
	}
	return operations, nil
}

// parameterLines returns the lines of openapi.yaml that readOperations needs: paths, methods and parameters. The
// others are nine tenths of the file, and parsing them would delay the first request by 30 ms.
func parameterLines(source []byte) []byte {
	var needed []byte
	section, keep := "", false
	for line := range bytes.Lines(source) {
		key := string(bytes.TrimSpace(line))
		isParameters := strings.HasPrefix(key, "parameters:")
		switch indent := len(line) - len(bytes.TrimLeft(line, " ")); {
		case key == "":
		case indent == 0:
			section = key
			keep = section == "paths:" || section == "components:"
		case section == "components:" && indent == 2:
			keep = isParameters
		case section == "paths:" && indent <= 4: // a path or a method, which may have parameters, or parameters of a path
			needed = append(needed, line...)
			keep = isParameters
			continue
		case section == "paths:" && indent == 6 && !strings.HasPrefix(key, "- "):
			keep = isParameters
		}
		if keep {
			needed = append(needed, line...)
		}
	}
	return needed
}

// ginPath converts a path of openapi.yaml to gin's syntax.
func ginPath(path string) string {
	return strings.NewReplacer("{", ":", "}", "").Replace(path)
}

// checkQuery rejects unknown parameters of an API operation, repeated ones that take a single value, and numbers
// out of range. Ignoring them would silently change the meaning of the request.
func checkQuery(r route.Route) func(*gin.Context) error {
	return func(c *gin.Context) error {
		if c.Request.URL.RawQuery == "" {
			return nil
		}
		return operationParameters()[r.Method+" "+r.Path].check(c.Request.URL.Query())
	}
}

func (known queryParameters) check(query url.Values) error {
	var faults moderation.Invalid
	for _, name := range slices.Sorted(maps.Keys(query)) {
		p, isKnown := known[name]
		value := query.Get(name)
		number, isNumber := httpio.WholeNumber(value)
		switch {
		case !isKnown:
			faults.Add("/"+httpio.EscapePointer(httpio.Printable(name)), "unknown_parameter", known.unknown(name))
		case !p.repeated && len(query[name]) > 1:
			faults.Add("/"+name, "repeated",
				fmt.Sprintf("The parameter %q takes one value, but occurs %d times.", name, len(query[name])))
		case p.bounded && value != "" && (!isNumber || number < p.min || number > p.max):
			faults.Add("/"+name, "out_of_range", fmt.Sprintf("Must be a number from %d to %d.", p.min, p.max))
		}
	}
	return faults.Err()
}

// unknown returns the text for an unknown parameter: the nearest known one, or all of them.
func (known queryParameters) unknown(name string) string {
	detail := "Unknown parameter " + shortQuote(name) + "."
	names := slices.Sorted(maps.Keys(known))
	nearest := text.Nearest(name, names)
	switch {
	case nearest != "":
		return detail + fmt.Sprintf(" Did you mean %q?", nearest)
	case len(names) == 0:
		return detail + " This URL takes none."
	}
	return detail + " This URL takes " + strings.Join(names, ", ") + "."
}

// shortQuote quotes a client's input, shortened to fit in a sentence.
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
