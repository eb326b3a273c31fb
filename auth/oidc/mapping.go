package oidc

import (
	"encoding/json"
	"slices"
	"strings"

	"rejoinder/auth"
)

// claims are the claims of an ID token or of the userinfo response.
type claims map[string]json.RawMessage

// find returns a claim. A name that is no claim itself may be a path: names of nested objects, separated by
// dots.
func (c claims) find(name string) (json.RawMessage, bool) {
	if value, ok := c[name]; ok {
		return value, true
	}
	for at, r := range name {
		if r != '.' {
			continue
		}
		var inner claims
		if outer, ok := c[name[:at]]; !ok || json.Unmarshal(outer, &inner) != nil {
			continue
		}
		if value, ok := inner.find(name[at+1:]); ok {
			return value, true
		}
	}
	return nil, false
}

// text returns a claim that is a string, otherwise empty.
func (c claims) text(name string) string {
	var value string
	if json.Unmarshal(c[name], &value) != nil {
		return ""
	}
	return strings.TrimSpace(value)
}

// truth returns a claim that is a boolean. Some providers send it as a string.
func (c claims) truth(name string) bool {
	value := strings.Trim(string(c[name]), `"`)
	return value == "true"
}

// groups returns the groups in a claim: a list of strings or one string. Other values are no groups. It
// returns false without the claim.
func (c claims) groups(name string) ([]string, bool) {
	raw, ok := c.find(name)
	if !ok {
		return nil, false
	}
	var one string
	if json.Unmarshal(raw, &one) == nil {
		return []string{one}, true
	}
	var mixed []any
	if json.Unmarshal(raw, &mixed) != nil {
		return nil, true
	}
	var groups []string
	for _, value := range mixed {
		if group, ok := value.(string); ok {
			groups = append(groups, group)
		}
	}
	return groups, true
}

// access returns the access that the groups give. The first mapping with one of the groups decides the role;
// the sites are those of all mappings with one of the groups and this role. Errors: auth.ErrNoMappedGroup.
func (p ProviderConfig) access(groups []string) (auth.MappedAccess, error) {
	var access auth.MappedAccess
	for _, m := range p.Roles {
		if !slices.Contains(groups, m.Group) || access.Role != "" && access.Role != m.Role {
			continue
		}
		access.Role = m.Role
		if len(m.Sites) == 0 {
			access.AllSites = true
		}
		access.Sites = append(access.Sites, m.Sites...)
	}
	if access.Role == "" {
		return access, auth.ErrNoMappedGroup
	}
	slices.Sort(access.Sites)
	access.Sites = slices.Compact(access.Sites)
	if access.AllSites {
		access.Sites = nil
	}
	return access, nil
}
