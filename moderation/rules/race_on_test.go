//go:build race

package rules

// slowdown is the slowdown factor of the race detector.
const slowdown = 10
