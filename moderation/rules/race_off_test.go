//go:build !race

package rules

// slowdown is what the race detector costs, when it is on.
const slowdown = 1
