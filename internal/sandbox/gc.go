package sandbox

import (
	"os"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
)

// smallHeap is the live size in bytes up to which memory is collected less often.
const smallHeap = 128 << 20

// RelaxGC makes the garbage collector of this process run less often while the heap is
// small: the heap may grow to five times its live size between collections, where Go's
// default is twice. A run is short, and would spend a fifth of its time collecting. A heap
// above smallHeap is collected as usual. It does nothing if GOGC is set.
func RelaxGC() {
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
