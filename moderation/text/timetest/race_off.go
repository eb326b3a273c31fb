//go:build !race

package timetest

// Slowdown is how much longer work may take than it would without the race detector.
const Slowdown = 1

// most is how many times as long four times the input may take.
const most = 6
