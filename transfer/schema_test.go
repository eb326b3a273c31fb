package transfer_test

import (
	"encoding/json"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"

	"rejoinder/transfer"
)

// TestTheSchemaHasTheFieldsOfEachLine compares docs/transfer.schema.json with the types.
func TestTheSchemaHasTheFieldsOfEachLine(t *testing.T) {
	raw, err := os.ReadFile("../docs/transfer.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	var schema struct {
		Defs map[string]struct {
			Required   []string
			Properties map[string]any
		} `json:"$defs"`
	}
	if err := json.Unmarshal(raw, &schema); err != nil {
		t.Fatal(err)
	}
	for _, line := range []any{transfer.Header{}, transfer.Filter{}, transfer.Site{}, transfer.Moderator{}, transfer.Ruleset{},
		transfer.Article{}, transfer.Alias{}, transfer.Commenter{}, transfer.SignedReader{}, transfer.NativeComment{},
		transfer.Revision{},
		transfer.Decision{}, transfer.Report{}, transfer.Appeal{}, transfer.Note{}, transfer.Block{}} {
		kind := reflect.TypeOf(line)
		def, known := schema.Defs[kind.Name()]
		if !known {
			t.Errorf("the schema lacks %s", kind.Name())
			continue
		}
		for i := range kind.NumField() {
			name, rest, _ := strings.Cut(kind.Field(i).Tag.Get("json"), ",")
			if def.Properties[name] == nil {
				t.Errorf("the schema lacks %s of %s", name, kind.Name())
			}
			if required := slices.Contains(def.Required, name); required == strings.Contains(rest, "omitempty") {
				t.Errorf("%s of %s: required is %v", name, kind.Name(), required)
			}
		}
		if len(def.Properties) != kind.NumField() {
			t.Errorf("%s has %d fields, the schema %d", kind.Name(), kind.NumField(), len(def.Properties))
		}
	}
}
