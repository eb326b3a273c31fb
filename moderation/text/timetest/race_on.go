//go:build race

package timetest

// Slowdown is how much longer work may take under the race detector
// (https://go.dev/doc/articles/race_detector says 2 to 20 times).
const Slowdown = 20

// most is nearer to the 16 of quadratic time here, because the detector's own cost grows with the memory that work
// touches.
const most = 12
