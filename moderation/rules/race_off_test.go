//go:build !race

package rules

// slowdown is the slowdown factor of the race detector, if it is on.
const slowdown = 1
