//go:build race

package main

// memoryTimes is how much more memory a program takes under the race detector, at least
// (https://go.dev/doc/articles/race_detector).
const memoryTimes = 5
