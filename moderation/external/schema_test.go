package external

import (
	"encoding/json"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"
)

// objectSchema is the part of a JSON Schema that the test uses.
type objectSchema struct {
	Required   []string
	Properties map[string]objectSchema
}

// TestTheSchemaOfOurProtocolHasItsFields compares docs/classifier-hooks.schema.json with the types.
func TestTheSchemaOfOurProtocolHasItsFields(t *testing.T) {
	raw, err := os.ReadFile("../../docs/classifier-hooks.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	var schema struct {
		Defs map[string]objectSchema `json:"$defs"`
	}
	if err := json.Unmarshal(raw, &schema); err != nil {
		t.Fatal(err)
	}
	request := schema.Defs["request"]
	for name, one := range map[string]struct {
		schema objectSchema
		kind   reflect.Type
	}{
		"the request": {request, reflect.TypeFor[signedRequest]()}, "its author": {request.Properties["author"], reflect.TypeFor[signedAuthor]()},
		"the answer": {schema.Defs["response"], reflect.TypeFor[signedAnswer]()},
	} {
		for i := range one.kind.NumField() {
			field, rest, _ := strings.Cut(one.kind.Field(i).Tag.Get("json"), ",")
			if _, known := one.schema.Properties[field]; !known {
				t.Errorf("%s: the schema lacks %s", name, field)
			}
			required := !strings.Contains(rest, "omitempty") && field != "label"
			if slices.Contains(one.schema.Required, field) != required {
				t.Errorf("%s: %s is required in one of both", name, field)
			}
		}
		if len(one.schema.Properties) != one.kind.NumField() {
			t.Errorf("%s has %d fields, the schema %d", name, one.kind.NumField(), len(one.schema.Properties))
		}
	}
}
