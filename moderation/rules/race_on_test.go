//go:build race

package rules

// slowdown is the slowdown factor of the race detector, at most
// (https://go.dev/doc/articles/race_detector#Runtime_Overheads).
const slowdown = 20
