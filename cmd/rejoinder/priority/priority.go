// Package priority lowers the CPU priority of this process, so that others come first.
package priority

// Lowest is the highest value that Lower takes, as for nice(1).
const Lowest = 19
