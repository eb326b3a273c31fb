package rules

import (
	"slices"
	"strings"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
)

// activation is the input of a condition.
type activation = cel.Activation

// evaluationName is how an expanded question refers to the evaluation. Nobody can write it: @ starts no name.
const evaluationName = "@evaluation"

var evaluationType = types.NewObjectType("facts.evaluation")

// provider types the groups of facts by the registry. Everything else is CEL's own.
type provider struct {
	*types.Registry
	groups map[string]map[string]*types.FieldType // by type name and fact name
}

var _ types.Provider = (*provider)(nil)

func newProvider() (*provider, error) {
	base, err := types.NewRegistry()
	if err != nil {
		return nil, err
	}
	p := &provider{Registry: base, groups: map[string]map[string]*types.FieldType{}}
	for i := range registry {
		f := &registry[i]
		if f.member != nil {
			continue
		}
		group := groupTypeName(f.group)
		if p.groups[group] == nil {
			p.groups[group] = map[string]*types.FieldType{}
		}
		p.groups[group][f.name] = &types.FieldType{
			Type:    f.kind.celType(),
			IsSet:   func(any) bool { return true },
			GetFrom: func(v any) (any, error) { return v.(*evaluation).fact(i), nil },
		}
	}
	return p, nil
}

func groupTypeName(group string) string { return "facts." + group }

// groupNames returns the names under which conditions find facts: those of groups and of families.
func groupNames() []string {
	return slices.Sorted(func(yield func(string) bool) {
		for _, index := range []map[string]map[string]int{factIndex, familyIndex} {
			for group := range index {
				if !yield(group) {
					return
				}
			}
		}
	})
}

// isGroup reports whether conditions find facts under a name.
func isGroup(name string) bool { return factIndex[name] != nil || familyIndex[name] != nil }

// familyType returns what a type's name says about families: the type of a family has members, and the type of a
// member has facts.
func familyType(typeName string) (family, member string, ok bool) {
	group, isFacts := strings.CutPrefix(typeName, groupTypeName(""))
	if family, member, ok = memberOf(group); ok && isFacts {
		return family, member, true
	}
	return group, "", isFacts && familyIndex[group] != nil
}

// familyField returns the type of a field of a family or of one of its members. The value of all is the evaluation.
func familyField(family, member, field string) (*types.FieldType, bool) {
	if member == "" {
		return &types.FieldType{
			Type:    types.NewObjectType(groupTypeName(family + "." + field)),
			IsSet:   func(any) bool { return true },
			GetFrom: func(v any) (any, error) { return v, nil },
		}, ValidExternalName(field)
	}
	i, known := familyIndex[family][field]
	if !known {
		return nil, false
	}
	return &types.FieldType{
		Type:    registry[i].kind.celType(),
		IsSet:   func(any) bool { return true },
		GetFrom: func(v any) (any, error) { return value(factRef{i, member}.get(v.(*evaluation))), nil },
	}, true
}

func (k kind) celType() *types.Type {
	return [...]*types.Type{
		types.BoolType, types.IntType, types.DoubleType, types.StringType, types.NewListType(types.StringType),
	}[k]
}

// FindStructType implements types.Provider.
func (p *provider) FindStructType(name string) (*types.Type, bool) {
	_, _, family := familyType(name)
	if _, ok := p.groups[name]; ok || family || name == evaluationType.TypeName() {
		return types.NewTypeTypeWithParam(types.NewObjectType(name)), true
	}
	return p.Registry.FindStructType(name)
}

// FindStructFieldNames implements types.Provider.
func (p *provider) FindStructFieldNames(name string) ([]string, bool) {
	group, ok := p.groups[name]
	if !ok {
		return p.Registry.FindStructFieldNames(name)
	}
	var names []string
	for _, f := range registry {
		if _, has := group[f.name]; has && groupTypeName(f.group) == name {
			names = append(names, f.name)
		}
	}
	return names, true
}

// FindStructFieldType implements types.Provider.
func (p *provider) FindStructFieldType(name, field string) (*types.FieldType, bool) {
	if family, member, ok := familyType(name); ok {
		return familyField(family, member, field)
	}
	group, ok := p.groups[name]
	if !ok {
		return p.Registry.FindStructFieldType(name, field)
	}
	f, ok := group[field]
	return f, ok
}

// NewValue implements types.Provider. Conditions look at facts; they make none.
func (p *provider) NewValue(name string, fields map[string]ref.Val) ref.Val {
	_, _, family := familyType(name)
	if _, ok := p.groups[name]; ok || family {
		return types.NewErr("facts cannot be made in a condition")
	}
	return p.Registry.NewValue(name, fields)
}
