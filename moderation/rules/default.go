package rules

import (
	_ "embed"
	"slices"
)

//go:embed default.yaml
var defaultSource []byte

// Default returns the source of the ruleset that sites start with.
func Default() []byte { return slices.Clone(defaultSource) }
