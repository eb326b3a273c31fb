package openapitest

import (
	"cmp"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// path is one path of the document.
type path struct {
	template   string
	segments   []string
	operations map[string]*operation // by method, in upper case
}

// operation is one method of one path.
type operation struct {
	pointer    string
	parameters []parameter
	security   []object // alternatives
}

// parameter is a parameter of an operation.
type parameter struct {
	pointer  string
	name, in string
	required bool
}

func (c *Contract) addPaths() error {
	for template := range c.object("/paths") {
		pointer := "/paths/" + escape(template)
		p := &path{template: template, segments: strings.Split(template, "/"), operations: map[string]*operation{}}
		for method, value := range c.object(pointer) {
			if definition, ok := value.(object); ok {
				p.operations[strings.ToUpper(method)] = c.operation(pointer, method, definition)
			}
		}
		c.paths = append(c.paths, p)
	}
	// Of two paths that match, the one with fewer parameters is meant.
	slices.SortFunc(c.paths, func(a, b *path) int {
		return cmp.Or(cmp.Compare(strings.Count(a.template, "{"), strings.Count(b.template, "{")), cmp.Compare(a.template, b.template))
	})
	if len(c.paths) == 0 {
		return fmt.Errorf("parse OpenAPI document: there are no paths")
	}
	return nil
}

func (c *Contract) operation(pathPointer, method string, definition object) *operation {
	o := &operation{pointer: pathPointer + "/" + method}
	for _, pointer := range []string{pathPointer, o.pointer} {
		for i := range array(c.object(pointer)["parameters"]) {
			found, at := c.resolve(fmt.Sprintf("%s/parameters/%d", pointer, i))
			name, _ := found["name"].(string)
			in, _ := found["in"].(string)
			o.parameters = append(o.parameters, parameter{pointer: at, name: name, in: in, required: found["required"] == true})
		}
	}
	for _, requirement := range array(definition["security"]) {
		if requirement, ok := requirement.(object); ok {
			o.security = append(o.security, requirement)
		}
	}
	return o
}

// find returns the operation of a request with the values of the path's parameters; nil if there is none.
func (c *Contract) find(r *http.Request) (*operation, map[string]string) {
	segments := strings.Split(r.URL.EscapedPath(), "/")
	for _, p := range c.paths {
		if o := p.operations[r.Method]; o != nil {
			if values, ok := p.match(segments); ok {
				return o, values
			}
		}
	}
	return nil, nil
}

func (p *path) match(segments []string) (map[string]string, bool) {
	if len(segments) != len(p.segments) {
		return nil, false
	}
	values := map[string]string{}
	for i, segment := range p.segments {
		before, rest, isParameter := strings.Cut(segment, "{")
		name, after, _ := strings.Cut(rest, "}")
		value, hasBefore := strings.CutPrefix(segments[i], before)
		value, hasAfter := strings.CutSuffix(value, after)
		if !hasBefore || !hasAfter || isParameter == (value == "") {
			return nil, false
		}
		if isParameter {
			unescaped, err := url.PathUnescape(value)
			if err != nil {
				return nil, false
			}
			values[name] = unescaped
		}
	}
	return values, true
}
