package cli

import (
	"os"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
)

// smallHeap is how many bytes may be alive up to which memory is collected rarely.
const smallHeap = 128 << 20

// relaxGC lets a small heap grow to five times of what is alive between
// collections, where Go would double it: a run is short, and a fifth of its time
// would go to collecting. A large heap is collected as ever. GOGC wins.
func relaxGC() {
	if os.Getenv("GOGC") != "" {
		return
	}
	debug.SetGCPercent(400)
	afterEachCollection(func() bool {
		live := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
		metrics.Read(live)
		if live[0].Value.Uint64() < smallHeap {
			return true
		}
		debug.SetGCPercent(100)
		return false
	})
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
