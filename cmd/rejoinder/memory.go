package main

import (
	"io/fs"
	"path"
	"runtime/debug"
	"strconv"
	"strings"
)

// limitMemory tells Go's garbage collector to collect more often rather than exceed four fifths of the memory
// that this process may use, unless GOMEMLIMIT is set. Go does not count the rest, such as SQLite's pages.
func limitMemory(getenv func(string) string, memory int64) {
	if getenv("GOMEMLIMIT") == "" && memory > 0 {
		debug.SetMemoryLimit(memory / 5 * 4)
	}
}

// exportGCPercent lets the heap of an export, which is small, grow to four times of what is live between two
// collections: this saves a tenth of the time for 25 MB.
const exportGCPercent = 300

// collectLess collects garbage less often, unless GOGC is set, until the returned function is called.
func collectLess(getenv func(string) string, percent int) (restore func()) {
	if getenv("GOGC") != "" {
		return func() {}
	}
	before := debug.SetGCPercent(percent)
	return func() { debug.SetGCPercent(before) }
}

// availableMemory returns how much memory the process may use: the limit of its control group (version 2), as
// containers and systemd set it, or all of the machine's. 0: unknown. root is the file system.
func availableMemory(root fs.FS) int64 {
	least := totalMemory(root)
	for group := controlGroup(root); ; group = path.Dir(group) {
		raw, err := fs.ReadFile(root, path.Join("sys/fs/cgroup", group, "memory.max"))
		limit, parseErr := strconv.ParseInt(strings.TrimSpace(string(raw)), 10, 64) // "max" is no limit
		if err == nil && parseErr == nil && (least == 0 || limit < least) {
			least = limit
		}
		if group == "/" {
			return least
		}
	}
}

// controlGroup returns the path of the process's control group; "/" if it is unknown.
func controlGroup(root fs.FS) string {
	raw, _ := fs.ReadFile(root, "proc/self/cgroup") // not on every system
	for line := range strings.Lines(string(raw)) {
		if group, ok := strings.CutPrefix(strings.TrimSpace(line), "0::"); ok {
			return path.Join("/", group)
		}
	}
	return "/"
}

// totalMemory returns the machine's memory; 0 if it is unknown.
func totalMemory(root fs.FS) int64 {
	raw, _ := fs.ReadFile(root, "proc/meminfo") // not on every system
	for line := range strings.Lines(string(raw)) {
		if fields := strings.Fields(line); len(fields) == 3 && fields[0] == "MemTotal:" {
			kilobytes, _ := strconv.ParseInt(fields[1], 10, 64)
			return kilobytes << 10
		}
	}
	return 0
}
