//go:build race

package text

// slowdown is what the race detector costs.
const slowdown = 10
