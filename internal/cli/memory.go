package cli

import (
	"os"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
)

// roomForGarbage is how many bytes of garbage a heap may hold whatever its size, and
// shareOfGarbage by which part of what is alive it may hold more.
const (
	roomForGarbage = 64 << 20
	shareOfGarbage = 3
)

// tuneGC has memory collected rarely while little is alive: a run is short, and a fifth
// of its time would go to collecting. Of a large heap less is garbage than the half
// that Go allows, since a run must fit into the memory of a CI runner. GOGC wins.
func tuneGC() {
	if os.Getenv("GOGC") != "" {
		return
	}
	debug.SetGCPercent(400)
	percent := 400
	afterEachCollection(func() bool {
		heap := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
		metrics.Read(heap)
		live := heap[0].Value.Uint64()
		if next := garbagePercent(live); next != percent {
			percent = next
			debug.SetGCPercent(next)
		}
		return true
	})
}

// garbagePercent is how much garbage may be added to what is alive, in percent of it.
func garbagePercent(live uint64) int {
	return min(400, int(100*(roomForGarbage+live/shareOfGarbage)/max(live, 1)))
}

// afterEachCollection calls a function whenever garbage was collected, until it
// returns false.
func afterEachCollection(do func() bool) {
	type sentinel struct{ _ *byte } // with a pointer: small ones without share an allocation
	runtime.AddCleanup(&sentinel{}, func(do func() bool) {
		if do() {
			afterEachCollection(do)
		}
	}, do)
}
