// Package bare provides minimal gin handlers as a baseline for benchmarks. It is a child of handlers because no
// other package may import gin.
package bare
