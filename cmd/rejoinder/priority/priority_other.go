//go:build !unix

package priority

// Lower does nothing: this system has no nice values.
func Lower(int) error { return nil }
