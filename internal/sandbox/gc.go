package sandbox

import (
	"os"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
)

// The garbage that a heap may hold: roomForGarbage bytes, and one byte more for each
// shareOfGarbage bytes that are alive, but no more than maxGarbage bytes, or than a
// share alone. A heap below smallHeap bytes is not collected. Without the share, what
// builds large objects would spend most of its time collecting.
const (
	smallHeap      = 64 << 20
	roomForGarbage = 64 << 20
	shareOfGarbage = 3
	maxGarbage     = 80 << 20
)

// TuneGC sets how often the garbage collector of this process runs. While the heap is
// small it runs less often than Go's default, since a run is short and would spend a
// fifth of its time collecting. While the heap is large it runs more often, since a run
// must fit into the memory of a CI runner. It does nothing if GOGC is set.
func TuneGC() {
	if os.Getenv("GOGC") != "" {
		return
	}
	percent := garbagePercent(leastHeap)
	debug.SetGCPercent(percent)
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

// leastHeap is how much Go takes to be alive, at the least: before the first collection.
const leastHeap = 4 << 20

// garbagePercent is how much garbage may be added to what is alive, in percent of it.
func garbagePercent(live uint64) int {
	garbage := max(min(roomForGarbage+live/shareOfGarbage, maxGarbage), live/shareOfGarbage)
	live = max(live, leastHeap)
	return int(100 * min(garbage, max(smallHeap, 5*live)-live) / live)
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
