package rules

import (
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

func (k kind) celType() *types.Type {
	return [...]*types.Type{
		types.BoolType, types.IntType, types.DoubleType, types.StringType, types.NewListType(types.StringType),
	}[k]
}

// FindStructType implements types.Provider.
func (p *provider) FindStructType(name string) (*types.Type, bool) {
	if _, ok := p.groups[name]; ok || name == evaluationType.TypeName() {
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
	group, ok := p.groups[name]
	if !ok {
		return p.Registry.FindStructFieldType(name, field)
	}
	f, ok := group[field]
	return f, ok
}

// NewValue implements types.Provider. Conditions look at facts; they make none.
func (p *provider) NewValue(name string, fields map[string]ref.Val) ref.Val {
	if _, ok := p.groups[name]; ok {
		return types.NewErr("facts cannot be made in a condition")
	}
	return p.Registry.NewValue(name, fields)
}
