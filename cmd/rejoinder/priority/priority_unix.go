//go:build unix && !linux

package priority

import (
	"fmt"
	"syscall"
)

// Lower sets the nice value of this process, 0 to Lowest, unless it has a higher one. The process can't go back
// without privileges.
func Lower(nice int) error {
	present, err := syscall.Getpriority(syscall.PRIO_PROCESS, 0)
	if err == nil && present < nice {
		err = syscall.Setpriority(syscall.PRIO_PROCESS, 0, nice)
	}
	if err != nil {
		return fmt.Errorf("lower the priority: %w", err)
	}
	return nil
}
