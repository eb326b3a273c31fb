package priority

import (
	"errors"
	"fmt"
	"os"
	"strconv"
	"syscall"
)

// Lower sets the nice value of this process, 0 to Lowest, unless it has a higher one. The process can't go back
// without privileges.
//
// Linux has a value for each thread (setpriority(2), BUGS). New threads inherit it from the thread that starts
// them, so Lower looks again until all threads have it.
func Lower(nice int) error {
	for changed := true; changed; {
		changed = false
		threads, err := os.ReadDir("/proc/self/task")
		if err != nil {
			return fmt.Errorf("list threads: %w", err)
		}
		for _, thread := range threads {
			id, err := strconv.Atoi(thread.Name())
			if err != nil {
				return fmt.Errorf("list threads: %w", err)
			}
			lowered, err := lowerThread(id, nice)
			if err != nil && !errors.Is(err, syscall.ESRCH) { // it has ended
				return fmt.Errorf("lower the priority: %w", err)
			}
			changed = changed || lowered
		}
	}
	return nil
}

func lowerThread(id, nice int) (lowered bool, err error) {
	raw, err := syscall.Getpriority(syscall.PRIO_PROCESS, id)
	if present := 20 - raw; err != nil || present >= nice { // the system call never returns negative values
		return false, err
	}
	return true, syscall.Setpriority(syscall.PRIO_PROCESS, id, nice)
}
