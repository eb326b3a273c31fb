package text

import (
	"maps"
	"slices"
	"testing"
	"time"
)

// BenchmarkHostile reports how long the hostile text that takes longest takes to render and to read for the rules:
// the best of its runs.
func BenchmarkHostile(b *testing.B) {
	for name, do := range map[string]func(s string){
		"render": func(s string) { _, _ = Read(s).HTML() },
		"read": func(s string) {
			r := Read(s)
			r.Words()
			r.SearchWords()
		},
	} {
		b.Run(name, func(b *testing.B) {
			best := map[string]time.Duration{}
			for b.Loop() {
				for shape, s := range hostile {
					started := time.Now()
					do(s)
					took := time.Since(started)
					if before, known := best[shape]; !known || took < before {
						best[shape] = took
					}
				}
			}
			shapes := slices.SortedFunc(maps.Keys(best), func(x, y string) int { return int(best[y] - best[x]) })
			for _, shape := range shapes[:3] {
				b.Logf("%s: %s", best[shape], shape)
			}
			b.ReportMetric(float64(best[shapes[0]].Microseconds())/1000, "worst-ms")
		})
	}
}
