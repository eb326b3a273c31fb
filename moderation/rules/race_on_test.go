//go:build race

package rules

// slowdown is what the race detector costs.
const slowdown = 10
