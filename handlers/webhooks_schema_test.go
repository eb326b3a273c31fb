package handlers_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"rejoinder/moderation"
	"rejoinder/moderation/rulebook"
	"rejoinder/notify/webhook"
)

// jsonSchema is the part of JSON Schema that the schemas of webhooks use. Unknown keywords fail the test.
type jsonSchema struct {
	Schema               string                `json:"$schema"`
	Title                string                `json:"title"`
	Description          string                `json:"description"`
	OneOf                []jsonSchema          `json:"oneOf"`
	Defs                 map[string]jsonSchema `json:"$defs"`
	Ref                  string                `json:"$ref"`
	Type                 string                `json:"type"`
	Format               string                `json:"format"`
	Const                string                `json:"const"`
	Enum                 []string              `json:"enum"`
	Required             []string              `json:"required"`
	Properties           map[string]jsonSchema `json:"properties"`
	AdditionalProperties *bool                 `json:"additionalProperties"`
	Items                *jsonSchema           `json:"items"`
}

func readSchema(t testing.TB) jsonSchema {
	t.Helper()
	file := must(os.Open("../docs/webhooks.schema.json"))(t)
	defer file.Close()
	decoder := json.NewDecoder(file)
	decoder.DisallowUnknownFields()
	var schema jsonSchema
	if err := decoder.Decode(&schema); err != nil {
		t.Fatal(err)
	}
	return schema
}

// check returns the faults of a value.
func (s jsonSchema) check(root jsonSchema, value any, at string) []string {
	if s.Ref != "" {
		def, known := root.Defs[strings.TrimPrefix(s.Ref, "#/$defs/")]
		if !known {
			return []string{"unknown " + s.Ref}
		}
		return def.check(root, value, at)
	}
	switch v := value.(type) {
	case map[string]any:
		return s.checkObject(root, v, at)
	case []any:
		var faults []string
		for i, one := range v {
			if s.Type != "array" || s.Items == nil {
				return []string{at + " is an array"}
			}
			faults = append(faults, s.Items.check(root, one, fmt.Sprintf("%s/%d", at, i))...)
		}
		return faults
	case string:
		if s.Type != "string" && s.Const != v || s.Const != "" && s.Const != v || s.Enum != nil && !slices.Contains(s.Enum, v) {
			return []string{fmt.Sprintf("%s is %q", at, v)}
		}
	case float64:
		if s.Type != "integer" || v != float64(int64(v)) {
			return []string{fmt.Sprintf("%s is %v", at, v)}
		}
	case bool:
		if s.Type != "boolean" {
			return []string{at + " is a boolean"}
		}
	default:
		return []string{fmt.Sprintf("%s is %v", at, v)}
	}
	return nil
}

func (s jsonSchema) checkObject(root jsonSchema, value map[string]any, at string) []string {
	if s.Type != "object" || s.AdditionalProperties == nil || *s.AdditionalProperties {
		return []string{at + " is no closed object in the schema"}
	}
	var faults []string
	for name, one := range value {
		property, known := s.Properties[name]
		if !known {
			faults = append(faults, at+"/"+name+" is not in the schema")
			continue
		}
		faults = append(faults, property.check(root, one, at+"/"+name)...)
	}
	for _, name := range s.Required {
		if _, ok := value[name]; !ok {
			faults = append(faults, at+"/"+name+" is missing")
		}
	}
	return faults
}

// TestPayloadsOfAllEventsFollowTheSchema triggers each event.
func TestPayloadsOfAllEventsFollowTheSchema(t *testing.T) {
	eachWebhookFixture(t, func(h *webhookFixture) {
		made := h.add(webhook.EventTypes, fields{"email": true, "depth": 1})
		h.changeSettings(func(settings *moderation.SiteSettings) { settings.Reports, settings.EditWindowMinutes = true, 60 })
		var all []received
		happens := func(want ...string) {
			t.Helper()
			got := h.deliver()
			all = append(all, got...)
			if diff := cmp.Diff(want, types(t, got)); diff != "" {
				t.Error(diff)
			}
		}
		first := h.submit("Wait for a moderator.", fields{"author_url": "https://ines.example/"})
		happens("comment.created", "comment.held")
		h.decide(first.Comment.ID, moderation.ActionApprove)
		happens("comment.approved")
		h.do(call{method: http.MethodPost, path: "/api/v1/comments/" + first.Comment.ID + "/reports",
			body: fields{"reason": "offensive", "note": "Look at this."}}).want(http.StatusCreated, nil)
		happens("comment.reported")
		h.do(call{method: http.MethodPatch, path: "/api/v1/comments/" + first.Comment.ID, token: first.Receipt,
			body: fields{"body": "Changed, please publish it too."}}).want(http.StatusOK, nil)
		happens("comment.edited")
		h.decide(first.Comment.ID, moderation.ActionReject)
		happens("comment.rejected")
		h.do(call{method: http.MethodPost, path: "/api/v1/comments/" + first.Comment.ID + "/appeal", token: first.Receipt,
			body: fields{"text": "It was not meant so."}}).want(http.StatusOK, nil)
		happens("appeal.created", "comment.held")
		second := h.submit("A second one waits.", fields{"parent_id": nil})
		happens("comment.created", "comment.held", "queue.depth")
		h.decide(second.Comment.ID, moderation.ActionSpam)
		happens("comment.spam")
		h.do(call{method: http.MethodDelete, path: "/api/v1/comments/" + first.Comment.ID, token: first.Receipt}).
			want(http.StatusNoContent, nil)
		happens("comment.deleted")
		saved := must(h.Rulebook.Save(t.Context(), moderation.Viewer{}, "paper", rulebook.Draft{Source: fixtureRules, Note: "Again"}))(t)
		must(h.Rulebook.Activate(t.Context(), moderation.Viewer{}, rulebook.Ref{SiteSlug: "paper", Version: saved.Version}))(t)
		happens("ruleset.activated")
		h.postTo(made.ID+"/test").want(http.StatusOK, nil)
		happens("webhook.test")
		h.wantInSchema(all)
	})
}

// wantInSchema requires that the payloads follow the schema, and that each of its types occurs.
func (h *webhookFixture) wantInSchema(all []received) {
	h.t.Helper()
	root := readSchema(h.t)
	missing := map[string]bool{}
	for name := range root.Defs {
		if strings.Contains(name, ".") {
			missing[name] = true
		}
	}
	if len(missing) != len(root.OneOf) || len(missing) != len(webhook.EventTypes)+1 {
		h.t.Errorf("the schema has %d types and lists %d", len(missing), len(root.OneOf))
	}
	for _, r := range all {
		kind := payload(h.t, r).Type
		var value any
		if err := json.Unmarshal(r.body, &value); err != nil {
			h.t.Fatal(err)
		}
		for _, fault := range root.Defs[kind].check(root, value, kind) {
			h.t.Errorf("%s: %s", fault, r.body)
		}
		delete(missing, kind)
	}
	if len(missing) > 0 {
		h.t.Errorf("no payload of %v", missing)
	}
}
