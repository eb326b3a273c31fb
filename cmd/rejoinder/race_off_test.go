//go:build !race

package main

// memoryTimes is how much more memory a program takes under the race detector, when it is on.
const memoryTimes = 1
