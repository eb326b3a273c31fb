package main

import (
	"runtime/debug"
	"testing"
	"testing/fstest"
)

func TestMemoryIsTheLeastOfMachineAndControlGroups(t *testing.T) {
	const meminfo = "MemTotal:        4194304 kB\nMemFree:          123456 kB\n"
	for _, test := range []struct {
		name  string
		files map[string]string
		want  int64
	}{
		{"no Linux", nil, 0},
		{"a machine without control groups", map[string]string{"proc/meminfo": meminfo}, 4 << 30},
		{"a container, which sees its own group as the root", map[string]string{
			"proc/meminfo": meminfo, "proc/self/cgroup": "0::/\n", "sys/fs/cgroup/memory.max": "536870912\n"}, 512 << 20},
		{"a unit of systemd that hides the machine's memory", map[string]string{
			"proc/self/cgroup": "0::/system.slice/rejoinder.service\n",
			"sys/fs/cgroup/system.slice/rejoinder.service/memory.max": "1073741824\n"}, 1 << 30},
		{"a parent with less", map[string]string{
			"proc/meminfo": meminfo, "proc/self/cgroup": "0::/system.slice/rejoinder.service\n",
			"sys/fs/cgroup/system.slice/rejoinder.service/memory.max": "1073741824\n", "sys/fs/cgroup/system.slice/memory.max": "805306368\n"}, 768 << 20},
		{"a group without a limit", map[string]string{
			"proc/meminfo": meminfo, "proc/self/cgroup": "1:name=systemd:/\n0::/user\n", "sys/fs/cgroup/user/memory.max": "max\n"}, 4 << 30},
		{"a limit above the machine's memory", map[string]string{
			"proc/meminfo": meminfo, "proc/self/cgroup": "0::/\n", "sys/fs/cgroup/memory.max": "99999999999\n"}, 4 << 30},
	} {
		root := fstest.MapFS{}
		for name, content := range test.files {
			root[name] = &fstest.MapFile{Data: []byte(content)}
		}
		if got := availableMemory(root); got != test.want {
			t.Errorf("%s: %d, want %d", test.name, got, test.want)
		}
	}
}

func TestTheMemoryLimitIsFourFifthsUnlessItIsSet(t *testing.T) {
	before := debug.SetMemoryLimit(-1)
	t.Cleanup(func() { debug.SetMemoryLimit(before) })
	for _, test := range []struct {
		env    string
		memory int64
		want   int64
	}{
		{"", 1 << 30, 858993456},
		{"", 0, before},
		{"400MiB", 1 << 30, before},
	} {
		debug.SetMemoryLimit(before)
		limitMemory(func(name string) string { return map[string]string{"GOMEMLIMIT": test.env}[name] }, test.memory)
		if got := debug.SetMemoryLimit(-1); got != test.want {
			t.Errorf("GOMEMLIMIT=%s, %d bytes: the limit is %d, want %d", test.env, test.memory, got, test.want)
		}
	}
}

func TestGarbageIsCollectedLessUntilTheEndUnlessGOGCIsSet(t *testing.T) {
	standard := debug.SetGCPercent(100)
	defer debug.SetGCPercent(standard)
	for set, want := range map[string]int{"": 300, "50": 100} {
		restore := collectLess(func(string) string { return set }, 300)
		if got := debug.SetGCPercent(100); got != want {
			t.Errorf("GOGC=%q: %d, want %d", set, got, want)
		}
		restore()
		if got := debug.SetGCPercent(100); got != 100 {
			t.Errorf("GOGC=%q: %d afterwards", set, got)
		}
	}
}
